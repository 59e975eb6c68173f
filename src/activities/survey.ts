/**
 * What the records of each epoch hold, and which rules may fire there: read once for all epochs, before any rule
 * runs.
 */
import type { Scope } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import type { RecordName } from '../model/records.ts'
import { epochOf, heldRecords } from '../store/epochs.ts'
import { inside } from '../store/networks.ts'
import { float, join, name, raw, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import type { Need, Options, Rule } from './activity.ts'
import { almost } from './attempts.ts'
import { rules } from './rules.ts'

export interface Survey {
  /** Kinds of which the epoch has a record that says something of what hosts did. */
  readonly records: ReadonlySet<RecordName>
  /** What the records there are do not show, and why: "THING: REASON". */
  readonly unsaid: readonly string[]
  /** Names of the rules whose needs a host meets; every rule without needs is among them. */
  readonly mayFire: ReadonlySet<string>
}

/** The survey of each epoch, by its beginning. The epochs follow each other. */
export async function surveyOf(
  store: Store,
  epochs: readonly Scope[],
  optionsOf: (rule: Rule<Options>) => Options,
): Promise<ReadonlyMap<number, Survey>> {
  const held = await heldRecords(store)
  const seen = await recordsSeen(store, epochs, held)
  const firing = await rulesFiring(store, epochs, { held, optionsOf })
  return new Map(
    epochs.map(({ from }) => [
      from,
      { ...(seen.get(from) ?? nothing), mayFire: firing.get(from) ?? new Set() },
    ]),
  )
}

const nothing = { records: new Set<RecordName>(), unsaid: [] }

const tables: readonly RecordName[] = ['flow', 'dns', 'http', 'file', 'mail', 'alert']

/** Oddities of protocols are kept with the alerts and say nothing of what the host did. */
const accusing = sql`AND engine != 'zeek-weird'`

const during = (epochs: readonly Scope[]): Query =>
  sql`start >= ${epochs[0]!.from} AND start < ${epochs.at(-1)!.to}`

/** Whether the rows of a kind say how things went, and whether they are of sampled packets. */
const sayings: Partial<Record<RecordName, { readonly says: Query; readonly sampled?: Query }>> = {
  flow: { says: raw(`outcome != 'unknown'`), sampled: raw(`match(state, '^1:[0-9?]')`) },
  dns: { says: raw(`responseCode != ''`) },
}

interface Kind {
  readonly epoch: number
  readonly record: RecordName
  readonly says: number
  readonly sampled: number
}

async function recordsSeen(
  store: Store,
  epochs: readonly Scope[],
  held: readonly RecordName[],
): Promise<Map<number, Omit<Survey, 'mayFire'>>> {
  const kinds = tables.filter((table) => held.includes(table))
  if (kinds.length === 0) return new Map()
  const counts = kinds.map(
    (table) => sql`
      SELECT toFloat64(${epochOf(epochs)}) AS epoch, ${raw(`'${table}'`)} AS record,
             max(${sayings[table]?.says ?? raw('true')}) AS says,
               max(${sayings[table]?.sampled ?? raw('false')}) AS sampled
      FROM ${name(table)} WHERE ${during(epochs)} ${table === 'alert' ? accusing : raw('')} GROUP BY epoch`,
  )
  const rows = await store.rows<Kind>(join(counts, ' UNION ALL '))
  return new Map([...Map.groupBy(rows, ({ epoch }) => epoch)].map(([epoch, own]) => [epoch, surveyFrom(own)]))
}

function surveyFrom(kinds: readonly Kind[]): Omit<Survey, 'mayFire'> {
  const [flow, dns] = (['flow', 'dns'] as const).map((kind) => kinds.find(({ record }) => record === kind))
  const unsaid = []
  if (flow && !flow.says)
    unsaid.push('scans, except by their rate: the flows do not say whether a connection was answered')
  if (flow?.sampled)
    unsaid.push(
      'exact times and counts of calls, on which beacons rest: some flows are of sampled packets (state 1:N)',
    )
  if (dns && !dns.says) unsaid.push('generated names: the DNS records have no response codes')
  const records = tables.filter((table) => kinds.some(({ record }) => record === table))
  return { records: new Set(records), unsaid }
}

interface Asked extends Need {
  readonly rule: string
}

/** The rules of each epoch whose needs one internal host meets. */
async function rulesFiring(
  store: Store,
  epochs: readonly Scope[],
  {
    held,
    optionsOf,
  }: { readonly held: readonly RecordName[]; readonly optionsOf: (rule: Rule<Options>) => Options },
): Promise<Map<number, Set<string>>> {
  const always = rules.filter(({ needs }) => !needs).map((rule) => rule.name)
  const firing = new Map(epochs.map(({ from }) => [from, new Set(always)]))
  const asked = rules.flatMap((rule) =>
    (rule.needs?.(epochs[0]!, optionsOf(rule)) ?? []).map((need): Asked => ({ ...need, rule: rule.name })),
  )
  for (const [table, needs] of Map.groupBy(asked, (need) => need.table)) {
    if (!held.includes(table)) continue
    const rows = await store.rows<{ epoch: number; reached: readonly number[] }>(
      needsReached(epochs, table, needs),
    )
    for (const { epoch, reached } of rows)
      for (const [i, { rule }] of needs.entries()) if (reached[i]) firing.get(epoch)?.add(rule)
  }

  return firing
}

function needsReached(epochs: readonly Scope[], table: RecordName, needs: readonly Asked[]): Query {
  const counts = needs.map(({ count }, i) => sql`${count} AS ${name(`count${i}`)}`)
  const reached = needs.map(({ least }, i) => sql`max(${name(`count${i}`)}) >= ${float(least * almost)}`)
  return sql`
    SELECT toFloat64(epoch) AS epoch, [${join(reached, ', ')}] AS reached FROM (
      SELECT ${epochOf(epochs)} AS epoch, client, ${join(counts, ', ')} FROM ${name(table)}
      WHERE ${during(epochs)} AND ${inside('client', epochs[0]!.internal)} GROUP BY epoch, client)
    GROUP BY epoch`
}
