/** Principal axes: the directions in which weighted points spread most. Pearson 1901. */
import { countOf, type Points } from './points.ts'

interface PrincipalAxis {
  /** Unit vector; its entry of the largest size is positive, so that the same points always give the same axis. */
  readonly direction: Float64Array
  /** Part of the whole variance that lies along it, 0 to 1. */
  readonly share: number
}

interface PrincipalAxes {
  /** Weighted mean of the points: where all axes cross. */
  readonly center: Float64Array
  /** As many as were asked for, widest spread first. */
  readonly axes: readonly PrincipalAxis[]
}

/**
 * The first `wanted` principal axes. Points have `width` columns in comparable units; weights are above 0.
 * @throws RangeError where there are fewer columns than axes, or no weight for each point.
 */
export function principalAxes(points: Points, weights: ArrayLike<number>, wanted = 2): PrincipalAxes {
  const { width } = points
  const count = countOf(points)
  if (wanted > width || weights.length !== count) throw new RangeError(`${count} points of width ${width}`)

  const center = weightedMean(points, weights)
  const matrix = covariance(points, weights, center)
  const whole = matrix.reduce((sum, row, i) => sum + row[i]!, 0)
  const { values, vectors } = eigen(matrix)
  const order = Array.from(values.keys()).toSorted((a, b) => values[b]! - values[a]! || a - b)

  return {
    center,
    axes: order.slice(0, wanted).map((column) => ({
      direction: turned(Float64Array.from(vectors, (row) => row[column]!)),
      share: whole > 0 ? Math.max(0, values[column]!) / whole : 0,
    })),
  }
}

/** Where point `i` lies along each axis. */
export function projected(points: Points, i: number, { center, axes }: PrincipalAxes): number[] {
  const { values, width } = points
  return axes.map(({ direction }) => {
    let sum = 0
    for (let k = 0; k < width; k++) sum += (values[i * width + k]! - center[k]!) * direction[k]!
    return sum
  })
}

function weightedMean({ values, width }: Points, weights: ArrayLike<number>): Float64Array {
  const center = new Float64Array(width)
  let whole = 0
  for (let i = 0; i < weights.length; i++) {
    whole += weights[i]!
    for (let k = 0; k < width; k++) center[k]! += weights[i]! * values[i * width + k]!
  }
  return whole > 0 ? center.map((each) => each / whole) : center
}

function covariance(
  { values, width }: Points,
  weights: ArrayLike<number>,
  center: Float64Array,
): Float64Array[] {
  const matrix = Array.from({ length: width }, () => new Float64Array(width))
  for (let i = 0; i < weights.length; i++)
    for (let a = 0; a < width; a++)
      for (let b = 0; b < width; b++)
        matrix[a]![b]! +=
          weights[i]! * (values[i * width + a]! - center[a]!) * (values[i * width + b]! - center[b]!)
  return matrix
}

/** Eigenvalues, and eigenvectors as columns, of a symmetric matrix, by Jacobi's rotations. The matrix is used up. */
function eigen(matrix: Float64Array[]): { values: Float64Array; vectors: Float64Array[] } {
  const n = matrix.length
  const vectors = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_, j) => +(i === j)))
  const scale = Math.max(...matrix.map((row, i) => Math.abs(row[i]!)), 0)

  for (let sweep = 0; sweep < 100; sweep++) {
    let rest = 0
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        rest = Math.max(rest, Math.abs(matrix[p]![q]!))
        if (Math.abs(matrix[p]![q]!) > Number.EPSILON * scale) rotate(matrix, vectors, p, q)
      }
    if (rest <= Number.EPSILON * scale) break
  }

  return { values: Float64Array.from(matrix, (row, i) => row[i]!), vectors }
}

/** Turns the plane of `p` and `q` so that their covariance becomes 0. Golub and Van Loan, section 8.5. */
function rotate(matrix: Float64Array[], vectors: Float64Array[], p: number, q: number): void {
  const theta = (matrix[q]![q]! - matrix[p]![p]!) / (2 * matrix[p]![q]!)
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1))
  const c = 1 / Math.hypot(t, 1)
  const s = t * c

  const turn = (row: Float64Array) => {
    const [a, b] = [row[p]!, row[q]!]
    row[p] = c * a - s * b
    row[q] = s * a + c * b
  }

  for (const row of matrix) turn(row)
  for (let k = 0; k < matrix.length; k++) {
    const [a, b] = [matrix[p]![k]!, matrix[q]![k]!]
    matrix[p]![k] = c * a - s * b
    matrix[q]![k] = s * a + c * b
  }
  for (const row of vectors) turn(row)
}

function turned(direction: Float64Array): Float64Array {
  const largest = direction.reduce((most, each) => (Math.abs(each) > Math.abs(most) + 1e-12 ? each : most), 0)
  return largest < 0 ? direction.map((each) => -each) : direction
}
