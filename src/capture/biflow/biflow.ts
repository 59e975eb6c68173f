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
import { ClientMemory } from '../flows/client-memory.ts'
import * as flowLayout from '../flows/flow-layout.ts'
import { FlowTable } from '../flows/flow-table.ts'
import { singleBatch } from '../packets/batch.ts'
import { packetBit, word } from '../packets/batch-layout.ts'
import { protocol } from '../packets/packet.ts'
import { bothHeard, double, doubleWidth, int, intWidth, mark } from './layout.ts'
import { Meters } from './meters.ts'
import { exportOutcome, exportState, isTold, lowIsClient } from './outcome.ts'
import { keepOutcome } from './outcome-column.ts'
import type { ExportRecord } from './record.ts'
import { isAnother, isDouble } from './sameness.ts'
import { HeldSide, isOver } from './sides.ts'
import { FlowSums } from './sums.ts'

/** Microseconds. */
export const idleTimeouts = {
  /** After both sides closed. */
  over: 2 * second,
  usual: 120 * second,
  /** Longer than the usual active time-out of 30 minutes. */
  cut: 35 * 60 * second,
  /** After an update that announces more: an ASA sends them every 1 to 60 minutes. */
  more: 65 * 60 * second,
} as const
const mostLive = 1 << 20

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
  private readonly most: number
  private clock = Number.NaN
  /** Divides every patience. */
  private timeoutScale = 1
  private readonly meters = new Meters()
  private readonly sums: FlowSums
  private readonly clients = new ClientMemory()
  private finished = false
  /** Flows let go early, for want of room. */
  expiredEarly = 0

  private readonly longest: number
  /** What is looked at of the flow that is given. */
  private readonly low = new HeldSide()
  private readonly high = new HeldSide()
  private readonly sides = { client: this.low, server: this.high }
  private readonly meter = { tellsBoth: false, sampled: false, denied: false }

  /**
   * `most`: flows that are held at a time. `longest`: microseconds after which a flow is given although it goes on, so
   * that one of days is seen before it ends; what follows says by its state that it goes on.
   */
  constructor(sink: PairingSink, { most = mostLive, longest = Number.POSITIVE_INFINITY } = {}) {
    this.sink = sink
    this.sums = new FlowSums(this.table, this.meters)
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
    const { table, longest } = this
    if (Number.isNaN(this.clock)) this.advance(record.end)
    this.key.clear(0)
    this.key.put(record.ends, 0, 0)
    const fromLow = ((this.key.ints[word.bits] as number) & packetBit.fromLow) !== 0
    let row = table.find(this.key, 0)
    if (row < 0) row = this.begin(record)
    else if (isDouble(table, row, record, fromLow)) return this.sink.double(record)
    else if (isAnother(table, row, record, fromLow, longest)) this.restart(row, record)
    this.sums.add(row, record, fromLow, this.clock)
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
    this.sums.open(row, record)
    table.schedule(row, idleTimeouts.over)
    return row
  }

  /** Halves the patience until a quarter of the room is free; lets all go when that does not help. */
  private makeRoom(): void {
    const before = this.table.live
    while (this.table.live > this.most * 0.75) {
      this.timeoutScale *= 2
      this.table.sweep(this.clock, this.timeoutScale > 2 ** 20 ? (row) => this.gone(row) : this.due)
    }
    this.expiredEarly += before - this.table.live
    this.timeoutScale = 1
  }

  private gone(row: number): number {
    this.end(row)
    return 0
  }

  private restart(row: number, record: ExportRecord): void {
    this.end(row)
    this.sums.openAgain(row, record)
  }

  private readonly due = (row: number, now: number): number => {
    const waited = (((now / second) | 0) - (this.table.ints[row * intWidth + int.touched] as number)) * second
    const left = this.idleTimeoutOf(row) / this.timeoutScale - waited
    if (left > 0) return left
    this.end(row)
    return 0
  }

  private idleTimeoutOf(row: number): number {
    const at = row * intWidth
    const { ints } = this.table
    const marks = ints[at + int.marks] as number
    if (marks & mark.total) return idleTimeouts.over
    if (marks & mark.more) return idleTimeouts.more
    if (marks & mark.cut) return idleTimeouts.cut
    const isTcp = ((ints[at + int.kind] as number) & 255) === protocol.tcp
    const isClosed = (isTcp && isOver(ints[at + int.tcp] as number)) || (marks & mark.ended) !== 0
    return (marks & bothHeard) === bothHeard && isClosed ? idleTimeouts.over : idleTimeouts.usual
  }

  private end(row: number): void {
    const { ints, doubles } = this.table
    const at = row * intWidth
    const counts = row * doubleWidth
    const proto = (ints[at + int.kind] as number) & 255
    const { low, high } = this
    this.sums.addReverse(row)
    low.fill(this.table, row, true)
    high.fill(this.table, row, false)
    const marks = ints[at + int.marks] as number
    const isSaid = (marks & mark.began) !== 0
    const position = (ints[at + int.position] as number) >>> 0

    // From here on the row is as `flow-layout.ts` has it.
    const start = Math.min(low.start, high.start, doubles[counts + double.last] as number)
    doubles[counts + flowLayout.double.start] = start
    doubles[counts + flowLayout.double.position] = position
    const isLow = isSaid ? !(marks & mark.beganHigh) : lowIsClient(proto, low, high)
    const known = isSaid || isTold(proto, low, high) ? null : this.clients.recall(this.table, row)
    const isHigh = known ?? !isLow
    ints[at + flowLayout.int.flags] = isHigh ? flowLayout.bit.clientIsHigh : 0
    this.clients.keep(this.table, row)
    this.sides.client = isHigh ? high : low
    this.sides.server = isHigh ? low : high
    this.judge(row, proto, marks)
    this.sink.flow(this.table, row)
  }

  /** Puts into the row how the flow went, and its counts, the client's first. */
  private judge(row: number, proto: number, marks: number): void {
    const { sides, meter, table } = this
    const { client, server } = sides
    const measured = client.heard ? client.meter : server.meter
    meter.tellsBoth = this.meters.tellsBoth(measured)
    meter.sampled = (marks & mark.sampled) !== 0
    meter.denied = (marks & mark.denied) !== 0
    const outcome = exportOutcome(proto, sides, meter)

    // A direction that this exporter does not tell of has counts that nobody knows.
    const known = (client.heard && server.heard) || outcome === 'unanswered' || outcome === 'reversed'
    const packets = row * doubleWidth + double.packets
    const bytes = row * doubleWidth + double.bytes
    table.doubles[packets] = client.heard || known ? client.packets : Number.NaN
    table.doubles[packets + 1] = server.heard || known ? server.packets : Number.NaN
    table.doubles[bytes] = client.heard || known ? client.bytes : Number.NaN
    table.doubles[bytes + 1] = server.heard || known ? server.bytes : Number.NaN
    keepOutcome(
      table,
      row,
      outcome,
      meter.sampled ? (this.sums.rates.get(measured) ?? Number.NaN) : exportState(proto, sides),
    )
  }
}
