/** Reads runs of a capture file side by side, in the order of their packets' times. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { PacketBatch } from '../packets/batch.ts'
import * as layout from '../packets/batch-layout.ts'
import { Damage, longestRecord } from '../packets/frame.ts'
import type { Rejects } from '../rejects.ts'
import { PacketStage } from './decode-stage.ts'
import { createBatch, piece } from './read-batches.ts'
import type { Run } from './runs.ts'

const { packetDoubles, timeColumn } = layout

interface Merging {
  readonly path: string
  readonly seed: number
  readonly rejects: Rejects
  /** Takes packets [from, to) of a batch, of a file of which `bytes` were read. */
  readonly take: (batch: PacketBatch, from: number, to: number, bytes: number) => Promise<void> | void
}

/** @returns what reports the last rejects, to be called when all flows are out. */
export async function mergeRuns(
  runs: readonly Run[],
  { path, seed, rejects, take }: Merging,
): Promise<() => void> {
  const file = openSync(path, 'r')

  try {
    const readers = runs.map((run) => new RunReader(file, run, new PacketStage(run.framing, rejects), seed))
    for (;;) {
      const heads = readers.map((reader) => reader.head())
      const least = heads.indexOf(Math.min(...heads))
      const reader = readers[least] as RunReader
      if (heads[least] === Number.POSITIVE_INFINITY) break
      const limit = Math.min(...heads.filter((_, i) => i !== least))
      const { from, to } = reader.upTo(limit)
      const bytes = readers.reduce((sum, each) => sum + each.read, 0)
      const done = take(reader.batch, from, to, bytes)
      if (done) await done
    }
    return () => {
      for (const reader of readers) reader.finish()
    }
  } finally {
    closeSync(file)
  }
}

class RunReader {
  readonly batch: PacketBatch
  /** Bytes that were read. */
  read = 0
  private readonly file: number
  private readonly run: Run
  private readonly stage: PacketStage
  /** The packet of the batch that comes next. */
  private next = 0
  private held: Uint8Array = new Uint8Array(0)
  private skip = 0
  private rest: number | Damage | null = null

  constructor(file: number, run: Run, stage: PacketStage, seed: number) {
    this.file = file
    this.run = run
    this.stage = stage
    this.batch = createBatch(seed, run.to - run.from + 1)
    stage.frame.position = run.frames
  }

  /** The time of its next packet; infinite at its end. */
  head(): number {
    while (this.next >= this.batch.length) {
      if (this.rest !== null) return Number.POSITIVE_INFINITY
      this.next = 0
      this.batch.clear(this.stage.frame.position)
      this.fill()
    }
    return this.timeOf(this.next)
  }

  /** The packets from the next on that are not later than `limit`, at least one; they are then taken. */
  upTo(limit: number): { from: number; to: number } {
    const from = this.next
    this.next++
    while (this.next < this.batch.length && this.timeOf(this.next) <= limit) this.next++
    return { from, to: this.next }
  }

  finish(): void {
    this.stage.finish(this.rest ?? 0)
  }

  private timeOf(row: number): number {
    return this.batch.doubles[row * packetDoubles + timeColumn] as number
  }

  private fill(): void {
    const { batch, run, stage } = this
    const { bytes } = batch
    bytes.set(this.held)
    const at = this.held.length
    const room = Math.min(at + piece, bytes.length) - at
    const wanted = Math.min(room, run.to - run.from - this.read)
    const size = wanted > 0 ? readSync(this.file, bytes, at, wanted, run.from + this.read) : 0

    if (size === 0) {
      this.rest = Math.max(at, this.skip)
      return
    }

    this.read += size
    const to = at + size
    const next = this.skip >= to ? this.skip : stage.decode(batch, { from: this.skip, to })
    const end = next instanceof Damage ? to : next
    this.skip = Math.max(0, end - to)
    this.held = bytes.subarray(Math.min(end, to), to)
    if (next instanceof Damage) this.rest = next
    else if (this.held.length > longestRecord) this.rest = new Damage('a record longer than any can be')
  }
}
