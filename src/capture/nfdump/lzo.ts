/** LZO1X blocks, as nfdump writes them. The format as the Linux kernel documents it (Documentation/staging/lzo.rst). */
import { Unpacked } from './output-buffer.ts'

/** @returns the content; null where the block is damaged or holds more than `most` bytes. */
export function unpackLzo(block: Uint8Array, most: number): Uint8Array | null {
  const out = new Unpacked(block, most)
  /** Literals that came with the last instruction; 4 for a run of them. */
  let state = 0
  const first = block[0] ?? 0

  if (first > 17) {
    out.at = 1
    out.literals(first - 17)
    state = Math.min(4, first - 17)
  }

  while (out.sound) {
    const t = out.byte()
    if (t < 16 && state === 0) {
      out.literals(3 + (t || long(out, 15)))
      state = 4
      continue
    }
    let length: number
    let distance: number
    if (t >= 64) {
      length = (t >>> 5) + 1
      distance = (out.byte() << 3) + ((t >>> 2) & 7) + 1
      state = t & 3
    } else if (t >= 16) {
      const isNear = t >= 32
      length = 2 + (isNear ? t & 31 || long(out, 31) : t & 7 || long(out, 7))
      const word = out.byte() | (out.byte() << 8)
      state = word & 3
      distance = isNear ? (word >>> 2) + 1 : 16_384 + ((t & 8) << 11) + (word >>> 2)
      if (distance === 16_384) return out.content()
    } else {
      length = state === 4 ? 3 : 2
      distance = (out.byte() << 2) + (t >>> 2) + (state === 4 ? 2049 : 1)
      state = t & 3
    }
    out.match(distance, length)
    out.literals(state)
  }

  return null
}

/** A length that goes on: each zero byte is 255. */
function long(out: Unpacked, base: number): number {
  let length = base
  let next = out.byte()
  while (next === 0 && out.sound) {
    length += 255
    next = out.byte()
  }
  return length + next
}
