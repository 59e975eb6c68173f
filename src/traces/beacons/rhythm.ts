/**
 * Whether a series of calls keeps to a clock.
 *
 * Each interval is weighed by how much likelier a clock makes it than a source without one. The clock may miss
 * beats (multiples of the period), jitter, pause for the night, alternate between up to three intervals, or draw each
 * interval evenly between two bounds, as programs do that are told to sleep with a jitter of half and more. The
 * source without a clock is an exponential (Poisson calls) or a broad log-normal (people). BAYWATCH (DSN 2016)
 * and BotFinder (CoNEXT 2012) test the spectrum instead; `spectrum.ts` does that too, on the few that pass here.
 */
import { ascending } from '../../math/stats.ts'
import { type Clock, clocklessDensity, looseClocks, modalClock, plainClocks, weigh } from './clock.ts'

/** Seconds; starts closer than the scale are one beat. From packet bursts to visits to a site. */
export const scales = [0.1, 1, 10, 60, 600] as const

export interface Rhythm {
  /** Seconds within which starts are one beat. */
  readonly scale: number
  readonly beats: number
  /** Seconds from first to last beat, and the longest interval. */
  readonly span: number
  readonly longest: number
  /** Seconds; of several modes the longest that holds a tenth of the intervals. */
  readonly period: number
  /** Centres of the interval modes in seconds, one for a plain clock. */
  readonly modes: readonly number[]
  /** Share of intervals that keep to the clock, missed beats allowed for. */
  readonly kept: number
  /** Median absolute deviation of the kept intervals from the beat, seconds. */
  readonly jitter: number
  /** Share of the span that lies in intervals that keep to the clock: little for retries in pairs, far apart. */
  readonly covered: number
  /** Nats an interval by which the clock explains better than no clock; at least 0. */
  readonly gain: number
  /** Nats over all intervals, less the price of the clock's parameters; at least 0. */
  readonly evidence: number
}

/** The start of each beat in seconds from the first: starts within `scale` of the one before belong to it. */
export function beatsOf(start: Float64Array, scale: number): Float64Array {
  const beats = new Float64Array(start.length)
  let count = 0
  let before = Number.NEGATIVE_INFINITY
  for (const at of start) {
    if (at - before > scale * 1e6) beats[count++] = (at - start[0]!) / 1e6
    before = at
  }
  return beats.slice(0, count)
}

/** The scale on which the calls keep best to a clock; null where no scale has `minBeats` beats. */
export function rhythmOf(start: Float64Array, minBeats: number): Rhythm | null {
  const before = worked.get(start)
  if (before?.minBeats === minBeats) return before.rhythm
  const rhythm = bestRhythm(start, minBeats)
  worked.set(start, { minBeats, rhythm })
  return rhythm
}

/** Candidates are chosen by their rhythm and then judged by it; calls are not changed meanwhile. */
const worked = new WeakMap<Float64Array, { readonly minBeats: number; readonly rhythm: Rhythm | null }>()

function bestRhythm(start: Float64Array, minBeats: number): Rhythm | null {
  let best: Rhythm | null = null
  let last = -1
  for (const scale of scales) {
    const beats = beatsOf(start, scale)
    if (beats.length < Math.max(3, minBeats)) break
    if (beats.length === last) continue
    last = beats.length
    const rhythm = rhythmAt(beats, scale)
    if (!best || rhythm.evidence > best.evidence) best = rhythm
  }
  return best
}

function rhythmAt(beats: Float64Array, scale: number): Rhythm {
  const gaps = new Float64Array(beats.length - 1)
  for (let i = 0; i < gaps.length; i++) gaps[i] = beats[i + 1]! - beats[i]!
  const sorted = ascending(gaps)
  const clockless = clocklessDensity(gaps, scale)
  const clocks = [
    ...plainClocks(gaps, periodCandidates(sorted)),
    ...modesOf(sorted).map((modes) => modalClock(gaps, modes)),
    ...looseClocks(gaps, sorted),
  ]
  let best: { gain: number; evidence: number; clock: Clock } | null = null

  for (const clock of clocks) {
    const { gain, evidence } = weigh(gaps, clock, clockless)
    if (!best || evidence > best.evidence) best = { gain, evidence, clock }
  }

  const { clock, gain, evidence } = best!
  const span = beats[beats.length - 1]! - beats[0]!

  return {
    scale,
    beats: beats.length,
    span,
    longest: sorted[sorted.length - 1]!,
    covered: gaps.reduce((sum, gap) => sum + (clock.keeps(gap) ? gap : 0), 0) / span,
    period: clock.period,
    modes: clock.modes,
    kept: clock.kept,
    jitter: clock.jitter,
    gain: Math.max(0, gain),
    evidence: Math.max(0, evidence),
  }
}

/** Periods worth a try: the densest interval, quantiles, and halves and thirds where beats may be missed. */
function periodCandidates(sorted: Float64Array): number[] {
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!
  const tried = [densest(sorted), at(0.5), at(0.25), at(0.1), at(0.5) / 2, at(0.5) / 3]
  return [...new Set(tried.filter((period) => period > 0))]
}

/** Middle of the stretch of logarithms, a tenth of all intervals or at least 3, that is the shortest. */
function densest(sorted: Float64Array): number {
  const width = Math.min(sorted.length - 1, Math.max(2, Math.floor(sorted.length / 4)))
  let best = 0
  for (let i = 1; i + width < sorted.length; i++)
    if (sorted[i + width]! / sorted[i]! < sorted[best + width]! / sorted[best]!) best = i
  return sorted[best + (width >> 1)]!
}

/** Two and three groups of intervals, cut at the widest steps of the logarithm; a group holds at least 3. */
function modesOf(sorted: Float64Array): Float64Array[][] {
  if (sorted.length < 8) return []
  const first = widestStep(sorted, Number.NaN)
  if (first < 0) return []
  const second = widestStep(sorted, first)
  const cutsets = second < 0 ? [[first]] : [[first], [Math.min(first, second), Math.max(first, second)]]
  return cutsets.map((cuts) => {
    const ends = [...cuts.map((after) => after + 1), sorted.length]
    return ends.map((end, i) => sorted.subarray(i === 0 ? 0 : ends[i - 1]!, end))
  })
}

/** The interval before the widest step of at least 0.1, three or more from either end and from `other`; -1 for none. */
function widestStep(sorted: Float64Array, other: number): number {
  let widest = -1
  let most = 0.1
  for (let after = 2; after <= sorted.length - 4; after++) {
    const step = Math.log(sorted[after + 1]! / sorted[after]!)
    if (Math.abs(after - other) < 3 || !(widest < 0 ? step >= most : step > most)) continue
    widest = after
    most = step
  }
  return widest
}
