/**
 * Hosts that talk with many external hosts, and which of them are bots.
 *
 * A bot of an overlay keeps a list of peers, most of them home machines that are off: it asks many, often in vain, in
 * small packets, from one port, as long as it runs (Grizzard et al., HotBots 2007; Holz et al., LEET 2008; Falliere,
 * "Sality: story of a peer-to-peer viral network", Symantec 2011; Rossow et al., "P2PWNED", S&P 2013). File sharing
 * moves bulk; telephony and games keep to servers that answer. That the peers of two bots overlap more than those
 * of external hosts is the mutual contact of Zhuang and Chang, "PeerHunter", 2017.
 *
 * Peers are outside addresses on ports over 1023 that are of no common service and that nobody looked up by name.
 */

import { sigmoid } from '../math/sigmoid.ts'
import type { PeerTalk } from '../model/evidence.ts'
import type { Networks, Scope } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import { clampRatio, type Micros, micros } from '../model/units.ts'
import { heldRecords } from '../store/epochs.ts'
import { inside, isIpv4, outside } from '../store/networks.ts'
import { namesOfServers } from '../store/server-names.ts'
import { address, addresses, addressText, integers, raw, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import fittedPeers from './peers.json' with { type: 'json' }
import { between, type Feature, type Head, weigh } from './weights.ts'

/** Peers, answering ones among them, and their spread that make talk peer-to-peer at all. */
export const gate = { peers: 30, answered: 5, networksPerPeer: 0.3 } as const

/** Microseconds: longer than the rounds of any overlay that is published (Sality asks its list every 40 minutes). */
const slot = 3600e6

/** Ports over 1023 of services that answer from few places: their servers are no peers. */
const servicePorts = [
  1194, 1433, 1701, 1723, 1900, 1935, 3128, 3306, 3389, 3478, 3479, 4500, 5060, 5061, 5222, 5223, 5228, 5353,
  5355, 5432, 5938, 8000, 8008, 8080, 8081, 8443, 8888, 19302, 33434, 51820,
]
/** BitTorrent, eDonkey and Gnutella, where they were not changed. */
const sharingPorts = raw(
  '(serverPort BETWEEN 6881 AND 6999 OR serverPort IN (4661, 4662, 4665, 4672, 6346, 6347, 51413))',
)

export const peerFeatures: readonly Feature[] = [
  { name: 'failed', doc: 'Peers that do not answer.', sign: 1 },
  { name: 'persistent', doc: 'It goes on for as long as the host is seen.', sign: 1 },
  { name: 'mutual', doc: 'Peers that other such hosts have too.', sign: 1 },
  { name: 'bulk', doc: 'Large transfers with peers.', sign: -1 },
  { name: 'sharing ports', doc: 'Peers on the ports of file sharing.', sign: -1 },
]

/** What was measured of one host and one transport. */
export interface PeerFacts {
  readonly host: string
  readonly protocol: string
  readonly flows: number
  readonly peers: number
  readonly answered: number
  readonly networks: number
  readonly failed: number
  readonly localPort: number
  readonly localPortShare: number
  readonly bytes: number | null
  /** 95 of 100 answered flows are no larger. */
  readonly bulk: number | null
  readonly sharing: number
  /**
   * Hours with such talk, of those in which the host was seen at all; an overlay's rounds are up to 40 minutes
   * apart.
   */
  readonly slots: number
  readonly ofSlots: number
  readonly callers: number
  readonly mutual: number
  readonly mutualHosts: readonly string[]
  /** Peers in common with each of `mutualHosts`. */
  readonly mutualPeers: readonly number[]
  readonly first: Micros
  readonly last: Micros
}

export interface PeerHost {
  readonly host: string
  readonly facts: PeerFacts
  readonly score: number
  readonly evidence: Omit<PeerTalk, 'query'> & { readonly query: Query }
}

interface PeerParameters extends Head {
  readonly threshold: number
}
export const fitted: PeerParameters = fittedPeers

/** Values of the features, 0 to 1. */
export const featuresOf = (facts: PeerFacts): Record<string, number> => ({
  failed: between(facts.failed, 0.05, 0.6),
  persistent: facts.ofSlots > 0 ? facts.slots / facts.ofSlots : 0,
  mutual: facts.mutual >= 3 ? between(facts.mutual / facts.peers, 0, 0.5) : 0,
  bulk: facts.bulk === null ? 0.5 : between(Math.log10(Math.max(1, facts.bulk)), 3.3, 5.3),
  'sharing ports': facts.sharing,
})

/** Peer-to-peer talk of every internal host, scored, best first; those under the line too. */
export async function findPeers(
  store: Store,
  scope: Scope,
  parameters: PeerParameters = fitted,
): Promise<PeerHost[]> {
  const facts = await peerFacts(store, scope)

  const scored = await Promise.all(
    facts.map(async (each): Promise<PeerHost> => {
      const { score, reasons } = weigh(parameters, peerFeatures, featuresOf(each))
      const query = peersOf(scope, each)
      return {
        host: each.host,
        facts: each,
        score,
        evidence: {
          kind: 'peers',
          protocol: each.protocol,
          peers: each.peers,
          networks: each.networks,
          failed: clampRatio(each.failed),
          localPort: each.localPort,
          localPortShare: clampRatio(each.localPortShare),
          bytes: each.bytes,
          callers: each.callers,
          mutual: each.mutual,
          mutualHosts: each.mutualHosts,
          reasons,
          flows: [],
          query,
        },
      }
    }),
  )

  return inCompany(scored).toSorted((a, b) => b.score - a.score || (a.host < b.host ? -1 : 1))
}

/**
 * What a host gains by peers in common with a sure bot: log odds at most, and the share of the smaller list at which it
 * begins and is full. Set by hand: strangers of one swarm share 2 %, bots a fifth.
 */
const sharedUse = { logOdds: 3, from: 0.02, full: 0.2 } as const

/** Hosts with peers in common count for each other, each by its own score: players of one game have none to give. */
function inCompany(hosts: readonly PeerHost[]): PeerHost[] {
  const keyOf = (host: string, protocol: string) => `${host} ${protocol}`
  const own = new Map(hosts.map((each) => [keyOf(each.host, each.facts.protocol), each]))

  return hosts.map((each) => {
    const { mutualHosts, mutualPeers, peers, protocol } = each.facts
    const given = mutualHosts.map((host, i) => {
      const other = own.get(keyOf(host, protocol))
      if (!other) return 0
      const shared = mutualPeers[i]! / Math.min(peers, other.facts.peers)
      return other.score * between(shared, sharedUse.from, sharedUse.full)
    })
    const value = Math.max(0, ...given)
    if (value === 0) return each

    const logOdds = sharedUse.logOdds * value
    const doc = 'Peers in common with a host that looks like a bot of an overlay.'
    const reasons = [...each.evidence.reasons, { feature: 'company', doc, value, logOdds }]
    return {
      ...each,
      score: sigmoid(Math.log(each.score / (1 - each.score)) + logOdds),
      evidence: { ...each.evidence, reasons },
    }
  })
}

/** The condition of a flow to a peer. */
export const toPeer = ({ from, to, internal }: Pick<Scope, 'from' | 'to' | 'internal'>): Query => sql`
  start >= ${from} AND start < ${to} AND ${inside('client', internal)} AND ${outside('server', internal)}
  AND proto IN ('tcp', 'udp') AND serverPort >= 1024
  AND serverPort NOT IN (${integers(servicePorts)}) AND NOT (clientPort BETWEEN 1 AND 1023)`

/** /16 of IPv4, /32 of IPv6. */
const networkOf = (internal: Networks): Query =>
  sql`tupleElement(IPv6CIDRToRange(server, if(${isIpv4('server', internal)}, 112, 32)), 1)`

interface FactRow
  extends Omit<PeerFacts, 'callers' | 'mutual' | 'mutualHosts' | 'mutualPeers' | 'bytes' | 'bulk'> {
  middle: number
  large: number
  counted: number
}

/** Facts of the hosts and transports that pass the gate. */
export async function peerFacts(store: Store, scope: Scope): Promise<PeerFacts[]> {
  const held = await heldRecords(store)
  const isNamed = (['tls', 'http', 'dns'] as const).some((kind) => held.includes(kind))
  const nameless = isNamed ? sql`server NOT IN (SELECT server FROM (${namesOfServers(scope)}))` : raw('true')

  const rows = await store.rows<FactRow>(sql`
    WITH seen AS (
      SELECT client AS seenHost, uniqExact(intDiv(start, ${slot})) AS ofSlots FROM flow
      WHERE start >= ${scope.from} AND start < ${scope.to} AND ${inside('client', scope.internal)} GROUP BY client)
    SELECT ${addressText('client')} AS host, toString(proto) AS protocol, toFloat64(count()) AS flows,
           toFloat64(uniqExact(server)) AS peers,
             toFloat64(uniqExactIf(server, outcome IN ('established', 'unknown'))) AS answered,
           toFloat64(uniqExact(${networkOf(scope.internal)})) AS networks,
             countIf(outcome IN ('refused', 'unanswered')) / count() AS failed,
           0 AS localPort, 0 AS localPortShare,
           toFloat64(countIf(bytes IS NOT NULL)) AS counted,
           toFloat64(ifNull(quantileExactIf(0.5)(assumeNotNull(bytes), outcome != 'unanswered'
             AND outcome != 'refused' AND bytes IS NOT NULL), 0)) AS middle,
           toFloat64(ifNull(quantileExactIf(0.95)(assumeNotNull(bytes), outcome != 'unanswered'
             AND outcome != 'refused' AND bytes IS NOT NULL), 0)) AS large,
           countIf(${sharingPorts}) / count() AS sharing, toFloat64(uniqExact(intDiv(start, ${slot}))) AS slots,
           toFloat64(any(ofSlots)) AS ofSlots, toFloat64(min(start)) AS first, toFloat64(max(start)) AS last
    FROM flow INNER JOIN seen ON client = seenHost
    WHERE ${toPeer(scope)} AND ${nameless}
    GROUP BY client, proto
    HAVING peers >= ${gate.peers} AND answered >= ${gate.answered} AND networks >= ${gate.networksPerPeer} * peers
    ORDER BY host, protocol`)

  if (rows.length === 0) return []
  const hosts = [...new Set(rows.map(({ host }) => host))]
  const shared = await sharedPeers(store, scope, hosts)
  const ports = await portShares(store, scope, rows)
  const callers = await callersOf(store, scope, rows)

  return rows.map(({ counted, middle, large, ...row }): PeerFacts => {
    const key = `${row.host} ${row.protocol}`
    const mutual = shared.get(key)
    return {
      ...row,
      first: micros(row.first),
      last: micros(row.last),
      bytes: counted > 0 ? middle : null,
      bulk: counted > 0 ? large : null,
      localPort: ports.get(key)?.port ?? 0,
      localPortShare: ports.get(key)?.share ?? 0,
      callers: callers.get(key) ?? 0,
      mutual: mutual?.peers ?? 0,
      mutualHosts: mutual?.hosts ?? [],
      mutualPeers: mutual?.shared ?? [],
    }
  })
}

/** Peers of each host and transport that another of the hosts has too, and the hosts it shares most with. */
async function sharedPeers(store: Store, scope: Scope, hosts: readonly string[]) {
  const rows = await store.rows<{
    host: string
    protocol: string
    peers: number
    others: string[]
    shared: number[]
  }>(sql`
    SELECT ${addressText('one')} AS host, toString(proto) AS protocol, toFloat64(sumIf(n, other = one)) AS peers,
           groupArraySortedIf(5)((-toInt64(n), ${addressText('other')}), other != one) AS most,
           arrayMap(each -> each.2, most) AS others, arrayMap(each -> toFloat64(-each.1), most) AS shared
    FROM (
      SELECT one, other, proto, count() AS n FROM (
        SELECT server, proto, arraySlice(arraySort(groupUniqArray(client)), 1, 20) AS clients
        FROM flow WHERE ${toPeer(scope)} AND client IN (${addresses(hosts)}) GROUP BY server, proto
          HAVING length(clients) > 1) AS served
      ARRAY JOIN clients AS one
      ARRAY JOIN clients AS other
      GROUP BY one, other, proto)
    GROUP BY one, proto`)

  return new Map(
    rows.map(({ host, protocol, peers, others, shared }) => [
      `${host} ${protocol}`,
      { peers, hosts: others, shared },
    ]),
  )
}

async function portShares(store: Store, scope: Scope, rows: readonly FactRow[]) {
  const found = await store.rows<{ host: string; protocol: string; share: number; port: number }>(sql`
    SELECT host, protocol, max(n) / sum(n) AS share, toUInt32(argMax(clientPort, (n, clientPort))) AS port FROM (
      SELECT ${addressText('client')} AS host, toString(proto) AS protocol, clientPort, count() AS n FROM flow
      WHERE ${toPeer(scope)} AND client IN (${addresses(rows.map(({ host }) => host))})
        GROUP BY client, proto, clientPort)
    GROUP BY host, protocol`)
  return new Map(found.map(({ host, protocol, share, port }) => [`${host} ${protocol}`, { share, port }]))
}

/** Strangers that called the host on a port over 1023, and were answered. */
async function callersOf(store: Store, scope: Scope, rows: readonly FactRow[]) {
  const found = await store.rows<{ host: string; protocol: string; n: number }>(sql`
    SELECT ${addressText('server')} AS host, toString(proto) AS protocol, toFloat64(uniqExact(client)) AS n FROM flow
    WHERE start >= ${scope.from} AND start < ${scope.to} AND server IN (${addresses(rows.map(({ host }) => host))})
      AND NOT ${inside('client', scope.internal)} AND serverPort >= 1024 AND outcome = 'established'
    GROUP BY server, proto`)
  return new Map(found.map(({ host, protocol, n }) => [`${host} ${protocol}`, n]))
}

/** The peers of the host, most called first. */
const peersOf = (scope: Scope, { host, protocol }: PeerFacts): Query => sql`
  SELECT ${addressText('server')} AS peer, arraySlice(arraySort(groupUniqArray(serverPort)), 1, 5) AS ports,
    count() AS flows,
         countIf(outcome IN ('refused', 'unanswered')) AS failed, sum(bytes) AS bytes
  FROM flow WHERE ${toPeer(scope)} AND client = ${address(host)} AND proto = ${protocol}
  GROUP BY server ORDER BY flows DESC, peer LIMIT 1000`
