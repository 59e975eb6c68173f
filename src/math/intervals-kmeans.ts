/**
 * Groups of numbers on a line: the exact k-means partition for each K, K by the mean silhouette.
 *
 * Stands for CLUES (Wang, Qiu and Zamar, 2007), which BotFinder uses: like it the number of groups is found, not
 * given, and the silhouette decides; unlike it nothing is shrunk. The paper finds CLUES no better than k-means at
 * the same K.
 */
import { ascending } from './stats.ts'

/** Below this mean silhouette the values are one group: they do not stand apart. */
const apart = 0.6

/**
 * Groups in ascending order, each ascending; together all of `values`. At most `maxGroups`, and as few as one.
 * Time O(maxGroups n²).
 */
export function groupsOf(values: Float64Array, maxGroups = 8): Float64Array[] {
  const sorted = ascending(values)
  if (sorted.length === 0) return []
  const limit = Math.min(maxGroups, new Set(sorted).size)
  let best: { score: number; groups: Float64Array[] } = { score: apart, groups: [sorted] }
  for (const ends of partitions(sorted, limit).slice(1)) {
    const groups = ends.map((end, i) => sorted.subarray(i === 0 ? 0 : ends[i - 1]!, end))
    const score = silhouette(groups)
    if (score > best.score) best = { score, groups }
  }
  return best.groups
}

/** Ends of the groups that make the sum of squares least, for K = 1, 2 … `limit`; by dynamic programming. */
function partitions(sorted: Float64Array, limit: number): number[][] {
  const n = sorted.length
  const sums = new Float64Array(n + 1)
  const squares = new Float64Array(n + 1)
  const center = sorted[n >> 1]!

  for (let i = 0; i < n; i++) {
    const d = sorted[i]! - center
    sums[i + 1] = sums[i]! + d
    squares[i + 1] = squares[i]! + d * d
  }

  const cost = (from: number, to: number) => {
    const sum = sums[to]! - sums[from]!
    return squares[to]! - squares[from]! - (sum * sum) / (to - from)
  }
  let costs = Float64Array.from({ length: n + 1 }, (_, to) => (to === 0 ? 0 : cost(0, to)))
  const cuts: Uint32Array[] = []
  const found: number[][] = [[n]]

  for (let k = 2; k <= limit; k++) {
    const next = new Float64Array(n + 1).fill(Number.POSITIVE_INFINITY)
    const cut = new Uint32Array(n + 1)
    for (let to = k; to <= n; to++)
      for (let from = k - 1; from < to; from++) {
        const total = costs[from]! + cost(from, to)
        if (total < next[to]!) {
          next[to] = total
          cut[to] = from
        }
      }
    costs = next
    cuts.push(cut)
    const ends = [n]
    for (let level = cuts.length - 1; level >= 0; level--) ends.unshift(cuts[level]![ends[0]!]!)
    found.push(ends)
  }

  return found
}

/** Mean silhouette of groups in order on a line; a lone value has 0. Only the groups beside can be nearest. */
export function silhouette(groups: readonly Float64Array[]): number {
  let sum = 0
  let count = 0
  for (const [at, group] of groups.entries()) {
    for (const value of group) {
      count++
      if (group.length === 1) continue
      const own = (meanDistance(value, group) * group.length) / (group.length - 1)
      const beside = [groups[at - 1], groups[at + 1]].filter((each) => each !== undefined)
      const other = Math.min(...beside.map((each) => meanDistance(value, each)))
      const larger = Math.max(own, other)
      sum += larger === 0 ? 0 : (other - own) / larger
    }
  }
  return count === 0 ? 0 : sum / count
}

function meanDistance(value: number, group: Float64Array): number {
  let sum = 0
  for (const each of group) sum += Math.abs(value - each)
  return sum / group.length
}
