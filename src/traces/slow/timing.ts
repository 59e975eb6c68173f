/** How well a few visits, hours or weeks apart, keep to a period. */
import { ascending, medianOf } from '../../math/stats.ts'

/** Seconds throughout. */
export interface Timing {
  readonly period: number
  /** Median distance of an interval from the whole number of periods that it is nearest to. */
  readonly jitter: number
  /** Share of the intervals that lie within a tenth of the period of such a number. */
  readonly kept: number
  /** Visits, of the visits that the period would have made from the first to the last. */
  readonly coverage: number
  readonly visits: number
  /** Visits whose intervals are left out, since they may have waited for the machine to be on. */
  readonly waited: number
  readonly span: number
  /**
   * Decades by which a clock explains the intervals better than chance does: than a person's daily routine where the
   * period is of whole days, else than any moment of the period.
   */
  readonly decades: number
}

const day = 86_400

/** Seconds by which the hour of a person's daily routine varies. */
const routine = 7200

/**
 * How many times narrower than chance a clock must be: many days of a person's routine are a routine still. What calls
 * at all hours of the day is none, so less is enough.
 */
const sharp = { daily: 6, atAllHours: 3 } as const

/** Hours of the day with a visit from which these are at all hours. */
const allHours = 9

/** Closer than this, a clock is not told from a better one: the aggregates have seconds, and machines start late. */
const finest = 60

const isOfWholeDays = (period: number): boolean => {
  const days = period / day
  return days > 0.8 && Math.abs(days - Math.round(days)) < 0.15
}

const hour = 3600

/**
 * The timing of visits in ascending seconds; null of fewer than four. Where the hours are given in which the host was
 * seen, a visit in the first hour after an absence may have waited for the machine: the clock is fitted without the
 * intervals before such visits as well, and the better of both counts.
 */
export function timingOf(visits: readonly number[], present?: ReadonlySet<number>): Timing | null {
  if (visits.length < 4) return null
  const gaps = visits.slice(1).map((visit, i) => visit - visits[i]!)
  const all = clockOf(gaps, visits)
  if (!present) return all

  const awake = gaps.filter((_, i) => !isFirstAfterAbsence(visits[i + 1]!, present))
  if (awake.length === gaps.length || awake.length < leastIntervals) return all
  const without = clockOf(awake, visits)
  // Of two clocks, one is the better by chance.
  const decades = without.decades - Math.log10(2)
  return isKept(all) && all.decades >= decades
    ? all
    : { ...without, decades, waited: gaps.length - awake.length }
}

/** Whether most intervals are in time, and most of the visits were made. */
export const isKept = ({ kept, coverage }: Pick<Timing, 'kept' | 'coverage'>): boolean =>
  kept >= 0.75 && coverage >= 0.6

/** Intervals that a clock is fitted to at least. */
const leastIntervals = 3

/** A machine is taken to have been off in an hour without any record of it. */
const isFirstAfterAbsence = (visit: number, present: ReadonlySet<number>): boolean =>
  !present.has(Math.floor(visit / hour) - 1)

/** The clock that explains these intervals of the visits. */
function clockOf(gaps: readonly number[], visits: readonly number[]): Timing {
  const beats = (period: number) => gaps.map((gap) => Math.max(1, Math.round(gap / period)))
  const each = (period: number) => {
    const counts = beats(period)
    return medianOf(ascending(gaps.map((gap, i) => gap / counts[i]!)))
  }

  const period = each(medianOf(ascending(gaps)))
  const counts = beats(period)
  const distances = gaps.map((gap, i) => Math.abs(gap - counts[i]! * period))
  const jitter = medianOf(ascending(distances))
  const kept = distances.filter((distance) => distance <= period / 10).length / gaps.length
  const made = counts.reduce((sum, count) => sum + count, 0)
  const width = isOfWholeDays(period) ? routine : period / 4
  const sharpness = width / Math.max(jitter, finest)
  const hoursOfDay = new Set(visits.map((visit) => Math.floor((visit % day) / hour))).size
  const isAtAllHours = hoursOfDay >= allHours && !isOfWholeDays(period)
  const perInterval = sharpness >= (isAtAllHours ? sharp.atAllHours : sharp.daily) ? Math.log10(sharpness) : 0

  return {
    period,
    jitter,
    kept,
    coverage: (gaps.length + 1) / (made + 1),
    visits: visits.length,
    waited: 0,
    span: visits.at(-1)! - visits[0]!,
    // Period and phase were fitted to the same visits.
    decades: (gaps.length - 1) * perInterval * kept,
  }
}
