/** Runs the rules of the A-plane over one epoch. */
import { UserError } from '../errors.ts'
import type { Activity } from '../model/activity.ts'
import type { Scope } from '../model/networks.ts'
import type { RecordName } from '../model/records.ts'
import { join, name, raw, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import type { Options, Rule } from './activity.ts'
import { rules } from './rules.ts'

/** Hosts whose work is an activity, named by the user. */
export interface Excuses {
  /** Mail servers although the records do not show it. */
  readonly mailServers?: readonly string[]
  /** Scanners of the site: vulnerability scans, monitoring. */
  readonly scanners?: readonly string[]
}

export interface FoundActivities {
  /** By rule in the order of the list, then by host. */
  readonly activities: readonly Activity[]
  /** What these records cannot show, in sentences; each once. */
  readonly blind: readonly string[]
}

/**
 * Every activity of every internal host in the scope. `thresholds` are by `rule.option`, such as
 * `horizontal-scan.serversInHour`, over the defaults of the rules.
 * @throws UserError option-invalid for a threshold that no rule has, or that is not a positive number.
 */
export async function findActivities(
  store: Store,
  scope: Scope,
  given: Readonly<Record<string, number>> = {},
): Promise<FoundActivities> {
  const thresholds = thresholdsOf(given)
  const seen = await recordsSeen(store, scope)
  const activities: Activity[] = []
  const blind: string[] = []
  for (const rule of rules) {
    if (!rule.reads.some((record) => seen.records.has(record))) {
      blind.push(rule.blind)
      continue
    }
    activities.push(
      ...(await store.rows<Activity>(rule.query(scope, thresholds.get(rule.name) ?? rule.defaults))),
    )
  }
  return {
    activities,
    blind: [...new Set([...blind, ...seen.unsaid])],
  }
}

/** The activities without those that the excused are there for. */
export const excuse = (
  activities: readonly Activity[],
  { mailServers = [], scanners = [] }: Excuses,
): Activity[] =>
  activities.filter(
    ({ type, host }) =>
      !(type === 'spam' && mailServers.includes(host)) && !(type === 'scan' && scanners.includes(host)),
  )

/** Options of each rule, the given ones over the defaults. */
function thresholdsOf(given: Readonly<Record<string, number>>): ReadonlyMap<string, Options> {
  const known = rules.flatMap((rule) => Object.keys(rule.defaults).map((option) => `${rule.name}.${option}`))
  for (const [option, value] of Object.entries(given)) {
    if (!known.includes(option))
      throw new UserError(
        'option-invalid',
        `no activity rule has ${option}`,
        `Give one of: ${known.join(', ')}.`,
      )
    if (!(value >= 0 && Number.isFinite(value)))
      throw new UserError('option-invalid', `${option} is ${value}`, 'Give a number that is not negative.')
  }
  return new Map(rules.map((rule) => [rule.name, optionsOf(rule, given)]))
}

const optionsOf = (rule: Rule<Options>, given: Readonly<Record<string, number>>): Options =>
  Object.fromEntries(
    Object.entries(rule.defaults).map(([option, value]) => [
      option,
      given[`${rule.name}.${option}`] ?? value,
    ]),
  )

const tables: readonly RecordName[] = ['flow', 'dns', 'http', 'file', 'mail', 'alert']

/** Oddities of protocols are kept with the alerts and say nothing of what the host did. */
const accusing = sql`AND engine != 'zeek-weird'`

interface Seen {
  readonly records: ReadonlySet<RecordName>
  /** What the records there are leave unsaid. */
  readonly unsaid: readonly string[]
}

async function recordsSeen(store: Store, { from, to }: Scope): Promise<Seen> {
  const during = sql`start >= ${from} AND start < ${to}`
  const counts = tables.map(
    (table) =>
      sql`SELECT ${table} AS record, count() AS n FROM ${name(table)} WHERE ${during} ${table === 'alert' ? accusing : raw('')}`,
  )
  const found = await store.rows<{ record: RecordName; n: number }>(
    sql`SELECT record FROM (${join(counts, ' UNION ALL ')}) WHERE n > 0`,
  )
  const records = new Set(found.map(({ record }) => record))
  const [says] = await store.rows<{ outcomes: number; sampled: number; responses: number }>(sql`
    SELECT (SELECT countIf(outcome != 'unknown') > 0 FROM flow WHERE ${during}) AS outcomes,
           (SELECT countIf(match(state, '^1:[0-9?]')) > 0 FROM flow WHERE ${during}) AS sampled,
           (SELECT countIf(responseCode != '') > 0 FROM dns WHERE ${during}) AS responses`)
  const unsaid = []
  if (records.has('flow') && !says?.outcomes)
    unsaid.push('the flows do not say whether a connection was answered: scans are seen only by their rate')
  if (says?.sampled)
    unsaid.push(
      'some flows are of sampled packets (state 1:N): when calls began and how many there were is not known of them, so beacons and counts that rest on them are not to be trusted',
    )
  if (records.has('dns') && !says?.responses)
    unsaid.push('the DNS records have no response codes: generated names cannot be seen')
  return { records, unsaid }
}
