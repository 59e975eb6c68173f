/** Logistic scores with stated features; the numbers are fitted by commands and kept as JSON beside this file. */
import { sigmoid } from '../math/sigmoid.ts'
import type { WeighedFeature } from '../model/evidence.ts'

/** One head: log odds before any feature, and what each feature of full value adds. */
export interface Head {
  readonly bias: number
  readonly weights: Readonly<Record<string, number>>
}

export interface Feature {
  readonly name: string
  readonly doc: string
  /** +1: speaks for it; -1: against; 0: either way. */
  readonly sign: 1 | -1 | 0
}

/** Score from 0 to 1 and its parts, heaviest first. `values` are by feature, from 0 to 1. */
export function weigh(
  { bias, weights }: Head,
  features: readonly Feature[],
  values: Readonly<Record<string, number>>,
): { score: number; reasons: WeighedFeature[] } {
  const reasons = features.map(({ name, doc }): WeighedFeature => {
    const value = values[name] ?? 0
    return { feature: name, doc, value, logOdds: value * (weights[name] ?? 0) }
  })
  return {
    score: sigmoid(reasons.reduce((sum, { logOdds }) => sum + logOdds, bias)),
    reasons: reasons
      .filter(({ logOdds }) => logOdds !== 0)
      .toSorted((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds)),
  }
}

/** `value` between 0 at `low` and 1 at `high`. */
export const between = (value: number, low: number, high: number): number =>
  Math.max(0, Math.min(1, (value - low) / (high - low)))
