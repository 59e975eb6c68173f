/**
 * What speaks for and against a contact being command and control, each as a number from 0 to 1.
 *
 * A feature that the records cannot show is 0, which neither accuses nor clears: where no record names any server
 * nothing is nameless, in a capture of one host nothing is rare, and where no handshake is recorded no client is odd.
 */
import { ownerOf } from '../../knowledge/index.ts'
import { medianKnown } from '../../math/stats.ts'
import { samenessOf } from '../features.ts'
import { fewContacts } from './company.ts'
import type { ContactFeatures } from './feature-list.ts'
import type { ContactTrace } from './gather.ts'
import { customOf, filePorts, isStream, oddnessOf, strangenessOf, toolPorts } from './ports.ts'
import { firstWhere } from './presence.ts'
import { logScale, networkScale, sumOf, unit } from './scales.ts'
import { isCheap, isThrownTogether, misnamedOf } from './shown-names.ts'
import { abnormalityOf, type Before, type ContactFigures, isByProgram, type Situation } from './situation.ts'

/** All features of a contact. */
export const featuresOf = (
  contact: ContactTrace,
  situation: Situation,
  figures: ContactFigures,
): ContactFeatures => {
  const [behaviour, server, wire, clearing] = featureGroups(contact, situation, figures)
  return { ...behaviour, ...server, ...wire, ...clearing }
}

/** The same, as they are measured: putting them together costs as much as most of them. */
export const featureGroups = (contact: ContactTrace, situation: Situation, figures: ContactFigures) =>
  [
    behaviourFeatures(contact, situation, figures),
    serverFeatures(contact, situation, figures),
    wireFeatures(contact, situation, figures),
    clearingFeatures(contact, situation, figures),
  ] as const

function behaviourFeatures(contact: ContactTrace, { network, host }: Situation, figures: ContactFigures) {
  const { rhythm } = figures
  const failed = unit(contact.failed / contact.connections)
  const evidence = (rhythm?.evidence ?? 0) * (rhythm?.covered ?? 0)
  const clock = unit(Math.log1p(evidence) / Math.log(400))
  const spread = rhythm ? rhythm.jitter / rhythm.period : 0
  const [up, down] = [sumOf(contact.calls.sent), sumOf(contact.calls.received)]

  // Servers that a person takes in turn cover all the time together; those that a program takes keep a clock.
  const alone = contact.by === 'moves' ? clock : 1

  return {
    clock,
    loose: looseness(spread) * unit(evidence / 60) * (1 - failed),
    often: rhythm ? clock * (1 - logScale(rhythm.period, 10, 600)) : 0,
    lasting: contact.connections >= 5 || figures.held >= 0.3 ? figures.presence * (1 - failed) * alone : 0,
    held: figures.held * alone,
    alike: contact.connections >= 5 ? unit(samenessOf(contact.calls.sent)) * (1 - failed) : 0,
    answersAlike: contact.connections >= 5 ? unit(samenessOf(contact.calls.received)) * (1 - failed) : 0,
    polls: contact.answered > 0 ? unit((up / (up + down) - 0.33) / 0.33) : 0,
    // Where nobody answers a host at all, it has no way out.
    retries:
      contact.connections >= 5 && host.answered > 0 ? failed * clock * (1 - networkScale(network.hosts)) : 0,
  }
}

/**
 * From 0 to 1: whether intervals are drawn between bounds, by their median absolute deviation over the period. A jitter
 * of 60 % to either side has 0.30, of 90 % 0.45; calls at random have some 0.5. Implants are not known to go so far.
 */
const looseness = (spread: number): number => unit((spread - 0.03) / 0.07) * unit((0.42 - spread) / 0.1)

function serverFeatures(
  contact: ContactTrace,
  { network, host, sharedUse, serverIsHost }: Situation,
  figures: ContactFigures,
) {
  const crowd = networkScale(network.hosts)
  const midstream = unit(contact.midstream / contact.connections)
  const outside = contact.via === 'outside'
  // Of a program that uses many odd ports each says little.
  const portsUsed = Math.sqrt(Math.max(1, host.ports / 3))
  const foreign = contact.via === 'inside' && !serverIsHost && isForeign(contact)

  // A desktop that looked its names up before the records begin has many web servers without one.
  const named = [80, 443].includes(contact.serverPort)
    ? unit((Math.min(network.namedShare, host.namedWeb) - 0.5) / 0.45)
    : unit((network.namedShare - 0.2) / 0.6)
  const nameless =
    contact.name === null && outside ? named * unit((host.contacts - host.nameless) / 6) * (1 - midstream) : 0

  return {
    bare: isStream(contact) ? nameless : 0,
    bareDatagrams: isStream(contact) ? 0 : nameless,
    stranger:
      isStream(contact) && contact.name === null && (foreign || (outside && isUnknownOwner(contact))) ? 1 : 0,
    unlisted: contact.name !== null && isUnlisted(figures) ? 1 : 0,
    oddName: isUnlisted(figures) && isThrownTogether(figures.domain ?? '') ? 1 : 0,
    cheapSuffix: isUnlisted(figures) && isCheap(contact.name) ? 1 : 0,
    tenant: isTenant(figures) ? (rentedFar[figures.rented?.kind ?? ''] ?? 1) : 0,
    oddPort: oddnessOf(contact) / portsUsed,
    toolPort: isStream(contact) && toolPorts.has(contact.serverPort) ? 1 / portsUsed : 0,
    rare: crowd * unit(1 / Math.max(1, figures.hosts - figures.fewness * figures.alike)),
    alikeVictims: figures.company * crowd,
    threat: figures.threat === null ? 0 : figures.threat.basis === 'port' ? 0.5 : 1,
    sinkholed:
      figures.threat?.kind === 'sinkhole' && contact.answered > 0
        ? Math.min(1, 0.5 + 0.25 * (contact.connections - 1))
        : 0,
    abnormal: abnormalityOf(contact, sharedUse, figures),
  }
}

/** A private server in another range than its client: 192.168.0.5 of 10.0.1.4. A site's public ranges are its own. */
function isForeign({ client, servers }: ContactTrace): boolean {
  const [from, to] = [privateRangeOf(client), privateRangeOf(servers[0] ?? '')]
  return from !== null && to !== null && from !== to
}

const privateRangeOf = (address: string): string | null =>
  /^(?:10|192\.168|172(?=\.(?:1[6-9]|2\d|3[01])\.))\./.exec(address)?.[0] ?? null

/** Not of a vendor, cloud or content network that the lists know. */
const isUnknownOwner = ({ servers }: ContactTrace): boolean => {
  const owner = servers[0] ? ownerOf(servers[0]) : null
  return owner === null || owner.kind === 'other'
}

/** Where programs and sites of honest people stand as well; the rest follows a machine that moves. */
const rentedFar: Readonly<Record<string, number>> = { hosting: 0.3, serverless: 0.5 }

/** A domain of its own, in no list. */
const isUnlisted = ({ rank, tenantOf, rented }: ContactFigures): boolean =>
  rank === null && tenantOf === null && rented === null

/** Under a suffix by which anybody can have a name: not a front of a content network or a vendor's interface. */
const isTenant = ({ rented, tenantOf }: ContactFigures): boolean =>
  rented === null
    ? tenantOf !== null
    : ['dynamic-dns', 'tunnel', 'serverless', 'hosting'].includes(rented.kind)

function wireFeatures(
  contact: ContactTrace,
  { wire, host, network, before }: Situation,
  figures: ContactFigures,
) {
  const nameless = contact.name === null
  const isOutward = contact.via !== 'inside' || isForeign(contact)
  const share = (part: number, of: number) => (of === 0 ? 0 : unit(part / of))
  const ownPrint = wire.printHosts === 1 && wire.printServers <= 4 && host.contacts > 3
  const ownAgent = wire.agent !== '' && wire.agentServers === 1 && wire.agentHosts === 1 && host.contacts > 3
  const listed = nameless && isStream(contact) && host.ports <= 20 && host.answered > 0
  const plain = contact.serverPort === 443 && wire.requests > 0 && wire.handshakes === 0
  const sealed = contact.serverPort === 80 && wire.handshakes > 0 && wire.requests === 0
  const later = afterwards(contact, before, figures)

  return {
    // Machines of one network call each other by their addresses.
    namelessTls: nameless && isOutward ? share(wire.withoutName, wire.handshakes) : 0,
    wrongProtocol: contact.via !== 'proxy' && (plain || sealed) ? 1 : strangenessOf(contact, network),
    toAddress: share(wire.toAddress, wire.requests),
    posts: share(wire.posts, wire.requests) * unit(wire.posts / 3),
    ownClient: ownPrint ? (wire.printServers === 1 ? 1 : 0.7) : ownAgent ? 0.6 : 0,
    certificate: share(wire.selfSigned, wire.handshakes),
    misnamed: isUnlisted(figures) ? misnamedOf(contact.name, wire.subject) : 0,
    disguised: wire.disguised > 0 ? 1 : wire.programs > 0 && figures.rank === null ? 0.5 : 0,
    // A sensor that loses packets sees a few of many conversations broken.
    deadList: listed
      ? logScale(host.deadAddresses, 3, 20) * unit((host.deadAddresses / host.nameless - 0.3) / 0.3)
      : 0,
    icmpData: icmpDataOf(contact),
    // No mail server begins to deliver mail when a program has come.
    upload:
      isHandedOut(contact) && figures.rank === null
        ? Math.max(1 - logScale(host.handedTo, ...fewHandedTo), later.afterProgram)
        : 0,
    ...later,
  }
}

/** Questions for its own address from which on a host asks as a matter of course, as clients of dynamic DNS do. */
const mostChecks = 20

/** Whether the first call came soon after what often comes before it. */
function afterwards(contact: ContactTrace, { programs, checks }: Before, { rank }: ContactFigures) {
  const seconds = (times: readonly number[]) => {
    const last = times.findLast((at) => at <= contact.firstStart)
    return last === undefined ? Number.POSITIVE_INFINITY : (contact.firstStart - last) / 1e6
  }
  const isNear = rank === null && contact.via !== 'inside'

  return {
    afterProgram: isNear ? 1 - logScale(seconds(programs), 300, 3600) : 0,
    afterCheck: isNear && checks.length <= mostChecks && seconds(checks) <= 600 ? 1 : 0,
  }
}

/** Servers that take files or mail from one host: a stealer has one or two, a mail server has all the world's. */
const fewHandedTo = [2, 10] as const

/** Files or mail for a server outside; machines of one site hand each other files all day. */
const isHandedOut = ({ serverPort, answered, via }: ContactTrace): boolean =>
  filePorts.has(serverPort) && answered > 0 && via !== 'inside'

function icmpDataOf({ proto, calls, answered }: ContactTrace): number {
  if (!proto.includes('icmp') || answered === 0) return 0
  const [bytes, packets] = [sumOf(calls.bytes), sumOf(calls.packets)]
  return packets > 0 && bytes / packets > 100 ? logScale(bytes, 20_000, 500_000) : 0
}

/** Spread of the intervals, as a share of the period, under which a clock is strict. */
const strictUnder = 0.02

function strictnessOf({ name, failed, connections }: ContactTrace, { rhythm }: ContactFigures): number {
  if (name === null || rhythm === null || rhythm.jitter >= strictUnder * rhythm.period) return 0
  return unit((rhythm.evidence - 20) / 60) * (1 - failed / connections)
}

/** Slots after the first call, from which on it is known whether the host came back. */
const enoughSlots = 12

/** How little the host had to do with it, though it was on for long afterwards: 1 for one short call. */
function fleetingOf(
  contact: ContactTrace,
  { host, slotSeconds }: Situation,
  figures: ContactFigures,
): number {
  const later =
    host.slots.length - firstWhere(host.slots, (slot) => slot * slotSeconds * 1e6 > contact.firstStart)
  if (later < enoughSlots) return 0
  return unit((6 - contact.connections) / 5) * (1 - figures.presence) * (1 - figures.held)
}

/** 1 for a service known by name or address; by its port alone 0.4, and 0.7 where it behaves so: a relay held open. */
function serviceValue({ service, held }: ContactFigures): number {
  if (service === null) return 0
  if (service.basis !== 'port') return 1
  return held >= 0.3 && service.behaviours.includes('held') ? 0.7 : 0.4
}

/** Share of a device's services at one owner, least. */
const leastRelated = 0.2

function clearingFeatures(contact: ContactTrace, situation: Situation, figures: ContactFigures) {
  const { network, host, sharedUse, serverIsHost, related } = situation
  const { rank, rented } = figures
  const crowd = networkScale(network.hosts)

  // A connection that is held for a day may move in an hour what a call moves.
  const { bytes: column, duration } = contact.calls
  const perHour = new Float64Array(column.length)
  for (let i = 0; i < column.length; i++) perHour[i] = column[i]! / Math.max(1, (duration[i] ?? 0) / 3600)
  const bytes = medianKnown(perHour)
  const popular = rank === null ? 0 : rank <= 10_000 ? 1 : rank <= 100_000 ? 0.8 : 0.5
  const clearly = figures.threat !== null && figures.threat.basis !== 'port'
  const abnormal = abnormalityOf(contact, sharedUse, figures)

  // Victims of one server do not clear each other.
  const others = Math.max(1, figures.hosts - figures.company * figures.alike)
  const isBare = contact.name === null && contact.via === 'outside'
  const owner = isBare && contact.servers[0] ? ownerOf(contact.servers[0]) : null

  // A device has few services, and its vendor rents more than one machine at one place.
  const isRelated = related >= leastRelated && host.contacts <= fewContacts
  const owned = { vendor: 1, dns: 1, cdn: 0.7, cloud: 0.5, other: 0 }[owner?.kind ?? 'other']

  return {
    popular: clearly ? 0 : popular * (rented ? 0.5 : 1) * (isByProgram(figures) ? 1 - abnormal : 1),
    service: isByProgram(figures) && abnormal > 0 ? 0 : serviceValue(figures),
    owned: owned > 0 && isRelated ? 1 : owned,
    customary: network.hosts < 3 ? 0 : unit(Math.log(others) / Math.log(network.hosts)) * (1 - abnormal),
    peering: logScale(host.ports, 4, 40),
    vendorPort: customOf(contact),
    bulky: logScale(bytes, 30_000, 1_000_000),
    vainInCrowd: crowd * unit(contact.failed / contact.connections),
    inside:
      contact.via === 'inside'
        ? serverIsHost
          ? 1
          : isForeign(contact)
            ? 0.1 + 0.8 * crowd
            : 0.3 + 0.7 * crowd
        : 0,
    strict: strictnessOf(contact, figures),
    fleeting: fleetingOf(contact, situation, figures),
    relayed: host.relayed > 0 && contact.via === 'outside' ? 1 : 0,
    crowd,
  }
}
