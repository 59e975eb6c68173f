/** A row of the flow table as the record that leaves it. */
import type { Outcome } from '../model/flow.ts'
import { micros } from '../model/units.ts'
import { ipv4Text, ipv6Text } from './address-text.ts'
import { serviceNames } from './conversation.ts'
import { double, doubleWidth, type FlowTable, int, intWidth } from './flow-table.ts'
import { protocol } from './packet.ts'
import type { Placed } from './reader.ts'
import { bit, stateName } from './tcp-states.ts'

export type FlowRow = Placed<'flow'>

const protoNames: Readonly<Record<number, string>> = {
  1: 'icmp',
  2: 'igmp',
  4: 'ipip',
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  41: 'ipv6',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  58: 'icmp',
  89: 'ospf',
  103: 'pim',
  112: 'vrrp',
  132: 'sctp',
  136: 'udplite',
}

export function flowOf(table: FlowTable, row: number): FlowRow {
  const { ints, doubles } = table
  const at = row * intWidth
  const counts = row * doubleWidth
  const kind = ints[at + int.kind] as number
  const flags = ints[at + int.flags] as number
  const proto = kind & 255
  const ends = endsOf(ints, at)
  const start = doubles[counts + double.start] as number
  const clientPackets = doubles[counts + double.packets] as number
  const serverPackets = doubles[counts + double.packets + 1] as number
  const clientBytes = doubles[counts + double.bytes] as number
  const serverBytes = doubles[counts + double.bytes + 1] as number
  const seen = { flags, clientPackets, serverPackets }
  const state = proto === protocol.tcp ? stateName(flags) : datagramState(proto, seen)
  return {
    position: doubles[counts + double.position] as number,
    start: micros(start),
    duration: micros((doubles[counts + double.last] as number) - start),
    proto: protoNames[proto] ?? String(proto),
    ...ends,
    ...(proto === protocol.icmp || proto === protocol.icmp6 ? icmpPorts(ends, kind) : {}),
    packets: clientPackets + serverPackets,
    bytes: clientBytes + serverBytes,
    clientPackets,
    clientBytes,
    serverPackets,
    serverBytes,
    outcome: proto === protocol.tcp ? tcpOutcome(state, seen) : datagramOutcome(seen),
    state,
    service: serviceNames[flags >>> bit.service] ?? '',
    uid: uidOf(table, row),
    label: '',
  }
}

interface Ends {
  readonly client: string
  readonly clientPort: number
  readonly server: string
  readonly serverPort: number
}

/** Addresses and ports of the client and the server of the row at `at`. */
export function endsOf(ints: Int32Array, at: number): Ends {
  const text = (from: number): string =>
    (ints[at + int.kind] as number) & 256 ? ipv6Text(ints, from) : ipv4Text(ints[from + 3] as number)
  const ports = ints[at + int.ports] as number
  const low = text(at + int.lowAddress)
  const high = text(at + int.highAddress)
  const lowPort = ports >>> 16
  const highPort = ports & 0xffff
  return (ints[at + int.flags] as number) & bit.clientIsHigh
    ? { client: high, clientPort: highPort, server: low, serverPort: lowPort }
    : { client: low, clientPort: lowPort, server: high, serverPort: highPort }
}

/** The type of the client's message, and its code where no answer to it exists. */
function icmpPorts({ clientPort, serverPort }: Ends, kind: number) {
  const isOneWay = (kind & 512) !== 0
  return { clientPort: 0, serverPort: clientPort * 256 + (isOneWay ? serverPort : 0) }
}

interface Seen {
  readonly flags: number
  readonly clientPackets: number
  readonly serverPackets: number
}

/** Zeek's letters for UDP; it has none for the rest. */
function datagramState(proto: number, { clientPackets, serverPackets }: Seen): string {
  if (proto !== protocol.udp || clientPackets + serverPackets === 0) return 'OTH'
  return serverPackets === 0 ? 'S0' : clientPackets === 0 ? 'SHR' : 'SF'
}

function datagramOutcome({ flags, clientPackets, serverPackets }: Seen): Outcome {
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

function tcpOutcome(state: string, { flags, clientPackets, serverPackets }: Seen): Outcome {
  // A side that answered is never "unanswered", whatever the letters say of its handshake.
  if (serverPackets === 0) return flags & bit.refused ? 'refused' : 'unanswered'
  if (clientPackets === 0) return 'reversed'
  if (state === 'REJ') return 'refused'
  const bothSent = (flags & bit.clientData) !== 0 && (flags & bit.serverData) !== 0
  if (bothSent) return 'established'
  const said = tcpOutcomes[state]
  return said === 'established' ? said : 'unknown'
}

/**
 * The same id whenever the same conversation is read, from whatever file: a hash of five-tuple and start, and
 * of a count where two begin at once.
 */
export function uidOf({ ints, doubles }: FlowTable, row: number): string {
  const at = row * intWidth
  const start = doubles[row * doubleWidth + double.start] as number
  let one = 0x9e3779b9
  let two = 0x7f4a7c15
  const add = (word: number) => {
    one = Math.imul(one ^ word, 0x85ebca6b)
    one ^= one >>> 15
    two = Math.imul(two ^ word, 0xc2b2ae35)
    two ^= two >>> 13
  }
  for (let word = 0; word < int.hash; word++) add(ints[at + word] as number)
  add((start % 2 ** 32) | 0)
  add((start / 2 ** 32) | 0)
  add(ints[at + int.generation] as number)
  return `P${(one >>> 0).toString(36)}${(two >>> 0).toString(36).padStart(7, '0')}`
}
