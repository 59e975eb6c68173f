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
  const read = reader(body)
  const numbers = Uint32Array.from(read(read(1)[0] ?? 0))
  const four = sideOf(read, numbers)
  return { four: () => four, six: lazily(() => sideOf(read, numbers)) }
})

/** Number of the autonomous system that an address is of by the packaged table; null where it has none. */
export function packagedSystemOf(address: string): number | null {
  const at = keyOf(address)
  if (at === null) return null

  const { starts, lasts, systems } = at.version === 4 ? table().four() : table().six()
  const place = placeIn(starts, at.key)
  return place >= 0 && at.key <= (lasts[place] ?? -1) ? (systems[place] ?? null) : null
}

function sideOf(read: Read, numbers: Uint32Array): Side {
  const [count = 0] = read(1)
  const starts = read(count)
  const lasts = read(count)
  let free = 0
  for (let i = 0; i < count; i++) {
    free += starts[i]!
    starts[i] = free
    free += lasts[i]!
    lasts[i] = free
    free++
  }

  const places = read(count)
  const systems = new Uint32Array(count)
  for (let i = 0; i < count; i++) systems[i] = numbers[places[i]!] ?? 0
  return { starts, lasts, systems }
}

/** The next numbers. */
type Read = (count: number) => Float64Array

/** Whole numbers of seven bits a byte, the lowest first. */
function reader(bytes: Buffer): Read {
  let at = 0
  return (count) => {
    const values = new Float64Array(count)
    for (let i = 0; i < count; i++) {
      let byte = bytes[at++] ?? 0
      let value = byte & 127
      for (let scale = 128; byte > 127; scale *= 128) {
        byte = bytes[at++] ?? 0
        value += (byte & 127) * scale
      }
      values[i] = value
    }
    return values
  }
}
