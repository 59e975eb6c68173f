/**
 * The fit: weighted log loss plus a ridge towards given weights, each weight held on the side of its feature, so that
 * the score stays monotone. Samples are few beside the features, so that weights leave what they start from only as far
 * as samples pull.
 */
import {
  type ContactFeature,
  contactFeatureNames,
  contactFeatures,
} from '../../../src/traces/contacts/feature-list.ts'
import type { ContactWeights } from '../../../src/traces/contacts/judge.ts'
import { type ContactCase, type Row, rowsOf } from './cases.ts'

export interface FitOptions {
  /** Where weights start and are drawn to. */
  readonly prior: ContactWeights
  readonly ridge: number
  /** How much more a clean contact counts than a C&C. */
  readonly caution: number
  /** Weights that are set after the fit, with the reason where they are given. */
  readonly settled: Partial<Record<ContactFeature, number>>
}

/**
 * Held at what they start from: they weigh one network against another, and the networks here are few. `sinkholed` and
 * `icmpData` are in one case or none.
 */
const fixed: ReadonlySet<ContactFeature> = new Set(['rare', 'customary', 'inside', 'sinkholed', 'icmpData'])

/** Rounds: which contact of a host is the best one changes with the weights. */
const rounds = 3
const steps = 250
/** Log odds by which a score with one feature alone stays under the line, at least. */
const margin = 0.2

export function fitContacts(cases: readonly ContactCase[], options: FitOptions): ContactWeights {
  let weights = options.prior
  for (let round = 0; round < rounds; round++)
    weights = pulled(
      cases.flatMap((each) => rowsOf(each, weights)),
      options,
      weights,
    )
  return { ...weights, weights: { ...weights.weights, ...options.settled } }
}

const isFixed = contactFeatureNames.map((feature) => fixed.has(feature))
const signs = contactFeatureNames.map((feature) => (contactFeatures[feature].side === 'for' ? 1 : -1))

function pulled(
  rows: readonly Row[],
  { prior, ridge, caution }: FitOptions,
  from: ContactWeights,
): ContactWeights {
  const width = contactFeatureNames.length
  const values = Float64Array.from(
    rows.flatMap(({ sample }) => contactFeatureNames.map((feature) => sample.features[feature])),
  )
  const importance = Float64Array.from(rows, ({ positive, weight }) => (positive ? weight : caution * weight))
  const total = importance.reduce((sum, each) => sum + each, 0)
  const start = Float64Array.from(contactFeatureNames, (feature) => prior.weights[feature])
  const weights = Float64Array.from(contactFeatureNames, (feature) => from.weights[feature])
  const [speeds, slope] = [new Float64Array(width), new Float64Array(width)]
  let [bias, biasSpeed] = [from.bias, 0]

  for (let step = 0; step < steps; step++) {
    for (let i = 0; i < width; i++) slope[i] = 2 * ridge * (weights[i]! - start[i]!)
    let biasSlope = 0
    for (let n = 0, at = 0; n < rows.length; n++, at += width) {
      let odds = bias
      for (let i = 0; i < width; i++) odds += weights[i]! * values[at + i]!
      const error = ((1 / (1 + Math.exp(-odds)) - (rows[n]!.positive ? 1 : 0)) * importance[n]!) / total
      biasSlope += error
      for (let i = 0; i < width; i++) slope[i]! += error * values[at + i]!
    }
    biasSpeed = 0.8 * biasSpeed - biasSlope
    bias += biasSpeed
    for (let i = 0; i < width; i++) {
      speeds[i] = 0.8 * speeds[i]! - slope[i]!
      const next = weights[i]! + speeds[i]!
      if (isFixed[i]) continue
      weights[i] = next * signs[i]! < 0 ? 0 : next
      if (weights[i] === 0) speeds[i] = 0
    }
  }

  // None accuses alone.
  const most = Math.max(0, -bias - margin)
  for (let i = 0; i < width; i++) weights[i] = Math.min(weights[i]!, most)

  const rounded = (value: number) => Math.round(value * 1e3) / 1e3
  return {
    bias: rounded(bias),
    weights: Object.fromEntries(
      contactFeatureNames.map((feature, i) => [feature, rounded(weights[i]!)]),
    ) as Record<ContactFeature, number>,
  }
}
