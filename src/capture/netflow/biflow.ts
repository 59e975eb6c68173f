/**
 * Records of exporters to flows: both directions put together, pieces of one connection joined, doubles left out.
 *
 * A flow is held until nothing more of it is to be expected: 2 s after both sides closed it, 2 minutes after its last
 * record, and 35 minutes when its last record looks cut by an active time-out, for its next piece comes only then
 * (pitfall 28: such pieces look like perfect beacons). Time is that of arrival. Memory is bounded: with `mostLive`
 * flows the patience is halved until enough of them are let go; their pieces are joined when the flows are analysed,
 * as far as `traces/gather.ts` can.
 */

import { second } from '../../model/units.ts'
import { bit, double, doubleWidth, type FlowRows, int, intWidth } from '../flows/flow-layout.ts'
import { FlowTable } from '../flows/flow-table.ts'
import { singleBatch } from '../packets/batch.ts'
import { packetBit, word } from '../packets/batch-layout.ts'
import { protocol, tcpFlag } from '../packets/packet.ts'
import { exportOutcome, exportState, lowIsClient, type Side } from './outcome.ts'
import { keepFate } from './outcome-column.ts'
import { type ExportRecord, initiator } from './record.ts'

/** Microseconds. */
export const patience = {
  /** After both sides closed. */
  over: 2 * second,
  usual: 120 * second,
  /** Longer than the usual active time-out of 30 minutes. */
  cut: 35 * 60 * second,
} as const
/** Microseconds between records of one five-tuple that is not the same conversation any more. */
export const apart = { datagrams: 60 * second, midstream: 3600 * second } as const
/** No exporter cuts sooner. */
const leastTimeout = 55 * second
/** A record that is sent this soon after its last packet was not sent for silence. */
const fresh = 12 * second
const mostLive = 1 << 20

/** IPFIX flowEndReason (RFC 5102). */
const reason = { active: 2, ended: 3 } as const

/** Bits of a row's flags; 0 to 7 are the TCP flags of the low end, 16 to 23 those of the high end. */
const mark = {
  lowFlags: 1 << 8,
  highFlags: 1 << 9,
  lowHeard: 1 << 10,
  highHeard: 1 << 11,
  began: 1 << 13,
  beganHigh: 1 << 14,
  sampled: 1 << 15,
  cut: 1 << 24,
  ended: 1 << 25,
  unsaidPackets: 1 << 26,
  unsaidBytes: 1 << 27,
  denied: 1 << 28,
} as const

const bothHeard = mark.lowHeard | mark.highHeard

/** Columns of `int` and `double` that have another meaning here. */
const own = { touched: int.clientSequence, meters: int.serverSequence, position: 21 } as const
const lowStart = double.start
const highStart = double.position

interface PairingSink {
  /**
   * A flow that ended: a row of the table, to be copied at once. Its counts are NaN where nobody knows them, and
   * `keptConnState` tells how it went.
   */
  flow(rows: FlowRows, row: number): void
  /** A record that tells again what another exporter, or another interface, told. */
  double(record: ExportRecord): void
}

export class FlowPairing {
  private readonly sink: PairingSink
  private readonly table = new FlowTable()
  /** The key of the record that is at hand. */
  private readonly key = singleBatch((Math.random() * 2 ** 32) | 0)
  /** Whether the record came from the `low` end. */
  private fromLow = false
  private readonly most: number
  private clock = Number.NaN
  /** Divides every patience. */
  private haste = 1
  /** By exporter and domain, whatever the direction of metering: flows, and those of both directions, to know whether silence of one is silence. */
  private readonly meters = new Map<number, { both: number; flows: number }>()
  private readonly rates = new Map<number, number>()
  private finished = false
  /** Flows let go early, for want of room. */
  hurried = 0

  private readonly longest: number
  /** What is looked at of the flow that is given. */
  private readonly low = new HeldSide()
  private readonly high = new HeldSide()
  private readonly told = { client: this.low, server: this.high }
  private readonly meter = { tellsBoth: false, sampled: false, denied: false }

  /**
   * `most`: flows that are held at a time. `longest`: microseconds after which a flow is given although it goes on, so
   * that one of days is seen before it ends; what follows says by its state that it goes on.
   */
  constructor(sink: PairingSink, { most = mostLive, longest = Number.POSITIVE_INFINITY } = {}) {
    this.sink = sink
    this.most = most
    this.longest = longest
  }

  /** Flows that are open. */
  get live(): number {
    return this.finished ? 0 : this.table.live
  }

  /** Sets the time of arrival, in microseconds, and lets go what has waited long enough. */
  advance(now: number): void {
    if (now <= this.clock) return
    this.clock = now
    this.table.turn(now, this.due)
  }

  take(record: ExportRecord) {
    const { table } = this
    if (Number.isNaN(this.clock)) this.advance(record.end)
    this.key.clear(0)
    this.key.put(record.ends, 0, 0)
    this.fromLow = ((this.key.ints[word.bits] as number) & packetBit.fromLow) !== 0
    let row = table.find(this.key, 0)
    if (row < 0) row = this.begin(record)
    else if (this.isDouble(row, record)) return this.sink.double(record)
    else if (this.isAnother(row, record)) this.restart(row, record)
    this.add(row, record)
  }

  /** Whether this meter tells of both directions: of one flow in twenty at least. */
  private tellsBoth(meter: number): boolean {
    const counted = this.meters.get(meter >> 1)
    return !counted || counted.both * 20 >= counted.flows
  }

  /** Counts, for its meter, a flow that is new or is now known both ways. */
  private tally(meter: number, what: 'both' | 'flows'): void {
    const counted = this.meters.get(meter >> 1)
    if (counted) counted[what]++
    else this.meters.set(meter >> 1, { both: 0, flows: 0, [what]: 1 })
  }

  /** Lets everything go. */
  finish(): void {
    this.finished = true
    this.table.drain((row) => this.end(row))
  }

  private begin(record: ExportRecord): number {
    const { table } = this
    if (table.live >= this.most) this.makeRoom()
    const row = table.add(this.key, 0)
    this.open(row, record)
    table.schedule(row, patience.over)
    return row
  }

  /** Halves the patience until a quarter of the room is free; lets all go when that does not help. */
  private makeRoom(): void {
    const before = this.table.live
    while (this.table.live > this.most * 0.75) {
      this.haste *= 2
      this.table.sweep(this.clock, this.haste > 2 ** 20 ? (row) => this.gone(row) : this.due)
    }
    this.hurried += before - this.table.live
    this.haste = 1
  }

  private gone(row: number): number {
    this.end(row)
    return 0
  }

  private open(row: number, { position, start }: ExportRecord): void {
    const { ints, doubles } = this.table
    const at = row * doubleWidth
    doubles[at + lowStart] = Number.POSITIVE_INFINITY
    doubles[at + highStart] = Number.POSITIVE_INFINITY
    doubles[at + double.last] = start
    // Counted up to 2^32, as `>>> 0` gives it back.
    ints[row * intWidth + own.position] = position | 0
  }

  private restart(row: number, record: ExportRecord): void {
    const { ints, doubles } = this.table
    this.end(row)
    const at = row * intWidth
    for (const side of [0, 1]) {
      doubles[row * doubleWidth + double.packets + side] = 0
      doubles[row * doubleWidth + double.bytes + side] = 0
    }
    ints[at + int.flags] = 0
    ints[at + own.meters] = 0
    this.open(row, record)
  }

  /** Whether another meter told of this stretch of this direction before. */
  private isDouble(row: number, record: ExportRecord): boolean {
    const { fromLow } = this
    const { ints, doubles } = this.table
    const flags = ints[row * intWidth + int.flags] as number
    if (!(flags & (fromLow ? mark.lowHeard : mark.highHeard))) return false
    const meters = ints[row * intWidth + own.meters] as number
    const mine = fromLow ? meters & 0xffff : meters >>> 16
    return (
      mine !== (record.meter & 0xffff) && record.start <= (doubles[row * doubleWidth + double.last] as number)
    )
  }

  /** Whether a record of a known five-tuple is of a conversation after, or before, the one that is held. */
  private isAnother(row: number, record: ExportRecord): boolean {
    const { fromLow } = this
    const { ints, doubles } = this.table
    const at = row * doubleWidth
    const last = doubles[at + double.last] as number
    const start = Math.min(doubles[at + lowStart] as number, doubles[at + highStart] as number)
    const flags = ints[row * intWidth + int.flags] as number
    if (record.end + apart.datagrams < start) return true
    const gap = record.start - last
    if (gap > 0 && record.start - start > this.longest) return true
    if (record.ends.proto !== protocol.tcp) return gap > apart.datagrams
    const mine = fromLow ? flags & 255 : (flags >>> 16) & 255
    const heard = (flags & (fromLow ? mark.lowHeard : mark.highHeard)) !== 0
    if (record.flags <= 0 || !(record.flags & tcpFlag.syn)) return gap > apart.midstream
    // A SYN again from a side that has opened already, after what is held: the port is used anew.
    const opened = heard && (mine & tcpFlag.syn) !== 0 && (mine & (tcpFlag.ack | tcpFlag.rst)) !== 0
    return gap > apart.datagrams || (gap > 0 && opened) || (gap > 0 && isOver(flags))
  }

  private add(row: number, record: ExportRecord): void {
    const { table, fromLow } = this
    const { ints, doubles } = table
    const at = row * intWidth
    const counts = row * doubleWidth
    ints[at + own.touched] = (this.clock / second) | 0
    let flags = ints[at + int.flags] as number
    const before = flags & bothHeard
    flags |= this.side(row, record, fromLow, false)
    if (record.both) flags |= this.side(row, record, !fromLow, true)
    if (before === 0 && (flags & bothHeard) !== 0) this.tally(record.meter & 0xffff, 'flows')
    if (before !== bothHeard && (flags & bothHeard) === bothHeard) this.tally(record.meter & 0xffff, 'both')
    if (record.end > (doubles[counts + double.last] as number)) doubles[counts + double.last] = record.end
    if (record.began !== initiator.notSaid)
      flags |= mark.began | ((record.began === initiator.source) === fromLow ? 0 : mark.beganHigh)
    if (record.rate > 1) {
      flags |= mark.sampled
      this.rates.set(record.meter & 0xffff, record.rate)
    }
    if (record.denied) flags |= mark.denied
    flags &= ~(mark.cut | mark.ended)
    if (record.endReason === reason.ended) flags |= mark.ended
    else if (this.looksCut(record)) flags |= mark.cut
    ints[at + int.flags] = flags
  }

  /** Whether more of the flow is to come after an active time-out. */
  private looksCut(record: ExportRecord): boolean {
    if (record.endReason !== 0) return record.endReason === reason.active
    return record.end - record.start >= leastTimeout && !(record.exported - record.end >= fresh)
  }

  /** Adds what the record tells of one end. @returns the flags that it sets. */
  private side(row: number, record: ExportRecord, fromLow: boolean, reverse: boolean): number {
    const { ints, doubles } = this.table
    const counts = row * doubleWidth
    const column = fromLow ? 0 : 1
    const start = counts + (fromLow ? lowStart : highStart)
    const packets = reverse ? record.reversePackets : record.packets
    const bytes = reverse ? record.reverseBytes : record.bytes
    const flags = reverse ? record.reverseFlags : record.flags
    const began = reverse ? record.reverseStart : record.start
    let marks = 0
    if (packets >= 0) this.count(counts + double.packets + column, packets, record.running)
    else marks |= mark.unsaidPackets
    if (bytes >= 0) this.count(counts + double.bytes + column, bytes, record.running)
    else marks |= mark.unsaidBytes
    // A side that sent nothing was told of, and not heard.
    if (packets === 0 || (bytes === 0 && !(packets > 0))) return marks
    if (began < (doubles[start] as number)) doubles[start] = began
    marks |= fromLow ? mark.lowHeard : mark.highHeard
    if (flags >= 0)
      marks |= (fromLow ? mark.lowFlags : mark.highFlags) | ((flags & 255) << (fromLow ? 0 : 16))
    const meters = ints[row * intWidth + own.meters] as number
    const meter = record.meter & 0xffff
    ints[row * intWidth + own.meters] = fromLow
      ? (meters & ~0xffff) | meter
      : (meters & 0xffff) | (meter << 16)
    return marks
  }

  private count(at: number, value: number, running: boolean): void {
    const { doubles } = this.table
    const before = doubles[at] as number
    doubles[at] = running ? Math.max(before, value) : before + value
  }

  private readonly due = (row: number, now: number): number => {
    const waited = (((now / second) | 0) - (this.table.ints[row * intWidth + own.touched] as number)) * second
    const left = this.patienceOf(row) / this.haste - waited
    if (left > 0) return left
    this.end(row)
    return 0
  }

  private patienceOf(row: number): number {
    const at = row * intWidth
    const flags = this.table.ints[at + int.flags] as number
    if (flags & mark.cut) return patience.cut
    const isTcp = ((this.table.ints[at + int.kind] as number) & 255) === protocol.tcp
    if ((flags & bothHeard) === bothHeard && ((isTcp && isOver(flags)) || flags & mark.ended))
      return patience.over
    return patience.usual
  }

  private end(row: number): void {
    const { ints, doubles } = this.table
    const at = row * intWidth
    const counts = row * doubleWidth
    const proto = (ints[at + int.kind] as number) & 255
    const { low, high } = this
    this.fill(low, row, true)
    this.fill(high, row, false)
    const flags = ints[at + int.flags] as number
    const isLow = flags & mark.began ? !(flags & mark.beganHigh) : lowIsClient(proto, low, high)
    const position = (ints[at + own.position] as number) >>> 0
    doubles[counts + double.start] = Math.min(low.start, high.start, doubles[counts + double.last] as number)
    doubles[counts + double.position] = position
    ints[at + int.flags] = isLow ? 0 : bit.clientIsHigh
    this.told.client = isLow ? low : high
    this.told.server = isLow ? high : low
    this.judge(row, proto, flags)
    this.sink.flow(this.table, row)
  }

  /** Puts into the row how the flow went, and its counts, the client's first. */
  private judge(row: number, proto: number, said: number): void {
    const { told, meter, table } = this
    const { client, server } = told
    const measured = client.heard ? client.meter : server.meter
    meter.tellsBoth = this.tellsBoth(measured)
    meter.sampled = (said & mark.sampled) !== 0
    meter.denied = (said & mark.denied) !== 0
    const outcome = exportOutcome(proto, told, meter)
    // A direction that this exporter does not tell of has counts that nobody knows.
    const known = (client.heard && server.heard) || outcome === 'unanswered' || outcome === 'reversed'
    const packets = row * doubleWidth + double.packets
    const bytes = row * doubleWidth + double.bytes
    table.doubles[packets] = client.heard || known ? client.packets : Number.NaN
    table.doubles[packets + 1] = server.heard || known ? server.packets : Number.NaN
    table.doubles[bytes] = client.heard || known ? client.bytes : Number.NaN
    table.doubles[bytes + 1] = server.heard || known ? server.bytes : Number.NaN
    keepFate(
      table,
      row,
      outcome,
      meter.sampled ? (this.rates.get(measured) ?? Number.NaN) : exportState(proto, told),
    )
  }

  private fill(side: HeldSide, row: number, isLow: boolean): void {
    const { ints, doubles } = this.table
    const at = row * intWidth
    const counts = row * doubleWidth
    const flags = ints[at + int.flags] as number
    const column = isLow ? 0 : 1
    const ports = ints[at + int.ports] as number
    const first = ints[at + (isLow ? int.lowNetwork : int.highNetwork)] as number
    const last = ints[at + (isLow ? int.lowAddress : int.highAddress)] as number
    const isSix = ((ints[at + int.kind] as number) & 256) !== 0
    const meters = ints[at + own.meters] as number
    side.port = isLow ? ports >>> 16 : ports & 0xffff
    side.heard = (flags & (isLow ? mark.lowHeard : mark.highHeard)) !== 0
    side.start = doubles[counts + (isLow ? lowStart : highStart)] as number
    side.packets =
      flags & mark.unsaidPackets ? Number.NaN : (doubles[counts + double.packets + column] as number)
    side.bytes = flags & mark.unsaidBytes ? Number.NaN : (doubles[counts + double.bytes + column] as number)
    side.flags =
      flags & (isLow ? mark.lowFlags : mark.highFlags) ? (isLow ? flags & 255 : (flags >>> 16) & 255) : -1
    side.meter = isLow ? meters & 0xffff : meters >>> 16
    side.isGroup = isSix ? first >>> 24 === 255 : last >>> 28 === 14 || last === -1
  }
}

/** One end of the flow that is given; the same object for every flow. */
class HeldSide implements Side {
  port = 0
  heard = false
  // Doubles from the start, so that they are kept in place.
  start = Number.NaN
  packets = Number.NaN
  bytes = Number.NaN
  flags = -1
  meter = 0
  isGroup = false
}

/** Whether both sides have closed, or one has reset. */
function isOver(flags: number): boolean {
  const [low, high] = [flags & 255, (flags >>> 16) & 255]
  return ((low | high) & tcpFlag.rst) !== 0 || (low & high & tcpFlag.fin) !== 0
}
