/** The contact graph of one botnet in numbers: who of the members calls which server, and who calls the members. */
import { median } from '../math/stats.ts'
import type { Endpoint } from '../model/finding.ts'
import type { Scope } from '../model/networks.ts'
import { inside, special } from '../store/networks.ts'
import { addresses, addressText, sql, texts } from '../store/sql.ts'
import type { Store } from '../store/store.ts'

/** A service that may be the C&C, and the members that call it. */
export interface ControlService extends Endpoint {
  readonly members: readonly string[]
}

/** Facts of the graph, each from 0 to 1. */
export const graphFacts = {
  cover: 'share of members that call the busiest server',
  second: 'share of members that call the second',
  concentration: 'Herfindahl index of the calls’ servers',
  servers: 'servers called (logarithm, 300 is 1)',
  each: 'servers a member calls (logarithm, 100 is 1)',
  shared: 'share of servers that two members call',
  mutual: 'servers that two members have in common (Jaccard)',
  failed: 'share of calls to such ports that fail',
  port: 'share of links on the commonest port',
  called: 'share of members that strangers call',
  mutually: 'share of servers that call a member too',
  relays: 'share of members that relay (a fifth is 1)',
  among: 'share of members that call a member',
  strangers: 'share of members with peer-to-peer talk',
} as const
export type GraphFact = keyof typeof graphFacts
export type GraphFacts = Readonly<Record<GraphFact, number>>

export interface GraphRequest {
  readonly members: readonly string[]
  readonly services: readonly ControlService[]
  /** Hosts that pass on what strangers send (relays.ts). */
  readonly relays: readonly string[]
  /** Hosts with peer-to-peer talk (peers.ts). */
  readonly talkers: readonly string[]
}

/** Measures the graph. */
export async function measureGraph(store: Store, scope: Scope, request: GraphRequest): Promise<GraphFacts> {
  return { ...linkFacts(request), ...(await flowFacts(store, scope, request)) }
}

type LinkFact =
  | 'cover'
  | 'second'
  | 'concentration'
  | 'servers'
  | 'each'
  | 'shared'
  | 'mutual'
  | 'port'
  | 'relays'
  | 'strangers'

const logShare = (value: number, most: number) => Math.min(1, Math.log1p(value) / Math.log1p(most))

/** What the links alone say. */
export function linkFacts({ members, services, relays, talkers }: GraphRequest): Pick<GraphFacts, LinkFact> {
  const n = Math.max(1, members.length)
  const own = services.map((service) => ({
    ...service,
    members: service.members.filter((each) => members.includes(each)),
  }))
  const degrees = own.map((service) => service.members.length).toSorted((a, b) => b - a)
  const links = degrees.reduce((sum, degree) => sum + degree, 0)
  const byMember = new Map<string, Set<number>>(members.map((member) => [member, new Set()]))
  for (const [i, service] of own.entries()) for (const member of service.members) byMember.get(member)?.add(i)
  const sizes = Float64Array.from([...byMember.values()], (set) => set.size).sort()
  const ports = new Map<string, number>()
  for (const { port, protocol, members: who } of own) {
    const key = `${port}/${protocol}`
    ports.set(key, (ports.get(key) ?? 0) + who.length)
  }
  const among = (hosts: readonly string[]) => members.filter((each) => hosts.includes(each)).length / n
  return {
    cover: (degrees[0] ?? 0) / n,
    second: (degrees[1] ?? 0) / n,
    concentration: links > 0 ? degrees.reduce((sum, degree) => sum + (degree / links) ** 2, 0) : 0,
    servers: logShare(own.length, 300),
    each: logShare(sizes.length > 0 ? median(sizes) : 0, 100),
    shared: own.length > 0 ? degrees.filter((degree) => degree >= 2).length / own.length : 0,
    mutual: mutualShare([...byMember.values()]),
    port: links > 0 ? Math.max(0, ...ports.values()) / links : 0,
    relays: Math.min(1, 5 * among(relays)),
    strangers: among(talkers),
  }
}

/** Mean Jaccard index over pairs of members; of many members, over pairs at even distances. */
function mutualShare(sets: readonly ReadonlySet<number>[]): number {
  let [sum, count] = [0, 0]
  const step = Math.max(1, Math.floor((sets.length * (sets.length - 1)) / 2 / 2000))
  let turn = 0
  for (let i = 0; i < sets.length; i++)
    for (let j = i + 1; j < sets.length; j++) {
      if (turn++ % step !== 0) continue
      const [a, b] = [sets[i]!, sets[j]!]
      const both = a.intersection(b).size
      sum += a.size + b.size > 0 ? both / (a.size + b.size - both) : 0
      count++
    }
  return count > 0 ? sum / count : 0
}

/** Servers and distinct failing ones on a port from which it is taken for a scan, not for talk. */
const scanned = { servers: 50, failed: 0.9 } as const

/** What the members' flows say beside: failures, who calls them, whether they call each other. */
async function flowFacts(
  store: Store,
  { from, to, internal }: Scope,
  { members, services }: GraphRequest,
): Promise<Pick<GraphFacts, 'failed' | 'called' | 'mutually' | 'among'>> {
  if (members.length === 0) return { failed: 0, called: 0, mutually: 0, among: 0 }
  const during = sql`start >= ${from} AND start < ${to} AND proto IN ('tcp', 'udp')`
  const ours = addresses(members)
  const keys = [...new Set(services.map(({ port, protocol }) => `${port}/${protocol}`))]
  const control = sql`concat(toString(serverPort), '/', proto) IN (${texts(keys)})`
  const [out] = await store.rows<{ failed: number; flows: number }>(sql`
    SELECT toFloat64(sum(bad)) AS failed, toFloat64(sum(n)) AS flows FROM (
      SELECT serverPort, proto, countIf(outcome IN ('refused', 'unanswered')) AS bad, count() AS n, uniqExact(server) AS servers, any(${control}) AS known
      FROM flow WHERE ${during} AND client IN (${ours}) AND NOT ${inside('server', internal)} AND NOT ${inside('server', special)}
        AND (${control} OR serverPort >= 1024)
      GROUP BY serverPort, proto HAVING known OR NOT (servers >= ${scanned.servers} AND bad >= ${scanned.failed} * n))`)
  const called = await store.rows<{ member: string; callers: number }>(sql`
    SELECT ${addressText('server')} AS member, toFloat64(uniqExact(client)) AS callers FROM flow
    WHERE ${during} AND server IN (${ours}) AND NOT ${inside('client', internal)} AND outcome IN ('established', 'unknown')
      AND (${control} OR serverPort >= 1024)
    GROUP BY server HAVING callers >= 3`)
  const [back] = await store.rows<{ n: number }>(sql`
    SELECT toFloat64(uniqExact(client)) AS n FROM flow
    WHERE ${during} AND server IN (${ours}) AND outcome IN ('established', 'unknown')
      AND client IN (${addresses([...new Set(services.map(({ address }) => address))])})`)
  const [inner] = await store.rows<{ n: number }>(sql`
    SELECT toFloat64(uniqExact(client)) AS n FROM flow
    WHERE ${during} AND client IN (${ours}) AND server IN (${ours}) AND client != server
      AND (${control} OR serverPort >= 1024) AND serverPort NOT IN (3389, 5353, 5355, 1900)`)
  const servers = new Set(services.map(({ address }) => address)).size
  return {
    failed: out && out.flows > 0 ? out.failed / out.flows : 0,
    called: called.length / members.length,
    mutually: servers > 0 ? (back?.n ?? 0) / servers : 0,
    among: (inner?.n ?? 0) / members.length,
  }
}
