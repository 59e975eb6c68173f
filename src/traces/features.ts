/**
 * The features of a trace.
 *
 * The first five are those of Tegeler et al., "BotFinder", CoNEXT 2012, section 3.2, on raw values: mean interval
 * between starts, mean duration, mean bytes each way, and the strongest frequency of the start times. The
 * companions say the same robustly, since one night's gap moves a mean (319 s becomes 544 s in a real C&C).
 */
import { ascending, deviationOf, known, meanAndSd, medianOf } from '../math/stats.ts'

import { intervalsOf } from './intervals.ts'
import { spectrumOf } from './spectrum.ts'
import type { Trace } from './trace.ts'

/** In the order of the paper. */
export const featureNames = ['interval', 'duration', 'sent', 'received', 'frequency'] as const
export type FeatureName = (typeof featureNames)[number]

export const featureUnits: Readonly<Record<FeatureName, string>> = {
  interval: 's',
  duration: 's',
  sent: 'B',
  received: 'B',
  frequency: 'Hz',
}

/** A mean over the calls of one trace and its population sd; for the frequency, the peak and 0. */
export interface FeatureValue {
  readonly mean: number
  readonly sd: number
}

/** NaN where the records do not say, or no rhythm passed the gate. */
export type Features = Readonly<Record<FeatureName, FeatureValue>>

/**
 * The paper's five. With `gate`, the frequency counts only where the spectrum passes the permutation test; the
 * paper takes the strongest whatever it is (pitfall: a Poisson process gets a period too).
 */
export function featuresOf(trace: Trace, { gate = true }: { gate?: boolean } = {}): Features {
  const { frequency, passes } = spectrumOf(trace.calls.start)
  return {
    ...plainFeaturesOf(trace),
    frequency: { mean: gate && !passes ? Number.NaN : frequency, sd: 0 },
  }
}

/** The four that cost no spectrum; the frequency is NaN. */
export function plainFeaturesOf({ calls: { start, duration, sent, received } }: Trace): Features {
  return {
    interval: meanAndSd(intervalsOf(start)),
    duration: meanAndSd(duration),
    sent: meanAndSd(known(sent)),
    received: meanAndSd(known(received)),
    frequency: { mean: Number.NaN, sd: 0 },
  }
}

/** Robust companions of the five, in the same units. */
interface Companions {
  readonly medianInterval: number
  readonly intervalDeviation: number
  /** Median absolute second difference of start times: near 0 for a clock of any period. Garcia's TD, 2014. */
  readonly secondDifference: number
  readonly medianDuration: number
  readonly medianSent: number
  readonly medianReceived: number
}

export function companionsOf(trace: Trace): Companions {
  const intervals = intervalsOf(trace.calls.start)
  const turns = intervals.subarray(1).map((each, i) => Math.abs(each - intervals[i]!))
  const median = (values: Float64Array) => medianOf(ascending(known(values)))
  return {
    medianInterval: median(intervals),
    intervalDeviation: deviationOf(intervals),
    secondDifference: median(turns),
    medianDuration: median(trace.calls.duration),
    medianSent: median(trace.calls.sent),
    medianReceived: median(trace.calls.received),
  }
}

/**
 * How alike the sizes are, 0 to 1: share of calls within 5 % of the commonest size, less what the first call of
 * any series gives for nothing. NaN where fewer than 2 sizes are known.
 */
export function samenessOf(sizes: Float64Array): number {
  const sorted = ascending(known(sizes))
  if (sorted.length < 2) return Number.NaN
  let most = 0
  for (let low = 0, high = 0; high < sorted.length; high++) {
    while (sorted[low]! < sorted[high]! / 1.1) low++
    most = Math.max(most, high - low + 1)
  }
  return (most - 1) / (sorted.length - 1)
}

/** exp(-beta sd / mean); a spread around nothing is worth nothing. Section 3.3 and 3.4 of the paper. */
export function quality(mean: number, sd: number, beta: number): number {
  if (sd === 0) return 1
  return mean > 0 ? Math.exp((-beta * sd) / mean) : 0
}
