/** The Davies–Bouldin index of a clustering (Davies and Bouldin 1979): lower is better. */
import { countOf, type Points, squaredBetween } from './points.ts'

/**
 * Mean over clusters of the worst (Si + Sj) / Mij: S the mean distance of members to their centroid, M the distance of
 * centroids. Two clusters with one centroid cannot be distinguished: infinite. Agrees with scikit-learn's
 * davies_bouldin_score where no centroids coincide.
 *
 * @throws RangeError with fewer than two clusters, or labels that are not one a point.
 */
export function daviesBouldin(points: Points, labels: readonly number[]): number {
  const n = countOf(points)
  const k = Math.max(...labels) + 1
  if (labels.length !== n) throw new RangeError(`${labels.length} labels for ${n} points`)
  if (k < 2) throw new RangeError('one cluster has no Davies–Bouldin index')
  const centers = centersOf(points, labels, k)
  const scatter = new Float64Array(k)
  const sizes = new Int32Array(k)
  labels.forEach((label, i) => {
    scatter[label]! += Math.sqrt(squaredBetween(points, i, centers, label))
    sizes[label]!++
  })
  let sum = 0

  for (let i = 0; i < k; i++) {
    let worst = 0
    for (let j = 0; j < k; j++) {
      if (i === j) continue
      const apart = Math.sqrt(squaredBetween(centers, i, centers, j))
      const spread = scatter[i]! / sizes[i]! + scatter[j]! / sizes[j]!
      worst = Math.max(worst, apart > 1e-12 ? spread / apart : Number.POSITIVE_INFINITY)
    }
    sum += worst
  }

  return sum / k
}

function centersOf({ values, width }: Points, labels: readonly number[], k: number): Points {
  const centers = new Float64Array(k * width)
  const sizes = new Int32Array(k)
  labels.forEach((label, i) => {
    sizes[label]!++
    for (let d = 0; d < width; d++) centers[label * width + d]! += values[i * width + d]!
  })
  for (let i = 0; i < centers.length; i++) centers[i]! /= sizes[Math.floor(i / width)]!
  return { values: centers, width }
}
