/**
 * A DNS channel over several domains: one host asks names of its own making under many unpopular domains in
 * turn, by types that clients hardly ask, as RogueRobin does (Palo Alto Unit 42, "New Threat Actor Group
 * DarkHydrus", 2018: ten domains, the types A, AAAA, AC, CNAME, MX, TXT, SRV, SOA in turn). Each domain
 * alone carries too little to be judged.
 *
 * Mail servers ask MX and TXT of many domains too, but of the domains themselves, of `_` names of services,
 * and of address lists; resolvers ask for everything. Both are left out: by the names, and by who answers
 * questions of others.
 */
import { addressText, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { askedIn, backwards, partsOfNames, type Span } from './partitions.ts'

export interface ZoneFacts {
  readonly host: string
  readonly registered: string
  /** Questions of types that clients hardly ask, for names below the domain that name no service. */
  readonly odd: number
  /** Those types. */
  readonly types: readonly string[]
  readonly names: number
  /** Mean characters before the registered domain. */
  readonly payload: number
  readonly entropy: number
  /** Bytes of answers, and distinct ones. */
  readonly down: number
  readonly replies: number
  readonly first: number
  readonly last: number
}

export interface ZoneRotation {
  readonly client: string
  /** The domains, the one asked most first. */
  readonly zones: readonly ZoneFacts[]
  readonly types: readonly string[]
  readonly confidence: number
}

/** Thresholds; docs/method/names.md says what each rests on. */
export const zoneThresholds = {
  /** Odd questions under one domain. */
  leastOdd: 5,
  leastZones: 3,
  /** Odd types over all of them. */
  leastTypes: 2,
  /** Odd questions over all of them. */
  leastQuestions: 40,
  /** Microseconds from first to last. */
  leastSpan: 600e6,
} as const

/** Types whose questions say nothing: clients, resolvers and directory services ask them. */
const usual = ['A', 'AAAA', 'HTTPS', 'SVCB', 'PTR', 'NS', 'DS', 'DNSKEY', 'NB', 'NBSTAT', 'ANY', '']

/** Rotations of the internal hosts that are no resolvers, the one with most questions first. */
export async function zoneRotationsIn(
  store: Store,
  span: Span,
  { rankOf }: { readonly rankOf: (registered: string) => number | null },
): Promise<ZoneRotation[]> {
  const during = sql`start >= ${span.from} AND start < ${span.to}`
  const oddly = sql`queryType NOT IN ${usual} AND NOT ${backwards} AND NOT match(query, '(^|[.])_')`
  const rows: ZoneFacts[] = []

  for (const part of await partsOfNames(store)) {
    const names = sql`${part} AND payload > 0 AND query IN (SELECT query FROM dns WHERE ${during} AND ${oddly})`
    rows.push(
      ...(await store.rows<ZoneFacts>(sql`
      SELECT ${addressText('client')} AS host, registered, toFloat64(count()) AS odd,
        arraySlice(arraySort(groupUniqArray(toString(queryType))), 1, 10) AS types,
          toFloat64(uniqExact(query)) AS names,
        avg(asked.payload) AS payload, avg(toInt64(round(asked.entropy * 1e3))) / 1e3 AS entropy,
          toFloat64(sum(size)) AS down,
        toFloat64(uniqExactIf(answers, notEmpty(answers))) AS replies,
        toFloat64(min(start)) AS first, toFloat64(max(start)) AS last
      FROM ${askedIn(span, names)} AS asked
      WHERE ${oddly} AND client NOT IN (SELECT server FROM dns WHERE ${during} AND client != server)
      GROUP BY client, registered`)),
    )
  }

  const unpopular = rows.filter(({ registered }) => rankOf(registered) === null)

  return [...Map.groupBy(unpopular, ({ host }) => host).values()]
    .flatMap((zones) => rotationOf(zones) ?? [])
    .sort((a, b) => b.confidence - a.confidence || (a.client < b.client ? -1 : 1))
}

/** The verdict on the domains of one client; null for no channel. */
export function rotationOf(found: readonly ZoneFacts[]): ZoneRotation | null {
  const lines = zoneThresholds
  const zones = found
    .filter(({ odd }) => odd >= lines.leastOdd)
    .toSorted((a, b) => b.odd - a.odd || (a.registered < b.registered ? -1 : 1))
  const [first] = zones
  if (!first || zones.length < lines.leastZones) return null

  const types = [...new Set(zones.flatMap((zone) => zone.types))].toSorted()
  const questions = zones.reduce((sum, { odd }) => sum + odd, 0)
  const span = Math.max(...zones.map(({ last }) => last)) - Math.min(...zones.map((zone) => zone.first))
  if (types.length < lines.leastTypes || questions < lines.leastQuestions || span < lines.leastSpan)
    return null

  const more = Math.min(1, Math.log2(questions / lines.leastQuestions) / 4)
  return { client: first.host, zones, types, confidence: 0.7 + 0.25 * more }
}
