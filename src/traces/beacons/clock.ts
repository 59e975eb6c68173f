/** How well a clock explains the intervals of a trace. */
import { ascending, medianInPlace, medianOf } from '../../math/stats.ts'

export interface Clock {
  readonly period: number
  readonly modes: readonly number[]
  readonly kept: number
  readonly jitter: number
  /** Share of intervals that the clock does not explain; never 0. */
  readonly stray: number
  readonly parameters: number
  keeps(gap: number): boolean
  density(gap: number): number
}

/** Nats that one interval proves at most: little, however exact it is. */
export const mostGain = 6

/** Mean over intervals of the log likelihood ratio, and its sum less half a log n a parameter (BIC). */
export function weigh(gaps: Float64Array, clock: Clock, { density, log }: Clockless) {
  let sum = 0
  for (let i = 0; i < gaps.length; i++) {
    const mixed = (1 - clock.stray) * clock.density(gaps[i]!) + clock.stray * density[i]!
    sum += Math.min(mostGain, Math.log(Math.max(mixed, 1e-300)) - log[i]!)
  }
  const evidence = sum - (clock.parameters / 2) * Math.log(gaps.length + 1) - 1
  return { gain: sum / gaps.length, evidence }
}

const normal = (x: number, mean: number, sd: number): number =>
  Math.exp(-0.5 * ((x - mean) / sd) ** 2) / (sd * 2.5066282746310002)

/** Of each interval: its density without a clock, and the logarithm of that. Every clock is weighed against them. */
interface Clockless {
  readonly density: Float64Array
  readonly log: Float64Array
}

/**
 * Density of an interval without a clock: a log-normal no narrower than sd 1 of the logarithm, or an exponential,
 * whichever fits the whole better. Both start at the scale, under which no interval can be.
 */
export function clocklessDensity(gaps: Float64Array, scale: number): Clockless {
  const logs = gaps.map(Math.log)
  let mean = 0
  let logMean = 0
  for (let i = 0; i < gaps.length; i++) {
    mean += (gaps[i]! - scale) / gaps.length
    logMean += logs[i]! / gaps.length
  }
  let logVariance = 0
  for (const log of logs) logVariance += (log - logMean) ** 2 / gaps.length
  const sd = Math.max(1, Math.sqrt(logVariance))
  const rate = 1 / Math.max(mean, 1e-6)
  const exponential = (gap: number) => rate * Math.exp(-rate * (gap - scale))
  const broad = (gap: number) => normal(Math.log(gap), logMean, sd) / gap

  let better = 0
  for (const gap of gaps) better += Math.log(exponential(gap) + 1e-300) - Math.log(broad(gap) + 1e-300)
  const density = gaps.map(better > 0 ? exponential : broad)
  return { density, log: density.map((each) => Math.log(Math.max(each, 1e-300))) }
}

/** Missed beats in a row after which the clock is taken to have paused. */
const longestRun = 12

/** Intervals near a whole number of periods; far ones are pauses or strays. Starts that lead to one period give one. */
export function plainClocks(gaps: Float64Array, starts: readonly number[]): Clock[] {
  const scratch = new Float64Array(gaps.length)
  const settled = new Map<number, number | null>()
  const settle = (start: number) => settledPeriod(gaps, start, { scratch, settled })
  return [...new Set(starts.map(settle))].map((period) => clockAt(gaps, period, scratch))
}

interface Settling {
  /** Room for one number a gap. */
  readonly scratch: Float64Array
  /** What a period settles to in one round, null where too few gaps are near it: starts meet on their way. */
  readonly settled: Map<number, number | null>
}

function settledPeriod(gaps: Float64Array, start: number, { scratch, settled }: Settling): number {
  let period = start

  for (let round = 0; round < 4; round++) {
    const known = settled.get(period)
    const next = known === undefined ? roundOf(gaps, period, scratch) : known
    settled.set(period, next)
    if (next === null) break
    const before = period
    period = next
    if (period === before) break
  }
  return period
}

/** The middle of the gaps, each over the beats of the period that it spans; null for less than two. */
function roundOf(gaps: Float64Array, period: number, ratios: Float64Array): number | null {
  let count = 0
  for (let i = 0; i < gaps.length; i++) {
    const gap = gaps[i]!
    const beats = Math.round(gap / period)
    if (beats >= 1 && beats <= longestRun && Math.abs(gap / period - beats) < 0.35)
      ratios[count++] = gap / beats
  }
  return count < 2 ? null : medianInPlace(ratios, count)
}

function clockAt(gaps: Float64Array, period: number, residuals: Float64Array): Clock {
  let count = 0
  let single = 0
  let beatsSum = 0

  for (let i = 0; i < gaps.length; i++) {
    const gap = gaps[i]!
    const beats = Math.max(1, Math.round(gap / period))
    if (beats > longestRun || Math.abs(gap - beats * period) > 0.5 * period) continue
    residuals[count++] = Math.abs(gap - beats * period)
    beatsSum += beats
    if (beats === 1) single++
  }

  const jitter = count > 0 ? medianInPlace(residuals, count) : period

  // A uniform spread of ±j has median deviation j/2 and sd j/√3; a normal one sd 1.48 times the median deviation.
  const sd = Math.max(1.3 * jitter, 0.004 * period, 0.01)
  let kept = 0
  while (kept < count && residuals[kept]! <= 3 * sd) kept++
  const missed = Math.min(0.9, Math.max(0.02, 1 - (count + 1) / (beatsSum + 1)))

  return {
    period,
    modes: [period],
    kept: kept / gaps.length,
    jitter,
    stray: strayShare(kept, gaps.length),
    parameters: single === count ? 2 : 3,
    keeps: (gap) => {
      const beats = Math.max(1, Math.round(gap / period))
      return beats <= longestRun && Math.abs(gap - beats * period) <= Math.min(3 * sd, 0.5 * period)
    },
    density: (gap) => {
      const beats = Math.max(1, Math.round(gap / period))
      if (beats > longestRun) return 0
      return (1 - missed) * missed ** (beats - 1) * normal(gap, beats * period, sd)
    },
  }
}

const strayShare = (kept: number, of: number): number => (of - kept + 0.5) / (of + 1)

/** A few intervals that come back, as of a schedule with two steps. */
export function modalClock(gaps: Float64Array, groups: readonly Float64Array[]): Clock {
  const fitted = groups.map((group) => {
    const center = medianOf(ascending(group))
    const deviations = group.map((each) => Math.abs(each - center))
    const jitter = medianInPlace(deviations, deviations.length)
    return {
      center,
      jitter,
      sd: Math.max(1.3 * jitter, 0.004 * center, 0.01),
      weight: group.length / gaps.length,
    }
  })

  const nearest = (gap: number) =>
    fitted.reduce((a, b) => (Math.abs(gap - a.center) / a.sd <= Math.abs(gap - b.center) / b.sd ? a : b))
  let kept = 0

  for (const gap of gaps) {
    const mode = nearest(gap)
    if (Math.abs(gap - mode.center) <= 3 * mode.sd) kept++
  }

  const main = fitted.reduce((a, b) => (b.weight >= 0.1 && b.center > a.center ? b : a))

  return {
    period: main.center,
    modes: fitted.map(({ center }) => center),
    kept: kept / gaps.length,
    jitter: main.jitter,
    stray: strayShare(kept, gaps.length),
    parameters: 3 * fitted.length,
    keeps: (gap) => fitted.some(({ center, sd }) => Math.abs(gap - center) <= 3 * sd),
    density: (gap) =>
      fitted.reduce((sum, { center, sd, weight }) => sum + weight * normal(gap, center, sd), 0),
  }
}

/** Fewest intervals from which two bounds are told. */
const looseFrom = 8

/**
 * Intervals that fall evenly between two bounds: a sleep with a jitter of up to all of it. Against an exponential of
 * the same mean that brings 0.3 nats an interval and more, which takes a dozen of them to pay for its bounds.
 */
export function looseClocks(gaps: Float64Array, sorted: Float64Array): Clock[] {
  if (sorted.length < looseFrom) return []
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!
  const bounds = [0, 0.05].flatMap((low) => [0.85, 0.95, 1].map((high) => [at(low), at(high)] as const))
  return bounds.filter(([low, high]) => high > low).map(([low, high]) => looseClock(gaps, low, high))
}

function looseClock(gaps: Float64Array, low: number, high: number): Clock {
  const keeps = (gap: number) => gap >= low && gap <= high
  let kept = 0
  for (let i = 0; i < gaps.length; i++) if (keeps(gaps[i]!)) kept++
  const period = (low + high) / 2
  return {
    period,
    modes: [period],
    kept: kept / gaps.length,
    jitter: (high - low) / 4,
    stray: strayShare(kept, gaps.length),
    parameters: 3,
    keeps,
    density: (gap) => (keeps(gap) ? 1 / (high - low) : 0),
  }
}
