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
  const spread = jitter === 0 ? ' exactly' : `, give or take ${saySpan(jitter)}`
  const gate =
    peakOverThreshold > 1
      ? `the rhythm is ${sayNumber(peakOverThreshold)} times as strong as chance would give`
      : `the rhythm is no stronger than chance would give (${sayNumber(peakOverThreshold)} of the line)`
  return (
    `Calls to ${sayEndpoint(endpoint)} come every ${saySpan(period)}${spread}: ` +
    `${sayMany(calls, 'call')} in ${saySpan(span)}, ${sayShare(strength)} of the intervals keep to it; ${gate}.`
  )
}

function sameness({ endpoint, sent, received, consistency }: Sameness): string {
  const sizes = [
    sent === null ? null : `${sayBytes(sent)} sent`,
    received === null ? null : `${sayBytes(received)} received`,
  ].filter((each) => each !== null)
  const median = sizes.length === 0 ? '' : `: ${sizes.join(' and ')} in the middle case`
  return `Calls to ${sayEndpoint(endpoint)} have the same size, ${sayShare(consistency)} alike${median}.`
}

function rarity({ endpoint, hosts, ofHosts }: Rarity): string {
  const place = sayEndpoint(endpoint)
  if (hosts <= 1)
    return `No other host talks to ${place}; ${sayMany(ofHosts, 'host was', 'hosts were')} seen.`
  return `Only ${sayCount(hosts)} of ${sayMany(ofHosts, 'host')} talk to ${place}.`
}

function likeness(evidence: Likeness): string {
  const { peers, clusterHosts, ofHosts, endpoints } = evidence
  const places = endpoints.length === 0 ? '' : `, to ${sayList(endpoints.map(sayEndpoint), 3)}`
  return (
    `Traffic is alike among ${sayList(peers)}${places}: about ${sayNumber(evidence.flowsPerHour)} flows an hour, ` +
    `${sayNumber(evidence.packetsPerFlow)} packets a flow, ${sayBytes(evidence.bytesPerPacket)} a packet, ` +
    `${sayBytes(evidence.bytesPerSecond)} a second; ` +
    `${sayCount(clusterHosts)} of ${sayMany(ofHosts, 'host')} talk this way.`
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
  if (scores.length === 0)
    return `Talking alike and acting alike is scored against a line of ${sayNumber(threshold)}.`
  const whose = scores.length === 1 ? '' : ' a host'
  return `Talking alike and acting alike scores ${range}${whose}, against a line of ${sayNumber(threshold)}.`
}

function family({ endpoint, family: name, score, threshold, hits }: FamilyMatch): string {
  const where = hits.length === 0 ? '' : ` in ${sayList(hits, 6, 'other feature')}`
  return (
    `The calls to ${sayEndpoint(endpoint)} match the family ${name}${where}: ` +
    `score ${sayNumber(score)}, against a line of ${sayNumber(threshold)}.`
  )
}

const sameMachine = ({ host, alias, servers, ofServers }: SameMachine): string =>
  `${host} and ${alias} are one machine: of ${sayMany(ofServers, 'server')} that ${alias} was told of and anyone ` +
  `called at once, ${host} called ${sayCount(servers)}.`

function weighing({ endpoint, confidence, threshold, reasons }: Weighing): string {
  const sums = (side: readonly WeighedClue[]) =>
    sayList(side.slice(0, 4).map(({ clue, logOdds }) => `${clue} ${signed(logOdds)}`))
  const accusing = reasons.filter(({ logOdds }) => logOdds >= 0.05)
  const clearing = reasons.filter(({ logOdds }) => logOdds <= -0.05)
  const told = [
    accusing.length > 0 ? `for it ${sums(accusing)}` : null,
    clearing.length > 0 ? `against it ${sums(clearing)}` : null,
  ].filter((each) => each !== null)
  return (
    `Weighed together, what ${sayEndpoint(endpoint)} shows comes to ${confidence.toFixed(2)}, against a line of ` +
    `${threshold.toFixed(2)}${told.length > 0 ? `: ${told.join('; ')}` : ''}.`
  )
}

const kinds: Readonly<Record<Structure['topology'], string>> = {
  star: 'a star',
  'multi-server': 'several servers beside each other',
  hierarchical: 'a hierarchy with relays between members and servers',
  p2p: 'a peer-to-peer overlay',
  undecided: 'nothing that these records decide',
}

function structure({ topology, likeliest, confidence, facts, losses, relays }: Structure): string {
  const how =
    topology === 'undecided'
      ? `What is seen of its order does not decide how it is organised (${kinds[likeliest]} fits best, ${confidence.toFixed(2)})`
      : `It is organised as ${kinds[topology]} (${confidence.toFixed(2)})`
  const why = facts
    .filter(({ logOdds }) => logOdds >= 0.05)
    .slice(0, 4)
    .map(({ doc, value }) => `${doc} ${sayNumber(value)}`)
  const [worst] = losses
  const loss =
    worst === undefined
      ? ''
      : worst.remaining === 0
        ? `; without ${sayEndpoint(worst.endpoint)} no member reaches another`
        : `; without ${sayEndpoint(worst.endpoint)} ${sayShare(worst.remaining)} of the members still reach another`
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
    `Of ${sayMany(calls, 'call')} by ${sayMany(clients, 'stranger')} to port ${port}/${protocol}, ${sayCount(pairs)} were followed ` +
    `${saySpan(lag)} later by a call of the same size to ${sayList(to.map(sayEndpoint), 3)}${others}; shifted in time the same flows ` +
    `give ${sayNumber(expected)} such pairs (chance ${sayNumber(chance)}).`
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
  const size = bytes === null ? '' : `, ${sayBytes(bytes)} a flow in the middle case`
  const from = localPortShare >= 0.5 ? `, ${sayShare(localPortShare)} of it from port ${localPort}` : ''
  const inward = callers === 0 ? 'none of them calls back' : `${sayMany(callers, 'stranger')} called it`
  const shared =
    mutualHosts.length === 0 ? '' : `; ${sayMany(mutual, 'peer')} are those of ${sayList(mutualHosts)} too`
  return (
    `It talks ${protocol.toUpperCase()} with ${sayMany(peers, 'stranger')} in ${sayMany(networks, 'network')} on ports of no service` +
    `${from}: ${sayShare(failed)} did not answer${size}; ${inward}${shared}.`
  )
}

function listMatch({ list, indicator, type, said, listed, matched, times, hosts }: ListMatch): string {
  const when = listed === null ? '' : ` of ${sayInstant(listed).slice(0, 10)}`
  const about = said === '' ? '' : ` (${said})`
  const what = matched === indicator ? '' : `, as ${matched}`
  return (
    `The list ${list} has the ${type} ${indicator}${about}${when}; it was met ${sayMany(times, 'time')}${what}, ` +
    `by ${sayMany(hosts, 'internal host')}.`
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
    `${host} asked for ${sayMany(names, 'name')} under ${domain} (${sayMany(queries, 'question')}${types}), with ` +
    `${sayNumber(payload)} characters of ${sayNumber(entropy)} bits before it: ${sayBytes(up)} went out in names, ` +
    `${sayBytes(down)} came back in ${sayMany(answers, 'different answer')}.`
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
  systems,
  countries,
  lookups,
  ttl,
  late,
  score,
  threshold,
}: SpreadEvidence): string {
  const where = [
    sayMany(networks, 'network'),
    systems === null ? null : sayMany(systems, 'autonomous system'),
    countries === null ? null : sayMany(countries, 'country', 'countries'),
  ].filter((each) => each !== null)
  const whose = of === 'name' ? name : `The name servers of ${name}`
  const time = ttl === null ? '' : `, to be kept for ${sayNumber(ttl)} s`
  const growth = late === null || late === 0 ? '' : `, ${sayCount(late)} of them new in the second half`
  const measured = systems === null ? 'with networks in place of autonomous systems, the' : 'the'
  return (
    `${whose} had ${sayMany(addresses, 'address', 'addresses')} in ${sayList(where)} over ${sayMany(lookups, 'look-up')}` +
    `${time}${growth}: ${measured} flux score is ${sayNumber(score)}, against a line of ${sayNumber(threshold)}.`
  )
}

const labels = ({ domain, names, queries, clients, answerSets }: LabelsEvidence): string =>
  `${sayMany(names, 'label')} under ${domain} were asked ${sayMany(queries, 'time')} by ${sayMany(clients, 'host')}, ` +
  `nearly each by one host alone, and all led to ${sayMany(answerSets, 'same set', 'sets')} of answers.`

const answered = ({ names, hosts }: AnsweredEvidence): string =>
  `Of names made the same way, ${sayList(names, 4)} answered; the first answered ${sayMany(hosts, 'host')}.`

/** In words, how the bots find their C&C. */
export function sayRally({ method, names }: Rally): string {
  const some = names.length === 0 ? '' : `: ${sayList(names, 3)}`
  return `${rallyWords[method]}${some}`
}

const rallyWords: Readonly<Record<RallyMethod, string>> = {
  address: 'a fixed address, without asking the DNS',
  addresses: 'fixed addresses, without asking the DNS',
  peers: 'a list of peers, each an address',
  name: 'fixed names',
  'ip-flux': 'a name whose addresses change (IP flux)',
  'double-flux': 'a name whose addresses and name servers change (double flux)',
  wildcard: 'a wildcard of names',
  'generated-names': 'generated names',
  tunnel: 'a tunnel through the DNS',
}

/** A share of the log odds: `+1.2`, `−0.4`. */
export const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`

/** One clue: `clock +3.6 (0.90): Evidence for a clock over no clock.` */
export const sayClue = ({ clue, doc, value, logOdds }: WeighedClue): string =>
  `${clue} ${signed(logOdds)} (${value.toFixed(2)}): ${doc}`

/** The baseline beside ours, as one sentence. */
export const sayBaseline = ({ baseline }: Weighing): string =>
  baseline === null
    ? 'RITA does not score it: fewer than 4 calls, or a name with several addresses.'
    : `RITA scores the same calls ${baseline.beacon.toFixed(2)} (timestamps ${baseline.ts.toFixed(2)}, sizes ` +
      `${baseline.ds.toFixed(2)}, histogram ${baseline.hist.toFixed(2)}, duration ${baseline.dur.toFixed(2)}).`

/** Stages as a person names them. */
export const stageNames: Readonly<Record<LifeStage, string>> = {
  'inbound-scan': 'scanned',
  'inbound-exploit': 'attacked',
  download: 'program fetched',
  rally: 'rally',
  activity: 'attack',
  upkeep: 'upkeep',
}

const rules: Readonly<Record<DeclarationRule, string>> = {
  'infected-and-outward': 'it was attacked from outside and then showed a sign outward',
  'two-outward-signs': 'it showed two distinct signs outward',
}

/** What a life cycle comes to, as one sentence. */
export function lifeSentence({ score, declared, rule, reasons }: LifeCycle): string {
  if (rule === null)
    return `No rule of a dialog holds within twelve hours; the signs weigh ${score.toFixed(2)}.`
  const why = reasons.slice(0, 3).map(({ clue, logOdds }) => `${clue} ${signed(logOdds)}`)
  return (
    `${declared ? 'The signs tell of an infection' : 'A rule holds, but the signs weigh too little'} (${score.toFixed(2)}): ` +
    `within twelve hours ${rules[rule]}${why.length > 0 ? `; ${why.join(', ')}` : ''}.`
  )
}
