/**
 * What the line of alike programs was set on: the Dice coefficients of pairs of real programs, as their MinHash
 * sketches give them.
 *
 * `node bench/fit/programs.ts FILE…`; of files with the same first 4 KiB one is taken. Prints quantiles over the pairs
 * of files with other names up to a first digit, dash or dot, over those with the same, and the pairs of the first kind
 * that lie above the line.
 */
import { openSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import { dice, sketchOf } from '../../src/math/sketch.ts'

const line = 0.8
const start = 4096

interface Program {
  readonly name: string
  readonly sketch: readonly number[]
}

function programs(paths: readonly string[]): Program[] {
  const found = new Map<string, Program>()
  for (const path of paths) {
    const bytes = Buffer.alloc(start)
    const head =
      readSync(openSync(path, 'r'), bytes, 0, start, 0) === start ? bytes.toString('latin1', 0, 4) : ''
    if (head.startsWith('MZ') || head === '\x7fELF')
      found.set(bytes.toString('latin1'), { name: basename(path), sketch: sketchOf(bytes) })
  }
  return [...found.values()]
}

const family = (name: string): string => /^[^\d.-]*/.exec(name)?.[0] ?? ''

const pairs = { same: [] as number[], other: [] as number[] }
const above: string[] = []
const all = programs(process.argv.slice(2))
all.forEach((one, i) => {
  for (const other of all.slice(i + 1)) {
    const likeness = dice(one.sketch, other.sketch)
    const isSame = family(one.name) === family(other.name)
    pairs[isSame ? 'same' : 'other'].push(likeness)
    if (!isSame && likeness >= line) above.push(`${one.name} ${other.name} ${likeness.toFixed(2)}`)
  }
})
console.log(`${all.length} programs`)
for (const [kind, values] of Object.entries(pairs)) {
  values.sort((a, b) => a - b)
  const at = (share: number) => (values[Math.floor(share * (values.length - 1))] ?? Number.NaN).toFixed(2)
  const shares = [0.5, 0.9, 0.99, 0.999, 1].map((share) => `${share * 100} % ${at(share)}`)
  const over = values.filter((value) => value >= line).length
  console.log(`${kind}: ${values.length} pairs; ${shares.join(', ')}; ${over} at ${line} or above`)
}
for (const pair of above.toSorted()) console.log(pair)
