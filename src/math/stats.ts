/** Moments and order statistics. Inputs are not changed; an empty one is a RangeError. */

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

/** The estimate from a sample, divided by n - 1; 0 for one value. */
export const sampleVariance = (values: ArrayLike<number>): number =>
  values.length === 1 ? 0 : (variance(values) * values.length) / (values.length - 1)

export const ascending = (values: ArrayLike<number>): Float64Array => Float64Array.from(values).sort()

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

export const median = (sorted: ArrayLike<number>): number => quantile(sorted, 0.5)

/** Median of the distances from the median, of ascending values; not multiplied by 1.4826. */
export function mad(sorted: ArrayLike<number>): number {
  const center = median(sorted)
  return median(Float64Array.from(sorted, (value) => Math.abs(value - center)).sort())
}
