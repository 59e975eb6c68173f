/** What outcomes come to: shares with intervals, ranks, area under the curve, calibration error. */
import { type Random, seeded } from '../../../src/math/random.ts'
import { sigmoid } from '../../../src/math/sigmoid.ts'
import type { Outcome } from './folds.ts'

/** One figure over outcomes; NaN where there is nothing to count. */
export type Figure = (outcomes: readonly Outcome[]) => number

export const isReal = ({ of: { kind } }: Outcome): boolean => kind === 'real'
export const isClean = ({ of: { infected } }: Outcome): boolean => !infected

/** Share of outcomes at or over a line of log odds. */
export const shareOver =
  (line: number): Figure =>
  (outcomes) =>
    outcomes.filter(({ top }) => top >= line).length / outcomes.length

export const rankedWithin =
  (most: number): Figure =>
  (outcomes) => {
    const known = outcomes.filter(({ rank }) => rank !== null)
    return known.filter(({ rank }) => rank! <= most).length / known.length
  }

/** Share of pairs of an infected and a clean case that the top scores order rightly. */
export const area: Figure = (outcomes) => {
  const [bad, good] = [false, true].map((clean) =>
    outcomes.filter((each) => isClean(each) === clean).map(({ top }) => top),
  ) as [number[], number[]]
  let won = 0
  for (const a of bad) for (const b of good) won += a > b ? 1 : a === b ? 0.5 : 0
  return won / (bad.length * good.length)
}

/** Mean log loss with both kinds counted alike. */
export const balancedLoss: Figure = (outcomes) => {
  const lossOf = (clean: boolean) => {
    const own = outcomes.filter((each) => isClean(each) === clean)
    return own.reduce((sum, { top }) => sum + Math.log1p(Math.exp(clean ? top : -top)), 0) / own.length
  }
  return (lossOf(true) + lossOf(false)) / 2
}

/** Expected calibration error over ten bins of the score. */
export const calibrationError: Figure = (outcomes) => {
  const bins = Map.groupBy(outcomes, ({ top }) => Math.min(9, Math.floor(10 * sigmoid(top))))
  return [...bins.values()].reduce((sum, own) => {
    const said = own.reduce((total, { top }) => total + sigmoid(top), 0)
    const found = own.filter((each) => !isClean(each)).length
    return sum + Math.abs(said - found) / outcomes.length
  }, 0)
}

/** The line at which no more than `share` of clean outcomes are accused. */
export function lineFor(outcomes: readonly Outcome[], share: number): number {
  const tops = outcomes
    .filter(isClean)
    .map(({ top }) => top)
    .toSorted((a, b) => b - a)
  const allowed = Math.floor(share * tops.length)
  return (tops[allowed] ?? -20) + 1e-9
}

/** Resamples of whole families, so that relatives do not count as many. */
const resamples = 400

/** A figure with its 95 % interval over families. */
export function withInterval(outcomes: readonly Outcome[], figure: Figure, seed = 'families'): string {
  const value = figure(outcomes)
  if (Number.isNaN(value)) return '–'
  const random = seeded(seed)
  const families = [...Map.groupBy(outcomes, ({ of }) => of.family).values()]
  const drawn = Array.from({ length: resamples }, () => figure(drawnFrom(families, random)))
    .filter((each) => !Number.isNaN(each))
    .sort((a, b) => a - b)
  const at = (share: number) => drawn[Math.min(drawn.length - 1, Math.floor(share * drawn.length))] ?? value
  return `${value.toFixed(2)} (${at(0.025).toFixed(2)}–${at(0.975).toFixed(2)})`
}

const drawnFrom = (families: readonly (readonly Outcome[])[], random: Random): Outcome[] =>
  families.flatMap(() => random.pick(families))
