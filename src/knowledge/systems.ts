/**
 * The packaged table of autonomous systems: which system announces an address. Ranges stand in blocks, each compressed
 * by itself, and a block is unpacked once an address in it is asked for: a small analysis asks for a few of 500,000
 * ranges. `systems.packed` is a line of JSON, four bytes with the length of the head (low byte first), the head and
 * the blocks, in Brotli. All else is whole numbers of seven bits a byte, the lowest first:
 *
 * - head: how many systems, their numbers by frequency; then of IPv4 and of IPv6 how many blocks, and of each the key
 *   of its first address, its ranges and its packed bytes;
 * - block: of each range the gap before it, then of each its size, then of each the place of its system in the head.
 *   The gap before the first is 0.
 */
import { brotliDecompressSync } from 'node:zlib'
import { keyOf } from './addresses.ts'
import { lazily, packedBytes } from './packed.ts'
import { placeIn } from './ranges.ts'

interface Ranges {
  readonly starts: Float64Array
  readonly lasts: Float64Array
  readonly systems: Uint32Array
}

/** One version's blocks by their first keys. */
interface Side {
  readonly starts: Float64Array
  readonly blocks: readonly (() => Ranges)[]
}

const table = lazily(() => {
  const bytes = packedBytes('systems').body
  const headEnd = 4 + bytes.readUInt32LE(0)
  const read = numbersFrom(brotliDecompressSync(bytes.subarray(4, headEnd)))
  const numbers = read(read(1)[0]!)

  let at = headEnd
  const sideFrom = (): Side => {
    const count = read(1)[0]!
    const [firsts, sizes, lengths] = [read(count), read(count), read(count)]
    const blocks = Array.from(firsts, (first, i) => {
      const packed = bytes.subarray(at, at + lengths[i]!)
      at += lengths[i]!
      return lazily(() => rangesOf(packed, { first, count: sizes[i]!, numbers }))
    })
    return { starts: firsts, blocks }
  }
  return { four: sideFrom(), six: sideFrom() }
})

/** Number of the autonomous system that an address is of by the packaged table; null where it has none. */
export function packagedSystemOf(address: string): number | null {
  const at = keyOf(address)
  if (at === null) return null

  const side = at.version === 4 ? table().four : table().six
  const block = side.blocks[placeIn(side.starts, at.key)]
  if (!block) return null

  const { starts, lasts, systems } = block()
  const place = placeIn(starts, at.key)
  return place >= 0 && at.key <= (lasts[place] ?? -1) ? (systems[place] ?? null) : null
}

function rangesOf(
  packed: Uint8Array,
  { first, count, numbers }: { first: number; count: number; numbers: Float64Array },
): Ranges {
  const read = numbersFrom(brotliDecompressSync(packed))
  const [starts, lasts, places] = [read(count), read(count), read(count)]
  const systems = new Uint32Array(count)

  let free = first
  for (let i = 0; i < count; i++) {
    free += starts[i]!
    starts[i] = free
    free += lasts[i]!
    lasts[i] = free
    free++
    systems[i] = numbers[places[i]!] ?? 0
  }
  return { starts, lasts, systems }
}

/** Gives the next `count` numbers at each call. Those of up to 28 bits go by integers, which is faster. */
function numbersFrom(bytes: Uint8Array): (count: number) => Float64Array {
  let end = 0
  return (count) => {
    const numbers = new Float64Array(count)

    for (let i = 0; i < count; i++) {
      let byte = bytes[end++]!
      let value = byte & 127
      let shift = 7
      while (byte > 127) {
        byte = bytes[end++]!
        value += shift < 28 ? (byte & 127) << shift : (byte & 127) * 2 ** shift
        shift += 7
      }
      numbers[i] = value
    }

    return numbers
  }
}
