import type {
  ActivityEvidence,
  AnsweredEvidence,
  CrossPlane,
  Evidence,
  FamilyMatch,
  HandedEvidence,
  LabelsEvidence,
  Likeness,
  ListMatch,
  PeerTalk,
  PingEvidence,
  Rally,
  RallyMethod,
  Rarity,
  Relayed,
  Rhythm,
  SameMachine,
  Sameness,
  SpreadEvidence,
  Structure,
  TunnelEvidence,
  WeighedClue,
  Weighing,
} from './finding.ts'
import type { DeclarationRule, LifeCycle, LifeStage } from './life-cycle.ts'
import {
  sayBytes,
  sayCount,
  sayEndpoint,
  sayInstant,
  sayList,
  sayMany,
  sayNumber,
  sayShare,
  saySpan,
} from './say.ts'
import { sayGraphFact } from './say-graph.ts'

/** Evidence as one sentence: the one wording that the text, JSON and HTML reports share. */
export function explain(evidence: Evidence): string {
  switch (evidence.kind) {
    case 'rhythm':
      return rhythm(evidence)
    case 'sameness':
      return sameness(evidence)
    case 'rarity':
      return rarity(evidence)
    case 'likeness':
      return likeness(evidence)
    case 'activity':
      return activity(evidence)
    case 'cross-plane':
      return crossPlane(evidence)
    case 'family':
      return family(evidence)
    case 'weighing':
      return weighing(evidence)
    case 'same-machine':
      return sameMachine(evidence)
    case 'structure':
      return structure(evidence)
    case 'relayed':
      return relayed(evidence)
    case 'peers':
      return peerTalk(evidence)
    case 'indicator':
      return listMatch(evidence)
    case 'tunnel':
      return tunnel(evidence)
    case 'pings':
      return pings(evidence)
    case 'handed':
      return handed(evidence)
    case 'spread':
      return spread(evidence)
    case 'labels':
      return labels(evidence)
    case 'answered':
      return answered(evidence)
    default:
      return evidence satisfies never
  }
}

function rhythm({ endpoint, period, strength, calls, span, peakOverThreshold, jitter }: Rhythm): string {
  const spread = jitter === 0 ? ' exactly' : ` ± ${saySpan(jitter)}`
  const gate =
    peakOverThreshold > 1
      ? `the periodic signal is ${sayNumber(peakOverThreshold)} times the threshold for random traffic`
      : `the periodic signal is below the threshold for random traffic (${sayNumber(peakOverThreshold)} of it)`
  return (
    `Connections to ${sayEndpoint(endpoint)} start every ${saySpan(period)}${spread}: ` +
    `${sayMany(calls, 'connection')} in ${saySpan(span)}, and ${sayShare(strength)} of the intervals fit; ${gate}.`
  )
}

function sameness({ endpoint, sent, received, consistency }: Sameness): string {
  const sizes = [
    sent === null ? null : `${sayBytes(sent)} sent`,
    received === null ? null : `${sayBytes(received)} received`,
  ].filter((each) => each !== null)
  const median = sizes.length === 0 ? '' : `; median ${sizes.join(' and ')}`
  return `${sayShare(consistency)} of the connections to ${sayEndpoint(endpoint)} have about the same size${median}.`
}

function rarity({ endpoint, hosts, ofHosts }: Rarity): string {
  const place = sayEndpoint(endpoint)
  if (hosts <= 1)
    return ofHosts <= 1
      ? `${place} is judged alone: these records show one host.`
      : `No other of ${sayMany(ofHosts, 'host')} contacts ${place}.`
  return `Only ${sayCount(hosts)} of ${sayMany(ofHosts, 'host')} contact ${place}.`
}

function likeness(evidence: Likeness): string {
  const { peers, clusterHosts, ofHosts, endpoints } = evidence
  const places = endpoints.length === 0 ? '' : `, to ${sayList(endpoints.map(sayEndpoint), 3)}`
  return (
    `${sayList(peers)} have similar traffic${places}: about ${sayNumber(evidence.flowsPerHour)} flows per hour, ` +
    `${sayNumber(evidence.packetsPerFlow)} packets per flow, ${sayBytes(evidence.bytesPerPacket)} per packet, ` +
    `${sayBytes(evidence.bytesPerSecond)} per second. ` +
    `${sayCount(clusterHosts)} of ${sayMany(ofHosts, 'host')} have such traffic.`
  )
}

function activity({ hosts, did, times, first, last }: ActivityEvidence): string {
  const span = saySpan((last - first) as typeof last)
  return `${sayList(hosts)} ${did} (${sayMany(times, 'time')}${last > first ? ` in ${span}` : ''}).`
}

function crossPlane({ scores, threshold }: CrossPlane): string {
  const low = Math.min(...scores)
  const high = Math.max(...scores)
  const range = low === high ? sayNumber(low) : `${sayNumber(low)} to ${sayNumber(high)}`
  if (scores.length === 0) return `Cross-plane score: threshold ${sayNumber(threshold)}.`
  const whose = scores.length === 1 ? '' : ' per host'
  return `Cross-plane score${whose}: ${range} (threshold ${sayNumber(threshold)}).`
}

function family({ endpoint, family: name, score, threshold, hits }: FamilyMatch): string {
  const where = hits.length === 0 ? '' : ` in ${sayList(hits, 6, 'other feature')}`
  return (
    `The connections to ${sayEndpoint(endpoint)} match the family ${name}${where}: ` +
    `score ${sayNumber(score)} (threshold ${sayNumber(threshold)}).`
  )
}

const sameMachine = ({ host, alias, servers, ofServers }: SameMachine): string =>
  `${host} and ${alias} are one machine: ${alias} looked up ${sayMany(ofServers, 'server')} that a host then ` +
  `contacted at once, and in ${sayCount(servers)} of these cases that host was ${host}.`

function weighing({ endpoint, confidence, threshold, reasons }: Weighing): string {
  const sums = (side: readonly WeighedClue[]) =>
    sayList(side.slice(0, 4).map(({ clue, logOdds }) => `${clue} ${signed(logOdds)}`))
  const accusing = reasons.filter(({ logOdds }) => logOdds >= 0.05)
  const clearing = reasons.filter(({ logOdds }) => logOdds <= -0.05)
  const told = [
    accusing.length > 0 ? `for: ${sums(accusing)}` : null,
    clearing.length > 0 ? `against: ${sums(clearing)}` : null,
  ].filter((each) => each !== null)
  return (
    `Score of ${sayEndpoint(endpoint)} over all features: ${confidence.toFixed(2)} ` +
    `(threshold ${threshold.toFixed(2)})${told.length > 0 ? `; ${told.join('; ')}` : ''}.`
  )
}

const kinds: Readonly<Record<Structure['topology'], string>> = {
  star: 'a star',
  'multi-server': 'several parallel servers',
  hierarchical: 'a hierarchy: relays between the members and the servers',
  p2p: 'a peer-to-peer overlay',
  undecided: 'undecided',
}

function structure({ topology, likeliest, confidence, facts, losses, relays }: Structure): string {
  const how =
    topology === 'undecided'
      ? `The topology is undecided (${kinds[likeliest]} fits best, confidence ${confidence.toFixed(2)})`
      : `The topology is ${kinds[topology]} (confidence ${confidence.toFixed(2)})`
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
        : `. If ${sayEndpoint(worst.endpoint)} is blocked, ${sayShare(worst.remaining)} of the members can still reach another`
  const through =
    relays.length === 0 ? '' : `; ${sayList(relays)} ${relays.length === 1 ? 'relays' : 'relay'} for others`
  return `${how}${why.length > 0 ? `: ${why.join(', ')}` : ''}${through}${loss}.`
}

function relayed({
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

function peerTalk(evidence: PeerTalk): string {
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
    `It exchanges ${protocol.toUpperCase()} with ${sayMany(peers, 'external peer')} in ${sayMany(networks, 'network')}, ` +
    `on ports without a known service${from}: ${sayShare(failed)} did not answer${size}; ${inward}${shared}.`
  )
}

function listMatch({ list, indicator, type, said, listed, matched, times, hosts }: ListMatch): string {
  const when = listed === null ? '' : ` of ${sayInstant(listed).slice(0, 10)}`
  const about = said === '' ? '' : ` (${said})`
  const what = matched === indicator ? '' : `, as ${matched}`
  return (
    `The list ${list} has the ${type} ${indicator}${about}${when}. ` +
    `${sayMany(hosts, 'internal host')} matched it ${sayMany(times, 'time')}${what}.`
  )
}

function tunnel({
  host,
  domain,
  names,
  queries,
  payload,
  entropy,
  up,
  down,
  answers,
  type,
}: TunnelEvidence): string {
  const types = type === '' ? '' : `, mostly of type ${type}`
  return (
    `${host} looked up ${sayMany(names, 'name')} under ${domain} (${sayMany(queries, 'query', 'queries')}${types}). The part ` +
    `before the domain has ${sayNumber(payload)} characters with ${sayNumber(entropy)} bits of entropy each. ` +
    `${sayBytes(up)} went out in names; ${sayBytes(down)} came back in ${sayMany(answers, 'different answer')}.`
  )
}

function pings({ endpoint, requests, answers, sent, received, spread, carried }: PingEvidence): string {
  return (
    `${sayMany(requests, 'echo request')} to ${endpoint.address} got ${sayMany(answers, 'answer')}: ` +
    `${sayNumber(sent)} bytes a request, ${sayNumber(received)} an answer, ${sayNumber(spread)} bytes of spread; ` +
    `a ping has its answer as large as itself. They carried ${sayBytes(carried)}.`
  )
}

function handed({ endpoint, times, sent, received, callers, checked }: HandedEvidence): string {
  const before =
    checked === null ? '' : ` It had asked for its own public address ${saySpan(checked)} before.`
  const others = callers === 1 ? 'No other host uses it.' : `${sayMany(callers, 'host')} use it.`
  return (
    `${sayMany(times, 'conversation')} with ${sayEndpoint(endpoint)}: ${sayBytes(sent)} out, ` +
    `${sayBytes(received)} back. ${others}${before}`
  )
}

function spread({
  of,
  name,
  addresses,
  networks,
  owners,
  systems,
  countries,
  lookups,
  ttl,
  late,
  score,
  threshold,
}: SpreadEvidence): string {
  const where = [
    `${sayMany(networks, 'network')} of ${sayMany(owners, 'owner')}`,
    systems === null ? null : sayMany(systems, 'autonomous system'),
    countries === null ? null : sayMany(countries, 'country', 'countries'),
  ].filter((each) => each !== null)
  const whose = of === 'name' ? name : `The name servers of ${name}`
  const time = ttl === null ? '' : `, with a TTL of ${sayNumber(ttl)} s`
  const growth =
    late === null || late === 0 ? '' : `, ${sayCount(late)} of them first seen in the second half of the time`
  return (
    `${whose} had ${sayMany(addresses, 'address', 'addresses')} in ${sayList(where)} over ${sayMany(lookups, 'look-up')}` +
    `${time}${growth}. Flux score ${sayNumber(score)}, counting owners (threshold ${sayNumber(threshold)}).`
  )
}

const labels = ({ domain, names, queries, clients, answerSets }: LabelsEvidence): string =>
  `${sayMany(clients, 'host')} looked up ${sayMany(names, 'name')} under ${domain} (${sayMany(queries, 'query', 'queries')}). ` +
  `Nearly every name was looked up by one host only, and all had ${sayMany(answerSets, 'set')} of answers.`

const answered = ({ names, hosts }: AnsweredEvidence): string =>
  `Of the names of this generator, ${sayList(names, 4)} resolved; the first resolved for ${sayMany(hosts, 'host')}.`

/** In words, how the bots find their C&C (rendezvous). */
export function sayRally({ method, names }: Rally): string {
  const some = names.length === 0 ? '' : `: ${sayList(names, 3)}`
  return `${rallyWords[method]}${some}`
}

const rallyWords: Readonly<Record<RallyMethod, string>> = {
  address: 'a fixed address, without DNS',
  addresses: 'fixed addresses, without DNS',
  peers: 'a list of peer addresses',
  name: 'fixed names',
  'ip-flux': 'a name whose addresses change (IP flux)',
  'double-flux': 'a name whose addresses and name servers change (double flux)',
  wildcard: 'names under a wildcard',
  'generated-names': 'generated names (DGA)',
  tunnel: 'a DNS tunnel',
}

/** A share of the log odds: `+1.2`, `−0.4`. */
export const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`

/** One clue: `clock +3.6 (0.90): Evidence for a clock over no clock.` */
export const sayClue = ({ clue, doc, value, logOdds }: WeighedClue): string =>
  `${clue} ${signed(logOdds)} (${value.toFixed(2)}): ${doc}`

/** The baseline beside ours, as one sentence. */
export const sayBaseline = ({ baseline }: Weighing): string =>
  baseline === null
    ? 'RITA gives no score: fewer than 4 connections, or a name with several addresses.'
    : `RITA scores the same connections ${baseline.beacon.toFixed(2)} (timestamps ${baseline.ts.toFixed(2)}, sizes ` +
      `${baseline.ds.toFixed(2)}, histogram ${baseline.hist.toFixed(2)}, duration ${baseline.dur.toFixed(2)}).`

/** Stages as a person names them. */
export const stageNames: Readonly<Record<LifeStage, string>> = {
  'inbound-scan': 'inbound scan',
  'inbound-exploit': 'inbound exploit',
  download: 'download',
  rally: 'C&C contact',
  activity: 'attack',
  upkeep: 'C&C upkeep',
}

const rules: Readonly<Record<DeclarationRule, string>> = {
  'infected-and-outward': 'an attack from outside was followed by outbound bot activity',
  'two-outward-signs': 'two kinds of outbound bot activity',
}

/** What a life cycle comes to, as one sentence. */
export function lifeSentence({ score, declared, rule, reasons }: LifeCycle): string {
  if (rule === null) return `No BotHunter rule matches within 12 h (score ${score.toFixed(2)}).`
  const why = reasons.slice(0, 3).map(({ clue, logOdds }) => `${clue} ${signed(logOdds)}`)
  return (
    `${declared ? 'The stages indicate an infection' : 'A BotHunter rule matches, but its evidence is weak'} ` +
    `(score ${score.toFixed(2)}): ${rules[rule]}, within 12 h${why.length > 0 ? ` (${why.join(', ')})` : ''}.`
  )
}
