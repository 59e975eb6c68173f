/**
 * Live flows in typed arrays: a hash table over five-tuples and a timing wheel over deadlines.
 *
 * A flow costs about 150 bytes and no object, so a million live ones fit easily and the garbage collector has
 * nothing to do. The two directions of a conversation have one key: the end with the smaller address and port
 * is `low`. Deadlines are lazy: a packet only writes its time, and the wheel looks at a flow when its slot
 * comes round, to end it or to put it off.
 */
import type { Packet } from './packet.ts'

/** Columns of `ints`, one row of `intWidth` a flow, whose second half is its `doubles`. */
export const int = {
  lowAddress: 0,
  highAddress: 4,
  ports: 8,
  kind: 9,
  hash: 10,
  nextInSlot: 11,
  flags: 12,
  clientSequence: 13,
  serverSequence: 14,
  generation: 15,
} as const
export const intWidth = 32

/** Columns of `doubles`, one row of `doubleWidth` a flow. Counts of the server follow those of the client. */
export const double = { start: 8, last: 9, packets: 10, bytes: 12, position: 14 } as const
export const doubleWidth = 16

/** Both halves of a row lie side by side in memory, as a packet needs both. */
const rowBytes = 128

const slots = 512
const second = 1e6

export class FlowTable {
  ints: Int32Array
  doubles: Float64Array
  /** Rows in use. */
  live = 0
  /** Whether the last packet looked for came from the `low` end. */
  fromLow = false
  private capacity: number
  private index: Int32Array
  private mask: number
  private readonly wheel = new Int32Array(slots)
  private tick = Number.NaN
  private freeRow = 0
  private readonly freed: number[] = []
  private readonly seed: number
  // The key of the packet looked for.
  private low0 = 0
  private low1 = 0
  private low2 = 0
  private low3 = 0
  private high0 = 0
  private high1 = 0
  private high2 = 0
  private high3 = 0
  private ports = 0
  private kind = 0
  private hash = 0

  constructor(capacity = 1024, seed = (Math.random() * 2 ** 32) | 0) {
    this.capacity = capacity
    this.seed = seed
    const rows = new ArrayBuffer(capacity * rowBytes)
    this.ints = new Int32Array(rows)
    this.doubles = new Float64Array(rows)
    this.index = new Int32Array(capacity * 2)
    this.mask = capacity * 2 - 1
  }

  /** The row of the packet's flow, or -1. `kind` tells apart flows that the five-tuple does not. */
  find(packet: Packet, kind: number): number {
    this.key(packet, kind)
    const { index, ints, mask, hash, ports } = this
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = (index[slot] as number) - 1
      if (row < 0) return -1
      const at = row * intWidth
      if (
        ints[at + int.hash] === hash &&
        ints[at + int.ports] === ports &&
        ints[at + int.lowAddress + 3] === this.low3 &&
        ints[at + int.highAddress + 3] === this.high3 &&
        ints[at + int.kind] === this.kind &&
        (packet.family === 4 || this.sameNetwork(at))
      )
        return row
    }
  }

  private sameNetwork(at: number): boolean {
    const { ints } = this
    return (
      ints[at] === this.low0 &&
      ints[at + 1] === this.low1 &&
      ints[at + 2] === this.low2 &&
      ints[at + 4] === this.high0 &&
      ints[at + 5] === this.high1 &&
      ints[at + 6] === this.high2
    )
  }

  private key(packet: Packet, kind: number): void {
    const { s3, d3, sourcePort, targetPort } = packet
    let order = packet.family === 6 ? networkOrder(packet) : 0
    if (order === 0) order = compare(s3, d3) || sourcePort - targetPort
    const fromLow = order <= 0
    this.fromLow = fromLow
    this.low3 = fromLow ? s3 : d3
    this.high3 = fromLow ? d3 : s3
    this.ports = fromLow ? (sourcePort << 16) | targetPort : (targetPort << 16) | sourcePort
    this.kind = kind
    let hash = mix(mix(mix(this.seed ^ kind, this.low3), this.high3), this.ports)
    if (packet.family === 6) hash = this.wideKey(packet, hash)
    else this.low0 = this.low1 = this.low2 = this.high0 = this.high1 = this.high2 = 0
    hash ^= hash >>> 15
    this.hash = Math.imul(hash, 0x2c1b3c6d) ^ (hash >>> 12)
  }

  private wideKey(packet: Packet, start: number): number {
    const { s0, s1, s2, d0, d1, d2 } = packet
    const { fromLow } = this
    this.low0 = fromLow ? s0 : d0
    this.low1 = fromLow ? s1 : d1
    this.low2 = fromLow ? s2 : d2
    this.high0 = fromLow ? d0 : s0
    this.high1 = fromLow ? d1 : s1
    this.high2 = fromLow ? d2 : s2
    return mix(
      mix(mix(mix(mix(mix(start, this.low0), this.low1), this.low2), this.high0), this.high1),
      this.high2,
    )
  }

  /** When the last packet of a flow passed. */
  last(row: number): number {
    return this.doubles[row * doubleWidth + double.last] as number
  }

  /** Adds the flow that `find` did not find. @returns its row, zeroed but for its key. */
  add(): number {
    const { freed } = this
    if (freed.length === 0 && this.freeRow === this.capacity) this.grow()
    const row = freed.pop() ?? this.freeRow++
    this.live++
    const at = row * intWidth
    const { ints } = this
    ints.fill(0, at, at + intWidth)
    ints[at] = this.low0
    ints[at + 1] = this.low1
    ints[at + 2] = this.low2
    ints[at + 3] = this.low3
    ints[at + 4] = this.high0
    ints[at + 5] = this.high1
    ints[at + 6] = this.high2
    ints[at + 7] = this.high3
    ints[at + int.ports] = this.ports
    ints[at + int.kind] = this.kind
    ints[at + int.hash] = this.hash
    this.enter(row, this.hash)
    return row
  }

  private enter(row: number, hash: number): void {
    let slot = hash & this.mask
    while (this.index[slot] !== 0) slot = (slot + 1) & this.mask
    this.index[slot] = row + 1
  }

  private grow(): void {
    const { ints, freeRow } = this
    this.capacity *= 2
    const rows = new ArrayBuffer(this.capacity * rowBytes)
    this.ints = new Int32Array(rows)
    this.ints.set(ints)
    this.doubles = new Float64Array(rows)
    this.index = new Int32Array(this.capacity * 2)
    this.mask = this.capacity * 2 - 1
    // Only a full table grows, so every row is live.
    for (let row = 0; row < freeRow; row++) this.enter(row, ints[row * intWidth + int.hash] as number)
  }

  /** Takes a flow out; only the wheel may, which then no longer holds it. */
  private remove(row: number): void {
    const { index, mask, ints } = this
    let slot = (ints[row * intWidth + int.hash] as number) & mask
    while (index[slot] !== row + 1) slot = (slot + 1) & mask
    // Close the gap, so that the run after it stays unbroken.
    let gap = slot
    for (let next = (gap + 1) & mask; index[next] !== 0; next = (next + 1) & mask) {
      const home = (ints[((index[next] as number) - 1) * intWidth + int.hash] as number) & mask
      if (((next - home) & mask) < ((next - gap) & mask)) continue
      index[gap] = index[next] as number
      gap = next
    }
    index[gap] = 0
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

  /** Ends every flow, in the order of their rows. */
  drain(end: (row: number) => void): void {
    const free = new Set(this.freed)
    for (let row = 0; row < this.freeRow; row++) if (!free.has(row)) end(row)
  }
}

/** Order of two unsigned words kept signed. */
const compare = (a: number, b: number): number => (a === b ? 0 : a >>> 0 < b >>> 0 ? -1 : 1)

const networkOrder = ({ s0, s1, s2, d0, d1, d2 }: Packet): number =>
  compare(s0, d0) || compare(s1, d1) || compare(s2, d2)

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x85ebca6b)
  return mixed ^ (mixed >>> 13)
}
