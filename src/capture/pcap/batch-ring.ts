/**
 * Batches that one thread fills and another takes, through shared memory.
 *
 * A ring of `slots` batches and two counters that only grow: batches filled, batches taken. The thread that
 * fills may sleep; the one that takes must not, as it also writes to the store.
 */
import { type BatchMemory, batchMemory, PacketBatch, sharedMemory } from '../packets/batch.ts'
import { pieceSize, type Window } from './read-batches.ts'

const slots = 6
const filled = 0
const taken = 1
const closed = 2

/** What the filling thread needs of the pipe. */
export interface PipeMemory {
  readonly control: SharedArrayBuffer
  /** Length, frames before, bytes read: three doubles a slot. */
  readonly facts: SharedArrayBuffer
  readonly batches: readonly BatchMemory[]
  readonly seed: number
}

export function pipeMemory(seed: number): PipeMemory {
  return {
    control: new SharedArrayBuffer(16),
    facts: new SharedArrayBuffer(slots * 24),
    batches: Array.from({ length: slots }, () => batchMemory(pieceSize, sharedMemory)),
    seed,
  }
}

/** The end that fills; it sleeps while no slot is free. */
export function pipeEntrance({ control, facts, batches, seed }: PipeMemory): Window {
  const counters = new Int32Array(control)
  const positions = new Float64Array(facts)
  const ring = batches.map((memory) => new PacketBatch(memory, seed))
  let count = 0

  return {
    next() {
      for (let done = Atomics.load(counters, taken); count - done >= slots; ) {
        Atomics.wait(counters, taken, done)
        done = Atomics.load(counters, taken)
      }
      return ring[count % slots] as PacketBatch
    },
    full(batch, bytes) {
      positions.set([batch.length, batch.first, bytes], (count % slots) * 3)
      Atomics.store(counters, filled, ++count)
      Atomics.notify(counters, filled)
    },
  }
}

/** Nothing more will come. */
export function shutPipe({ control }: PipeMemory): void {
  const counters = new Int32Array(control)
  Atomics.store(counters, closed, 1)
  Atomics.notify(counters, filled)
}

/** Gives each batch to `take`, which is done with it when its promise is; until the pipe is closed and empty. */
export async function drainPipe(
  { control, facts, batches, seed }: PipeMemory,
  take: (batch: PacketBatch, bytes: number) => Promise<void> | void,
): Promise<void> {
  const counters = new Int32Array(control)
  const positions = new Float64Array(facts)
  const ring = batches.map((memory) => new PacketBatch(memory, seed))

  for (let count = 0; ; ) {
    const isClosed = Atomics.load(counters, closed) === 1
    const ready = Atomics.load(counters, filled)
    if (ready === count) {
      if (isClosed) return
      await changed(counters, ready)
      continue
    }
    const slot = count % slots
    const batch = ring[slot] as PacketBatch
    batch.length = positions[slot * 3] as number
    batch.first = positions[slot * 3 + 1] as number
    const done = take(batch, positions[slot * 3 + 2] as number)
    if (done) await done
    Atomics.store(counters, taken, ++count)
    Atomics.notify(counters, taken)
  }
}

/** Waits for a batch, or for a moment: who closes the pipe wakes no one that has not begun to wait. */
async function changed(counters: Int32Array, ready: number): Promise<void> {
  const { async, value } = Atomics.waitAsync(counters, filled, ready, 20)
  if (async) await value
}
