/**
 * The strongest frequency of the start times, and whether it is stronger than chance.
 *
 * Signal as in Tegeler et al., "BotFinder", CoNEXT 2012, section 3.2: 1 at each start, 0 between, sampled at a
 * quarter of the smallest interval, at most 2^16 points. A spectrum always has a strongest frequency, also that of
 * calls at random; so it counts only over the largest power of the same starts at random places (Hu et al.,
 * BAYWATCH, DSN 2016: 20 permutations, 95 %).
 */

import { powers } from '../math/fft.ts'
import { seeded } from '../math/random.ts'
import { intervalsOf } from './intervals.ts'

const mostPoints = 65_536
const permutations = 20
const figurePoints = 512

interface Spectrum {
  /** Hz; NaN for fewer than 4 starts. */
  readonly frequency: number
  /** Seconds. */
  readonly period: number
  /** Whether the peak is over the permutation threshold. */
  readonly passes: boolean
  readonly peakOverThreshold: number
  /** Share of the calls' greatest possible power, as in `points`. */
  readonly threshold: number
  /** Power by period, longest first; the strongest of its neighbours each, at most 512. */
  readonly points: readonly { readonly period: number; readonly power: number }[]
}

const none: Spectrum = {
  frequency: Number.NaN,
  period: Number.NaN,
  passes: false,
  peakOverThreshold: 0,
  threshold: 0,
  points: [],
}

/** The spectrum of start times in microseconds, ascending. The same starts give the same answer. */
export function spectrumOf(start: Float64Array): Spectrum {
  const found = worked.get(start) ?? workedOut(start)
  worked.set(start, found)
  return found
}

/** Evidence and pictures ask for the same; calls are not changed meanwhile. */
const worked = new WeakMap<Float64Array, Spectrum>()

function workedOut(start: Float64Array): Spectrum {
  const intervals = intervalsOf(start)
  if (intervals.length < 3) return none
  const span = intervals.reduce((a, b) => a + b, 0)
  const step = Math.max(intervals.reduce((a, b) => Math.min(a, b)) / 4, span / (mostPoints - 1))
  const samples = Math.floor(span / step) + 1
  const size = 2 ** Math.ceil(Math.log2(Math.max(8, samples)))
  const places = new Uint32Array(intervals.length + 1)
  let at = 0

  for (const [i, interval] of intervals.entries()) {
    at += interval
    places[i + 1] = Math.min(samples - 1, Math.round(at / step))
  }

  // Three whole periods must fit, else a single pause would pass for a rhythm.
  const lowest = Math.max(1, Math.ceil((3 * size) / samples))
  const { observed, chance } = spectra({ places, samples, size, lowest })
  const strongest = peak(observed, lowest)
  const full = new Set(places).size ** 2
  const frequency = strongest / (size * step)
  const threshold = chance[Math.floor(0.95 * (chance.length - 1))]!

  return {
    frequency,
    period: 1 / frequency,
    passes: observed[strongest]! > threshold,
    peakOverThreshold: threshold > 0 ? observed[strongest]! / threshold : 0,
    threshold: threshold / full,
    points: pointsOf(observed, { lowest, full, unit: size * step }),
  }
}

interface Signal {
  readonly places: Uint32Array
  readonly samples: number
  readonly size: number
  readonly lowest: number
}

/** Power of the signal, and the largest powers of the permuted ones in ascending order. */
function spectra({ places, samples, size, lowest }: Signal): {
  observed: Float64Array
  chance: Float64Array
} {
  const random = seeded('permutation gate')
  const ones = new Set(places).size

  const signal = (at: Iterable<number>) => {
    const values = new Float64Array(size)
    values.fill(-ones / samples, 0, samples)
    for (const place of at) values[place] = 1 - ones / samples
    return values
  }

  const shuffled = () => {
    const chosen = new Set<number>()
    while (chosen.size < ones) chosen.add(random.integer(samples))
    return signal(chosen)
  }
  const [observed, first] = powers(signal(places), shuffled())
  const chance = [first]
  while (chance.length < permutations) chance.push(...powers(shuffled(), shuffled()))

  return {
    observed,
    chance: Float64Array.from(chance.slice(0, permutations), (each) => each[peak(each, lowest)]!).sort(),
  }
}

function peak(power: Float64Array, from: number): number {
  let best = from
  for (let k = from; k < power.length; k++) if (power[k]! > power[best]!) best = k
  return best
}

/** Peaks of equal steps of the logarithm of frequency. */
function pointsOf(
  power: Float64Array,
  { lowest, full, unit }: { lowest: number; full: number; unit: number },
): Spectrum['points'] {
  const points: { period: number; power: number }[] = []
  const ratio = (power.length / lowest) ** (1 / figurePoints)
  for (let from = lowest; from < power.length && points.length < figurePoints; ) {
    const to = Math.min(power.length, Math.max(from + 1, Math.ceil(from * ratio)))
    let best = from
    for (let k = from; k < to; k++) if (power[k]! > power[best]!) best = k
    points.push({ period: unit / best, power: power[best]! / full })
    from = to
  }
  return points
}
