/** Order statistics of one column of a trace. */

/** A sorted copy. */
export const ascending = (values: Float64Array): Float64Array => values.slice().sort()

/** Median of sorted values; the mean of the middle two for an even count. NaN for none. */
export function medianOf(sorted: Float64Array): number {
  const middle = sorted.length >> 1
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Median absolute deviation from the median. NaN for none. */
export function deviationOf(values: Float64Array): number {
  const center = medianOf(ascending(values))
  return medianOf(ascending(values.map((each) => Math.abs(each - center))))
}

/** Without what the input does not say. */
export const known = (values: Float64Array): Float64Array => values.filter((each) => !Number.isNaN(each))

export function meanAndSd(values: Float64Array): { mean: number; sd: number } {
  let mean = 0
  for (const each of values) mean += each / values.length
  let squares = 0
  for (const each of values) squares += (each - mean) * (each - mean)
  return { mean: values.length === 0 ? Number.NaN : mean, sd: Math.sqrt(squares / values.length) }
}
