/** A capture file as it streams past, through batches that are used again: memory does not grow with it. */
import { type BatchSize, batchMemory, ownMemory, PacketBatch } from '../packets/batch.ts'
import { type Bounds, Damage, type Frame, longestRecord } from '../packets/frame.ts'

/** Where the bytes of a capture come from. */
export interface ByteSource {
  /** Puts bytes into `into` from `at` on. @returns how many; 0 at the end. */
  read(into: Uint8Array, at: number): number | Promise<number>
}

/** Bytes read at once: what is read is still in the processor's cache when it is decoded. */
export const piece = 1 << 17

/** Room for any record, and a piece after it. */
export const pieceSize: BatchSize = { longest: longestRecord, piece }

/** A batch for a source of `size` bytes; null where that is not known. */
export const createBatch = (seed: number, size: number | null = null): PacketBatch =>
  new PacketBatch(
    batchMemory(
      size === null || size > longestRecord ? pieceSize : { longest: size, piece: Math.min(size, piece) },
      ownMemory,
    ),
    seed,
  )

export interface Window {
  /** The batch to fill next; the one given last stays as it is until then. */
  next(): PacketBatch | Promise<PacketBatch>
  /** Takes a batch that is full, with the bytes read so far. */
  full(batch: PacketBatch, bytes: number): void | Promise<void>
}

/** What is made of the whole records in `batch.bytes[from, to)`; `decode` gives what `Framing.read` does. */
interface Stage {
  readonly frame: Frame
  decode(batch: PacketBatch, bounds: Bounds): number | Damage
}

/**
 * Reads packets out of a source, batch by batch.
 * @returns bytes of an unfinished record at the end, or what stopped the reading.
 */
export async function readBatches(
  source: ByteSource,
  stage: Stage,
  window: Window,
): Promise<number | Damage> {
  let held: Uint8Array = new Uint8Array(0)
  let skip = 0
  let passed = 0

  for (;;) {
    const given = window.next()
    const batch = given instanceof Promise ? await given : given
    const { bytes } = batch
    bytes.set(held)
    const read = source.read(bytes.subarray(0, Math.min(held.length + piece, bytes.length)), held.length)
    const size = read instanceof Promise ? await read : read
    if (size === 0) return Math.max(held.length, skip)
    passed += size
    const to = held.length + size
    const next = skip >= to ? skip : stage.decode(batch, { from: skip, to })
    if (skip >= to) batch.clear(stage.frame.position)
    const end = next instanceof Damage ? to : next
    skip = Math.max(0, end - to)
    held = bytes.subarray(Math.min(end, to), to)
    const done = window.full(batch, passed)
    if (done) await done
    if (next instanceof Damage) return next
    if (held.length > longestRecord) return new Damage('a record longer than any can be')
  }
}
