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
import * as flowLayout from '../flows/flow-layout.ts'
import { FlowTable } from '../flows/flow-table.ts'
import { singleBatch } from '../packets/batch.ts'
import { packetBit, word } from '../packets/batch-layout.ts'
import { protocol, tcpFlag } from '../packets/packet.ts'
import { bothHeard, bothTell, double, doubleWidth, int, intWidth, mark } from './biflow-layout.ts'
import { HeldSide, isOver } from './biflow-sides.ts'
import { counter } from './counters.ts'
import { Meters } from './meters.ts'
import { exportOutcome, exportState, lowIsClient } from './outcome.ts'
import { keepFate } from './outcome-column.ts'
import { type ExportRecord, initiator } from './record.ts'
import { ReverseCounts } from './reverse-counts.ts'

/** Microseconds. */
export const patience = {
  /** After both sides closed. */
  over: 2 * second,
  usual: 120 * second,
  /** Longer than the usual active time-out of 30 minutes. */
  cut: 35 * 60 * second,
  /** After an update that announces more: an ASA sends them every 1 to 60 minutes. */
  more: 65 * 60 * second,
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

/** Records of both directions, each of its own, come this close together: closer than pieces of one time-out do. */
const together = 10 * second

interface PairingSink {
  /**
   * A flow that ended: a row of the table, to be copied at once. Its counts are NaN where nobody knows them, and
   * `keptConnState` tells how it went.
   */
  flow(rows: flowLayout.FlowRows, row: number): void
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
  private readonly meters = new Meters()
  private readonly reverse = new ReverseCounts()
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
    for (const end of [0, 1]) doubles[at + double.packets + end] = doubles[at + double.bytes + end] = 0
    this.reverse.clear(row)
    doubles[at + double.lowStart] = Number.POSITIVE_INFINITY
    doubles[at + double.highStart] = Number.POSITIVE_INFINITY
    doubles[at + double.last] = start
    const columns = row * intWidth
    ints[columns + int.tcp] = ints[columns + int.marks] = ints[columns + int.meters] = 0
    // Counted up to 2^32, as `>>> 0` gives it back.
    ints[columns + int.position] = position | 0
  }

  private restart(row: number, record: ExportRecord): void {
    this.end(row)
    this.open(row, record)
  }

  /** Whether another meter told of this stretch of this direction before. */
  private isDouble(row: number, record: ExportRecord): boolean {
    const { fromLow } = this
    const { ints, doubles } = this.table
    const marks = ints[row * intWidth + int.marks] as number
    if (!(marks & (fromLow ? mark.lowHeard : mark.highHeard))) return false
    const meters = ints[row * intWidth + int.meters] as number
    const mine = fromLow ? meters & 0xffff : meters >>> 16
    return (
      mine !== (record.meter & 0xffff) && record.start <= (doubles[row * doubleWidth + double.last] as number)
    )
  }

  /** When the first packet of a flow passed. */
  private startOf(row: number): number {
    const { doubles } = this.table
    const at = row * doubleWidth
    return Math.min(doubles[at + double.lowStart] as number, doubles[at + double.highStart] as number)
  }

  /** Whether a record of a known five-tuple is of a conversation after, or before, the one that is held. */
  private isAnother(row: number, record: ExportRecord): boolean {
    const { fromLow } = this
    const { ints, doubles } = this.table
    const last = doubles[row * doubleWidth + double.last] as number
    const start = this.startOf(row)
    const marks = ints[row * intWidth + int.marks] as number
    const tcp = ints[row * intWidth + int.tcp] as number
    if (record.end + apart.datagrams < start) return true
    if (marks & mark.total && record.start > start) return true
    const gap = record.start - last
    if (gap > 0 && record.start - start > this.longest) return true
    if (record.ends.proto !== protocol.tcp) return gap > apart.datagrams
    const mine = fromLow ? tcp & 255 : (tcp >>> 8) & 255
    const heard = (marks & (fromLow ? mark.lowHeard : mark.highHeard)) !== 0
    if (record.flags <= 0 || !(record.flags & tcpFlag.syn)) return gap > apart.midstream
    // A SYN again from a side that has opened already, after what is held: the port is used anew.
    const opened = heard && (mine & tcpFlag.syn) !== 0 && (mine & (tcpFlag.ack | tcpFlag.rst)) !== 0
    return gap > apart.datagrams || (gap > 0 && opened) || (gap > 0 && isOver(tcp))
  }

  private add(row: number, record: ExportRecord): void {
    const { table, fromLow } = this
    const { ints, doubles } = table
    const at = row * intWidth
    const last = row * doubleWidth + double.last
    const meter = record.meter & 0xffff
    ints[at + int.touched] = (this.clock / second) | 0
    let marks = ints[at + int.marks] as number
    const before = marks & bothHeard
    if (record.both) {
      marks |= (fromLow ? mark.lowBoth : mark.highBoth) | this.twiceTold(row, record, marks)
      if (record.claimed) this.meters.compare(meter, record)
    }

    marks |= this.side(row, record, fromLow)
    if (record.both) marks |= this.otherSide(row, record, !fromLow)
    if (before === 0 && (marks & bothHeard) !== 0) this.meters.count(meter, 'flows')
    if (before !== bothHeard && (marks & bothHeard) === bothHeard) this.meters.count(meter, 'both')
    if (record.end > (doubles[last] as number)) doubles[last] = record.end

    if (record.began !== initiator.notSaid)
      marks |= mark.began | ((record.began === initiator.source) === fromLow ? 0 : mark.beganHigh)
    if (record.rate > 1) {
      marks |= mark.sampled
      this.rates.set(meter, record.rate)
    }
    if (record.denied) marks |= mark.denied
    marks &= ~(mark.cut | mark.ended | mark.more)
    if (record.counter === counter.total) marks |= mark.total | mark.ended
    else if (record.more) marks |= mark.more
    else if (record.endReason === reason.ended) marks |= mark.ended
    else if (this.looksCut(record)) marks |= mark.cut
    ints[at + int.marks] = marks
  }

  /** The mark of a flow each direction of which came in a record of its own, with both directions in it. */
  private twiceTold(row: number, record: ExportRecord, marks: number): number {
    const { ints, doubles } = this.table
    const other = this.fromLow ? mark.highBoth : mark.lowBoth
    if (marks & mark.twice || !(marks & other)) return 0
    const meters = ints[row * intWidth + int.meters] as number
    const theirs = this.fromLow ? meters >>> 16 : meters & 0xffff
    if (theirs !== (record.meter & 0xffff)) return 0
    // Pieces of one connection follow each other and may be told from either end; they are no repetition.
    const last = doubles[row * doubleWidth + double.last] as number
    const isShort = last - this.startOf(row) < leastTimeout
    if (record.start >= last && !(isShort && record.start - last < together)) return 0
    this.meters.count(record.meter & 0xffff, 'twice')
    return mark.twice
  }

  /** Whether more of the flow is to come after an active time-out. */
  private looksCut(record: ExportRecord): boolean {
    if (record.endReason !== 0) return record.endReason === reason.active
    return record.end - record.start >= leastTimeout && !(record.exported - record.end >= fresh)
  }

  /** Adds what the record tells of the end that it went from. @returns the marks that it sets. */
  private side(row: number, record: ExportRecord, fromLow: boolean): number {
    const { doubles } = this.table
    const { packets, bytes } = record
    const column = row * doubleWidth + (fromLow ? 0 : 1)
    let marks = 0
    if (packets >= 0) {
      const at = column + double.packets
      doubles[at] = this.counted(row, doubles[at] as number, packets, record)
    } else marks |= mark.unsaidPackets
    if (bytes >= 0) {
      const at = column + double.bytes
      doubles[at] = this.counted(row, doubles[at] as number, bytes, record)
    } else marks |= mark.unsaidBytes
    if (isSilent(packets, bytes)) return marks
    return marks | this.heard(row, fromLow, { flags: record.flags, start: record.start, meter: record.meter })
  }

  /** Adds what the record tells of the other end. @returns the marks that it sets. */
  private otherSide(row: number, record: ExportRecord, isLow: boolean): number {
    const { reverse, meters } = this
    const { reversePackets, reverseBytes, reverseFlags, reverseStart, meter } = record
    if (record.claimed && !meters.believesClaims(meter & 0xffff)) return 0
    const end = isLow ? 0 : 1
    const [packets, bytes] = [reverse.packets(row, end), reverse.bytes(row, end)]
    reverse.set(
      row,
      end,
      reversePackets >= 0 ? this.counted(row, packets, reversePackets, record) : packets,
      reverseBytes >= 0 ? this.counted(row, bytes, reverseBytes, record) : bytes,
    )
    const marks = (reversePackets >= 0 ? 0 : mark.unsaidPackets) | (reverseBytes >= 0 ? 0 : mark.unsaidBytes)
    if (isSilent(reversePackets, reverseBytes)) return marks
    return marks | this.heard(row, isLow, { flags: reverseFlags, start: reverseStart, meter })
  }

  /** Notes that one end was heard. @returns the marks for it. */
  private heard(
    row: number,
    isLow: boolean,
    { flags, start, meter }: { flags: number; start: number; meter: number },
  ): number {
    const { ints, doubles } = this.table
    const at = row * intWidth
    const first = row * doubleWidth + (isLow ? double.lowStart : double.highStart)
    if (start < (doubles[first] as number)) doubles[first] = start
    const meters = ints[at + int.meters] as number
    const mine = meter & 0xffff
    ints[at + int.meters] = isLow ? (meters & ~0xffff) | mine : (meters & 0xffff) | (mine << 16)
    const marks = isLow ? mark.lowHeard : mark.highHeard
    if (flags < 0) return marks
    ints[at + int.tcp] = (ints[at + int.tcp] as number) | ((flags & 255) << (isLow ? 0 : 8))
    return marks | (isLow ? mark.lowFlags : mark.highFlags)
  }

  /** A count after a record: see `counter`. What comes after the total is in it. */
  private counted(row: number, before: number, value: number, record: ExportRecord): number {
    if (record.counter === counter.total) return value
    if ((this.table.ints[row * intWidth + int.marks] as number) & mark.total) return before
    return record.counter === counter.running ? Math.max(before, value) : before + value
  }

  private readonly due = (row: number, now: number): number => {
    const waited = (((now / second) | 0) - (this.table.ints[row * intWidth + int.touched] as number)) * second
    const left = this.patienceOf(row) / this.haste - waited
    if (left > 0) return left
    this.end(row)
    return 0
  }

  private patienceOf(row: number): number {
    const at = row * intWidth
    const { ints } = this.table
    const marks = ints[at + int.marks] as number
    if (marks & mark.total) return patience.over
    if (marks & mark.more) return patience.more
    if (marks & mark.cut) return patience.cut
    const isTcp = ((ints[at + int.kind] as number) & 255) === protocol.tcp
    const isClosed = (isTcp && isOver(ints[at + int.tcp] as number)) || (marks & mark.ended) !== 0
    return (marks & bothHeard) === bothHeard && isClosed ? patience.over : patience.usual
  }

  private end(row: number): void {
    const { ints, doubles } = this.table
    const at = row * intWidth
    const counts = row * doubleWidth
    const proto = (ints[at + int.kind] as number) & 255
    const { low, high } = this
    this.addReverse(row)
    low.fill(this.table, row, true)
    high.fill(this.table, row, false)
    const marks = ints[at + int.marks] as number
    const isLow = marks & mark.began ? !(marks & mark.beganHigh) : lowIsClient(proto, low, high)
    const position = (ints[at + int.position] as number) >>> 0

    // From here on the row is as `flow-layout.ts` has it.
    const start = Math.min(low.start, high.start, doubles[counts + double.last] as number)
    doubles[counts + flowLayout.double.start] = start
    doubles[counts + flowLayout.double.position] = position
    ints[at + flowLayout.int.flags] = isLow ? 0 : flowLayout.bit.clientIsHigh
    this.told.client = isLow ? low : high
    this.told.server = isLow ? high : low
    this.judge(row, proto, marks)
    this.sink.flow(this.table, row)
  }

  /** Adds to each direction what records of the other told of it, unless that only repeats what is counted. */
  private addReverse(row: number): void {
    const { ints, doubles } = this.table
    const marks = ints[row * intWidth + int.marks] as number
    if (!(marks & bothTell) || marks & mark.twice) return
    for (const end of [0, 1]) {
      if (!(marks & (end === 0 ? mark.lowHeard : mark.highHeard))) continue
      const counts = row * doubleWidth + end
      doubles[counts + double.packets] =
        (doubles[counts + double.packets] as number) + this.reverse.packets(row, end)
      doubles[counts + double.bytes] =
        (doubles[counts + double.bytes] as number) + this.reverse.bytes(row, end)
    }
  }

  /** Puts into the row how the flow went, and its counts, the client's first. */
  private judge(row: number, proto: number, said: number): void {
    const { told, meter, table } = this
    const { client, server } = told
    const measured = client.heard ? client.meter : server.meter
    meter.tellsBoth = this.meters.tellsBoth(measured)
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
}

/** A side that sent nothing was told of, and not heard. */
const isSilent = (packets: number, bytes: number): boolean => packets === 0 || (bytes === 0 && !(packets > 0))
