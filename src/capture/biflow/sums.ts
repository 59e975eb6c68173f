/** What records tell of a flow, added up in its row. */
import { second } from '../../model/units.ts'
import type { FlowTable } from '../flows/flow-table.ts'
import { bothHeard, bothTell, double, doubleWidth, int, intWidth, mark } from './layout.ts'
import type { Meters } from './meters.ts'
import { counter, type ExportRecord, initiator } from './record.ts'
import { ReverseCounts } from './reverse-counts.ts'
import { startOf } from './sameness.ts'

/** No exporter cuts sooner. */
const leastTimeout = 55 * second
/** A record that is sent this soon after its last packet was not sent for silence. */
const fresh = 12 * second
/** Records of both directions, each of its own, come this close together: closer than pieces of one time-out do. */
const together = 10 * second

/** IPFIX flowEndReason (RFC 5102). */
const reason = { active: 2, ended: 3 } as const

export class FlowSums {
  /** Sampling rates, by meter. */
  readonly rates = new Map<number, number>()
  private readonly table: FlowTable
  private readonly meters: Meters
  private readonly reverse = new ReverseCounts()

  constructor(table: FlowTable, meters: Meters) {
    this.table = table
    this.meters = meters
  }

  /** Takes up a flow in a row that is new, and so is zero. */
  open(row: number, { position, start }: ExportRecord): void {
    const { ints, doubles } = this.table
    const at = row * doubleWidth
    this.reverse.clear(row)
    doubles[at + double.lowStart] = Number.POSITIVE_INFINITY
    doubles[at + double.highStart] = Number.POSITIVE_INFINITY
    doubles[at + double.last] = start
    // Counted up to 2^32, as `>>> 0` gives it back.
    ints[row * intWidth + int.position] = position | 0
  }

  /** Takes up another flow in a row that has been given. */
  openAgain(row: number, record: ExportRecord): void {
    const { ints, doubles } = this.table
    const at = row * doubleWidth
    doubles[at + double.packets] = doubles[at + double.packets + 1] = 0
    doubles[at + double.bytes] = doubles[at + double.bytes + 1] = 0
    const columns = row * intWidth
    ints[columns + int.tcp] = ints[columns + int.marks] = ints[columns + int.meters] = 0
    this.open(row, record)
  }

  /** Adds a record to the flow of a row; `clock` is the time of arrival in microseconds. */
  add(row: number, record: ExportRecord, fromLow: boolean, clock: number): void {
    const { table } = this
    const { ints, doubles } = table
    const at = row * intWidth
    const last = row * doubleWidth + double.last
    const meter = record.meter & 0xffff
    ints[at + int.touched] = (clock / second) | 0
    let marks = ints[at + int.marks] as number
    const before = marks & bothHeard
    if (record.both) {
      marks |= (fromLow ? mark.lowBoth : mark.highBoth) | this.isDuplicate(row, record, { marks, fromLow })
      if (record.claimed) this.meters.compare(meter, record)
    }

    marks |= this.side(row, record, fromLow)
    if (record.both) marks |= this.otherSide(row, record, !fromLow)
    if (before === 0 && (marks & bothHeard) !== 0) this.meters.count(meter, 'flows')
    if (before !== bothHeard && (marks & bothHeard) === bothHeard) this.meters.count(meter, 'both')
    if (record.end > (doubles[last] as number)) doubles[last] = record.end

    if (record.began !== initiator.unknown)
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
    else if (looksCut(record)) marks |= mark.cut
    ints[at + int.marks] = marks
  }

  /** The mark of a flow each direction of which came in a record of its own, with both directions in it. */
  private isDuplicate(
    row: number,
    record: ExportRecord,
    { marks, fromLow }: { marks: number; fromLow: boolean },
  ): number {
    const { ints, doubles } = this.table
    const other = fromLow ? mark.highBoth : mark.lowBoth
    if (marks & mark.twice || !(marks & other)) return 0
    const meters = ints[row * intWidth + int.meters] as number
    const theirs = fromLow ? meters >>> 16 : meters & 0xffff
    if (theirs !== (record.meter & 0xffff)) return 0
    // Pieces of one connection follow each other and may be told from either end; they are no repetition.
    const last = doubles[row * doubleWidth + double.last] as number
    const isShort = last - startOf(this.table, row) < leastTimeout
    if (record.start >= last && !(isShort && record.start - last < together)) return 0
    this.meters.count(record.meter & 0xffff, 'twice')
    return mark.twice
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
    return marks | this.heard(row, fromLow, record.flags, record.start, record.meter)
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
    return marks | this.heard(row, isLow, reverseFlags, reverseStart, meter)
  }

  /** Notes that one end was heard. @returns the marks for it. */
  private heard(row: number, isLow: boolean, flags: number, start: number, meter: number): number {
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

  /** Adds to each direction what records of the other told of it, unless that only repeats what is counted. */
  addReverse(row: number): void {
    const { ints, doubles } = this.table
    const marks = ints[row * intWidth + int.marks] as number
    if (!(marks & bothTell) || marks & mark.twice) return
    for (let end = 0; end < 2; end++) {
      if (!(marks & (end === 0 ? mark.lowHeard : mark.highHeard))) continue
      const counts = row * doubleWidth + end
      doubles[counts + double.packets] =
        (doubles[counts + double.packets] as number) + this.reverse.packets(row, end)
      doubles[counts + double.bytes] =
        (doubles[counts + double.bytes] as number) + this.reverse.bytes(row, end)
    }
  }
}

/** Whether more of the flow is to come after an active time-out. */
function looksCut(record: ExportRecord): boolean {
  if (record.endReason !== 0) return record.endReason === reason.active
  return record.end - record.start >= leastTimeout && !(record.exported - record.end >= fresh)
}

/** A side that sent nothing was told of, and not heard. */
const isSilent = (packets: number, bytes: number): boolean => packets === 0 || (bytes === 0 && !(packets > 0))
