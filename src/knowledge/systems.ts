/**
 * The packaged table of autonomous systems: which system announces an address. Kept as differences (gap
 * before a range, its size, the place of its system in a list by frequency), unpacked once into sorted
 * arrays.
 */
import { keyOf } from './addresses.ts'
import { lazily, readPacked } from './packed.ts'
import { placeIn } from './ranges.ts'

interface Side {
  readonly starts: Float64Array
  readonly lasts: Float64Array
  readonly systems: Uint32Array
}

const table = lazily(() => {
  const { body } = readPacked('systems')
  const counted = numbersAt(body, 0, 1)
  const { numbers, end } = numbersAt(body, counted.end, counted.numbers[0] ?? 0)
  const four = sideAt(body, end, numbers)
  return { four: () => four.side, six: lazily(() => sideAt(body, four.end, numbers).side) }
})

/** Number of the autonomous system that an address is of by the packaged table; null where it has none. */
export function packagedSystemOf(address: string): number | null {
  const at = keyOf(address)
  if (at === null) return null

  const { starts, lasts, systems } = at.version === 4 ? table().four() : table().six()
  const place = placeIn(starts, at.key)
  return place >= 0 && at.key <= (lasts[place] ?? -1) ? (systems[place] ?? null) : null
}

/** One version's ranges, whose numbers begin at `at`; and where they end. */
function sideAt(body: Uint8Array, at: number, numbers: Float64Array): { side: Side; end: number } {
  const counted = numbersAt(body, at, 1)
  const count = counted.numbers[0] ?? 0
  const gaps = numbersAt(body, counted.end, count)
  const sizes = numbersAt(body, gaps.end, count)
  const places = numbersAt(body, sizes.end, count)
  const [starts, lasts, systems] = [gaps.numbers, sizes.numbers, new Uint32Array(count)]

  let free = 0
  for (let i = 0; i < count; i++) {
    free += starts[i]!
    starts[i] = free
    free += lasts[i]!
    lasts[i] = free
    free++
    systems[i] = numbers[places.numbers[i]!] ?? 0
  }
  return { side: { starts, lasts, systems }, end: places.end }
}

/**
 * `count` whole numbers of seven bits a byte, the lowest first, from byte `at` on, and where they end. Numbers of up
 * to 28 bits go by integers: there are a million, and this runs once.
 */
function numbersAt(bytes: Uint8Array, at: number, count: number): { numbers: Float64Array; end: number } {
  const numbers = new Float64Array(count)
  let end = at
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
  return { numbers, end }
}
