/** Points of equal width in one typed array. The numerics of this folder read them and never write to them. */

export interface Points {
  /** Row-major: point `i` is `values.subarray(i * width, (i + 1) * width)`. */
  readonly values: Float64Array
  readonly width: number
}

/** Points from rows of equal length. @throws RangeError where rows differ in length or there are none. */
export function pointsOf(rows: readonly ArrayLike<number>[]): Points {
  const width = rows[0]?.length ?? 0
  if (width === 0) throw new RangeError('no rows, or rows of no width')
  const values = new Float64Array(rows.length * width)
  rows.forEach((each, i) => {
    if (each.length !== width) throw new RangeError(`row ${i} has ${each.length} values, not ${width}`)
    values.set(each, i * width)
  })
  return { values, width }
}

/**
 * How many points there are.
 * @throws RangeError unless the width is a whole number >= 1 that divides the values.
 */
export function countOf({ values, width }: Points): number {
  const count = values.length / width
  if (!Number.isInteger(width) || width < 1 || !Number.isInteger(count)) {
    throw new RangeError(`${values.length} values do not make points of width ${width}`)
  }
  return count
}

/** @throws RangeError on the first value that is NaN or infinite: no distance to it means anything. */
export function assertFinite({ values, width }: Points): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) throw new RangeError(`point ${Math.floor(i / width)} holds ${values[i]}`)
  }
}

/** A view of point `i`: it shares memory with the points. */
export const rowOf = ({ values, width }: Points, i: number): Float64Array =>
  values.subarray(i * width, (i + 1) * width)

/** A copy of the rows named, in that order. */
export function takeRows(points: Points, rows: ArrayLike<number>): Points {
  const { width } = points
  const values = new Float64Array(rows.length * width)
  for (let i = 0; i < rows.length; i++) values.set(rowOf(points, rows[i]!), i * width)
  return { values, width }
}

/** Between point `i` of one set and point `j` of another of the same width, without making views. */
export function squaredBetween(a: Points, i: number, b: Points, j: number): number {
  const { width } = a
  const left = a.values
  const right = b.values
  let p = i * width
  let q = j * width
  let sum = 0
  for (const end = p + width; p < end; p++, q++) {
    const d = left[p]! - right[q]!
    sum += d * d
  }
  return sum
}
