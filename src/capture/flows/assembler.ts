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

import { second } from '../../model/units.ts'
import { type PacketBatch, singleBatch } from '../packets/batch.ts'
import * as packetLayout from '../packets/batch-layout.ts'
import { FragmentMemory, type Held } from '../packets/fragments.ts'
import { Frame } from '../packets/frame.ts'
import * as packets from '../packets/packet.ts'
import { Packet } from '../packets/packet.ts'
import { answers } from '../packets/transport.ts'
import { parserFor, serviceIn } from '../protocols/detect.ts'
import type { AppLayerParser, RecordSink } from '../protocols/parser.ts'
import { serves, servesDatagrams, tellsByPorts } from '../protocols/service-ports.ts'
import { ClientMemory } from './client-memory.ts'
import type { FlowRows } from './flow-layout.ts'
import * as flowLayout from './flow-layout.ts'
import { uidOf } from './flow-record.ts'
import { FlowTable, warmed } from './flow-table.ts'
import { embedded, isRefusal } from './icmp-errors.ts'
import { afterSegment, isOver, isUnanswered, swapped } from './tcp-states.ts'
import { TunnelNames } from './tunnel-names.ts'

const { bit, double, doubleWidth, end, int, intWidth } = flowLayout
const { protocol, tcpFlag } = packets
const together = warmed
const { packetBit, packetDoubles, packetWidth, timeColumn, word } = packetLayout

/** Microseconds of silence that end a flow. */
export const silence = {
  tcp: 300 * second,
  attempt: 60 * second,
  over: 5 * second,
  other: 60 * second,
} as const
/** A new flow is looked at this soon, so that the many short ones do not stay. */
const firstLook = 10 * second
/**
 * And then this often: a connection that closes meanwhile would else keep its row for minutes, and rows that are
 * far apart in memory are what assembling waits for.
 */
const nextLook = 10 * second
/** A clock that goes this far back, or ahead, needs a second packet to be believed. */
const leap = 600 * second
/** How far the bits are up that say from which end a packet came, and which end is the client. */
const fromLowShift = 31 - Math.clz32(packetBit.fromLow)
const clientIsHighShift = 31 - Math.clz32(bit.clientIsHigh)
const clientState = 7 << bit.client
const serverState = 7 << bit.server
const laterFragment = 2 << packetBit.fragmentShift

export interface FlowSink extends RecordSink {
  /** A flow that ended. The row is used again: copy it. */
  flow(rows: FlowRows, row: number): void
}

const noBytes = new Uint8Array(0)
const noView = new DataView(new ArrayBuffer(0))

export class FlowAssembler {
  private readonly sink: FlowSink
  private readonly table = new FlowTable()
  private readonly tunnels = new TunnelNames(this.table.tunnels)
  private readonly fragments = new FragmentMemory()
  private readonly clients = new ClientMemory()
  private readonly conversations: (AppLayerParser | undefined)[] = []
  private clock = Number.NaN
  private suspect = Number.NaN
  /** How often the clock went back. */
  setBacks = 0
  // The packet at hand, for what looks at few of them.
  private readonly packet = new Packet()
  private readonly frame = new Frame()
  /** One packet that is not as it came: a fragment with its ports, or what an ICMP error is about. */
  private readonly aside: PacketBatch

  /** `seed` is that of the batches. */
  constructor(sink: FlowSink, seed: number) {
    this.sink = sink
    this.aside = singleBatch(seed)
  }

  get live(): number {
    return this.table.live
  }

  /** The time of the packets, in microseconds since the epoch; NaN before the first. */
  get now(): number {
    return this.clock
  }

  /** Lets time pass without packets, so that what fell silent ends. */
  pass(now: number): void {
    if (!(now > this.clock)) return
    this.clock = now
    this.table.turn(now, this.due)
  }

  /** Takes packets [from, to) of a batch, in order. */
  take(batch: PacketBatch, from = 0, to = batch.length): void {
    const { ints, doubles, length } = batch
    for (let i = from; i < to; i++) {
      if ((i & (together - 1)) === 0) this.table.warm(batch, i, Math.min(i + together, length))
      const time = doubles[i * packetDoubles + timeColumn] as number
      if (!(time >= this.clock && time < this.clock + second)) this.advance(time)
      if (((ints[i * packetWidth + word.bits] as number) & packetBit.fragment) === 0) this.count(batch, i)
      else this.piece(batch, i)
    }
  }

  /** A fragment: counted when its ports are known. */
  private piece(batch: PacketBatch, i: number): void {
    this.look(batch, i)
    const { packet, frame } = this
    const admitted = this.fragments.admit(packet, frame)
    if (!admitted) return
    const { time, position } = frame
    for (const held of this.fragments.released()) this.countHeld(held)
    this.setAside(packet, time, position)
    this.aside.bytes = batch.bytes
    this.aside.view = batch.view
    this.count(this.aside, 0)
  }

  private countHeld({ packet, frame }: Held): void {
    this.setAside(packet, frame.time, frame.position)
    this.count(this.aside, 0)
  }

  private setAside(packet: Packet, time: number, position: number): void {
    const { aside } = this
    aside.bytes = noBytes
    aside.view = noView
    aside.clear(position)
    aside.put(packet, time, position)
  }

  /** Puts a packet of a batch into `packet` and `frame`. */
  private look(batch: PacketBatch, i: number): void {
    const { packet, frame } = this
    batch.get(i, packet)
    frame.bytes = batch.bytes
    frame.view = batch.view
    frame.time = batch.doubles[i * packetDoubles + timeColumn] as number
    frame.position = batch.first + (batch.ints[i * packetWidth + word.position] as number)
  }

  /** Ends every flow. */
  finish(): void {
    for (const held of this.fragments.rest()) this.countHeld(held)
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
    if (ahead < 0) this.setBacks++
    this.clock = time
    this.table.turn(time, this.due)
  }

  private readonly due = (row: number, now: number): number => {
    const last = this.table.doubles[row * doubleWidth + double.last] as number
    const idleTimeout = this.idleTimeout(row)
    // The clock was set back, or another part of the capture begins: what it is about may go on there.
    if (last > now) return nextLook
    if (last + idleTimeout < now) {
      this.end(row)
      return 0
    }
    return Math.max(1, Math.min(last + idleTimeout - now, nextLook))
  }

  private idleTimeout(row: number): number {
    const at = row * intWidth
    if (((this.table.ints[at + int.kind] as number) & 255) !== protocol.tcp) return silence.other
    const flags = this.table.ints[at + int.flags] as number
    return isOver(flags) ? silence.over : isUnanswered(flags) ? silence.attempt : silence.tcp
  }

  /** The hot path: runs for every packet, makes no object and calls out only where something happens. */
  private count(batch: PacketBatch, i: number): void {
    const { table } = this
    const key = i * packetWidth
    const packets = batch.ints
    const bits = packets[key + word.bits] as number
    const time = batch.doubles[i * packetDoubles + timeColumn] as number
    const proto = (packets[key + word.kind] as number) & 255
    const isTcp = proto === protocol.tcp && (bits & packetBit.fragment) !== laterFragment
    const signals = isTcp ? bits & (tcpFlag.syn | tcpFlag.fin | tcpFlag.rst) : 0
    let row = table.findWarm(batch, i)
    if (row < 0) row = this.begin(batch, i)
    else if (signals & tcpFlag.syn || isApart(time - table.last(row))) this.revisit(row, batch, i)
    const at = row * intWidth
    const counts = row * doubleWidth
    const { ints, doubles } = table
    const before = ints[at + int.flags] as number

    // 0: from the client, 1: from the server. Which is as good as random: no branch depends on it.
    const side = ((bits >>> fromLowShift) ^ (before >>> clientIsHighShift) ^ 1) & 1
    if (time > (doubles[counts + double.last] as number)) doubles[counts + double.last] = time
    else if (time < (doubles[counts + double.start] as number) && before & bit.undecided)
      doubles[counts + double.start] = time
    const count = counts + double.packets + side
    doubles[count] = (doubles[count] as number) + 1
    const sum = counts + double.bytes + side
    doubles[sum] = (doubles[sum] as number) + (packets[key + word.ipBytes] as number)
    let flags = before

    if (isTcp && (signals !== 0 || (before & (clientState << (side * bit.server))) === 0)) {
      this.number(at, side === 0, { batch, i })
      flags = afterSegment(flags, side === 0, bits & 255)
    }

    const payload = packets[key + word.payloadBytes] as number

    // 1 for a payload, 0 for none.
    const speaks = (-payload & ~payload) >>> 31
    flags |= (speaks * bit.clientData) << side
    if (flags !== before) ints[at + int.flags] = flags

    if (flags & (bit.undecided | bit.conversing) && speaks && (bits & packetBit.fragment) !== laterFragment)
      this.listen(row, batch, i)

    if (!isTcp && (proto === protocol.icmp || proto === protocol.icmp6)) this.refuse(batch, i)
  }

  /** What may befall a flow that is known: it is over and this is the next, or its ends were taken wrongly. */
  private revisit(row: number, batch: PacketBatch, i: number): void {
    this.look(batch, i)
    const { packet } = this
    const fromLow = isFromLow(batch, i)
    if (this.isAnother(row, fromLow)) this.restart(row, fromLow)
    if (packet.proto === protocol.tcp && (packet.tcpFlags & (tcpFlag.syn | tcpFlag.ack)) === tcpFlag.syn)
      this.turnRound(row, fromLow)
  }

  /** Who sends a SYN is the client, whatever the packets before it looked like. */
  private turnRound(row: number, fromLow: boolean): void {
    const { ints, doubles } = this.table
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
  private number(at: number, fromClient: boolean, { batch, i }: { batch: PacketBatch; i: number }): void {
    const { ints } = this.table
    const key = i * packetWidth
    const tcpFlags = (batch.ints[key + word.bits] as number) & 255
    const flags = ints[at + int.flags] as number
    if (!(tcpFlags & tcpFlag.syn) && (flags & (fromClient ? clientState : serverState)) !== 0) return
    const mine = fromClient ? int.clientSequence : int.serverSequence
    const other = fromClient ? int.serverSequence : int.clientSequence
    const sequence = batch.ints[key + word.sequence] as number
    ints[at + mine] = tcpFlags & tcpFlag.syn ? sequence : (sequence - 1) | 0
    const otherState = flags & (fromClient ? serverState : clientState)
    if (tcpFlags & tcpFlag.ack && otherState === 0)
      ints[at + other] = ((batch.ints[key + word.acknowledged] as number) - 1) | 0
  }

  /** Whether a packet of a known five-tuple belongs to a conversation after the one that is kept. */
  private isAnother(row: number, fromLow: boolean): boolean {
    const { packet, frame } = this
    const silent = frame.time - this.table.last(row)
    if (silent > silence.over && silent > this.idleTimeout(row)) return true
    if (silent < -leap && frame.time + leap < this.table.start(row)) return true
    if (packet.proto !== protocol.tcp || !(packet.tcpFlags & tcpFlag.syn) || packet.fragment === 2)
      return false
    return this.isReopened(row, fromLow)
  }

  /** RFC 9293: a SYN with another sequence number is another connection; after the end any SYN is. */
  private isReopened(row: number, fromLow: boolean): boolean {
    const { ints } = this.table
    const { tcpFlags, sequence } = this.packet
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

  private begin(batch: PacketBatch, i: number): number {
    const { table } = this
    this.look(batch, i)
    if (Number.isNaN(this.clock)) this.advance(this.frame.time)
    const row = table.add(batch, i)
    this.open(row, isFromLow(batch, i))
    table.schedule(row, firstLook)
    return row
  }

  /** Ends the flow of a row and begins another in its place, which the table and the wheel hold already. */
  private restart(row: number, fromLow: boolean): void {
    const { ints, doubles } = this.table
    const counts = row * doubleWidth
    const before = doubles[counts + double.start] as number
    this.end(row)
    const at = row * intWidth
    for (const column of [double.packets, double.bytes]) {
      doubles[counts + column] = 0
      doubles[counts + column + 1] = 0
    }
    ints[at + int.clientSequence] = 0
    ints[at + int.serverSequence] = 0
    // Two flows that begin in the same microsecond still have two ids.
    ints[at + int.generation] = before === this.frame.time ? (ints[at + int.generation] as number) + 1 : 0
    this.open(row, fromLow)
  }

  private open(row: number, fromLow: boolean): void {
    const { ints, doubles } = this.table
    const { time, position, view } = this.frame
    const at = row * doubleWidth
    doubles[at + double.start] = time
    doubles[at + double.last] = time
    doubles[at + double.position] = position
    ints[row * intWidth + int.tunnel] = this.tunnels.numberOf(this.packet.tunnel, view)
    const known = isGuessed(this.packet) ? this.clients.recall(this.table, row) : null
    const clientIsHigh = known ?? orient(this.packet) !== fromLow
    ints[row * intWidth + int.flags] = (clientIsHigh ? bit.clientIsHigh : 0) | bit.undecided
  }

  private listen(row: number, batch: PacketBatch, i: number): void {
    this.look(batch, i)
    const { packet, frame } = this
    const { ints } = this.table
    const at = row * intWidth + int.flags
    const fromClient = isFromLow(batch, i) === (((ints[at] as number) & bit.clientIsHigh) === 0)
    if ((ints[at] as number) & bit.undecided) this.decide(row, { packet, frame, fromClient })
    const conversation = this.conversations[row]
    if (!conversation || conversation.onPacket(packet, frame, fromClient)) return
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
      const conversation = parserFor(found, heard, { uid: uidOf(this.table, row), sink: this.sink })
      if (conversation) {
        this.conversations[row] = conversation
        flags |= bit.conversing
      }
    }

    ints[at] = flags
  }

  /** Marks the flow that an ICMP error is about. */
  private refuse(batch: PacketBatch, i: number): void {
    this.look(batch, i)
    const { packet, frame } = this
    const about = isRefusal(packet) ? embedded(frame.view, packet) : null
    if (!about) return
    this.setAside(about, frame.time, frame.position)
    const row = this.table.find(this.aside, 0)
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
    this.clients.keep(this.table, row)
    this.sink.flow(this.table, row)
  }
}

/** Whether a packet this long after the last of its flow, or before it, may be of another conversation. */
const isApart = (after: number): boolean => after > silence.over || after < -leap

const isFromLow = (batch: PacketBatch, i: number): boolean =>
  ((batch.ints[i * packetWidth + word.bits] as number) & packetBit.fromLow) !== 0

function exchange(values: Int32Array | Float64Array, one: number, other: number): void {
  const kept = values[one] as number
  values[one] = values[other] as number
  values[other] = kept
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

/** Whether neither the first packet nor the ports tell who the client is, so that `orient` takes the sender. */
function isGuessed({ proto, tcpFlags, sourcePort, targetPort }: Packet): boolean {
  if (proto === protocol.tcp && tcpFlags & tcpFlag.syn) return false
  return !tellsByPorts(proto, sourcePort, targetPort)
}

/** Whether a packet goes to many: multicast, or the broadcast address of IPv4. */
const isGroup = ({ family, d0, d3 }: Packet): boolean =>
  family === 6 ? d0 >>> 24 === 255 : d3 >>> 28 === 14 || d3 === -1
