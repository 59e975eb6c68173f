/** A capture file as it streams past: one buffer, which never grows. */
import { Damage, type Frame, type Framing, longestRecord } from './packet-frame.ts'

interface Taking {
  readonly framing: Framing
  readonly frame: Frame
  readonly take: () => void
}

const chunk = 1 << 20

/**
 * Reads frames out of `chunks`; `after` is awaited after each piece, with the bytes read so far.
 * @returns bytes of an unfinished record at the end, or what stopped the reading.
 */
export async function readFrames(
  chunks: AsyncIterable<Buffer>,
  { framing, frame, take }: Taking,
  after: (bytes: number) => Promise<void>,
): Promise<number | Damage> {
  const bytes = new Uint8Array(longestRecord + chunk)
  frame.bytes = bytes
  frame.view = new DataView(bytes.buffer)
  let held = 0
  let skip = 0
  let passed = 0
  for await (const piece of chunks) {
    for (let from = 0; from < piece.length; ) {
      const size = Math.min(piece.length - from, bytes.length - held)
      bytes.set(piece.subarray(from, from + size), held)
      from += size
      const to = held + size
      const next = skip >= to ? skip : framing.read(frame, { from: skip, to }, take)
      if (next instanceof Damage) return next
      skip = Math.max(0, next - to)
      if (next < to) bytes.copyWithin(0, next, to)
      held = Math.max(0, to - next)
      if (held > longestRecord) return new Damage('a record longer than any can be')
    }
    passed += piece.length
    await after(passed)
  }
  return Math.max(held, skip)
}
