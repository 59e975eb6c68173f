/**
 * What speaks for and against a contact being command and control, each as a number from 0 to 1.
 *
 * A clue that the records cannot show is 0, which neither accuses nor clears: where no record names any server nothing
 * is nameless, in a capture of one host nothing is rare, and where no handshake is recorded no client is odd.
 */
import { namedThreatOf, ownerOf, popularityOf, rentedOf, serviceOf } from '../../knowledge/index.ts'
import { ascending, known, medianOf } from '../../math/stats.ts'
import type { Rhythm } from '../beacons/rhythm.ts'
import { rhythmOf } from '../beacons/rhythm.ts'
import { samenessOf } from '../features.ts'
import type { Caller, Company, HostFacts, NetworkFacts, WireFacts } from './facts.ts'
import type { ContactTrace } from './gather.ts'
import { busiestSession, heldOf, presenceOf } from './presence.ts'

export interface ClueEntry {
  /** Weight of a clue may not be negative (`for`) or not positive (`against`). */
  readonly side: 'for' | 'against'
  /** What it measures, for the reference. */
  readonly doc: string
  /** As a reason: "called by the clock". */
  readonly said: string
}

const clue = (side: ClueEntry['side'], said: string, doc: string): ClueEntry => ({ side, doc, said })

export const contactClues = {
  // How it calls.
  clock: clue('for', 'called by the clock', 'Evidence for a clock over no clock, log scale; 1 at 400 nats.'),
  loose: clue(
    'for',
    'intervals drawn between two bounds, as implants are told to',
    'A clock whose intervals spread by 4 to 10 % of the period and more, with evidence; 1 at 60 nats.',
  ),
  often: clue(
    'for',
    'called often',
    'Period of the clock, log scale; 0 at 10 minutes, 1 at 10 seconds and less.',
  ),
  lasting: clue(
    'for',
    'in touch for as long as the machine is on',
    'Share of the time in which the host is on, from the first call, that the contact covers.',
  ),
  held: clue(
    'for',
    'a connection held open',
    'Longest answered connection over the time that the host is seen after its start; 1 minute at least.',
  ),
  alike: clue('for', 'the same amount sent each time', 'Sizes sent are alike; 5 calls at least.'),
  polls: clue(
    'for',
    'the client sends as much as it gets',
    'Share of bytes that the client sent, from a third on.',
  ),
  retries: clue(
    'for',
    'tried again and again without answer',
    'Calls without answer by a clock, where few hosts are watched.',
  ),
  // Whom it calls.
  bare: clue(
    'for',
    'an address that no record names',
    'TCP to a server without a name, where servers are named; 1 where nearly all are.',
  ),
  bareDatagrams: clue('for', 'datagrams to an address that no record names', 'The same of UDP and ICMP.'),
  stranger: clue(
    'for',
    'an address of no known provider',
    'TCP to a server without a name that belongs to no vendor, cloud or content network of the lists; also where no record names servers.',
  ),
  unlisted: clue(
    'for',
    'a name in no list of popular domains',
    'The name is known, and so rare that no list has it.',
  ),
  cheapSuffix: clue(
    'for',
    'a name under a suffix that costs next to nothing',
    'Top-level domain that reports of abuse name most; of names in no list of popular domains.',
  ),
  tenant: clue(
    'for',
    'a name under a suffix that anybody can rent',
    'Dynamic DNS, tunnel, serverless; 0.3 for hosting.',
  ),
  oddPort: clue(
    'for',
    'a port that belongs to no common service',
    'TCP; less where the host uses many such ports.',
  ),
  rare: clue('for', 'hardly any other host here calls it', 'One, or few, of many internal hosts, log scale.'),
  alikeVictims: clue(
    'for',
    'a few hosts call it in the same way',
    'Two to a fifth of the hosts, with calls alike in size and pace.',
  ),
  threat: clue(
    'for',
    'known as Tor, a mining pool or a sinkhole',
    'A name or an address of the lists; a half for a port.',
  ),
  abnormal: clue(
    'for',
    'used unlike others here use it, and by the clock',
    'Calls as often again as other hosts do, log scale; of services that others use too.',
  ),
  // What a connection shows.
  namelessTls: clue(
    'for',
    'TLS to a bare address',
    'Handshakes without a server name to a server that nothing names.',
  ),
  wrongProtocol: clue(
    'for',
    'a protocol that does not belong to the port',
    'HTTP on the port of TLS, TLS on that of HTTP, any other than belongs to it; 0.5 for one that the records cannot tell though they tell most.',
  ),
  toAddress: clue('for', 'HTTP requests to a bare address', 'Requests whose Host is an address.'),
  posts: clue('for', 'POST again and again', 'Share of requests that are POST; 3 at least.'),
  ownClient: clue(
    'for',
    'a client program that speaks to nobody else',
    'TLS fingerprint that no other host uses and this one with this server alone (0.7 with up to 4); 0.6 for such a user agent.',
  ),
  certificate: clue('for', 'a certificate that the server signed itself', 'Subject and issuer are the same.'),
  deadList: clue(
    'for',
    'one of a list of addresses, most of them gone',
    'Many nameless addresses of few ports were tried in vain, log scale.',
  ),
  icmpData: clue(
    'for',
    'ICMP that carries data',
    'Bytes by ICMP, log scale; 0 at 20 kB, 1 at 500 kB; of packets over 100 bytes in the mean.',
  ),
  upload: clue(
    'for',
    'files or mail handed to a server that is not popular',
    'FTP or mail submission to a server that is not popular.',
  ),
  // What clears.
  popular: clue(
    'against',
    'the domain is popular',
    'Rank of the registered domain; 1 within 10,000, 0.8 within 100,000; not for tenants, less for rented services.',
  ),
  service: clue(
    'against',
    'a known service looks like this',
    'Catalogue of honest services; 1 by name or address, 0.4 by port alone.',
  ),
  owned: clue(
    'against',
    'the address belongs to a known owner',
    'Vendor or resolver 1, content network 0.7, cloud 0.5; of servers without a name.',
  ),
  customary: clue('against', 'many hosts here use it', 'Share of the hosts that call it, log scale.'),
  peering: clue(
    'against',
    'the host exchanges with many peers',
    'The host uses many ports over 1023 outside, log scale; 0 at 4, 1 at 40.',
  ),
  vendorPort: clue(
    'against',
    'the port is one of mail boxes, telephony, push or time',
    'Ports that honest programs call by the clock or hold open.',
  ),
  bulky: clue(
    'against',
    'much data a call',
    'Median bytes a call, or an hour of a longer one, log scale; 0 at 30 kB, 1 at 1 MB.',
  ),
  vainInCrowd: clue(
    'against',
    'calls without answer, as some program always makes',
    'Calls without answer where many hosts are watched: some program there waits for a server that is gone.',
  ),
  inside: clue(
    'against',
    'the server is inside',
    'A server of the network itself; less where few hosts are watched.',
  ),
  relayed: clue('against', 'the host is a proxy and calls for others', 'The host is a proxy for others.'),
  crowd: clue(
    'against',
    'many hosts are watched',
    'Log scale; 0 at 3, 1 at 30: chance has more to choose from.',
  ),
} as const satisfies Readonly<Record<string, ClueEntry>>

export type ContactClue = keyof typeof contactClues
export type ContactClues = Readonly<Record<ContactClue, number>>
export const contactClueNames = Object.keys(contactClues) as ContactClue[]

/** What is around a contact. */
export interface Situation {
  readonly network: NetworkFacts
  readonly host: HostFacts
  readonly wire: WireFacts
  /** Hosts that call the same service, itself among them. */
  readonly company: Company
  readonly slotSeconds: number
}

/** Numbers that evidence and doubts say again. */
export interface ContactFigures {
  readonly rhythm: Rhythm | null
  readonly hosts: number
  readonly alike: number
  readonly service: ReturnType<typeof serviceOf>
  readonly rented: ReturnType<typeof rentedOf>
  readonly threat: ReturnType<typeof namedThreatOf>
  readonly owner: string | null
  readonly rank: number | null
  readonly domain: string | null
  /** Suffix of which the name is a tenant. */
  readonly tenantOf: string | null
  /** Share of the host's time that it covers, and of the longest connection. */
  readonly presence: number
  readonly held: number
}

const unit = (value: number): number => (Number.isNaN(value) ? 0 : Math.min(1, Math.max(0, value)))
const logScale = (value: number, zero: number, one: number): number =>
  unit(Math.log(Math.max(value, 1e-9) / zero) / Math.log(one / zero))

/** Ports of common services, to which a program may call any server. */
const common = new Set([
  20, 21, 22, 25, 53, 80, 88, 110, 123, 135, 137, 138, 139, 143, 389, 443, 445, 465, 587, 636, 853, 993, 995,
  1194, 1701, 1723, 1883, 1935, 3389, 3478, 3479, 3480, 4500, 5060, 5061, 5222, 5223, 5228, 5229, 5230, 8080,
  8443, 8883, 19302,
])

/** Of those, the ones by which a stranger's web server passes as well. */
const halfCommon = new Set([8000, 8080, 8443, 3389])

/** Mail boxes, telephony, time, ways through NAT, push, chat. */
const kept = new Set([
  110, 123, 143, 993, 995, 1883, 3478, 3479, 3480, 4500, 5060, 5061, 5222, 5223, 5228, 5229, 5230, 8883,
  19302,
])

const filePorts = new Set([21, 25, 465, 587])

export const crowdOf = (hosts: number): number => logScale(hosts, 3, 30)

/** TCP, and QUIC, which opens connections as well. */
const isStream = ({ proto, serverPort }: Pick<ContactTrace, 'proto' | 'serverPort'>): boolean =>
  proto === 'tcp' || (proto === 'udp' && serverPort === 443)

/** What may be spoken on ports of the web and on those of remote shells, in Zeek's words. */
const belongs: Readonly<Record<number, RegExp>> = {
  80: /http|websocket/,
  443: /ssl|tls|quic|http.*ssl|ssl.*http/,
  22: /ssh/,
}

/** From 1 for another protocol than belongs to the port, over 0.5 for one that the records cannot tell though they mostly do, to 0. */
function strangenessOf(
  { serverPort, service, via, answered, proto, midstream, connections }: ContactTrace,
  { toldShare }: NetworkFacts,
): number {
  const usual = belongs[serverPort]
  if (!usual || via === 'proxy' || answered === 0 || proto !== 'tcp' || midstream * 2 > connections) return 0
  if (service !== '') return usual.test(service) ? 0 : 1
  return toldShare >= 0.8 ? 0.5 : 0
}

/** All clues of a contact with the figures behind them. */
export function cluesOf(
  contact: ContactTrace,
  situation: Situation,
): { readonly clues: ContactClues; readonly figures: ContactFigures } {
  const figures = figuresOf(contact, situation)
  const clues = {
    ...behaviourClues(contact, situation, figures),
    ...serverClues(contact, situation, figures),
    ...wireClues(contact, situation, figures),
    ...clearingClues(contact, situation, figures),
  }
  return { clues, figures }
}

function figuresOf(contact: ContactTrace, { company, host, slotSeconds }: Situation): ContactFigures {
  const { name, servers, serverPort, proto } = contact
  const address = contact.via === 'proxy' ? null : (servers[0] ?? null)
  const owner = address === null ? null : (ownerOf(address)?.owner ?? null)
  const popularity = name === null ? null : popularityOf(name)
  const rhythm = rhythmOf(busiestSession(contact.calls.start, host, slotSeconds), 4)
  return {
    rhythm,
    hosts: company.hosts,
    alike: alikeCallers(contact, company.callers),
    service: serviceOf({ name, address, port: serverPort, proto, owner }),
    rented: name === null ? null : rentedOf(name),
    threat: namedThreatOf({ name, address, port: serverPort, proto }),
    owner,
    rank: popularity?.rank ?? null,
    domain: popularity?.domain ?? null,
    tenantOf: popularity?.tenantOf ?? null,
    presence: presenceOf(contact, host, { slotSeconds, period: rhythm?.period ?? 0 }),
    held: heldOf(contact, host),
  }
}

/** Other hosts whose calls to the service are like this one's in size and pace. */
function alikeCallers(contact: ContactTrace, callers: readonly Caller[]): number {
  const self = callers.find(({ client }) => client === contact.client)
  if (!self || self.calls < 4) return 0
  const near = (a: number, b: number, factor: number) =>
    Number.isNaN(a) || Number.isNaN(b) || ((a + 20) / (b + 20) < factor && (b + 20) / (a + 20) < factor)
  return callers.filter(
    (each) =>
      each !== self &&
      each.calls >= 4 &&
      near(each.sent, self.sent, 1.25) &&
      near(each.received, self.received, 1.25) &&
      near(each.interval, self.interval, 2),
  ).length
}

function behaviourClues(contact: ContactTrace, { network }: Situation, figures: ContactFigures) {
  const { rhythm } = figures
  const failed = unit(contact.failed / contact.connections)
  const evidence = (rhythm?.evidence ?? 0) * (rhythm?.covered ?? 0)
  const clock = unit(Math.log1p(evidence) / Math.log(400))
  const spread = rhythm ? rhythm.jitter / rhythm.period : 0
  const sent = samenessOf(contact.calls.sent)
  const [up, down] = [sumOf(contact.calls.sent), sumOf(contact.calls.received)]
  return {
    clock,
    loose: unit((spread - 0.03) / 0.07) * unit(evidence / 60) * (1 - failed),
    often: rhythm ? clock * (1 - logScale(rhythm.period, 10, 600)) : 0,
    lasting: contact.connections >= 5 || figures.held >= 0.3 ? figures.presence * (1 - failed) : 0,
    held: figures.held,
    alike: contact.connections >= 5 ? unit(sent) * (1 - failed) : 0,
    polls: contact.answered > 0 ? unit((up / (up + down) - 0.33) / 0.33) : 0,
    retries: contact.connections >= 5 ? failed * clock * (1 - crowdOf(network.hosts)) : 0,
  }
}

function serverClues(contact: ContactTrace, { network, host, company }: Situation, figures: ContactFigures) {
  const crowd = crowdOf(network.hosts)
  const midstream = unit(contact.midstream / contact.connections)
  const outside = contact.via === 'outside'
  const nameless =
    contact.name === null && outside
      ? unit((network.namedShare - 0.2) / 0.6) * unit((host.contacts - host.nameless) / 6) * (1 - midstream)
      : 0
  const port = contact.serverPort
  const odd = !isStream(contact) ? 0 : halfCommon.has(port) ? 0.5 : common.has(port) ? 0 : 1
  return {
    bare: isStream(contact) ? nameless : 0,
    bareDatagrams: isStream(contact) ? 0 : nameless,
    stranger: isStream(contact) && contact.name === null && outside && isStranger(contact) ? 1 : 0,
    unlisted: contact.name !== null && isUnlisted(figures) ? 1 : 0,
    cheapSuffix: isUnlisted(figures) && isCheap(contact.name) ? 1 : 0,
    tenant: isTenant(figures) ? (figures.rented?.kind === 'hosting' ? 0.3 : 1) : 0,
    oddPort: odd / Math.sqrt(Math.max(1, host.ports / 3)),
    rare: crowd * unit(1 / Math.max(1, figures.hosts - figures.alike)),
    alikeVictims: isFewAlike(contact, figures, network) ? 1 : 0,
    threat: figures.threat === null ? 0 : figures.threat.basis === 'port' ? 0.5 : 1,
    abnormal: abnormalityOf(contact, company, figures),
  }
}

/** A few hosts that call alike; of a strict clock and a named server there are pairs everywhere: two cameras, two agents. */
function isFewAlike(
  contact: ContactTrace,
  { alike, rhythm }: ContactFigures,
  { hosts }: NetworkFacts,
): boolean {
  const strict = contact.name !== null && rhythm !== null && rhythm.jitter < 0.03 * rhythm.period
  return alike > 0 && alike + 1 <= Math.max(3, hosts / 5) && !strict
}

/** Interfaces by which a program can take its orders from a service that others use in a browser. */
const byProgram = new Set(['chat', 'documents', 'paste', 'code', 'file-sharing', 'doh', 'webhook', 'social'])

/** By the clock and far more often than others here; of interfaces of rented services also where nobody else uses them. */
function abnormalityOf(contact: ContactTrace, { hosts, usual }: Company, figures: ContactFigures): number {
  if (figures.alike > 0) return 0
  const clocked = unit(((figures.rhythm?.evidence ?? 0) - 20) / 60)
  const rented = figures.rented !== null && byProgram.has(figures.rented.kind)
  if (hosts < 2) return rented ? clocked : 0
  return clocked * logScale(contact.connections / Math.max(1, usual), 3, 30)
}

/** Not of a vendor, cloud or content network that the lists know. */
const isStranger = ({ servers }: ContactTrace): boolean => {
  const owner = servers[0] ? ownerOf(servers[0]) : null
  return owner === null || owner.kind === 'other'
}

/** Suffixes that the yearly reports of Spamhaus and Interisle on abuse of domains name most, for their share of bad names. */
const cheap = new Set(
  'bid bond buzz cc cf cfd click cyou date download faith fun ga gq icu link live loan men ml monster mom online party pro pw quest rest review sbs science shop site skin space store stream su surf tk today top trade website win work ws xin xyz zip'.split(
    ' ',
  ),
)
const isCheap = (name: string | null): boolean =>
  name !== null && cheap.has(name.slice(name.lastIndexOf('.') + 1))

/** A domain of its own, in no list. */
const isUnlisted = ({ rank, tenantOf, rented }: ContactFigures): boolean =>
  rank === null && tenantOf === null && rented === null

/** Under a suffix by which anybody can have a name that moves with him: not a front of a content network or a vendor's API. */
const isTenant = ({ rented, tenantOf }: ContactFigures): boolean =>
  rented === null
    ? tenantOf !== null
    : ['dynamic-dns', 'tunnel', 'serverless', 'hosting'].includes(rented.kind)

function wireClues(contact: ContactTrace, { wire, host, network }: Situation, figures: ContactFigures) {
  const nameless = contact.name === null
  const share = (part: number, of: number) => (of === 0 ? 0 : unit(part / of))
  const ownPrint = wire.printHosts === 1 && wire.printServers <= 4 && host.contacts > 3
  const ownAgent = wire.agent !== '' && wire.agentServers === 1 && wire.agentHosts === 1 && host.contacts > 3
  const dead = host.deadAddresses >= 4 && host.ports <= 20 && nameless && isStream(contact)
  const plain = contact.serverPort === 443 && wire.requests > 0 && wire.handshakes === 0
  const sealed = contact.serverPort === 80 && wire.handshakes > 0 && wire.requests === 0
  return {
    namelessTls: nameless ? share(wire.withoutName, wire.handshakes) : 0,
    wrongProtocol: contact.via !== 'proxy' && (plain || sealed) ? 1 : strangenessOf(contact, network),
    toAddress: share(wire.toAddress, wire.requests),
    posts: wire.requests >= 3 ? share(wire.posts, wire.requests) : 0,
    ownClient: ownPrint ? (wire.printServers === 1 ? 1 : 0.7) : ownAgent ? 0.6 : 0,
    certificate: share(wire.selfSigned, wire.handshakes),
    deadList: dead ? logScale(host.deadAddresses, 3, 20) : 0,
    icmpData: icmpDataOf(contact),
    upload: filePorts.has(contact.serverPort) && contact.answered > 0 && figures.rank === null ? 1 : 0,
  }
}

function icmpDataOf({ proto, calls, answered }: ContactTrace): number {
  if (!proto.includes('icmp') || answered === 0) return 0
  const [bytes, packets] = [sumOf(calls.bytes), sumOf(calls.packets)]
  return packets > 0 && bytes / packets > 100 ? logScale(bytes, 20_000, 500_000) : 0
}

const sumOf = (column: Float64Array): number => column.reduce((sum, each) => sum + (each || 0), 0)

function clearingClues(
  contact: ContactTrace,
  { network, host, company }: Situation,
  figures: ContactFigures,
) {
  const { rank, service, rented } = figures
  const crowd = crowdOf(network.hosts)
  // A connection that is held for a day may move in an hour what a call moves.
  const { bytes: column, duration } = contact.calls
  const perHour = column.map((each, i) => each / Math.max(1, (duration[i] ?? 0) / 3600))
  const bytes = medianOf(ascending(known(perHour)))
  const popular = rank === null ? 0 : rank <= 10_000 ? 1 : rank <= 100_000 ? 0.8 : 0.5
  const named = rented !== null && byProgram.has(rented.kind)
  const clearly = figures.threat !== null && figures.threat.basis !== 'port'
  const abnormal = abnormalityOf(contact, company, figures)
  // Victims of one server do not clear each other.
  const others = isFewAlike(contact, figures, network)
    ? Math.max(1, figures.hosts - figures.alike)
    : figures.hosts
  const owner = contact.servers[0] && contact.via === 'outside' ? ownerOf(contact.servers[0]) : null
  const owned = { vendor: 1, dns: 1, cdn: 0.7, cloud: 0.5, other: 0 }[owner?.kind ?? 'other']
  return {
    popular: named || clearly ? 0 : popular * (rented ? 0.5 : 1),
    service: service === null ? 0 : service.basis === 'port' ? 0.4 : 1,
    owned: contact.name === null ? owned : 0,
    customary: network.hosts < 3 ? 0 : unit(Math.log(others) / Math.log(network.hosts)) * (1 - abnormal),
    peering: logScale(host.ports, 4, 40),
    vendorPort: kept.has(contact.serverPort) ? 1 : 0,
    bulky: logScale(bytes, 30_000, 1_000_000),
    vainInCrowd: crowd * unit(contact.failed / contact.connections),
    inside: contact.via === 'inside' ? 0.3 + 0.7 * crowd : 0,
    relayed: host.relayed > 0 && contact.via === 'outside' ? 1 : 0,
    crowd,
  }
}
