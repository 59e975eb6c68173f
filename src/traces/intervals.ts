/** Seconds between consecutive starts; those under 100 ms are parallel connections of one call and left out. */
export function intervalsOf(start: Float64Array): Float64Array {
  const intervals: number[] = []
  let before = start[0] ?? 0
  for (const at of start.subarray(1)) {
    if (at - before < 1e5) continue
    intervals.push((at - before) / 1e6)
    before = at
  }
  return Float64Array.from(intervals)
}
