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
  const next = reader(body)
  const numbers = Uint32Array.from({ length: next() }, () => next())
  return { four: sideOf(next, numbers), six: sideOf(next, numbers) }
})

/** Number of the autonomous system that an address is of by the packaged table; null where it has none. */
export function packagedSystemOf(address: string): number | null {
  const at = keyOf(address)
  if (at === null) return null

  const { starts, lasts, systems } = at.version === 4 ? table().four : table().six
  const place = placeIn(starts, at.key)
  return place >= 0 && at.key <= (lasts[place] ?? -1) ? (systems[place] ?? null) : null
}

function sideOf(next: () => number, numbers: Uint32Array): Side {
  const count = next()
  const starts = new Float64Array(count)
  const lasts = new Float64Array(count)
  let free = 0
  for (let i = 0; i < count; i++) starts[i] = next()
  for (let i = 0; i < count; i++) {
    free += starts[i] ?? 0
    starts[i] = free
    free += next()
    lasts[i] = free
    free++
  }

  const systems = new Uint32Array(count)
  for (let i = 0; i < count; i++) systems[i] = numbers[next()] ?? 0
  return { starts, lasts, systems }
}

/** Whole numbers of seven bits a byte, the lowest first. */
function reader(bytes: Buffer): () => number {
  let at = 0
  return () => {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = bytes[at++] ?? 0
      value += (byte & 127) * scale
      if (byte < 128) return value
      scale *= 128
    }
  }
}
