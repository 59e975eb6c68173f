/**
 * X-means: k-means that finds K by the Bayesian information criterion (Pelleg and Moore, ICML 2000).
 *
 * The paper grows all centres in rounds, each along a random direction, and keeps the K with the best score of all.
 * Here each cluster is split along its main axis, down a tree that pair tests prune (split-tree.ts), groups that a
 * plane cut are joined again (merge.ts), and Lloyd's passes over all centres come after the tree, not after every
 * round. BotMiner (section 3.4) names X-means and states no K_max, scaling, seeding or least size; the options here
 * say them. Weak where hundreds of groups crowd few dimensions (300 of sd 0.5 strewn with sd 3 in 4 dimensions: K =
 * 3) and where spreads differ much.
 */
import { bic } from './bic.ts'
import { type Node, nodeOf, type Rows, rowsOf } from './bisect.ts'
import { assign, inertiaOf, recenter, sizesOf } from './lloyd.ts'
import { type Clustering, merged } from './merge.ts'
import { assertFinite, countOf, type Points, squaredBetween, takeRows } from './points.ts'
import { seeded } from './random.ts'
import { grownLeaves } from './split-tree.ts'

interface XMeans {
  /** One a point. Cluster 0 is the largest; equal sizes go by their centres, lowest first value first. */
  readonly labels: Int32Array
  readonly centers: Points
  readonly sizes: Int32Array
  /** Sum over points of the squared distance to the own centre. */
  readonly inertia: number
  /** Of the result; see `bic`. */
  readonly bic: number
}

export interface XMeansOptions {
  /** For the random direction each split starts from. 1 where absent. */
  readonly seed?: number
  /** Splits go on without gain until there are this many, as far as the points differ. 1 where absent. */
  readonly kMin?: number
  /** The larger of 3 % and the square root of the points where absent: pitfall 10, BotMiner's own K is 0.5-2.9 %. */
  readonly kMax?: number
  /** A split that would leave fewer points on a side is refused. 1 where absent. */
  readonly minSize?: number
  /**
   * Levels of splits without gain to look through for gain further down. 6 where absent: 5 is not enough for 1,500
   * groups strewn at random in 8 dimensions. */
  readonly lookahead?: number
  /** Squared units of the points; a millionth of their whole variance where absent. */
  readonly varianceFloor?: number
  /** Lloyd's passes over all centres, after the tree and after joining. 4 where absent. */
  readonly passes?: number
}

/**
 * Clusters points without being told how many clusters there are.
 *
 * Same points, options and seed give the same result, to the bit; the points are not changed. Shifting all points
 * or scaling all columns by one factor does not change the labels, but for rounding.
 *
 * @throws RangeError on no points, values that are not finite, or options out of range.
 */
export function xmeans(points: Points, options: XMeansOptions = {}): XMeans {
  const n = countOf(points)
  if (n === 0) throw new RangeError('no points to cluster')
  assertFinite(points)
  const rows = rowsOf(points)
  const { passes = 4, varianceFloor = floorOf(nodeOf(rows, 0, n)), lookahead = 6 } = options
  const { kMin, kMax } = bounds(n, options)
  if (!(varianceFloor > 0)) throw new RangeError(`varianceFloor must be above 0, is ${varianceFloor}`)

  const { minSize = 1, seed = 1 } = options
  const rules = { minSize, varianceFloor, random: seeded(seed), kMin, kMax, lookahead }
  return settled(points, fromLeaves(rows, grownLeaves(rows, rules)), { passes, varianceFloor, kMin })
}

function bounds(n: number, { kMin = 1, kMax }: XMeansOptions) {
  const most = kMax ?? Math.max(kMin, Math.ceil(0.03 * n), Math.ceil(Math.sqrt(n)))
  if (!Number.isInteger(kMin) || kMin < 1)
    throw new RangeError(`kMin must be a whole number >= 1, is ${kMin}`)
  if (!Number.isInteger(most) || most < kMin)
    throw new RangeError(`kMax must be a whole number >= kMin, is ${most}`)
  return { kMin, kMax: most }
}

/** All points equal have no variance; any floor above 0 then serves. */
const floorOf = ({ inertia, end }: Node) => (inertia > 0 ? (1e-6 * inertia) / end : 1e-12)

function fromLeaves(rows: Rows, leaves: readonly Node[]): Clustering {
  const { width, ids } = rows
  const labels = new Int32Array(ids.length)
  const centers = { values: new Float64Array(leaves.length * width), width }
  leaves.forEach(({ start, end, center }, label) => {
    centers.values.set(center, label * width)
    for (let i = start; i < end; i++) labels[ids[i]!] = label
  })
  return { labels, centers }
}

interface Settling {
  readonly passes: number
  readonly varianceFloor: number
  readonly kMin: number
}

/** Lloyd's passes over all centres, the cut groups joined and passed over again, then the order the result promises. */
function settled(points: Points, cut: Clustering, { passes, varianceFloor, kMin }: Settling): XMeans {
  const apart = passed(points, cut, passes)
  const joined = passed(points, merged(points, apart, { kMin, varianceFloor }), passes)
  const better = ownScore(points, joined, varianceFloor) > ownScore(points, apart, varianceFloor)
  const { labels, centers } = better ? joined : apart
  const ordered = inOrder(labels, centers)
  const sizes = sizesOf(ordered.labels, countOf(ordered.centers))
  const inertia = inertiaOf(points, ordered.labels, ordered.centers)
  return { ...ordered, sizes, inertia, bic: bic(points, ordered.labels, { ...ordered, varianceFloor }) }
}

/**
 * Joining is kept where it gains by this: the BIC with a variance for each cluster, as the tests of pairs see it.
 * Clusters of one or two points, which have no variance worth the name, take the shared one.
 */
function ownScore(points: Points, { labels, centers }: Clustering, varianceFloor: number): number {
  const k = countOf(centers)
  const sizes = sizesOf(labels, k)
  const inertias = new Float64Array(k)
  for (let i = 0; i < labels.length; i++)
    inertias[labels[i]!]! += squaredBetween(points, i, centers, labels[i]!)
  const shared = inertias.reduce((sum, each) => sum + each, 0) / Math.max(1, labels.length - k)
  let likelihood = 0
  for (let c = 0; c < k; c++) {
    const size = sizes[c]!
    if (size === 0) continue
    const variance = Math.max(varianceFloor, size < 3 ? shared : inertias[c]! / (size - 1))
    likelihood += size * (Math.log(size / labels.length) - (points.width / 2) * Math.log(variance))
  }
  return likelihood - ((k * (points.width + 1)) / 2) * Math.log(labels.length)
}

function passed(points: Points, { labels, centers }: Clustering, passes: number): Clustering {
  const moving = labels.slice()
  let means = centers
  for (let pass = 0; pass < passes && assign(points, means, moving) > 0; pass++) {
    means = recenter(points, moving, means)
  }
  return { labels: moving, centers: means }
}

/** Renames the clusters, largest first; those that Lloyd's passes emptied go. */
function inOrder(labels: Int32Array, centers: Points): Clustering {
  const { width, values } = centers
  const sizes = sizesOf(labels, countOf(centers))

  const byCenter = (a: number, b: number) => {
    for (let d = 0; d < width; d++) {
      const difference = values[a * width + d]! - values[b * width + d]!
      if (difference !== 0) return difference
    }
    return a - b
  }

  const order = [...sizes.keys()].filter((c) => sizes[c]! > 0)
  order.sort((a, b) => sizes[b]! - sizes[a]! || byCenter(a, b))
  const renamed = new Int32Array(sizes.length)
  order.forEach((old, label) => {
    renamed[old] = label
  })

  return { labels: labels.map((label) => renamed[label]!), centers: takeRows(centers, order) }
}
