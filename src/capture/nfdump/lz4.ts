/** LZ4 blocks without a frame (lz4_Block_format.md), as nfdump writes them. */
import { Unpacked } from './output-buffer.ts'

/** @returns the content; null where the block is damaged or holds more than `most` bytes. */
export function unpackLz4(block: Uint8Array, most: number): Uint8Array | null {
  const out = new Unpacked(block, most)
  while (out.sound && !out.isAtEnd) {
    const token = out.byte()
    out.literals(long(out, token >>> 4))
    if (out.isAtEnd) break
    const distance = out.byte() | (out.byte() << 8)
    out.match(distance, 4 + long(out, token & 15))
  }
  return out.content()
}

/** A length of 15 goes on in bytes, until one that is not 255. */
function long(out: Unpacked, start: number): number {
  let length = start
  if (start < 15) return length
  for (;;) {
    const next = out.byte()
    length += next
    if (next !== 255 || !out.sound) return length
  }
}
