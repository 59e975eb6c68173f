/**
 * Joins clusters that the tree of splits cut through: a plane high up in the tree passes through groups that lie far
 * apart from one another, and no later split can put their parts together again.
 */
import { logSize, score } from './bic.ts'
import { Heap } from './heap.ts'
import { sizesOf } from './lloyd.ts'
import { countOf, type Points, squaredBetween, takeRows } from './points.ts'

export interface Clustering {
  readonly labels: Int32Array
  readonly centers: Points
}

interface MergeRules {
  readonly kMin: number
  readonly varianceFloor: number
}

interface Cells {
  readonly centers: Points
  readonly sizes: Float64Array
  readonly inertias: Float64Array
}

/**
 * Joins the pair that gains most, again and again, while one Gaussian scores better than two by the same test that
 * splits them. A partner that has changed is looked for anew when its turn comes, so a pair may come a little late.
 * Time O(k² d) and O(k d) for each join. Clusters without points go.
 */
export function merged(points: Points, { labels, centers }: Clustering, rules: MergeRules): Clustering {
  const cells = cellsOf(points, labels, centers)
  const { sizes } = cells
  const into = Int32Array.from({ length: sizes.length }, (_, c) => c)
  const clusters = [...into].filter((c) => sizes[c]! > 0)
  const partner = new Int32Array(sizes.length)
  /** Sizes of both when they were paired: a cluster that has not grown has not changed. */
  const paired = new Float64Array(sizes.length)
  const waiting = new Heap()

  const seek = (c: number) => {
    const { other, gain } = bestPartner(cells, c, { clusters, varianceFloor: rules.varianceFloor })
    if (gain <= 0) return
    partner[c] = other
    paired[c] = sizes[c]! + sizes[other]!
    waiting.push(c, -gain)
  }

  for (const c of clusters) seek(c)

  while (waiting.size > 0 && clusters.length > rules.kMin) {
    const c = waiting.pop()
    const other = partner[c]!
    if (into[c] !== c) continue
    if (into[other] === other && sizes[c]! + sizes[other]! === paired[c]) {
      join(cells, c, other)
      into[other] = c
      clusters.splice(clusters.indexOf(other), 1)
    }
    seek(c)
  }

  const renamed = new Int32Array(sizes.length)
  clusters.forEach((c, label) => {
    renamed[c] = label
  })

  return {
    labels: labels.map((label) => renamed[rootOf(into, label)]!),
    centers: takeRows(cells.centers, clusters),
  }
}

function rootOf(into: Int32Array, c: number): number {
  let root = c
  while (into[root] !== root) root = into[root]!
  return root
}

function cellsOf(points: Points, labels: Int32Array, centers: Points): Cells {
  const k = countOf(centers)
  const inertias = new Float64Array(k)
  for (let i = 0; i < labels.length; i++)
    inertias[labels[i]!]! += squaredBetween(points, i, centers, labels[i]!)
  const sizes = Float64Array.from(sizesOf(labels, k))
  return { centers: { ...centers, values: centers.values.slice() }, inertias, sizes }
}

interface Search {
  readonly clusters: readonly number[]
  readonly varianceFloor: number
}

/** The cluster that gains most by joining `c`, the lowest of equals; a gain of 0 where none gains. */
function bestPartner(
  cells: Cells,
  c: number,
  { clusters, varianceFloor }: Search,
): { other: number; gain: number } {
  const limit = hopeless(cells.centers.width)
  let best = { other: -1, gain: 0 }
  for (const other of clusters) {
    if (other === c) continue
    const gain = gainOf(cells, [Math.min(c, other), Math.max(c, other)], { varianceFloor, limit })
    if (gain > best.gain) best = { other, gain }
  }
  return best
}

interface Test {
  readonly varianceFloor: number
  readonly limit: number
}

/** BIC of one Gaussian less BIC of two, in nats; of a pair whose two variances would need more points, nothing. */
function gainOf(
  { centers, sizes, inertias }: Cells,
  [a, b]: [number, number],
  { varianceFloor, limit }: Test,
): number {
  const count = sizes[a]! + sizes[b]!
  if (count < 3) return 0
  const apart = inertias[a]! + inertias[b]!
  const together = apart + ((sizes[a]! * sizes[b]!) / count) * squaredBetween(centers, a, centers, b)
  const spread = Math.max(varianceFloor, together / (count - 1))
  if (spread > limit * Math.max(varianceFloor, apart / (count - 2))) return 0
  const fit = { count, width: centers.width, varianceFloor }
  const one = score({ ...fit, clusters: 1, sizeTerm: logSize(count), inertia: together })
  const sizeTerm = logSize(sizes[a]!) + logSize(sizes[b]!)
  return (one - score({ ...fit, clusters: 2, sizeTerm, inertia: apart })) / count
}

/** Past this ratio of the variances no pair of 3 or more points gains; it spares the logarithms of most pairs. */
const hopeless = (width: number) => Math.exp((2 / width) * (Math.LN2 + ((width + 1) / 2) * 0.367 + 0.5))

/** Puts cluster b into cluster a. */
function join({ centers, sizes, inertias }: Cells, a: number, b: number): void {
  const { values, width } = centers
  const size = sizes[a]! + sizes[b]!
  inertias[a]! += inertias[b]! + ((sizes[a]! * sizes[b]!) / size) * squaredBetween(centers, a, centers, b)
  for (let d = 0; d < width; d++) {
    const sum = sizes[a]! * values[a * width + d]! + sizes[b]! * values[b * width + d]!
    values[a * width + d] = sum / size
  }
  sizes[a] = size
}
