/** Traces against family models. Tegeler et al., "BotFinder", CoNEXT 2012, section 3.4. */

import { type FeatureName, type Features, featureNames, quality } from '../features.ts'
import type { FamilyModel, FeatureCluster } from './family-model.ts'

export interface MatchOptions {
  /** A match scores over alpha; of at most 5. The paper works at 1.7 to 1.8. */
  readonly alpha: number
  /** Features that must hit. */
  readonly minHits: number
  /** Sharpness of the quality factors. */
  readonly beta: number
}

export const matchDefaults: MatchOptions = { alpha: 1.75, minHits: 3, beta: 2.5 }

export interface Match {
  readonly family: string
  /** Gamma of the paper: sum over hits of cluster quality times trace quality. */
  readonly score: number
  readonly threshold: number
  readonly hits: readonly FeatureName[]
}

/** Score of one trace under one model, whatever the threshold. */
export function scoreOf(
  features: Features,
  model: FamilyModel,
  beta: number,
): { score: number; hits: FeatureName[] } {
  let score = 0
  const hits: FeatureName[] = []
  for (const name of featureNames) {
    const { mean, sd } = features[name]
    const cluster = best(model.features[name].filter((each) => falls(mean, each)))
    if (!cluster) continue
    hits.push(name)
    score += cluster.quality * quality(mean, sd, beta)
  }
  return { score, hits }
}

/**
 * Within two sd of the mean, and at least 5 % of it: a cluster of equal values would else ask for equality.
 * NaN falls in none.
 */
export const falls = (value: number, { mean, sd }: FeatureCluster): boolean =>
  Math.abs(value - mean) <= Math.max(2 * sd, 0.05 * mean)

const best = (clusters: readonly FeatureCluster[]): FeatureCluster | undefined =>
  clusters.reduce<FeatureCluster | undefined>((a, b) => (a && a.quality >= b.quality ? a : b), undefined)

/** Families that the trace matches, best first; the paper raises an alarm for the first. */
export function matchFamilies(
  features: Features,
  models: readonly FamilyModel[],
  options: Partial<MatchOptions> = {},
): Match[] {
  const { alpha, minHits, beta } = { ...matchDefaults, ...options }
  return models
    .map((model) => ({ family: model.family, threshold: alpha, ...scoreOf(features, model, beta) }))
    .filter(({ score, hits }) => score > alpha && hits.length >= minHits)
    .sort((a, b) => b.score - a.score || a.family.localeCompare(b.family))
}

/** How far one model covers another: share of b's clusters, by feature, whose mean falls in one of a's. */
export function compareModels(a: FamilyModel, b: FamilyModel): Readonly<Record<FeatureName, number>> {
  const share = (name: FeatureName) => {
    const theirs = b.features[name]
    const covered = theirs.filter(({ mean }) => a.features[name].some((each) => falls(mean, each)))
    return theirs.length === 0 ? 0 : covered.length / theirs.length
  }
  return Object.fromEntries(featureNames.map((name) => [name, share(name)])) as Record<FeatureName, number>
}
