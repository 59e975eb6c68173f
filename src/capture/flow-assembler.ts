/**
 * Packets to flows.
 *
 * A flow is what one five-tuple says until it falls silent: TCP 5 minutes (a connection attempt without answer
 * 1 minute, a closed connection 5 seconds), all else 1 minute. There is no active time-out: a long connection
 * is one flow, never a row of false beats. A SYN with a new sequence number begins a new flow on the same
 * five-tuple. The client is who sent the SYN; a SYN-ACK names the server; where neither was seen, see `orient`.
 *
 * Pure of input and output: one instance may stand behind any partition of the packets by five-tuple.
 */

import { type Conversation, type ConversationSink, converse, serviceIn } from './conversation.ts'
import { embedded, isRefusal } from './flow-refusal.ts'
import { type FlowRow, flowOf, uidOf } from './flow-row.ts'
import { double, doubleWidth, FlowTable, int, intWidth } from './flow-table.ts'
import { type Packet, protocol, tcpFlag, type Verdict, verdict } from './packet.ts'
import { FragmentMemory } from './packet-fragments.ts'
import type { Frame } from './packet-frame.ts'
import { answers, counterpart } from './packet-transport.ts'
import { serves, servesDatagrams } from './service-ports.ts'
import { afterSegment, bit, end, isOver, isUnanswered, swapped } from './tcp-states.ts'

const second = 1e6
/** Microseconds of silence that end a flow. */
export const silence = {
  tcp: 300 * second,
  attempt: 60 * second,
  over: 5 * second,
  other: 60 * second,
} as const
/** A new flow is looked at this soon, so that the many short ones do not stay. */
const firstLook = 10 * second
/** A clock that goes this far back, or ahead, needs a second packet to be believed. */
const leap = 600 * second
/** Microseconds from 1970 to the end of what a time may be (model/units.ts). */
const latest = 2 ** 33 * second

const clientState = 7 << bit.client
const serverState = 7 << bit.server

export interface FlowSink extends ConversationSink {
  flow(flow: FlowRow): void
}

export class FlowAssembler {
  private readonly sink: FlowSink
  private readonly table = new FlowTable()
  private readonly fragments = new FragmentMemory()
  private readonly conversations: (Conversation | undefined)[] = []
  private clock = Number.NaN
  private suspect = Number.NaN

  constructor(sink: FlowSink) {
    this.sink = sink
  }

  get live(): number {
    return this.table.live
  }

  /** Takes one packet. @returns `packet`, or `badTime` when it has no time and was left out. */
  take(packet: Packet, frame: Frame): Verdict {
    const { time } = frame
    if (!(time >= 0 && time < latest)) return verdict.badTime
    if (!(time >= this.clock && time < this.clock + second)) this.advance(time)
    if (packet.fragment !== 0 && !this.fragments.admit(packet, frame)) return verdict.packet
    if (packet.fragment !== 0)
      for (const held of this.fragments.released()) this.count(held.packet, held.frame)
    this.count(packet, frame)
    return verdict.packet
  }

  /** Ends every flow. */
  finish(): void {
    for (const held of this.fragments.rest()) this.count(held.packet, held.frame)
    this.table.drain((row) => this.end(row))
  }

  /** Sets the clock by a packet, unless it alone says that hours have passed. */
  private advance(time: number): void {
    const { clock, suspect } = this
    const ahead = time - clock
    if (ahead < 0 && ahead > -silence.tcp) return
    if (Math.abs(ahead) > leap && !(Math.abs(time - suspect) <= Math.abs(ahead))) {
      this.suspect = time
      return
    }
    this.suspect = Number.NaN
    this.clock = time
    this.table.turn(time, this.due)
  }

  private readonly due = (row: number, now: number): number => {
    const last = this.table.doubles[row * doubleWidth + double.last] as number
    const patience = this.patience(row)
    if (last > now + patience || last + patience < now) {
      this.end(row)
      return 0
    }
    return Math.max(1, last + patience - now)
  }

  private patience(row: number): number {
    const at = row * intWidth
    if (((this.table.ints[at + int.kind] as number) & 255) !== protocol.tcp) return silence.other
    const flags = this.table.ints[at + int.flags] as number
    return isOver(flags) ? silence.over : isUnanswered(flags) ? silence.attempt : silence.tcp
  }

  /** The hot path: runs for every packet, makes no object and calls out only where something happens. */
  private count(packet: Packet, frame: Frame): void {
    const { table } = this
    const { time } = frame
    const isTcp = packet.proto === protocol.tcp && packet.fragment !== 2
    const signals = isTcp ? packet.tcpFlags & (tcpFlag.syn | tcpFlag.fin | tcpFlag.rst) : 0
    let row = table.find(packet, kindOf(packet))
    if (row < 0) row = this.begin(packet, frame)
    else if (signals & tcpFlag.syn || time - table.last(row) > silence.over) this.revisit(row, packet, frame)
    const at = row * intWidth
    const counts = row * doubleWidth
    const { ints, doubles } = table
    const before = ints[at + int.flags] as number
    const fromClient = table.fromLow === ((before & bit.clientIsHigh) === 0)
    const side = fromClient ? 0 : 1
    if (time > (doubles[counts + double.last] as number)) doubles[counts + double.last] = time
    doubles[counts + double.packets + side] = (doubles[counts + double.packets + side] as number) + 1
    doubles[counts + double.bytes + side] = (doubles[counts + double.bytes + side] as number) + packet.ipBytes
    let flags = before
    if (isTcp && (signals !== 0 || (before & (fromClient ? clientState : serverState)) === 0)) {
      this.number(at, fromClient, packet)
      flags = afterSegment(flags, fromClient, packet.tcpFlags)
    }
    if (packet.payloadBytes > 0) flags |= fromClient ? bit.clientData : bit.serverData
    if (flags !== before) ints[at + int.flags] = flags
    if (packet.payloadBytes > 0 && flags & (bit.undecided | bit.conversing)) this.listen(row, packet, frame)
    if (!isTcp && isRefusal(packet)) this.refuse(packet, frame)
  }

  /** What may befall a flow that is known: it is over and this is the next, or its ends were taken wrongly. */
  private revisit(row: number, packet: Packet, frame: Frame): void {
    if (this.isAnother(row, packet, frame.time)) this.restart(row, packet, frame)
    if (packet.proto === protocol.tcp && (packet.tcpFlags & (tcpFlag.syn | tcpFlag.ack)) === tcpFlag.syn)
      this.turnRound(row)
  }

  /** Who sends a SYN is the client, whatever the packets before it looked like. */
  private turnRound(row: number): void {
    const { ints, doubles, fromLow } = this.table
    const at = row * intWidth
    const flags = ints[at + int.flags] as number
    const fromServer = fromLow === ((flags & bit.clientIsHigh) !== 0)
    const opened = Math.max((flags >>> bit.client) & 7, (flags >>> bit.server) & 7) > end.partial
    if (!fromServer || opened || flags & bit.conversing) return
    ints[at + int.flags] = swapped(flags)
    exchange(ints, at + int.clientSequence, at + int.serverSequence)
    const counts = row * doubleWidth
    exchange(doubles, counts + double.packets, counts + double.packets + 1)
    exchange(doubles, counts + double.bytes, counts + double.bytes + 1)
  }

  /** Keeps the sequence number at which an end began, and so that of the other end if it is not known. */
  private number(at: number, fromClient: boolean, { tcpFlags, sequence, acknowledged }: Packet): void {
    const { ints } = this.table
    const flags = ints[at + int.flags] as number
    if (!(tcpFlags & tcpFlag.syn) && (flags & (fromClient ? clientState : serverState)) !== 0) return
    const mine = fromClient ? int.clientSequence : int.serverSequence
    const other = fromClient ? int.serverSequence : int.clientSequence
    ints[at + mine] = tcpFlags & tcpFlag.syn ? sequence : (sequence - 1) | 0
    const otherState = flags & (fromClient ? serverState : clientState)
    if (tcpFlags & tcpFlag.ack && otherState === 0) ints[at + other] = (acknowledged - 1) | 0
  }

  /** Whether a packet of a known five-tuple belongs to a conversation after the one that is kept. */
  private isAnother(row: number, packet: Packet, time: number): boolean {
    const last = this.table.doubles[row * doubleWidth + double.last] as number
    if (time - last > silence.over && time - last > this.patience(row)) return true
    if (packet.proto !== protocol.tcp || !(packet.tcpFlags & tcpFlag.syn) || packet.fragment === 2)
      return false
    return this.isReopened(row, packet)
  }

  /** RFC 9293: a SYN with another sequence number is another connection; after the end any SYN is. */
  private isReopened(row: number, { tcpFlags, sequence }: Packet): boolean {
    const { ints, fromLow } = this.table
    const at = row * intWidth
    const flags = ints[at + int.flags] as number
    const fromClient = fromLow === ((flags & bit.clientIsHigh) === 0)
    if (tcpFlags & tcpFlag.ack) {
      const clientSilent = (flags & 7) === end.inactive
      return clientSilent && !fromClient && sequence !== ints[at + int.serverSequence]
    }
    if (isOver(flags)) return true
    const spoke = (flags >>> (fromClient ? bit.client : bit.server)) & 7
    if (spoke === end.inactive || spoke === end.partial) return false
    return sequence !== ints[at + (fromClient ? int.clientSequence : int.serverSequence)]
  }

  private begin(packet: Packet, frame: Frame): number {
    const { table } = this
    if (Number.isNaN(this.clock)) this.advance(frame.time)
    const { fromLow } = table
    const row = table.add()
    table.fromLow = fromLow
    this.open(row, packet, frame)
    table.schedule(row, firstLook)
    return row
  }

  /** Ends the flow of a row and begins another in its place, which the table and the wheel hold already. */
  private restart(row: number, packet: Packet, frame: Frame): void {
    const { ints, doubles } = this.table
    const before = doubles[row * doubleWidth + double.start] as number
    this.end(row)
    const at = row * intWidth
    doubles.fill(0, row * doubleWidth + double.start, (row + 1) * doubleWidth)
    ints[at + int.clientSequence] = 0
    ints[at + int.serverSequence] = 0
    // Two flows that begin in the same microsecond still have two ids.
    ints[at + int.generation] = before === frame.time ? (ints[at + int.generation] as number) + 1 : 0
    this.open(row, packet, frame)
  }

  private open(row: number, packet: Packet, frame: Frame): void {
    const { ints, doubles, fromLow } = this.table
    const at = row * doubleWidth
    doubles[at + double.start] = frame.time
    doubles[at + double.last] = frame.time
    doubles[at + double.position] = frame.position
    const clientIsHigh = orient(packet) !== fromLow
    ints[row * intWidth + int.flags] = (clientIsHigh ? bit.clientIsHigh : 0) | bit.undecided
  }

  private listen(row: number, packet: Packet, frame: Frame): void {
    const { ints, fromLow } = this.table
    const at = row * intWidth + int.flags
    const fromClient = fromLow === (((ints[at] as number) & bit.clientIsHigh) === 0)
    if ((ints[at] as number) & bit.undecided) this.decide(row, { packet, frame, fromClient })
    const conversation = this.conversations[row]
    if (!conversation || conversation.hear(packet, frame, fromClient)) return
    conversation.end()
    this.conversations[row] = undefined
    ints[at] = (ints[at] as number) & ~bit.conversing
  }

  /** Looks what a flow is, by the first payload each way. */
  private decide(row: number, heard: { packet: Packet; frame: Frame; fromClient: boolean }): void {
    const { ints } = this.table
    const { packet, frame, fromClient } = heard
    const at = row * intWidth + int.flags
    let flags = ints[at] as number
    const found = serviceIn(packet, frame, fromClient)
    const bothSpoke = bit.clientData | bit.serverData
    if (found || packet.proto !== protocol.tcp || (flags & bothSpoke) === bothSpoke) flags &= ~bit.undecided
    flags |= found << bit.service
    if (found) {
      const conversation = converse(found, heard, { uid: uidOf(this.table, row), sink: this.sink })
      if (conversation) {
        this.conversations[row] = conversation
        flags |= bit.conversing
      }
    }
    ints[at] = flags
  }

  /** Marks the flow that an ICMP error is about. */
  private refuse(packet: Packet, frame: Frame): void {
    const about = embedded(frame.view, packet)
    if (!about) return
    const row = this.table.find(about, kindOf(about))
    if (row >= 0) {
      const at = row * intWidth + int.flags
      this.table.ints[at] = (this.table.ints[at] as number) | bit.refused
    }
  }

  private end(row: number): void {
    const conversation = this.conversations[row]
    if (conversation) {
      conversation.end()
      this.conversations[row] = undefined
    }
    this.sink.flow(flowOf(this.table, row))
  }
}

function exchange(values: Int32Array | Float64Array, one: number, other: number): void {
  const kept = values[one] as number
  values[one] = values[other] as number
  values[other] = kept
}

/** The transport and family; ICMP messages without an answer are one flow a direction. */
function kindOf(packet: Packet): number {
  const kind = packet.family === 6 ? packet.proto | 256 : packet.proto
  if (packet.proto !== protocol.icmp && packet.proto !== protocol.icmp6) return kind
  if (packet.fragment === 2 || counterpart(packet.proto, packet.sourcePort) >= 0) return kind
  return kind | 512 | (packet.s3 >>> 0 < packet.d3 >>> 0 ? 1024 : 0)
}

/**
 * Whether the sender of a flow's first packet is its client.
 *
 * TCP: a SYN yes, a SYN-ACK no. In mid-stream, and for UDP, the end whose port alone is that of a service is
 * the server; of two service ports in mid-stream TCP the lower one is; else who spoke first is the client. A
 * broadcast or multicast address never is.
 */
function orient(packet: Packet): boolean {
  const { proto, tcpFlags, sourcePort, targetPort } = packet
  if (proto === protocol.tcp) {
    if (tcpFlags & tcpFlag.syn) return (tcpFlags & tcpFlag.ack) === 0
    const source = serves(sourcePort)
    if (source !== serves(targetPort)) return !source
    return !source || sourcePort >= targetPort
  }
  if (proto === protocol.udp)
    return !servesDatagrams(sourcePort) || servesDatagrams(targetPort) || isGroup(packet)
  if (proto === protocol.icmp || proto === protocol.icmp6) return !answers(proto, sourcePort)
  return true
}

/** Whether a packet goes to many: multicast, or the broadcast address of IPv4. */
const isGroup = ({ family, d0, d3 }: Packet): boolean =>
  family === 6 ? d0 >>> 24 === 255 : d3 >>> 28 === 14 || d3 === -1
