/**
 * DNS tunnels: a host that sends what it has to say inside names, and is told what to do inside answers.
 *
 * Told by how much passes, for a channel must carry something: letters before the registered domain (Born and
 * Gustafson 2010; Nadler et al., "Detection of malicious and low throughput data exfiltration over the DNS protocol",
 * Computers & Security 2019), names never asked twice since a cached one would not arrive, and answers that differ each
 * time. Reputation services put hashes in names too; their answers are few and mostly in 127.0.0.0/8 (RFC 5782).
 */
import type { Endpoint } from '../model/finding.ts'
import { address, addressText, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { rowsOfParts, type Span } from './partitions.ts'

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
  readonly first: number
  readonly last: number
}

type TunnelWay = 'both ways' | 'one way'

export interface Tunnel extends TunnelFacts {
  readonly way: TunnelWay
  /** Characters sent in distinct names. */
  readonly up: number
  /** 0 to 1. */
  readonly confidence: number
}

/** Lines; docs/method/names.md says what each rests on. */
export const tunnelLines = {
  /** Distinct names of one client under one domain. */
  leastNames: 40,
  /** Of all questions: a cached name would carry nothing. */
  leastFresh: 0.5,
  leastPayload: 10,
  /** Characters in distinct names. */
  leastUp: 1500,
  /** Of the answers, that differ from all others. */
  leastTold: 0.3,
  /** Bytes an answer, of types that clients hardly ask. */
  leastDown: 8,
  /** Where the types are ordinary ones: as content networks have names and addresses of their own for each client. */
  plainNames: 150,
  plainPayload: 40,
  plainFresh: 0.9,
  /** Where the answers say nothing: as reputation services are asked. */
  oneWayPayload: 50,
  oneWayUp: 20_000,
} as const

/** Types that programs of people ask. */
const usual = ['A', 'AAAA', 'HTTPS', 'SVCB', 'PTR', 'SOA', 'NS', 'DS', 'DNSKEY', 'NB', 'NBSTAT', '']

/** How often each type was asked; in place of topK, whose state is large however few there are. */
const types = sql`sumMap([toString(queryType)], [toUInt64(1)])`

/** Tunnels of the internal hosts, the one that carried most first. */
export async function tunnelsIn(store: Store, span: Span): Promise<Tunnel[]> {
  const { leastNames, leastPayload, leastUp } = tunnelLines
  const facts = await rowsOfParts<Omit<TunnelFacts, 'client'> & { host: string }>(
    store,
    span,
    leastNames,
    // The inner statement leaves out with small states what `tunnelOf` would: names are no more than questions.
    (asked) => sql`
    SELECT ${addressText('client')} AS host, registered,
      toFloat64(count()) AS queries, toFloat64(uniqCombined64(20)(query)) AS names,
      toFloat64(countIf(size > 0 AND responseCode = 'NOERROR')) AS answered,
      toFloat64(uniqCombined64If(20)((answers, if(empty(answers), size, 0)), size > 0 AND responseCode = 'NOERROR')) AS replies,
      avg(asked.payload) AS payload, avg(asked.entropy) AS entropy, toFloat64(sum(size)) AS down,
      toFloat64(countIf(queryType NOT IN ${usual})) AS odd,
      arrayReverseSort((x, n) -> n, ${types}.1, ${types}.2)[1] AS type,
      toFloat64(countIf(arrayExists(x -> startsWith(x, '127.'), answers))) AS loopback,
      toFloat64(min(start)) AS first, toFloat64(max(start)) AS last
    FROM ${asked} AS asked WHERE (client, registered) IN (
      SELECT client, registered FROM ${asked} AS every GROUP BY client, registered
      HAVING count() >= ${leastNames} AND avg(every.payload) >= ${leastPayload} AND sum(every.payload) >= ${leastUp})
    GROUP BY client, registered HAVING names >= ${leastNames}`,
  )
  return facts
    .flatMap(({ host, ...each }) => tunnelOf({ ...each, client: host }) ?? [])
    .sort((a, b) => b.up + b.down - a.up - a.down || (a.registered < b.registered ? -1 : 1))
}

/** The verdict on what one client asked under one domain; null for no tunnel. */
export function tunnelOf(facts: TunnelFacts): Tunnel | null {
  const lines = tunnelLines
  const { queries, names, answered, payload } = facts
  const up = names * payload
  if (names < lines.leastNames || names < lines.leastFresh * queries) return null
  if (payload < lines.leastPayload || up < lines.leastUp) return null
  const told = answered > 0 ? facts.replies / answered : 0
  const speaks = answered >= 0.3 * queries && told >= lines.leastTold
  const oddly = facts.odd >= 0.5 * queries && facts.down >= lines.leastDown * answered
  const longNames = names >= lines.plainNames && payload >= lines.plainPayload
  const fresh = names >= lines.plainFresh * queries
  if (facts.loopback >= 0.5 * answered && answered > 0) return null
  if (speaks && oddly) return { ...facts, up, way: 'both ways', confidence: sureOf(up + facts.down, 0.8) }
  if (speaks && longNames && fresh)
    return { ...facts, up, way: 'both ways', confidence: sureOf(up + facts.down, 0.65) }
  if (payload >= lines.oneWayPayload && up >= lines.oneWayUp && fresh)
    return { ...facts, up, way: 'one way', confidence: sureOf(up, 0.4) }
  return null
}

/** From `base` at a few kilobytes towards 0.98 at a megabyte and more. */
const sureOf = (bytes: number, base: number): number =>
  base + (0.98 - base) * Math.min(1, Math.max(0, Math.log10(bytes / 2000) / 3))

/** Whom the host asked most for the tunnel's names: a resolver, or the other end of the tunnel itself. */
export async function resolverOf(
  store: Store,
  { from, to }: Span,
  { client, registered }: Pick<TunnelFacts, 'client' | 'registered'>,
): Promise<Endpoint> {
  const [row] = await store.rows<{ address: string }>(sql`
    SELECT ${addressText('server')} AS address FROM dns
    WHERE start >= ${from} AND start < ${to} AND client = ${address(client)}
      AND (query = ${registered} OR endsWith(query, ${`.${registered}`}))
    GROUP BY server ORDER BY count() DESC, server LIMIT 1`)
  return { address: row?.address ?? '', port: 53, protocol: 'udp', name: registered }
}
