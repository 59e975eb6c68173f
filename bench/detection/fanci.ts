/**
 * The published baseline, restated: a random forest over the 21 features of FANCI (Schüppen et al., USENIX Security
 * 2018, section 4.3), of which one is a vector of 21 statistics; trained on the same names as ours.
 *
 * Restated from the paper's list of features; its trees, its data and its folds are not to be had, so its figures here
 * are of these names, not the paper's.
 */
import type { Random } from '../../src/math/random.ts'
import { forest, type Samples } from '../fit/trees.ts'
import { atMost } from '../smallest.ts'

const vowel = /[aeiou]/g
const share = (text: string, pattern: RegExp) =>
  text === '' ? 0 : (text.match(pattern)?.join('').length ?? 0) / text.length

/** Features of a name; `suffix` is its public suffix, which most of them leave out. */
function fanciFeatures({ registered, suffix }: { registered: string; suffix: string }): Float64Array {
  const free = suffix === '' ? registered : registered.slice(0, -suffix.length - 1)
  const parts = free.split('.')
  const joined = parts.join('')
  const counts = new Map<string, number>()
  for (const each of joined) counts.set(each, (counts.get(each) ?? 0) + 1)
  const letters = joined.replaceAll(/[^a-z]/g, '')
  return Float64Array.of(
    registered.length,
    parts.length,
    joined.length / parts.length,
    parts[0] === 'www' ? 1 : 0,
    suffix === '' ? 0 : 1,
    parts.some((part) => part.length === 1) ? 1 : 0,
    parts.some((part, i) => i > 0 && part === parts[i - 1]) ? 1 : 0,
    parts.some((part) => ['com', 'net', 'org', 'info', 'biz'].includes(part)) ? 1 : 0,
    parts.filter((part) => /^\d+$/.test(part)).length / parts.length,
    parts.filter((part) => /^[0-9a-f]+$/.test(part)).length / parts.length,
    share(joined, /_/g),
    /(\d{1,3}[.-]){3}\d{1,3}/.test(free) ? 1 : 0,
    /\d/.test(joined) ? 1 : 0,
    share(joined, vowel),
    share(joined, /\d/g),
    counts.size,
    [...counts.values()].filter((count) => count > 1).length / Math.max(1, counts.size),
    share(joined, /[bcdfghjklmnpqrstvwxyz]{2,}/g),
    share(joined, /\d{2,}/g),
    entropy(counts, joined.length),
    letters.length,
    ...[1, 2, 3].flatMap((n) => gramStatistics(joined, n)),
  )
}

function entropy(counts: ReadonlyMap<string, number>, length: number): number {
  return [...counts.values()].reduce((bits, count) => bits - (count / length) * Math.log2(count / length), 0)
}

/** Standard deviation, median, mean, least, most, lower and upper quartile of how often each group of n comes. */
function gramStatistics(text: string, n: number): number[] {
  const counts = new Map<string, number>()
  for (let i = 0; i + n <= text.length; i++) {
    const gram = text.slice(i, i + n)
    counts.set(gram, (counts.get(gram) ?? 0) + 1)
  }
  const sorted = [...counts.values()].sort((a, b) => a - b)
  if (sorted.length === 0) return [0, 0, 0, 0, 0, 0, 0]
  const mean = sorted.reduce((sum, each) => sum + each, 0) / sorted.length
  const sd = Math.sqrt(sorted.reduce((sum, each) => sum + (each - mean) ** 2, 0) / sorted.length)
  const at = (share_: number) => sorted[Math.min(sorted.length - 1, Math.floor(share_ * sorted.length))]!
  return [sd, at(0.5), mean, sorted[0]!, sorted.at(-1)!, at(0.25), at(0.75)]
}

/** The baseline as a function of a name: the share of trees that call it generated. */
export function fanciForest(
  names: readonly {
    readonly registered: string
    readonly suffix: string
    readonly made: boolean
    readonly weight: number
  }[],
  random: Random,
): (name: { registered: string; suffix: string }) => number {
  const samples: Samples = {
    values: names.map(fanciFeatures),
    positive: names.map(({ made }) => made),
    weights: names.map(({ weight }) => weight),
  }
  const chance = forest(samples, { trees: atMost(40, 2), leastLeaf: 2, random })
  return (name) => chance(fanciFeatures(name))
}
