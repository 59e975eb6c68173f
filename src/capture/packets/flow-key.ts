/** The hash of a flow's key: of a seed, so that no sender who does not know it can make flows collide. */
import * as layout from './batch-layout.ts'

const { word } = layout

/** What every key has, of the row that begins at ints[row]. To be `finished`. */
export const hashOfEnds = (ints: Int32Array, row: number, seed: number): number =>
  mix(
    mix(
      mix(seed ^ (ints[row + word.kind] as number), ints[row + word.low] as number),
      ints[row + word.high] as number,
    ),
    ints[row + word.ports] as number,
  )

/** What IPv6 has beside, in wide[at, at + 6). Chains of their own, that need not wait for the others. */
export function hashOfNetworks(wide: Int32Array, at: number, seed: number): number {
  const low = mix(mix(mix(~seed, wide[at] as number), wide[at + 1] as number), wide[at + 2] as number)
  const high = mix(mix(mix(seed, wide[at + 3] as number), wide[at + 4] as number), wide[at + 5] as number)
  return mix(low, high)
}

export function finished(hash: number): number {
  const folded = hash ^ (hash >>> 15)
  return Math.imul(folded, 0x2c1b3c6d) ^ (folded >>> 12)
}

function mix(hash: number, by: number): number {
  const mixed = Math.imul(hash ^ by, 0x85ebca6b)
  return mixed ^ (mixed >>> 13)
}
