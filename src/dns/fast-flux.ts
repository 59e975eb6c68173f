/**
 * Fast flux: a name whose many short-lived addresses are infected machines in many networks.
 *
 * Holz et al. (NDSS 2008) score two look-ups of a name: f = 1.32 n_A + 18.54 n_ASN, flux over 142.38; n_A
 * are the distinct addresses, n_ASN their autonomous systems. Here n_A is over all look-ups that passed,
 * and owners are counted in place of systems: a cloud that announces many networks is one. The user's
 * database knows them best, then the packaged table; the /16 stands in for an address that neither knows.
 * Without a database the passive guards of Perdisci et al. (ACSAC 2009) are asked too: TTL of at most 3 h,
 * and /16s over addresses of at least 1/3. Content networks and pools are distinguished by what they are:
 * names with a CNAME into a domain that serves others, addresses that many owners' names share, addresses
 * that are only asked the time, and the answers of resolvers that lie (one address drawn at random each
 * time, as censors inject them).
 */
import type { Query } from '../model/query.ts'
import { inside } from '../store/networks.ts'
import { addressText, float, raw, sql, texts } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { networkOf, type Places } from './asn.ts'
import { askedIn, partsOfNames, type Span } from './partitions.ts'

/** Constants of Holz et al. 2008, section 4. */
export const holz = { address: 1.32, system: 18.54, line: 142.38 } as const

const fluxLines = {
  leastAddresses: 5,
  /** Seconds. Perdisci et al. 2009. */
  mostTtl: 10_800,
  /** /16s over addresses. */
  leastSpread: 1 / 3,
  /** Registered domains that an address answers for, in the middle: content networks and shared hosting. */
  mostOwners: 3,
  /** Registered domains whose names lead by CNAME to the same one. */
  mostLeading: 3,
  /** Share of the addresses that must come anew after the first half of the look-ups: agents come and go. */
  leastGrowth: 0.1,
  /** Addresses in one answer, the mean: a resolver that lies draws one at random each time. */
  leastInOne: 1.5,
} as const

export interface FluxFacts {
  readonly query: string
  readonly registered: string
  readonly clients: readonly string[]
  readonly lookups: number
  /** Distinct addresses; at most 2,000. */
  readonly addresses: readonly string[]
  /** Addresses first seen after half of the look-ups. */
  readonly late: number
  /** Distinct sets of addresses in one answer. */
  readonly rotations: number
  /** Addresses in one answer, the mean. */
  readonly inOne: number
  /** Seconds, in the middle. */
  readonly ttl: number
  /** Registered domains that names with these addresses are of, in the middle of the addresses. */
  readonly owners: number
  /** Registered domains that lead by CNAME to where this name leads; 0 without a CNAME. */
  readonly leading: number
  /** Share of flows to the addresses that go to port 123; 0 without flows. */
  readonly time: number
  /** Distinct addresses of the name servers. */
  readonly serverAddresses: readonly string[]
  readonly first: number
  readonly last: number
}

export interface Spread {
  readonly addresses: number
  readonly networks: number
  /** By the user's database; null without one. */
  readonly systems: number | null
  /** Distinct owners, networks in place of those that are not known. */
  readonly owners: number
  readonly countries: number | null
  readonly score: number
}

export interface Flux extends FluxFacts {
  readonly kind: 'single' | 'double'
  readonly spread: Spread
  /** Of the name servers; null where the records do not tell their addresses. */
  readonly servers: Spread | null
  readonly confidence: number
}

/**
 * What the addresses are like: the score counts owners, and /16s where the owner of an address is not
 * known.
 */
export function spreadOf(addresses: readonly string[], places: Places): Spread {
  const all = addresses.map((address) => places.placeOf(address))
  const distinct = <T>(values: readonly (T | null)[]) => new Set(values.filter((each) => each !== null)).size
  const networks = new Set(addresses.map(networkOf)).size
  const systems = places.knowsAs ? distinct(all.map(({ as }) => as)) : null
  const countries = all.some(({ country }) => country !== null)
    ? distinct(all.map(({ country }) => country))
    : null
  const owners = new Set(addresses.map((address) => places.ownerOf(address) ?? networkOf(address))).size
  const score = holz.address * addresses.length + holz.system * owners
  return { addresses: addresses.length, networks, systems, owners, countries, score }
}

/** The verdict on one name; null for no flux. */
export function fluxOf(facts: FluxFacts, places: Places): Flux | null {
  const lines = fluxLines
  if (facts.addresses.length < lines.leastAddresses) return null
  const spread = spreadOf(facts.addresses, places)
  if (spread.score <= holz.line || facts.ttl > lines.mostTtl) return null
  if (spread.networks < lines.leastSpread * spread.addresses && spread.systems === null) return null
  if (isContent(facts) || facts.time >= 0.5) return null
  if (facts.inOne < lines.leastInOne) return null
  if (facts.late < lines.leastGrowth * spread.addresses) return null
  const servers = facts.serverAddresses.length >= 2 ? spreadOf(facts.serverAddresses, places) : null
  const double = servers !== null && servers.score > holz.line
  const sure = spread.systems === null ? 0.5 : 0.75
  const over = Math.min(1, Math.log2(spread.score / holz.line) / 3)

  return {
    ...facts,
    kind: double ? 'double' : 'single',
    spread,
    servers,
    confidence: sure + (0.95 - sure) * over,
  }
}

/** A content network, or a host of many owners' sites. */
const isContent = ({ owners, leading }: Pick<FluxFacts, 'owners' | 'leading'>): boolean =>
  owners >= fluxLines.mostOwners || leading >= fluxLines.mostLeading

/** Names that flux, the surest first. */
export async function fluxesIn(store: Store, span: Span, places: Places): Promise<Flux[]> {
  // What is none by its own answers is none whatever else is found of its addresses.
  const facts = await fluxFactsIn(
    store,
    span,
    (each) => fluxOf({ ...each, owners: 0, leading: 0, time: 0 }, places) !== null,
  )
  return facts
    .flatMap((each) => fluxOf(each, places) ?? [])
    .sort((a, b) => b.confidence - a.confidence || (a.query < b.query ? -1 : 1))
}

/** Names with enough addresses that `keep` wants, or every one. */
export async function fluxFactsIn(
  store: Store,
  span: Span,
  keep: (half: OwnFacts) => boolean = () => true,
): Promise<FluxFacts[]> {
  const kept: Half[] = []
  for (const part of await partsOfNames(store))
    for (const half of await store.rows<Half>(namesOf(span, part))) if (keep(half)) kept.push(half)
  const facts: FluxFacts[] = []
  for (let i = 0; i < kept.length; i += namesAtOnce)
    facts.push(...(await completed(store, span, kept.slice(i, i + namesAtOnce))))
  return facts
}

/** Names whose addresses are looked up in one statement. */
const namesAtOnce = 1000

/** Names with many addresses; those that could have this many are chosen by small states first. */
const namesOf = (span: Span, part: Query) => sql`
  SELECT * EXCEPT ordered,
    toFloat64(length(arrayFilter(x -> NOT
      has(arrayDistinct(arrayFlatten(arraySlice(ordered, 1, intDiv(length(ordered) + 1, 2)))), x), addresses))) AS late
  FROM (
    SELECT query, any(each.registered) AS registered,
      arrayMap(x -> ${addressText('x')}, arraySlice(arraySort(groupUniqArray(client)), 1, 200)) AS clients,
      toFloat64(count()) AS lookups, arraySlice(arraySort(groupUniqArrayArray(each.addresses)), 1, 2000) AS addresses,
      arrayMap(x -> x.2, groupArraySorted(5000)((start, each.addresses))) AS ordered,
      toFloat64(uniqCombined64(20)(arraySort(each.addresses))) AS rotations,
        avg(length(each.addresses)) AS inOne, quantileExact(0.5)(each.ttl) AS ttl,
      max(each.aim) AS aim, arraySlice(arraySort(groupUniqArrayArray(nameServerAddresses)), 1, 500) AS serverAddresses,
      toFloat64(min(start)) AS first, toFloat64(max(start)) AS last
    FROM (
      SELECT *, arrayFilter(x -> isIPv4String(x)
        AND NOT match(x, '^(127|10|0|192\\.168|169\\.254)\\.'), answers) AS addresses,
        arrayMin(if(empty(ttls), [0.], ttls)) AS ttl,
        if(isIPv4String(answers[1]) OR isIPv6String(answers[1]), '', answers[1]) AS aim
      FROM ${askedIn(span, sql`query IN (${answeredMuch(span, part)})`)} WHERE queryType IN ('A', '')) AS each
    WHERE notEmpty(each.addresses) GROUP BY query HAVING length(addresses) >= ${fluxLines.leastAddresses})`

const answeredMuch = ({ from, to, internal }: Span, part: Query) => sql`
  SELECT query FROM dns WHERE start >= ${from} AND start < ${to} AND ${part} AND queryType IN ('A', '')
    AND notEmpty(answers) AND ${inside('client', internal)}
  GROUP BY query HAVING uniqUpToArray(${raw(String(fluxLines.leastAddresses - 1))})(answers) >=
    ${fluxLines.leastAddresses}`

/** What a name's own answers say. */
type OwnFacts = Omit<FluxFacts, 'owners' | 'leading' | 'time'>
type Half = OwnFacts & { readonly aim: string }

/** The names with what the rest of the records say of their addresses. */
async function completed(store: Store, { from, to }: Span, names: readonly Half[]): Promise<FluxFacts[]> {
  const addresses = [...new Set(names.flatMap((each) => each.addresses))]
  const within = sql`start >= ${from} AND start < ${to}`
  const shared = sql`hasAny(answers, ${texts(addresses)})`

  const owners = await store.rows<{ address: string; n: number }>(sql`
    SELECT address, toFloat64(uniqExact(registered)) AS n FROM (
      SELECT query, arrayJoin(arrayFilter(x -> x IN ${texts(addresses)}, answers)) AS address FROM dns
        WHERE ${within}) AS answered
    LEFT SEMI JOIN (
      SELECT query, registered FROM queried
      WHERE registered != '' AND query IN (SELECT query FROM dns WHERE ${within} AND ${shared})) AS known USING (query)
    GROUP BY address`)

  const times = await store.rows<{ address: string; share: number }>(sql`
    SELECT replaceOne(toString(server), '::ffff:', '') AS address, countIf(serverPort = 123) / count() AS share
      FROM flow
    WHERE ${within} AND server IN (SELECT toIPv6(arrayJoin(${texts(addresses)})))
    GROUP BY server HAVING share > ${float(0)}`)
  const led = sql`
    SELECT query, cutToFirstSignificantSubdomain(answers[1]) AS aim FROM dns
    WHERE ${within} AND notEmpty(answers) AND NOT isIPv4String(answers[1]) AND NOT isIPv6String(answers[1])
      AND queryType IN ('A', 'AAAA', '') AND aim != '' AND aim IN ${texts(domainsOver(names.map(({ aim }) => aim)))}`

  const leading = await store.rows<{ aim: string; n: number }>(sql`
    SELECT aim, toFloat64(uniqExact(registered)) AS n FROM (${led}) AS led
    LEFT SEMI JOIN (
      SELECT query, registered FROM queried
        WHERE registered != '' AND query IN (SELECT query FROM (${led}))) AS known USING (query)
    GROUP BY aim`)

  const ownersOf = new Map(owners.map(({ address, n }) => [address, n]))
  const timeOf = new Map(times.map(({ address, share }) => [address, share]))
  const leadingTo = new Map(leading.map(({ aim, n }) => [aim, n]))

  return names.map(({ aim, ...each }) => ({
    ...each,
    owners: middle(each.addresses.map((address) => ownersOf.get(address) ?? 1)),
    leading: aim === '' ? 0 : Math.max(0, ...[...leadingTo].map(([to_, n]) => (under(aim, to_) ? n : 0))),
    time: mean(each.addresses.flatMap((address) => timeOf.get(address) ?? [])),
  }))
}

/** These names and every domain that they are under. */
const domainsOver = (names: readonly string[]): string[] => [
  ...new Set(
    names.flatMap((each) => {
      const labels = each.split('.')
      return labels.map((_, i) => labels.slice(i).join('.'))
    }),
  ),
]

const under = (name: string, domain: string): boolean => name === domain || name.endsWith(`.${domain}`)

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, each) => sum + each, 0) / values.length
