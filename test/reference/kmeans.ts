import { assign, inertiaOf, recenter } from '../../src/math/lloyd.ts'
import { assertFinite, countOf, type Points, rowOf, squaredBetween } from '../../src/math/points.ts'
import { type Random, seeded } from '../../src/math/random.ts'

interface KMeans {
  readonly labels: Int32Array
  readonly centers: Points
  /** Sum over points of the squared distance to the own centre. */
  readonly inertia: number
  readonly iterations: number
  readonly converged: boolean
}

interface KMeansOptions {
  readonly seed?: number
  readonly maxIterations?: number
  /** Starting centres; k-means++ draws them where absent. */
  readonly start?: Points
}

/**
 * Lloyd's k-means from k-means++ seeds, or from centres given.
 *
 * Same points, options and seed give the same labels, to the bit. Ties go to the lower label. A cluster that
 * empties keeps its centre. The points are not changed.
 *
 * Time O(n k d) an iteration at worst. Agrees with scikit-learn's KMeans on `test/reference/math.json`.
 *
 * @see Arthur and Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007.
 * @throws RangeError unless 1 <= k <= points, and where a value is not finite.
 *
 * @example
 * kmeans({ values: Float64Array.of(0, 1, 9, 10), width: 1 }, 2).centers.values // [0.5, 9.5], in some order
 */
export function kmeans(points: Points, k: number, options: KMeansOptions = {}): KMeans {
  const { seed = 1, maxIterations = 100, start } = options
  const n = countOf(points)
  if (!Number.isInteger(k) || k < 1 || k > n) throw new RangeError(`k must be 1..${n}, is ${k}`)
  if (start && (start.width !== points.width || countOf(start) !== k)) {
    throw new RangeError(`the start must be ${k} centres of width ${points.width}`)
  }
  assertFinite(points)

  const labels = new Int32Array(n).fill(-1)
  let centers = start ?? plusPlus(points, k, seeded(seed))
  let iterations = 0
  let moved = true
  while (moved && iterations < maxIterations) {
    iterations++
    moved = assign(points, centers, labels) > 0
    if (moved) centers = recenter(points, labels, centers)
  }
  return { labels, centers, inertia: inertiaOf(points, labels, centers), iterations, converged: !moved }
}

/** Each next centre is a point drawn with a chance in proportion to its squared distance to the nearest so far. */
function plusPlus(points: Points, k: number, random: Random): Points {
  const n = countOf(points)
  const { width } = points
  const centers: Points = { values: new Float64Array(k * width), width }
  const least = new Float64Array(n).fill(Number.POSITIVE_INFINITY)
  let chosen = random.integer(n)
  for (let c = 0; c < k; c++) {
    centers.values.set(rowOf(points, chosen), c * width)
    let total = 0
    for (let i = 0; i < n; i++) {
      least[i] = Math.min(least[i]!, squaredBetween(points, i, centers, c))
      total += least[i]!
    }
    chosen = total > 0 ? drawn(least, random.next() * total) : random.integer(n)
  }
  return centers
}

/** The first index at which the running sum passes `target`; the last positive weight if rounding leaves none. */
function drawn(weights: Float64Array, target: number): number {
  let sum = 0
  let last = 0
  for (let i = 0; i < weights.length; i++) {
    if (weights[i]! <= 0) continue
    sum += weights[i]!
    last = i
    if (sum > target) return i
  }
  return last
}
