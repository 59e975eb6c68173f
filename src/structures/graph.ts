/** The contact graph of one botnet in numbers: who of the members calls which server, and who calls the members. */
import { medianOf } from '../math/stats.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { Scope } from '../model/networks.ts'
import { inside, outside } from '../store/networks.ts'
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
  main: 'share of persistent connections that go to one server',
  next: 'share of it that is the next',
  concentration: 'Herfindahl index of the servers of persistent connections',
  servers: 'servers called (logarithm, 300 is 1)',
  each: 'servers with persistent connections per member (logarithm, 100 is 1)',
  shared: 'share of servers that two members call',
  mutual: 'persistent servers that two members have in common (Jaccard)',
  silent: 'share of servers that never answer',
  port: 'share of links on the commonest port',
  called: 'share of members that external hosts call',
  mutually: 'share of servers that call a member too',
  relays: 'share of members that relay (a fifth is 1)',
  among: 'share of members that call a member',
  externalPeers: 'share of members with peer-to-peer talk',
} as const
export type GraphFact = keyof typeof graphFacts
export type GraphFacts = Readonly<Record<GraphFact, number>>

export interface GraphRequest {
  readonly members: readonly string[]
  readonly services: readonly ControlService[]
  /** Hosts that pass on what external hosts send (relays.ts). */
  readonly relays: readonly string[]
  /** Hosts with peer-to-peer talk (peers.ts). */
  readonly p2pHosts: readonly string[]
}

/** Measures the graph. */
export async function measureGraph(store: Store, scope: Scope, request: GraphRequest): Promise<GraphFacts> {
  const keeps = await persistenceOf(store, scope, request)
  return { ...linkFacts(request, keeps), ...(await flowFacts(store, scope, request)) }
}

type FlowFact = 'silent' | 'called' | 'mutually' | 'among'
type LinkFact = Exclude<GraphFact, FlowFact>

/** How much a member keeps a service up: over 0, in any unit. */
type Persistence = (member: string, service: Endpoint) => number

const logShare = (value: number, most: number) => Math.min(1, Math.log1p(value) / Math.log1p(most))

/** What the links alone say; without `keeps` each member keeps up alike what it calls. */
export function linkFacts(
  { members, services, relays, p2pHosts }: GraphRequest,
  keeps: Persistence = () => 1,
): Pick<GraphFacts, LinkFact> {
  const n = Math.max(1, members.length)
  const own = services.map((service) => ({
    ...service,
    members: service.members.filter((each) => members.includes(each)),
  }))
  const degrees = own.map((service) => service.members.length).toSorted((a, b) => b - a)
  const links = degrees.reduce((sum, degree) => sum + degree, 0)
  const shares = keptShares(members, own, keeps)
  const keeping = shares.filter(({ size }) => size > 0)
  const sums = new Float64Array(own.length)
  for (const each of keeping) for (const [service, share] of each) sums[service]! += share
  const kept = sums.map((sum) => sum / Math.max(1, keeping.length))
  const busiest = kept.toSorted().reverse()
  const sizes = Float64Array.from(keeping, (each) => 1 / squares(each.values())).sort()
  const ports = new Map<string, number>()

  for (const { port, protocol, members: who } of own) {
    const key = `${port}/${protocol}`
    ports.set(key, (ports.get(key) ?? 0) + who.length)
  }

  const among = (hosts: readonly string[]) => members.filter((each) => hosts.includes(each)).length / n

  return {
    cover: (degrees[0] ?? 0) / n,
    second: (degrees[1] ?? 0) / n,
    main: busiest[0] ?? 0,
    next: busiest[1] ?? 0,
    concentration: squares(kept),
    servers: logShare(own.length, 300),
    each: logShare(sizes.length > 0 ? medianOf(sizes) : 0, 100),
    shared: own.length > 0 ? degrees.filter((degree) => degree >= 2).length / own.length : 0,
    mutual: mutualShare(shares),
    port: links > 0 ? Math.max(0, ...ports.values()) / links : 0,
    relays: Math.min(1, 5 * among(relays)),
    externalPeers: among(p2pHosts),
  }
}

const squares = (shares: Iterable<number>): number => {
  let sum = 0
  for (const share of shares) sum += share ** 2
  return sum
}

/**
 * A member keeps up the services that it keeps up at least half as much as the one that it keeps up most: hosts
 * have 20 to 50 sites in common that they saw once or twice, among which a C&C server would drown.
 */
const keptHalf = 0.5

/**
 * For each member, the services that it keeps up (by number) and the share of its upkeep that each has; they sum to
 * 1.
 */
function keptShares(
  members: readonly string[],
  services: readonly ControlService[],
  keeps: Persistence,
): Map<number, number>[] {
  const byMember = new Map(members.map((member) => [member, new Map<number, number>()]))
  for (const [i, service] of services.entries())
    for (const member of service.members) byMember.get(member)!.set(i, keeps(member, service))
  return [...byMember.values()].map((persistence) => {
    const most = Math.max(...persistence.values())
    const kept = [...persistence].filter(([, each]) => each >= keptHalf * most)
    const sum = kept.reduce((total, [, each]) => total + each, 0)
    return new Map(kept.map(([service, each]) => [service, each / sum]))
  })
}

/**
 * Mean over pairs of members of what both keep up over what either does; of many members, over pairs at even
 * distances.
 */
function mutualShare(shares: readonly ReadonlyMap<number, number>[]): number {
  let [sum, count] = [0, 0]
  const step = Math.max(1, Math.floor((shares.length * (shares.length - 1)) / 2 / 2000))
  let turn = 0
  for (let i = 0; i < shares.length; i++)
    for (let j = i + 1; j < shares.length; j++) {
      if (turn++ % step !== 0) continue
      const [a, b] = [shares[i]!, shares[j]!]
      let both = 0
      for (const [service, share] of a) both += Math.min(share, b.get(service) ?? 0)
      sum += both / (2 - both)
      count++
    }
  return count > 0 ? sum / count : 0
}

/** Microseconds of a slot in which a service is called or not. */
const slot = 600e6

/** Slots in which the member got an answer of the service, or as many as it held connections for. */
async function persistenceOf(
  store: Store,
  scope: Scope,
  { members, services }: GraphRequest,
): Promise<Persistence> {
  if (members.length === 0 || services.length === 0) return () => 1
  const servers = [...new Set(services.map(({ address }) => address))]
  const rows = await store.rows<{ service: string; slots: number }>(sql`
    SELECT concat(${addressText('client')}, ' ', ${addressText('server')}, ' ', toString(serverPort), '/',
      proto) AS service,
           greatest(toFloat64(uniqExactIf(intDiv(start, ${slot}), outcome NOT IN ('refused', 'unanswered'))),
             sum(duration) / ${slot}) AS slots
    FROM flow WHERE start >= ${scope.from} AND start < ${scope.to} AND client IN (${addresses(members)})
      AND server IN (${addresses(servers)})
    GROUP BY client, server, serverPort, proto`)
  const slots = new Map(rows.map((row) => [row.service, row.slots]))

  return (member, { address, port, protocol }) =>
    Math.max(1e-3, slots.get(`${member} ${address} ${port}/${protocol}`) ?? 0)
}

/** Servers and distinct failing ones on a port from which it is taken for a scan, not for talk. */
const scanned = { servers: 50, failed: 0.9 } as const

/**
 * Calls of a member to one server from which its silence counts. Servers are counted, one for each member that
 * calls it, and not calls: the one server of a star may go away, and is then called in vain for hours.
 */
const triedCalls = 3

/** What the members' flows say beside: who does not answer, who calls them, whether they call each other. */
async function flowFacts(
  store: Store,
  { from, to, internal }: Scope,
  { members, services }: GraphRequest,
): Promise<Pick<GraphFacts, FlowFact>> {
  if (members.length === 0) return { silent: 0, called: 0, mutually: 0, among: 0 }
  const during = sql`start >= ${from} AND start < ${to} AND proto IN ('tcp', 'udp')`
  const ours = addresses(members)
  const keys = [...new Set(services.map(({ port, protocol }) => `${port}/${protocol}`))]
  const control = sql`concat(toString(serverPort), '/', proto) IN (${texts(keys)})`
  const outward = sql`${during} AND client IN (${ours}) AND ${outside('server', internal)}
      AND (${control} OR serverPort >= 1024)`
  const failed = sql`outcome IN ('refused', 'unanswered')`
  const scans = sql`
    SELECT serverPort, proto FROM flow WHERE ${outward} AND NOT ${control} GROUP BY serverPort, proto
    HAVING uniqExact(server) >= ${scanned.servers} AND countIf(${failed}) >= ${scanned.failed} * count()`
  const [tried] = await store.rows<{ links: number; silent: number }>(sql`
    SELECT toFloat64(count()) AS links, toFloat64(countIf(answers = 0)) AS silent FROM (
      SELECT countIf(NOT ${failed}) AS answers FROM flow
      WHERE ${outward} AND (serverPort, proto) NOT IN (${scans})
      GROUP BY client, server HAVING count() >= ${triedCalls})`)

  const called = await store.rows<{ member: string; callers: number }>(sql`
    SELECT ${addressText('server')} AS member, toFloat64(uniqExact(client)) AS callers FROM flow
    WHERE ${during} AND server IN (${ours}) AND NOT ${inside('client', internal)}
      AND outcome IN ('established', 'unknown')
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
    silent: tried && tried.links > 0 ? tried.silent / tried.links : 0,
    called: called.length / members.length,
    mutually: servers > 0 ? (back?.n ?? 0) / servers : 0,
    among: (inner?.n ?? 0) / members.length,
  }
}
