/**
 * DNS tunnels: a host that sends data inside names, and gets its orders inside answers.
 *
 * Detected by how much passes, for a channel must carry something: letters before the registered domain (Born and
 * Gustafson 2010; Nadler et al., "Detection of malicious and low throughput data exfiltration over the DNS protocol",
 * Computers & Security 2019), names never asked twice since a cached one would not arrive, and answers that differ each
 * time. A channel at rest carries little, but it goes on: short fresh names of a type that clients do not ask, or fresh
 * names of ordinary types whose addresses nobody ever calls. Reputation services put hashes in names too: their domains
 * are popular, their answers few and mostly in 127.0.0.0/8 (RFC 5782), and an address backwards stands in front.
 */
import { address, addresses, addressText, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { backwards, rowsOfParts, type Span } from './partitions.ts'

export interface TunnelFacts {
  readonly client: string
  readonly registered: string
  readonly queries: number
  /** Distinct names. */
  readonly names: number
  readonly answered: number
  /** Distinct answers. */
  readonly replies: number
  /** Mean characters before the registered domain, without dots. */
  readonly payload: number
  /** Bits a character. */
  readonly entropy: number
  /** Bytes of answers. */
  readonly down: number
  /** Questions of types that clients hardly ask: TXT, NULL, CNAME, MX and others. */
  readonly odd: number
  /** The type asked most. */
  readonly type: string
  /** Answers in 127.0.0.0/8. */
  readonly loopback: number
  /** Questions of types whose answers hold opaque bytes, which inputs often leave out: NULL, KEY, SIG, private ones. */
  readonly opaque: number
  /** Share of the 10-minute slots from the first question to the last in which it asked. */
  readonly coverage: number
  /** Share of the names whose addresses some internal host called; null where no flow could show it. */
  readonly called: number | null
  /** Rank of the registered domain in a list of popular domains; null for one in no list. */
  readonly rank: number | null
  /** Title of the ordinary service that the domain is known for; null for none. */
  readonly service: string | null
  /** Internal hosts that ask this many names under the domain, this one among them. */
  readonly hosts: number
  readonly first: number
  readonly last: number
}

/** `at rest`: little passes, but the host keeps asking for orders. */
type TunnelWay = 'both ways' | 'one way' | 'at rest'

export interface Tunnel extends TunnelFacts {
  readonly way: TunnelWay
  /** Characters sent in distinct names. */
  readonly up: number
  /** 0 to 1. */
  readonly confidence: number
}

/** Lines; docs/method/names.md says what each rests on. */
export const tunnelThresholds = {
  /** Distinct names of one client under one domain. */
  leastNames: 40,
  /** Of all questions: a cached name would carry nothing. */
  leastFresh: 0.5,
  leastPayload: 10,
  /** Characters in distinct names. */
  leastUp: 1500,
  /** Of the answers, that differ from all others. */
  leastAnswered: 0.3,
  /** Bytes an answer, of types that clients hardly ask. */
  leastDown: 8,
  /** Where the types are ordinary ones: as content networks have names and addresses of their own for each client. */
  plainNames: 150,
  plainPayload: 40,
  plainFresh: 0.9,
  /** Where the answers say nothing: as reputation services are asked. */
  oneWayPayload: 50,
  oneWayUp: 20_000,
  /** At rest: names, of all questions, characters, share of types that clients hardly ask. */
  restNames: 60,
  restFresh: 0.9,
  restPayload: 4,
  restOdd: 0.9,
  /** Share of 10-minute slots in which a channel at rest asks, over this many microseconds at least. */
  restCoverage: 0.7,
  restSpan: 20 * 60e6,
  /** At rest by addresses: share of names whose addresses are called at most. */
  restCalled: 0.02,
  /** Domains of this rank and better belong to services of many. */
  popular: 100_000,
} as const

/** Types that programs of people ask. */
export const usual = ['A', 'AAAA', 'HTTPS', 'SVCB', 'PTR', 'SOA', 'NS', 'DS', 'DNSKEY', 'NB', 'NBSTAT', '']

/** Types whose answers are opaque bytes. Zeek names types above 65279 by their number. */
const opaque = sql`(queryType IN ('NULL', 'KEY', 'SIG', 'PRIVATE')
  OR startsWith(queryType, 'TYPE') OR startsWith(queryType, 'query-'))`

const slot = 600e6

/** How often each type was asked; in place of topK, whose state is large however few there are. */
const types = sql`sumMap([toString(queryType)], [toUInt64(1)])`

/** What a tunnel is judged by besides its own questions. */
export interface TunnelContext {
  /** Rank of a registered domain among popular ones, 1 the most popular; null for one in no list. */
  readonly rankOf: (registered: string) => number | null
  /** Title of an ordinary service that puts data into names below the domain; null for none that is known. */
  readonly serviceOf: (registered: string) => string | null
}

/** Tunnels of the internal hosts, the one that carried most first. */
export async function tunnelsIn(
  store: Store,
  span: Span,
  { rankOf, serviceOf }: TunnelContext,
): Promise<Tunnel[]> {
  const { leastNames, restPayload } = tunnelThresholds

  const rows = await rowsOfParts<Asked>(
    store,
    span,
    leastNames,
    // The inner statement leaves out with small states what `tunnelOf` would: names are no more than questions.
    (asked) => sql`
    SELECT ${addressText('client')} AS host, registered,
      toFloat64(count()) AS queries, toFloat64(uniqCombined64(20)(query)) AS names,
      toFloat64(countIf((size > 0 OR ${opaque}) AND responseCode = 'NOERROR')) AS answered,
      toFloat64(uniqCombined64If(20)((answers, if(empty(answers), size, 0)),
        size > 0 AND responseCode = 'NOERROR')) AS replies,
      avg(asked.payload) AS payload, avg(toInt64(round(asked.entropy * 1e3))) / 1e3 AS entropy,
        toFloat64(sum(size)) AS down,
      toFloat64(countIf(queryType NOT IN ${usual})) AS odd, toFloat64(countIf(${opaque})) AS opaque,
      arrayReverseSort((x, n) -> n, ${types}.1, ${types}.2)[1] AS type,
      toFloat64(countIf(arrayExists(x -> startsWith(x, '127.'), answers))) AS loopback,
      toFloat64(uniqExact(intDiv(start, ${slot})))
        / (intDiv(max(start), ${slot}) - intDiv(min(start), ${slot}) + 1) AS coverage,
      toFloat64(min(start)) AS first, toFloat64(max(start)) AS last
    FROM ${asked} AS asked WHERE NOT ${backwards} AND (client, registered) IN (
      SELECT client, registered FROM ${asked} AS every WHERE NOT ${backwards} GROUP BY client, registered
      HAVING count() >= ${leastNames} AND avg(every.payload) >= ${restPayload})
    GROUP BY client, registered HAVING names >= ${leastNames}`,
  )

  const asking = Map.groupBy(rows, ({ registered }) => registered)
  const tunnels: Tunnel[] = []

  for (const { host: client, ...row } of rows) {
    const hosts = asking.get(row.registered)?.length ?? 1
    const known = { rank: rankOf(row.registered), service: serviceOf(row.registered) }
    const facts = { ...row, ...known, client, hosts, called: null }
    const called = needsCalls(facts) ? await calledShare(store, span, facts) : null
    const tunnel = tunnelOf({ ...facts, called })
    if (tunnel) tunnels.push(tunnel)
  }

  return withoutResolvers(store, span, tunnels)
}

type Asked = Omit<TunnelFacts, 'client' | 'called' | 'rank' | 'service' | 'hosts'> & { readonly host: string }

/** The tunnels without those of hosts that only pass on what the others ask, the one that carried most first. */
async function withoutResolvers(store: Store, span: Span, tunnels: readonly Tunnel[]): Promise<Tunnel[]> {
  const shared = tunnels.filter(({ hosts }) => hosts > 1)
  const passing = new Set<string>()
  if (shared.length > 0) {
    const rows = await store.rows<{ host: string }>(sql`
      SELECT DISTINCT ${addressText('server')} AS host FROM dns
      WHERE start >= ${span.from} AND start < ${span.to}
        AND server IN (${addresses(shared.map(({ client }) => client))}) AND client != server`)
    for (const { host } of rows) passing.add(host)
  }
  return tunnels
    .filter(({ client, hosts }) => hosts === 1 || !passing.has(client))
    .sort((a, b) => b.up + b.down - a.up - a.down || (a.registered < b.registered ? -1 : 1))
}

/** Whether it takes the flows to judge: fresh names of ordinary types that go on and on. */
const needsCalls = (facts: Omit<TunnelFacts, 'called'>): boolean =>
  facts.odd < tunnelThresholds.restOdd * facts.queries && goesOn(facts) && facts.rank === null

/** Share of the names whose addresses any internal host called within the span; null without a flow. */
async function calledShare(
  store: Store,
  { from, to }: Span,
  { client, registered }: Pick<TunnelFacts, 'client' | 'registered'>,
): Promise<number | null> {
  const during = sql`start >= ${from} AND start < ${to}`
  const [row] = await store.rows<{ flows: number; names: number; called: number }>(sql`
    WITH told AS (
      SELECT query, arraySlice(arraySort(groupUniqArrayArray(answers)), 1, 20) AS addresses FROM dns
      WHERE ${during} AND client = ${address(client)} AND endsWith(query, ${`.${registered}`}) GROUP BY query),
    met AS (
      SELECT DISTINCT server FROM flow
      WHERE ${during} AND server IN (SELECT toIPv6OrDefault(arrayJoin(addresses)) FROM told))
    SELECT (SELECT toFloat64(count()) FROM flow WHERE ${during} AND proto = 'tcp') AS flows,
      toFloat64(count()) AS names,
      toFloat64(countIf(arrayExists(x -> toIPv6OrDefault(x) IN met, addresses))) AS called FROM told`)

  return row && row.flows > 0 && row.names > 0 ? row.called / row.names : null
}

/** Fresh names, asked in most of the time from first to last. */
const goesOn = ({ queries, names, payload, coverage, first, last }: Omit<TunnelFacts, 'called'>): boolean =>
  names >= tunnelThresholds.restNames &&
  names >= tunnelThresholds.restFresh * queries &&
  payload >= tunnelThresholds.restPayload &&
  coverage >= tunnelThresholds.restCoverage &&
  last - first >= tunnelThresholds.restSpan

/** The verdict on what one client asked under one domain; null for no tunnel. */
export function tunnelOf(facts: TunnelFacts): Tunnel | null {
  if (facts.loopback >= 0.5 * facts.answered && facts.answered > 0) return null
  const up = facts.names * facts.payload
  const judged = busyTunnel(facts, up) ?? tunnelAtRest(facts)
  if (!judged) return null

  const popular = facts.rank !== null && facts.rank <= tunnelThresholds.popular
  const share = facts.service !== null ? serviceShare : popular ? popularShare : 1
  return { ...facts, ...judged, up, confidence: share * judged.confidence }
}

/** Who owns a popular domain would have to run the tunnel: its look-ups stay a sign below the threshold. */
const popularShare = 0.2

/** Of a catalogued service hardly anything is left. */
const serviceShare = 0.05

type Judged = Pick<Tunnel, 'way' | 'confidence'>

/** A tunnel that carries something. */
function busyTunnel(facts: TunnelFacts, up: number): Judged | null {
  const lines = tunnelThresholds
  const { queries, names, answered, payload } = facts
  if (names < lines.leastNames || names < lines.leastFresh * queries) return null
  if (payload < lines.leastPayload || up < lines.leastUp) return null

  const answeredShare = answered > 0 ? facts.replies / answered : 0
  // Of opaque types many inputs keep no answer, so that only its size tells one from the next.
  const differs = answeredShare >= lines.leastAnswered || facts.opaque >= 0.5 * queries
  const speaks = answered >= 0.3 * queries && differs
  const oddly = facts.odd >= 0.5 * queries && facts.down >= lines.leastDown * (answered - facts.opaque)
  const longNames = names >= lines.plainNames && payload >= lines.plainPayload
  const fresh = names >= lines.plainFresh * queries

  if (speaks && oddly) return { way: 'both ways', confidence: sureOf(up + facts.down, 0.8) }
  if (speaks && longNames && fresh) return { way: 'both ways', confidence: sureOf(up + facts.down, 0.65) }
  if (payload >= lines.oneWayPayload && up >= lines.oneWayUp && fresh)
    return { way: 'one way', confidence: sureOf(up, 0.4) }
  return null
}

/** A tunnel that waits for orders. */
function tunnelAtRest(facts: TunnelFacts): Judged | null {
  const lines = tunnelThresholds
  if (!goesOn(facts)) return null

  if (facts.odd >= lines.restOdd * facts.queries) return { way: 'at rest', confidence: 0.65 }
  const unused = facts.called !== null && facts.called <= lines.restCalled
  return unused && facts.answered >= 0.5 * facts.queries ? { way: 'at rest', confidence: 0.55 } : null
}

/** From `base` at a few kilobytes towards 0.98 at a megabyte and more. */
const sureOf = (bytes: number, base: number): number =>
  base + (0.98 - base) * Math.min(1, Math.max(0, Math.log10(bytes / 2000) / 3))
