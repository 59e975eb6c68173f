/** A row of the flow table as the record that leaves it. */
import type { Outcome } from '../../model/flow.ts'
import { micros } from '../../model/units.ts'
import { ipv4Text, ipv6Text } from '../packets/address-text.ts'
import * as packets from '../packets/packet.ts'
import { serviceNames } from '../protocols/detect.ts'
import { protoNames } from '../protocols/proto-names.ts'
import type { Placed } from '../reader.ts'
import type { FlowRows } from './flow-layout.ts'
import * as layout from './flow-layout.ts'
import { stateName } from './tcp-states.ts'

const { bit, double, doubleWidth, int, intWidth } = layout
const { protocol } = packets

export type FlowRow = Placed<'flow'>

export { protoNames }

/** How a flow went: in Zeek's letters or the input's own, and in a word. */
export interface ConnState {
  readonly state: string
  readonly outcome: Outcome
}
export type ConnStateOf = (rows: FlowRows, row: number) => ConnState

/** The record of a row, whose counts are NaN where nobody knows them. */
export function flowOf(rows: FlowRows, row: number, connState: ConnStateOf = connStateOf): FlowRow {
  const { ints, doubles } = rows
  const at = row * intWidth
  const counts = row * doubleWidth
  const kind = ints[at + int.kind] as number
  const start = doubles[counts + double.start] as number
  const clientPackets = doubles[counts + double.packets] as number
  const serverPackets = doubles[counts + double.packets + 1] as number
  const clientBytes = doubles[counts + double.bytes] as number
  const serverBytes = doubles[counts + double.bytes + 1] as number
  const { client, clientPort, server, serverPort } = endpointsOf(ints, at)
  const { state, outcome } = connState(rows, row)

  return {
    position: doubles[counts + double.position] as number,
    start: micros(start),
    duration: micros((doubles[counts + double.last] as number) - start),
    proto: protoName(kind & 255),
    client,
    clientPort,
    server,
    serverPort,
    packets: orNull(clientPackets + serverPackets),
    bytes: orNull(clientBytes + serverBytes),
    clientPackets: orNull(clientPackets),
    clientBytes: orNull(clientBytes),
    serverPackets: orNull(serverPackets),
    serverBytes: orNull(serverBytes),
    outcome,
    state,
    service: serviceNames[(ints[at + int.flags] as number) >>> bit.service] ?? '',
    uid: uidOf(rows, row),
    label: '',
    tunnel: rows.tunnels[ints[at + int.tunnel] as number] ?? '',
  }
}

const orNull = (count: number): number | null => (Number.isNaN(count) ? null : count)

export const protoName = (proto: number): string => protoNames[proto] ?? String(proto)

/** How a flow of packets went. */
export function connStateOf({ ints, doubles }: FlowRows, row: number): ConnState {
  const at = row * intWidth
  const counts = row * doubleWidth
  const seen = {
    flags: ints[at + int.flags] as number,
    clientPackets: doubles[counts + double.packets] as number,
    serverPackets: doubles[counts + double.packets + 1] as number,
  }
  const proto = (ints[at + int.kind] as number) & 255
  if (proto !== protocol.tcp) return { state: datagramState(proto, seen), outcome: datagramOutcome(seen) }
  const state = stateName(seen.flags)
  return { state, outcome: tcpOutcome(state, seen) }
}

interface Endpoints {
  readonly client: string
  readonly clientPort: number
  readonly server: string
  readonly serverPort: number
}

/** Addresses and ports of the client and the server of the row at `at`. */
export function endpointsOf(ints: Int32Array, at: number): Endpoints {
  const clientIsHigh = ((ints[at + int.flags] as number) & bit.clientIsHigh) !== 0
  const { clientPort, serverPort } = portsOf(ints, at)
  return {
    client: endText(ints, at, clientIsHigh),
    clientPort,
    server: endText(ints, at, !clientIsHigh),
    serverPort,
  }
}

const words = new Int32Array(4)
function endText(ints: Int32Array, at: number, isHigh: boolean): string {
  const address = ints[at + (isHigh ? int.highAddress : int.lowAddress)] as number
  if (((ints[at + int.kind] as number) & 256) === 0) return ipv4Text(address)
  const network = at + (isHigh ? int.highNetwork : int.lowNetwork)
  for (let i = 0; i < 3; i++) words[i] = ints[network + i] as number
  words[3] = address
  return ipv6Text(words, 0)
}

/**
 * Ports of the client and the server. ICMP has 0, and the type of the client's message × 256, and its code
 * where no answer to it exists.
 */
export function portsOf(ints: Int32Array, at: number): { clientPort: number; serverPort: number } {
  const ports = ints[at + int.ports] as number
  const kind = ints[at + int.kind] as number
  const clientIsHigh = ((ints[at + int.flags] as number) & bit.clientIsHigh) !== 0
  const clientPort = clientIsHigh ? ports & 0xffff : ports >>> 16
  const serverPort = clientIsHigh ? ports >>> 16 : ports & 0xffff
  const proto = kind & 255
  if (proto !== protocol.icmp && proto !== protocol.icmp6) return { clientPort, serverPort }
  return { clientPort: 0, serverPort: clientPort * 256 + ((kind & 512) !== 0 ? serverPort : 0) }
}

interface Counts {
  readonly flags: number
  readonly clientPackets: number
  readonly serverPackets: number
}

/** Zeek's letters for UDP; it has none for the rest. */
function datagramState(proto: number, { clientPackets, serverPackets }: Counts): string {
  if (proto !== protocol.udp || clientPackets + serverPackets === 0) return 'OTH'
  return serverPackets === 0 ? 'S0' : clientPackets === 0 ? 'SHR' : 'SF'
}

function datagramOutcome({ flags, clientPackets, serverPackets }: Counts): Outcome {
  if (serverPackets === 0) return flags & bit.refused ? 'refused' : 'unanswered'
  return clientPackets === 0 ? 'reversed' : 'established'
}

const tcpOutcomes: Readonly<Record<string, Outcome>> = {
  S0: 'unanswered',
  S1: 'established',
  S2: 'established',
  S3: 'established',
  SF: 'established',
  REJ: 'refused',
  RSTO: 'established',
  RSTR: 'established',
  RSTOS0: 'unanswered',
  RSTRH: 'reversed',
  SH: 'unanswered',
  SHR: 'reversed',
}

function tcpOutcome(state: string, { flags, clientPackets, serverPackets }: Counts): Outcome {
  // A side that answered is never "unanswered", whatever the letters say of its handshake.
  if (serverPackets === 0) return flags & bit.refused ? 'refused' : unheard(state, { flags, clientPackets })
  if (clientPackets === 0) return 'reversed'
  if (state === 'REJ') return 'refused'
  const bothSent = (flags & bit.clientData) !== 0 && (flags & bit.serverData) !== 0
  if (bothSent) return 'established'
  const outcome = tcpOutcomes[state]
  return outcome === 'established' ? outcome : 'unknown'
}

/**
 * Of a server that was not heard: who sends data after a SYN was answered, and the capture has one direction only
 * (asymmetric routing, a mirror of one side). Data from mid-stream may be a connection, or may be sent in vain.
 */
function unheard(state: string, { flags, clientPackets }: Omit<Counts, 'serverPackets'>): Outcome {
  if ((flags & bit.clientData) === 0 || clientPackets < 3) return 'unanswered'
  return tcpOutcomes[state] === 'unanswered' ? 'established' : 'unknown'
}

/**
 * The same id whenever the same conversation is read, from whatever file: a hash of five-tuple and start, and
 * of a count where two begin at once.
 */
export function uidOf(rows: FlowRows, row: number): string {
  hashUid(rows, row)
  return `P${(uid[0] as number).toString(36)}${(uid[1] as number).toString(36).padStart(7, '0')}`
}

/** The two halves of the id that was hashed last. */
export const uid = new Uint32Array(2)

/** Puts the id of a flow into `uid`. */
export function hashUid({ ints, doubles }: FlowRows, row: number): void {
  const at = row * intWidth
  const start = doubles[row * doubleWidth + double.start] as number
  uid[0] = 0x9e3779b9
  uid[1] = 0x7f4a7c15
  for (let i = 0; i < 3; i++) stir(ints[at + int.lowNetwork + i] as number)
  stir(ints[at + int.lowAddress] as number)
  for (let i = 0; i < 3; i++) stir(ints[at + int.highNetwork + i] as number)
  stir(ints[at + int.highAddress] as number)
  stir(ints[at + int.ports] as number)
  stir(ints[at + int.kind] as number)
  stir((start % 2 ** 32) | 0)
  stir((start / 2 ** 32) | 0)
  stir(ints[at + int.generation] as number)
}

function stir(by: number): void {
  const one = Math.imul((uid[0] as number) ^ by, 0x85ebca6b)
  uid[0] = one ^ (one >>> 15)
  const two = Math.imul((uid[1] as number) ^ by, 0xc2b2ae35)
  uid[1] = two ^ (two >>> 13)
}
