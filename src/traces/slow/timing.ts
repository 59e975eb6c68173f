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

/** How many times narrower than chance a clock must be: many days of a person's routine are a routine still. */
const sharp = 6

/** Closer than this, a clock is not told from a better one: the aggregates have seconds, and machines start late. */
const finest = 60

const isOfWholeDays = (period: number): boolean => {
  const days = period / day
  return days > 0.8 && Math.abs(days - Math.round(days)) < 0.15
}

/** The timing of visits in ascending seconds; null of fewer than four. */
export function timingOf(visits: readonly number[]): Timing | null {
  if (visits.length < 4) return null
  const gaps = visits.slice(1).map((visit, i) => visit - visits[i]!)
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
  const missed = counts.reduce((sum, count) => sum + count, 0)
  const width = isOfWholeDays(period) ? routine : period / 4
  const sharpness = width / Math.max(jitter, finest)
  const perInterval = sharpness >= sharp ? Math.log10(sharpness) : 0

  return {
    period,
    jitter,
    kept,
    coverage: visits.length / (missed + 1),
    visits: visits.length,
    span: visits.at(-1)! - visits[0]!,
    // Period and phase were fitted to the same visits.
    decades: (visits.length - 2) * perInterval * kept,
  }
}
