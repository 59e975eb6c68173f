/**
 * Joins clusters that the tree of splits cut through: a plane high up in the tree passes through groups that lie far
 * apart from one another, and no later split can put their parts together again.
 */
import { logSize, score } from './bic.ts'
import { sizesOf } from './lloyd.ts'
import { countOf, type Points, squaredBetween } from './points.ts'

export interface Clustering {
  readonly labels: Int32Array
  readonly centers: Points
}

export interface MergeRules {
  readonly kMin: number
  readonly varianceFloor: number
}

interface Cells {
  readonly centers: Points
  readonly sizes: Float64Array
  readonly inertias: Float64Array
}

/**
 * Rounds of joining all pairs that are each other's best partner, while one Gaussian scores better than two by the
 * same test that splits them. Time O(k² d) a round. Clusters without points vanish.
 */
export function merged(points: Points, { labels, centers }: Clustering, rules: MergeRules): Clustering {
  let cells = cellsOf(points, labels, centers)
  const into = Int32Array.from({ length: cells.sizes.length }, (_, c) => c)
  for (;;) {
    const pairs = mutual(cells, rules)
    if (pairs.length === 0) break
    const { next, renamed } = joined(cells, pairs)
    for (let c = 0; c < into.length; c++) into[c] = renamed[into[c]!]!
    cells = next
  }
  return { labels: labels.map((label) => into[label]!), centers: cells.centers }
}

function cellsOf(points: Points, labels: Int32Array, centers: Points): Cells {
  const inertias = new Float64Array(countOf(centers))
  for (let i = 0; i < labels.length; i++)
    inertias[labels[i]!]! += squaredBetween(points, i, centers, labels[i]!)
  return { centers, inertias, sizes: Float64Array.from(sizesOf(labels, inertias.length)) }
}

/** Pairs that are each other's best partner, best pair first, no more than kMin allows. */
function mutual(cells: Cells, rules: MergeRules): [number, number][] {
  const k = cells.sizes.length
  const partner = new Int32Array(k).fill(-1)
  const gains = new Float64Array(k)
  for (let a = 0; a < k; a++) {
    for (let b = a + 1; b < k; b++) {
      const gain = gainOf(cells, [a, b], rules.varianceFloor)
      if (gain > gains[a]!) {
        gains[a] = gain
        partner[a] = b
      }
      if (gain > gains[b]!) {
        gains[b] = gain
        partner[b] = a
      }
    }
  }
  const pairs: [number, number][] = []
  for (let a = 0; a < k; a++) {
    const b = partner[a]!
    if (b > a && partner[b] === a) pairs.push([a, b])
  }
  pairs.sort((p, q) => gains[q[0]]! - gains[p[0]]! || p[0] - q[0])
  return pairs.slice(0, Math.max(0, k - rules.kMin))
}

/** BIC of one Gaussian less BIC of two, in nats; of a pair whose two variances would need more points, nothing. */
function gainOf(
  { centers, sizes, inertias }: Cells,
  [a, b]: [number, number],
  varianceFloor: number,
): number {
  const count = sizes[a]! + sizes[b]!
  if (sizes[a] === 0 || sizes[b] === 0) return Number.MAX_VALUE
  if (count < 3) return 0
  const apart = inertias[a]! + inertias[b]!
  const together = apart + ((sizes[a]! * sizes[b]!) / count) * squaredBetween(centers, a, centers, b)
  const spread = Math.max(varianceFloor, together / (count - 1))
  if (spread > hopeless(centers.width) * Math.max(varianceFloor, apart / (count - 2))) return 0
  const fit = { count, width: centers.width, varianceFloor }
  const one = score({ ...fit, clusters: 1, sizeTerm: logSize(count), inertia: together })
  const sizeTerm = logSize(sizes[a]!) + logSize(sizes[b]!)
  return one - score({ ...fit, clusters: 2, sizeTerm, inertia: apart })
}

/** Past this ratio of the variances no pair of 3 or more points gains; it spares the logarithms of most pairs. */
const hopeless = (width: number) => Math.exp((2 / width) * (Math.LN2 + ((width + 1) / 2) * 0.367 + 0.5))

function joined({ centers, sizes, inertias }: Cells, pairs: readonly [number, number][]) {
  const { width } = centers
  const target = Int32Array.from({ length: sizes.length }, (_, c) => c)
  for (const [a, b] of pairs) target[b] = a
  const renamed = new Int32Array(sizes.length)
  let count = 0
  for (let c = 0; c < sizes.length; c++) renamed[c] = target[c] === c ? count++ : renamed[target[c]!]!

  const next = {
    centers: { values: new Float64Array(count * width), width },
    sizes: new Float64Array(count),
    inertias: new Float64Array(count),
  }
  const apart = new Map(pairs)
  for (let c = 0; c < sizes.length; c++) {
    if (target[c] !== c) continue
    const other = apart.get(c)
    const to = renamed[c]!
    const size = sizes[c]! + (other === undefined ? 0 : sizes[other]!)
    next.sizes[to] = size
    next.inertias[to] = inertias[c]!
    for (let d = 0; d < width; d++) next.centers.values[to * width + d] = centers.values[c * width + d]!
    if (other === undefined || size === 0) continue
    const between = (sizes[c]! * sizes[other]!) / size
    next.inertias[to]! += inertias[other]! + between * squaredBetween(centers, c, centers, other)
    for (let d = 0; d < width; d++) {
      const sum =
        sizes[c]! * centers.values[c * width + d]! + sizes[other]! * centers.values[other * width + d]!
      next.centers.values[to * width + d] = sum / size
    }
  }
  return { next, renamed }
}
