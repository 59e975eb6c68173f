/**
 * Live flows in typed arrays: a hash table over five-tuples and a timing wheel over deadlines.
 *
 * A flow costs about 150 bytes and no object, so a million live ones fit easily and the garbage collector has
 * nothing to do. What every packet touches lies in one cache line of 64 bytes, the rest in the next. Deadlines
 * are lazy: a packet only writes its time, and the wheel looks at a flow when its slot comes round, to end it
 * or to put it off.
 */

import { second } from '../../model/units.ts'
import type { PacketBatch } from '../packets/batch.ts'
import * as packetLayout from '../packets/batch-layout.ts'
import type { FlowRows } from './flow-layout.ts'
import * as flowLayout from './flow-layout.ts'

const { double, doubleWidth, int, intWidth } = flowLayout
const { packetWidth, wideWidth, word } = packetLayout

const rowBytes = 128
const lineBytes = 64
/** The C library of Linux puts a large block 16 bytes behind a line of the cache; from here rows begin with one. */
const aligned = process.platform === 'linux' ? lineBytes - 16 : 0

const rowsOf = (capacity: number): ArrayBuffer => new ArrayBuffer(capacity * rowBytes + lineBytes)

/** Packets whose rows are touched together: a power of two. */
export const warmed = 64
const together = warmed
/** The kind of a row that is free. */
const ofNoFlow = -1

const slots = 512

export class FlowTable implements FlowRows {
  ints: Int32Array
  doubles: Float64Array
  readonly tunnels: string[] = ['']
  /** Rows in use. */
  live = 0
  private capacity: number
  /** Two words a slot: the hash, and the row + 1 or 0. */
  private index: Int32Array
  private mask: number
  private readonly wheel = new Int32Array(slots)
  private tick = Number.NaN
  private freeRow = 0
  private readonly wanted = new Int32Array(warmed)
  /** Kept so that the touching is not thought to be for nothing. */
  touched = 0
  private readonly freed: number[] = []

  constructor(capacity = 1024) {
    this.capacity = capacity
    const rows = rowsOf(capacity)
    this.ints = new Int32Array(rows, aligned)
    this.doubles = new Float64Array(rows, aligned)
    this.index = new Int32Array(capacity * 4)
    this.mask = capacity * 2 - 1
  }

  /** The row of the flow of packet `packet` of a batch, or -1. */
  find(batch: PacketBatch, packet: number): number {
    const { index, mask } = this
    const hash = batch.ints[packet * packetWidth + word.hash] as number
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = (index[slot * 2 + 1] as number) - 1
      if (row < 0 || (index[slot * 2] === hash && this.holds(row, batch, packet))) return row
    }
  }

  /** The same for a packet that was warmed: nearly always where the warming found it. */
  findWarm(batch: PacketBatch, packet: number): number {
    const row = this.wanted[packet & (together - 1)] as number
    return row >= 0 && this.holds(row, batch, packet) ? row : this.find(batch, packet)
  }

  /** Whether a row is that of the flow of a packet. A row that is free holds none. */
  private holds(row: number, { ints: packets, wide }: PacketBatch, packet: number): boolean {
    const { ints } = this
    const at = row * intWidth
    const key = packet * packetWidth
    const kind = packets[key + word.kind] as number
    return (
      ints[at + int.ports] === packets[key + word.ports] &&
      ints[at + int.lowAddress] === packets[key + word.low] &&
      ints[at + int.highAddress] === packets[key + word.high] &&
      ints[at + int.kind] === kind &&
      ((kind & 256) === 0 || sameNetwork({ ints, at: at + int.lowNetwork }, wide, packet * wideWidth))
    )
  }

  /**
   * Touches the rows of the flows of packets [from, to), so that they are in the cache when each is looked for:
   * one after the other the look-ups would wait for memory, together they wait once. Without a branch on what comes
   * from memory, which would be foretold wrongly and wait for it. `from` is a multiple of `warmed`.
   */
  warm(batch: PacketBatch, from: number, to: number): void {
    const { index, ints, mask, wanted } = this
    const packets = batch.ints

    for (let i = from; i < to; i++) {
      const hash = packets[i * packetWidth + word.hash] as number
      const first = hash & mask
      // A flow is nearly always in the first slot of its hash or the next.
      const differs = (index[first * 2] as number) ^ hash
      const slot = (first + ((differs | -differs) >>> 31)) & mask
      wanted[i - from] = (index[slot * 2 + 1] as number) - 1
    }

    let touched = 0

    for (let i = from; i < to; i++) {
      // Of what is not there, the first row, which does no harm.
      const row = wanted[i - from] as number
      const at = (row & ~(row >> 31)) * intWidth
      touched ^= ints[at] as number
      if ((packets[i * packetWidth + word.kind] as number) & 256)
        touched ^= ints[at + int.lowNetwork] as number
    }

    this.touched = touched
  }

  /** When a flow began. */
  start(row: number): number {
    return this.doubles[row * doubleWidth + double.start] as number
  }

  /** When the last packet of a flow passed. */
  last(row: number): number {
    return this.doubles[row * doubleWidth + double.last] as number
  }

  /** Adds the flow of a packet, which `find` did not find. @returns its row, zeroed but for its key. */
  add(batch: PacketBatch, packet: number): number {
    const { freed } = this
    if (freed.length === 0 && this.freeRow === this.capacity) this.grow()
    const row = freed.pop() ?? this.freeRow++
    this.live++
    const at = row * intWidth
    const { ints } = this
    const key = packet * packetWidth
    const packets = batch.ints
    ints.fill(0, at, at + intWidth)
    ints[at + int.ports] = packets[key + word.ports] as number
    ints[at + int.lowAddress] = packets[key + word.low] as number
    ints[at + int.highAddress] = packets[key + word.high] as number
    const kind = packets[key + word.kind] as number
    ints[at + int.kind] = kind
    const hash = packets[key + word.hash] as number
    ints[at + int.hash] = hash

    if (kind & 256)
      for (let i = 0; i < 6; i++) ints[at + int.lowNetwork + i] = batch.wide[packet * wideWidth + i] as number

    this.enter(row, hash)

    return row
  }

  private enter(row: number, hash: number): void {
    const { index, mask } = this
    let slot = hash & mask
    while (index[slot * 2 + 1] !== 0) slot = (slot + 1) & mask
    index[slot * 2] = hash
    index[slot * 2 + 1] = row + 1
  }

  private grow(): void {
    const { ints, freeRow } = this
    this.capacity *= 2
    const rows = rowsOf(this.capacity)
    this.ints = new Int32Array(rows, aligned)
    this.ints.set(ints)
    this.doubles = new Float64Array(rows, aligned)
    this.index = new Int32Array(this.capacity * 4)
    this.mask = this.capacity * 2 - 1
    // Only a full table grows, so every row is live.
    for (let row = 0; row < freeRow; row++) this.enter(row, ints[row * intWidth + int.hash] as number)
  }

  /** Takes a flow out; only the wheel may, which then no longer holds it. */
  private remove(row: number): void {
    const { index, mask, ints } = this
    let slot = (ints[row * intWidth + int.hash] as number) & mask

    while (index[slot * 2 + 1] !== row + 1) slot = (slot + 1) & mask

    // Close the gap, so that the run after it stays unbroken.
    let gap = slot

    for (let next = (gap + 1) & mask; index[next * 2 + 1] !== 0; next = (next + 1) & mask) {
      const home = (index[next * 2] as number) & mask
      if (((next - home) & mask) < ((next - gap) & mask)) continue
      index[gap * 2] = index[next * 2] as number
      index[gap * 2 + 1] = index[next * 2 + 1] as number
      gap = next
    }

    index[gap * 2 + 1] = 0
    ints[row * intWidth + int.kind] = ofNoFlow
    this.freed.push(row)
    this.live--
  }

  /** Has the wheel look at a flow again `after` microseconds from the time it stands at. */
  schedule(row: number, after: number): void {
    const ahead = Math.min(slots - 1, Math.max(1, Math.ceil(after / second)))
    const slot = (this.tick + ahead) & (slots - 1)
    this.ints[row * intWidth + int.nextInSlot] = this.wheel[slot] as number
    this.wheel[slot] = row + 1
  }

  /**
   * Turns the wheel to `now`. For each flow whose turn has come, `due` says how many microseconds it may still
   * live; with 0 or less it is removed.
   */
  turn(now: number, due: (row: number, now: number) => number): void {
    const to = Math.floor(now / second)
    if (Number.isNaN(this.tick)) this.tick = to
    const steps = to < this.tick ? slots : Math.min(slots, to - this.tick)
    const from = to < this.tick ? to - slots : Math.max(this.tick, to - slots)
    this.tick = to
    for (let step = 1; step <= steps; step++) this.look((from + step) & (slots - 1), now, due)
  }

  private look(slot: number, now: number, due: (row: number, now: number) => number): void {
    let next = this.wheel[slot] as number
    this.wheel[slot] = 0
    while (next !== 0) {
      const row = next - 1
      next = this.ints[row * intWidth + int.nextInSlot] as number
      const left = due(row, now)
      if (left > 0) this.schedule(row, left)
      else this.remove(row)
    }
  }

  /** Looks at every flow, whatever its turn: to make room. `due` is as for `turn`. */
  sweep(now: number, due: (row: number, now: number) => number): void {
    if (Number.isNaN(this.tick)) this.tick = Math.floor(now / second)
    const rows: number[] = []
    for (let slot = 0; slot < slots; slot++) {
      for (let next = this.wheel[slot] as number; next !== 0; ) {
        rows.push(next - 1)
        next = this.ints[(next - 1) * intWidth + int.nextInSlot] as number
      }
    }
    this.wheel.fill(0)
    for (const row of rows) {
      const left = due(row, now)
      if (left > 0) this.schedule(row, left)
      else this.remove(row)
    }
  }

  /** Ends every flow, in the order of their rows. */
  drain(end: (row: number) => void): void {
    const free = new Set(this.freed)
    for (let row = 0; row < this.freeRow; row++) if (!free.has(row)) end(row)
    this.live = 0
  }
}

/** Whether the six words of two networks are alike. */
function sameNetwork(
  { ints, at }: { ints: Int32Array; at: number },
  wide: Int32Array,
  from: number,
): boolean {
  for (let i = 0; i < 6; i++) if (ints[at + i] !== wide[from + i]) return false
  return true
}
