import { inertiaOf, sizesOf } from './lloyd.ts'
import { countOf, type Points } from './points.ts'

/** What the score needs to know of a clustering. */
interface Fit {
  /** Points in all, R. */
  readonly count: number
  /** Dimensions, M. */
  readonly width: number
  /** Clusters, K. */
  readonly clusters: number
  /** Sum over clusters of R_n ln R_n. */
  readonly sizeTerm: number
  /** Sum of squared distances to the own centre. */
  readonly inertia: number
  /** The least variance believed, > 0. */
  readonly varianceFloor: number
}

/**
 * The Bayesian information criterion of a hard clustering under identical spherical Gaussians, in nats; higher is
 * better. With R points, M dimensions, K centres and R_n points in cluster n:
 *
 *     s² = max(varianceFloor, inertia / (R - K))
 *     ln L = sum_n [ R_n ln R_n - R_n ln R - R_n/2 ln(2 pi) - R_n M/2 ln s² - (R_n - K)/2 ]
 *     BIC = ln L - K (M + 1)/2 ln R
 *
 * The floor (squared units of the points) stands in where all points of a cluster are equal or R = K, where s² is
 * 0 or undefined and the likelihood would be infinite. Empty clusters add nothing to the first two terms.
 *
 * @see Pelleg and Moore, "X-means", ICML 2000, section 3.2. Their s² is not divided by M; that shifts the score by
 * the same amount for every K and changes no comparison.
 */
export function bic(
  points: Points,
  labels: Int32Array,
  { centers, varianceFloor = 1e-12 }: { centers: Points; varianceFloor?: number },
): number {
  const count = countOf(points)
  const clusters = countOf(centers)
  if (labels.length !== count) throw new RangeError(`${labels.length} labels for ${count} points`)
  let sizeTerm = 0
  for (const size of sizesOf(labels, clusters)) sizeTerm += logSize(size)
  const inertia = inertiaOf(points, labels, centers)
  return score({ count, width: points.width, clusters, sizeTerm, inertia, varianceFloor })
}

/** R_n ln R_n, 0 for an empty cluster. */
export const logSize = (size: number): number => (size > 0 ? size * Math.log(size) : 0)

export function score({ count, width, clusters, sizeTerm, inertia, varianceFloor }: Fit): number {
  const free = count - clusters
  const variance = Math.max(varianceFloor, free > 0 ? inertia / free : 0)
  const logCount = Math.log(count)
  const likelihood =
    sizeTerm -
    count * logCount -
    (count / 2) * Math.log(2 * Math.PI) -
    ((count * width) / 2) * Math.log(variance) -
    (count - clusters * clusters) / 2
  return likelihood - ((clusters * (width + 1)) / 2) * logCount
}
