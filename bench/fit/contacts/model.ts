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
import { fitLogistic } from '../logistic.ts'
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

const numbersOf = ({ weights }: ContactWeights): number[] =>
  contactFeatureNames.map((feature) => weights[feature])

function pulled(
  rows: readonly Row[],
  { prior, ridge, caution }: FitOptions,
  from: ContactWeights,
): ContactWeights {
  const { bias, weights } = fitLogistic(
    rows.map(({ sample, positive, weight }) => ({
      values: contactFeatureNames.map((feature) => sample.features[feature]),
      positive,
      weight: positive ? weight : caution * weight,
    })),
    signs,
    {
      ridge,
      rounds: steps,
      momentum: 0.8,
      start: { bias: from.bias, weights: numbersOf(from) },
      drawnTo: numbersOf(prior),
      held: isFixed,
    },
  )

  // None accuses alone.
  const most = Math.max(0, -bias - margin)
  const rounded = (value: number) => Math.round(value * 1e3) / 1e3
  return {
    bias: rounded(bias),
    weights: Object.fromEntries(
      contactFeatureNames.map((feature, i) => [feature, rounded(Math.min(weights[i]!, most))]),
    ) as Record<ContactFeature, number>,
  }
}
