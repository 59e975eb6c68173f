/**
 * From features to a score: one additive model. Each feature adds its weight times its value to the log odds; what
 * speaks for C&C never lowers the score and what clears never raises it. Weights are in `weights.json`;
 * docs/method/contacts.md says where they come from and what they were measured to be worth.
 */
import {
  type ContactFeature,
  type ContactFeatures,
  contactFeatureNames,
  contactFeatures,
} from './feature-list.ts'
import fittedFile from './weights.json' with { type: 'json' }

export interface ContactWeights {
  /** Log odds before any feature. */
  readonly bias: number
  readonly weights: Readonly<Record<ContactFeature, number>>
}

export const fittedContacts: ContactWeights = fittedFile

/** Score from which a contact accuses its host, by sensitivity. */
export const thresholds = fittedFile.thresholds

export interface ContactReason {
  readonly feature: ContactFeature
  readonly doc: string
  readonly description: string
  readonly value: number
  readonly logOdds: number
}

export interface ContactVerdict {
  /** 0 to 1: share of such contacts that were C&C where it was fitted. */
  readonly score: number
  /** Heaviest first; features without weight here are left out. */
  readonly reasons: readonly ContactReason[]
}

/** Popular domains and named services come to no more log odds, whatever else speaks: a score of 0.12. */
const mostWellKnown = -2
/** From this value on, `popular` and `service` are of that kind; rented services are not, by their features. */
const wellKnownFrom = 0.75

export function logOddsOf(features: ContactFeatures, { bias, weights }: ContactWeights): number {
  let sum = bias
  for (const feature of contactFeatureNames) sum += weights[feature] * features[feature]
  return Math.max(features.popular, features.service) >= wellKnownFrom ? Math.min(sum, mostWellKnown) : sum
}

export function judgeContact(
  features: ContactFeatures,
  given: ContactWeights = fittedContacts,
): ContactVerdict {
  const reasons = contactFeatureNames
    .map((feature) => ({
      feature,
      doc: contactFeatures[feature].doc,
      description: contactFeatures[feature].description,
      value: Math.round(features[feature] * 1e3) / 1e3,
      logOdds: Math.round(given.weights[feature] * features[feature] * 1e3) / 1e3,
    }))
    .filter(({ logOdds }) => logOdds !== 0)
    .sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds) || a.feature.localeCompare(b.feature))
  return { score: scoreOf(features, given), reasons }
}

/** The score alone. */
export const scoreOf = (features: ContactFeatures, given: ContactWeights): number =>
  logistic(logOddsOf(features, given))

const logistic = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds))

/** At least the score of features that are in groups: their sum is the same but for the order of its terms. */
export function ceilingOf(groups: readonly Partial<ContactFeatures>[], given: ContactWeights): number {
  let sum = given.bias + 1e-6
  let known = 0
  for (const group of groups) {
    known = Math.max(known, group.popular ?? 0, group.service ?? 0)
    for (const feature in group)
      sum += given.weights[feature as ContactFeature] * group[feature as ContactFeature]!
  }
  return logistic(known >= wellKnownFrom ? Math.min(sum, mostWellKnown) : sum)
}

/** The score that would remain had the feature not spoken. */
export const withoutFeature = (
  features: ContactFeatures,
  feature: ContactFeature,
  given: ContactWeights = fittedContacts,
): number => scoreOf({ ...features, [feature]: 0 }, given)
