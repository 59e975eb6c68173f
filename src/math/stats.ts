/**
 * Moments and order statistics. Inputs are not changed. An empty input is a RangeError where the text does not say
 * NaN.
 */

export function mean(values: ArrayLike<number>): number {
  if (values.length === 0) throw new RangeError('no values')
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}

/** Mean squared distance from the mean: the population's, divided by n. In two passes, so a large mean does no harm. */
export function variance(values: ArrayLike<number>): number {
  const center = mean(values)
  let sum = 0
  for (let i = 0; i < values.length; i++) {
    const off = values[i]! - center
    sum += off * off
  }
  return sum / values.length
}

/** A sorted copy; NaN comes last. */
export function ascending(values: ArrayLike<number>): Float64Array {
  return sort(new Float64Array(values))
}

const sort = (values: Float64Array): Float64Array =>
  values.length > few || !insert(values) ? values.sort() : values

/** Values for which the engine's own sort costs more by its call than by its work. */
const few = 24

/** Sorts in place; false, with the values in any order, where one is NaN. */
function insert(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (Number.isNaN(value)) return false
    let at = i
    for (; at > 0 && values[at - 1]! > value; at--) values[at] = values[at - 1]!
    values[at] = value
  }
  return true
}

/**
 * Quantile of ascending values, `share` in 0..1, by type 7 (Hyndman and Fan, 1996; the rule of NumPy and R): linear
 * between the two values beside place share (n - 1).
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) throw new RangeError('no values')
  if (!(share >= 0 && share <= 1)) throw new RangeError(`share must be 0..1, is ${share}`)
  const place = share * (sorted.length - 1)
  const low = Math.floor(place)
  const below = sorted[low]!
  const above = sorted[Math.min(sorted.length - 1, low + 1)]!
  return below + (place - low) * (above - below)
}

/** Median of sorted values; the mean of the middle two for an even count. NaN for none. */
export function medianOf(sorted: Float64Array): number {
  const middle = sorted.length >> 1
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Median of the first `count` values, which are put in order by it. NaN for none. */
export const medianInPlace = (values: Float64Array, count: number): number =>
  medianOf(sort(values.subarray(0, count)))

/** Median absolute deviation from the median. NaN for none. */
export function deviationOf(values: Float64Array): number {
  const center = medianOf(ascending(values))
  return medianOf(ascending(values.map((each) => Math.abs(each - center))))
}

/** Without what the input does not say. */
export function known(values: Float64Array): Float64Array {
  const kept = new Float64Array(values.length)
  let count = 0
  for (const value of values) if (!Number.isNaN(value)) kept[count++] = value
  return kept.subarray(0, count)
}

/** Median of what the input says. NaN for nothing. */
export const medianKnown = (values: Float64Array): number =>
  values.length === 1 ? values[0]! : medianOf(ascending(known(values)))

export function meanAndSd(values: Float64Array): { mean: number; sd: number } {
  let mean = 0
  for (const each of values) mean += each / values.length
  let squares = 0
  for (const each of values) squares += (each - mean) * (each - mean)
  return { mean: values.length === 0 ? Number.NaN : mean, sd: Math.sqrt(squares / values.length) }
}
