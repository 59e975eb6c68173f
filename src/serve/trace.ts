import type { BeaconFigure } from '../model/answer.ts'
import type { Micros } from '../model/units.ts'

const bars = 40

/** Times from call to call in bars of equal ratio, in seconds, as a beacon's figure has them. */
export function intervalsOf(starts: readonly Micros[]): BeaconFigure['intervals'] {
  const gaps = starts
    .slice(1)
    .map((start, i) => (start - starts[i]!) / 1e6)
    .filter((gap) => gap > 0)
    .toSorted((a, b) => a - b)
  const [least, most] = [gaps[0], gaps.at(-1)]
  if (least === undefined || most === undefined) return []
  const low = Math.log(least)
  const count = Math.min(bars, Math.max(1, Math.ceil((Math.log(most) - low) / 0.1)))
  const width = Math.max((Math.log(most) - low) / count, 1e-9)
  const counts = new Array<number>(count).fill(0)
  for (const gap of gaps) counts[Math.min(count - 1, Math.floor((Math.log(gap) - low) / width))]!++

  return counts.map((each, i) => ({
    from: Math.exp(low + i * width),
    to: Math.exp(low + (i + 1) * width),
    count: each,
  }))
}
