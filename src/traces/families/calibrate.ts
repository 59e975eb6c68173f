/** The line of a folder of models, from the scores of clean traffic. */

import { traceKey } from '../trace.ts'
import type { FamilyHit } from './families.ts'
import type { Made } from './family-model.ts'
import { type Calibration, calibrationFormat } from './model-files.ts'

interface CleanTraffic {
  /** Clean services that hit enough features of a model, best score first. */
  readonly hits: readonly FamilyHit[]
  readonly traces: number
  /** What the records cover. */
  readonly days: number
}

interface LineOptions {
  readonly perDay: number
  readonly minHits: number
  /** The line is never set lower: a short clean record says little of what is yet to come. */
  readonly floor: number
  readonly models: Calibration['models']
  readonly made: Made
}

/** Alarms are scores over alpha, so that ties with it stay silent. */
export function calibrationLine(
  { hits, traces, days }: CleanTraffic,
  { perDay, minHits, floor, models, made }: LineOptions,
): Calibration {
  if (!(days >= 0) || !(perDay >= 0)) throw new RangeError(`days and perDay are ${days} and ${perDay}`)
  const scores = hits.map(({ match }) => match.score).sort((a, b) => b - a)
  const measured = scores[Math.floor(perDay * days)] ?? 0
  const alpha = Math.max(measured, floor)

  return {
    format: calibrationFormat,
    alpha,
    measured,
    floor,
    minHits,
    perDay,
    alarms: scores.filter((score) => score > alpha).length,
    days,
    traces,
    models,
    nearest: hits
      .slice(0, 20)
      .map(({ trace, match: { family, score } }) => ({ trace: traceKey(trace), family, score })),
    made,
  }
}
