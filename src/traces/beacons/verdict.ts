/**
 * The verdict without a model of any family: features to one confidence.
 *
 * Two logistic scores, one over calls that come back and one over a connection that is held open. Weights and
 * threshold are fitted by `bench/fit/calibrate-beacons.ts` on the tuning captures of docs/method/held-out.md alone,
 * and live in `parameters.json` with where they come from.
 */
import { sigmoid } from '../../math/sigmoid.ts'
import { type CallFeatures, callFeatures, type HeldFeatures, heldFeatures } from './features.ts'
import parameters from './parameters.json' with { type: 'json' }
import type { ServerProfile } from './population.ts'

export interface Head<Feature extends string> {
  readonly bias: number
  readonly weights: Readonly<Record<Feature, number>>
}

/** Where few hosts are watched, and where many are; between them, in the measure of the feature `crowd`. */
export interface Heads<Feature extends string> {
  readonly few: Head<Feature>
  readonly many: Head<Feature>
}

export interface Parameters {
  readonly calls: Heads<keyof CallFeatures>
  readonly held: Heads<keyof HeldFeatures>
  /** Score from which a trace is accused. */
  readonly threshold: number
}

export const fitted: Parameters = parameters

/**
 * How a trace shows itself: calls at regular intervals, calls in vain at regular intervals, or one connection held
 * open.
 */
type BeaconKind = 'calls' | 'retries' | 'held'

export interface Verdict {
  readonly kind: BeaconKind
  /** Confidence from 0 to 1 that the trace is command and control. */
  readonly score: number
  /** Each feature with its value and its share in the log odds, heaviest first. */
  readonly reasons: readonly Reason[]
  /** The weights that it was judged by. */
  readonly head: Head<string>
  /** What would have to be otherwise for an accusation; empty when accused. */
  readonly whyNot: readonly string[]
}

export interface Reason {
  readonly feature: string
  readonly doc: string
  readonly value: number
  readonly logOdds: number
}

/**
 * The head where `share` of 0 to 1 of a crowd is watched; what is asked more there is the weight of the feature
 * `crowd`.
 */
function headAt<Feature extends string>({ few, many }: Heads<Feature>, share: number): Head<Feature> {
  const names = Object.keys(few.weights) as Feature[]
  return {
    bias: few.bias,
    weights: Object.fromEntries(
      names.map((name) => [
        name,
        name === 'crowd'
          ? many.bias - few.bias
          : few.weights[name] + share * (many.weights[name] - few.weights[name]),
      ]),
    ) as Record<Feature, number>,
  }
}

/** Score and reasons of one head. */
function weighed<Feature extends string>(
  head: Head<Feature>,
  features: Readonly<Record<Feature, number>>,
  docs: Readonly<Record<Feature, { doc: string }>>,
) {
  const reasons = (Object.keys(docs) as Feature[])
    .map((feature) => ({
      feature,
      doc: docs[feature].doc,
      value: features[feature],
      logOdds: head.weights[feature] * features[feature],
    }))
    .sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds) || a.feature.localeCompare(b.feature))
  return { score: sigmoid(reasons.reduce((sum, { logOdds }) => sum + logOdds, head.bias)), reasons, head }
}

interface Considered {
  readonly profile: ServerProfile
  readonly calls: CallFeatures | null
  readonly held: HeldFeatures | null
}

/** The stronger of the two scores. Infrastructure that every host asks by itself is never accused. */
export function beaconVerdict(
  { profile, calls, held }: Considered,
  given: Parameters = fitted,
): Verdict | null {
  const both = [
    calls && {
      kind: calls.refused > 0.5 ? ('retries' as const) : ('calls' as const),
      ...weighed(headAt(given.calls, calls.crowd), calls, callFeatures),
    },
    held && { kind: 'held' as const, ...weighed(headAt(given.held, held.crowd), held, heldFeatures) },
  ].filter((each) => each !== null)

  const best = both.sort((a, b) => b.score - a.score)[0]
  if (!best) return null

  if (profile.infrastructure)
    return {
      ...best,
      score: 0,
      whyNot: [`it answers ${profile.infrastructure.toUpperCase()}, which every host asks by itself`],
    }

  return { ...best, whyNot: best.score >= given.threshold ? [] : lacking(best) }
}

/**
 * The features whose full strength would have added most. How many hosts are watched is not one that could be
 * otherwise.
 */
function lacking({ reasons, head: { weights } }: Pick<Verdict, 'reasons' | 'head'>): string[] {
  return reasons
    .filter(({ feature }) => feature !== 'crowd')
    .map((each) => ({
      ...each,
      lost: (weights[each.feature] ?? 0) > 0 ? weights[each.feature]! * (1 - each.value) : -each.logOdds,
    }))
    .filter(({ lost }) => lost > 0.3)
    .sort((a, b) => b.lost - a.lost)
    .slice(0, 3)
    .map(({ feature, doc, value }) => `${feature} is ${value.toFixed(2)}: ${doc}`)
}
