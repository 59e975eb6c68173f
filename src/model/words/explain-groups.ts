import type {
  ActivityEvidence,
  CrossPlane,
  Likeness,
  PeerTalk,
  Relayed,
  SameMachine,
  Structure,
} from '../evidence.ts'
import {
  sayBytes,
  sayConfidence,
  sayCount,
  sayEndpoint,
  sayList,
  sayMany,
  sayNumber,
  sayShare,
  saySpan,
} from './say.ts'
import { sayGraphFact } from './say-graph.ts'

/** "1 flow", "1.29 flows". */
function sayAbout(value: number, noun: string): string {
  const text = sayNumber(value)
  return `${text} ${text === '1' ? noun : `${noun}s`}`
}

export function likeness(evidence: Likeness): string {
  const { peers, clusterHosts, ofHosts, endpoints } = evidence
  const places = endpoints.length === 0 ? '' : `, to ${sayList(endpoints.map(sayEndpoint), 3)}`
  return (
    `${sayList(peers)} have similar traffic${places}: about ${sayAbout(evidence.flowsPerHour, 'flow')} per hour, ` +
    `${sayAbout(evidence.packetsPerFlow, 'packet')} per flow, ${sayBytes(evidence.bytesPerPacket)} per packet, ` +
    `${sayBytes(evidence.bytesPerSecond)} per second. ` +
    `${sayCount(clusterHosts)} of ${sayMany(ofHosts, 'host')} have such traffic.`
  )
}

export function activity({ hosts, did, times, first, last }: ActivityEvidence): string {
  const span = saySpan((last - first) as typeof last)
  return `${sayList(hosts)} ${did} (${sayMany(times, 'time')}${last > first ? ` in ${span}` : ''}).`
}

export function crossPlane({ scores, threshold }: CrossPlane): string {
  const low = Math.min(...scores)
  const high = Math.max(...scores)
  const range = low === high ? sayNumber(low) : `${sayNumber(low)} to ${sayNumber(high)}`
  if (scores.length === 0) return `Cross-plane score: threshold ${sayNumber(threshold)}.`
  const whose = scores.length === 1 ? '' : ' per host'
  return `Cross-plane score${whose}: ${range} (threshold ${sayNumber(threshold)}).`
}

export const sameMachine = ({ host, alias, servers, ofServers }: SameMachine): string =>
  `${host} and ${alias} are one machine: ${alias} looked up ${sayMany(ofServers, 'server')} that a host then ` +
  `contacted at once, and in ${sayCount(servers)} of these cases that host was ${host}.`

export const kinds: Readonly<Record<Structure['topology'], string>> = {
  star: 'a star',
  'multi-server': 'several parallel servers',
  hierarchical: 'a hierarchy: relays between the members and the servers',
  p2p: 'a peer-to-peer overlay',
  undecided: 'undecided',
}

export function structure({ topology, likeliest, confidence, facts, losses, relays }: Structure): string {
  const how =
    topology === 'undecided'
      ? `The topology is undecided (${kinds[likeliest]} fits best, confidence ${sayConfidence(confidence)})`
      : `The topology is ${kinds[topology]} (confidence ${sayConfidence(confidence)})`
  const why = facts
    .filter(({ logOdds }) => logOdds >= 0.05)
    .slice(0, 4)
    .map(sayGraphFact)
  const [worst] = losses

  const loss =
    worst === undefined
      ? ''
      : worst.remaining === 0
        ? `. If ${sayEndpoint(worst.endpoint)} is blocked, no member can reach another`
        : `. If ${sayEndpoint(worst.endpoint)} is blocked, ` +
          `${sayShare(worst.remaining)} of the members can still reach another`

  const through =
    relays.length === 0 ? '' : `; ${sayList(relays)} ${relays.length === 1 ? 'relays' : 'relay'} for others`

  return `${how}${why.length > 0 ? `: ${why.join(', ')}` : ''}${through}${loss}.`
}

export function relayed({
  port,
  protocol,
  clients,
  calls,
  pairs,
  expected,
  chance,
  lag,
  to,
  destinations,
}: Relayed): string {
  const others = destinations > to.length ? ` and ${sayMany(destinations - to.length, 'other place')}` : ''

  return (
    `${sayMany(clients, 'external host')} made ${sayMany(calls, 'connection')} to port ${port}/${protocol}. ` +
    `${sayCount(pairs)} of them were followed ${saySpan(lag)} later by a connection of the same size to ` +
    `${sayList(to.map(sayEndpoint), 3)}${others}. Chance alone would give ${sayNumber(expected)} ` +
    `(p = ${sayNumber(chance)}).`
  )
}

export function peerTalk(evidence: PeerTalk): string {
  const {
    protocol,
    peers,
    networks,
    failed,
    localPort,
    localPortShare,
    bytes,
    callers,
    mutual,
    mutualHosts,
  } = evidence

  const size = bytes === null ? '' : `, median ${sayBytes(bytes)} per flow`
  const from = localPortShare >= 0.5 ? `, ${sayShare(localPortShare)} of it from port ${localPort}` : ''
  const inward =
    callers === 0 ? 'no external host contacts it' : `${sayMany(callers, 'external host')} contacted it`
  const shared =
    mutualHosts.length === 0 ? '' : `; it shares ${sayMany(mutual, 'peer')} with ${sayList(mutualHosts)}`

  return (
    `It exchanges ${protocol.toUpperCase()} with ` +
    `${sayMany(peers, 'external peer')} in ${sayMany(networks, 'network')}, ` +
    `on ports without a known service${from}: ${sayShare(failed)} did not answer${size}; ${inward}${shared}.`
  )
}
