/**
 * The baseline: the beacon score of RITA 5, restated from its published formulas (version 5, beacon analysis and
 * its shipped configuration), so that every evaluation can show ours beside it on the same flows.
 *
 * Whole-second times and bytes the client sent, as there. Weights a quarter each. Kept as it is, with its known
 * faults: see docs/method/beacons.md.
 */
import { ascending, medianOf } from '../../math/stats.ts'
import type { Trace } from '../trace.ts'

export interface RitaScore {
  readonly ts: number
  readonly ds: number
  readonly hist: number
  readonly dur: number
  /** The mean of the four. */
  readonly beacon: number
}

interface RitaOptions {
  /** The data set's first and last second. */
  readonly window: { readonly from: number; readonly to: number }
  /** Distinct seconds that a pair must show. */
  readonly minUnique: number
}

const round3 = (value: number): number => Math.round(value * 1000) / 1000
const ceil3 = (value: number): number => Math.ceil(value * 1000) / 1000

/** The newest second of a data set and the first of the day's hours that RITA looks at, in seconds. */
function ritaWindow(firstSecond: number, lastSecond: number): RitaOptions['window'] {
  return { from: Math.max(firstSecond, lastSecond - 86400), to: lastSecond }
}

/**
 * The score of one pair from its connections: start seconds and bytes sent, in any order. null where RITA leaves
 * the pair out: fewer than 4 distinct seconds, fewer than 3 gaps, or 86,400 connections and more (a strobe).
 */
export function ritaScore(
  starts: readonly number[],
  sizes: readonly number[],
  { window, minUnique }: RitaOptions,
): RitaScore | null {
  const times = starts.map(Math.floor).sort((a, b) => a - b)
  if (new Set(times).size < minUnique || times.length >= 86400) return null
  const gaps = times.slice(1).flatMap((each, i) => (each > times[i]! ? [each - times[i]!] : []))
  if (gaps.length < 3) return null
  const bars = histogram(times, window)
  const ts = spread(gaps, 1)
  const ds = spread(sizes, 0)
  const hist = histogramScore(bars)
  const dur = durationScore(bars, times, window)
  return { ts, ds, hist, dur, beacon: round3((ts + ds + hist + dur) / 4) }
}

/** Skew and dispersion of a list: 1 for equal values. `fallback` stands for the dispersion of a median below 1. */
export function spread(values: readonly number[], fallback: number): number {
  if (values.length === 0) return 0
  const sorted = ascending(Float64Array.from(values))
  const { q1, q2, q3 } = quartiles(sorted)
  const bowley = q3 - q1 < 10 || q2 === q1 || q2 === q3 ? 0 : (q1 + q3 - 2 * q2) / (q3 - q1)
  const deviation = medianOf(ascending(sorted.map((each) => Math.abs(each - q2))))
  const dispersion = q2 >= 1 ? Math.max(0, (q2 - deviation) / q2) : fallback
  return round3((1 - Math.abs(bowley) + dispersion) / 2)
}

/** Medians of the halves, the middle value left out of both for an odd count. */
function quartiles(sorted: Float64Array): { q1: number; q2: number; q3: number } {
  const half = sorted.length >> 1
  const q2 = medianOf(sorted)
  if (half === 0) return { q1: q2, q2, q3: q2 }
  return {
    q1: medianOf(sorted.subarray(0, half)),
    q2,
    q3: medianOf(sorted.subarray(sorted.length % 2 === 0 ? half : half + 1)),
  }
}

const barCount = 24

function histogram(times: readonly number[], { from, to }: RitaOptions['window']): Float64Array {
  const bars = new Float64Array(barCount)
  const width = Math.max(1e-9, (to - from) / barCount)
  for (const at of times) {
    const bar = Math.floor((at - from) / width)
    if (bar >= 0 && at <= to) bars[Math.min(barCount - 1, bar)]!++
  }
  return bars
}

/** The better of evenness over the bars and of having two bar heights only. */
export function histogramScore(bars: Float64Array): number {
  const mean = bars.reduce((a, b) => a + b, 0) / bars.length
  const sd = Math.sqrt(bars.reduce((sum, each) => sum + (each - mean) ** 2, 0) / bars.length)
  const even = mean === 0 || sd / mean > 1 ? 0 : round3(1 - sd / mean)
  const filled = bars.filter((each) => each > 0)
  if (filled.length < 11) return even
  const step = Math.ceil(Math.max(...filled) * 0.05)
  const buckets = new Map<number, number>()
  for (const each of filled) {
    const bucket = Math.floor(each / step) * step
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1)
  }
  const [first = 0, second = 0] = [...buckets.values()].sort((a, b) => b - a)
  return Math.max(even, Math.min(1, round3((first + second) / Math.max(filled.length - 1, 1))))
}

function durationScore(
  bars: Float64Array,
  times: readonly number[],
  { from, to }: RitaOptions['window'],
): number {
  if (bars.filter((each) => each > 0).length < 6) return 0
  const inside = times.filter((at) => at >= from && at <= to)
  const coverage = Math.min(1, ceil3((inside[inside.length - 1]! - inside[0]!) / (to - from)))
  return Math.max(coverage, Math.min(1, ceil3(longestRun(bars) / 12)))
}

/** Longest run of filled bars; it goes on round midnight, up to all bars. */
function longestRun(bars: Float64Array): number {
  let longest = 0
  let run = 0
  for (let i = 0; i < 2 * bars.length; i++) {
    run = bars[i % bars.length]! > 0 ? run + 1 : 0
    longest = Math.max(longest, run)
  }
  return Math.min(bars.length, longest)
}

/** First start and last start of a data set, microseconds. */
interface Extent {
  readonly first: number
  readonly last: number
}

/** The score of a trace by address, over the last day of a data set. */
export function ritaOf(
  { calls: { start, sent, bytes } }: Pick<Trace, 'calls'>,
  extent: Extent,
): RitaScore | null {
  return ritaOfDay(
    start,
    sent.map((each, i) => (Number.isNaN(each) ? bytes[i]! || 0 : each)),
    extent,
  )
}

/** The score of a pair from all its connections, of which the last day counts. Starts in microseconds. */
export function ritaOfDay(
  starts: ArrayLike<number>,
  sizes: ArrayLike<number>,
  { first, last }: Extent,
): RitaScore | null {
  const window = ritaWindow(Math.floor(first / 1e6), Math.floor(last / 1e6))
  const hourOfFrom = window.from - (window.from % 3600)
  const kept = Array.from(starts, (_, i) => i).filter((i) => starts[i]! / 1e6 >= hourOfFrom)

  return ritaScore(
    kept.map((i) => starts[i]! / 1e6),
    kept.map((i) => sizes[i]!),
    { window, minUnique: 4 },
  )
}

/** Severity from 0 to 0.8: the score on RITA's steps 50, 70, 90, 100 %. */
export function ritaSeverity(beacon: number): number {
  const steps = [0.5, 0.7, 0.9, 1]
  if (beacon < steps[0]!) return 0
  for (let i = 1; i < steps.length; i++)
    if (beacon < steps[i]!) return 0.2 * i + (0.2 * (beacon - steps[i - 1]!)) / (steps[i]! - steps[i - 1]!)
  return 0.8
}
