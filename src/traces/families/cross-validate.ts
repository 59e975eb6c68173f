/** How well models find traces that they were not trained on. The paper's protocol: 70/30, 50 runs. */

import type { Random } from '../../math/random.ts'
import { seeded } from '../../math/random.ts'
import type { Features } from '../features.ts'
import type { MatchOptions } from './match.ts'
import { matchFamilies } from './match.ts'
import { type TrainOptions, trainFamily } from './train.ts'

export interface FamilySamples {
  readonly family: string
  readonly features: readonly Features[]
}

interface CrossValidationOptions extends Partial<MatchOptions>, Partial<TrainOptions> {
  readonly runs?: number
  /** Share of each family's traces that trains. */
  readonly trainShare?: number
  readonly seed?: number
}

export interface FamilyResult {
  readonly family: string
  readonly traces: number
  /** Share of held-out traces that match any model, and their own family's best. Means over the runs. */
  readonly detected: number
  readonly named: number
  /** 95 % of the runs lie between. */
  readonly detectedRange: readonly [number, number]
  /** Benign traces that match this family best, a run. */
  readonly falseAlarms: number
}

/** Trains on a share of each family, mixes the rest into `benign`, and counts, over and over. */
export function crossValidate(
  families: readonly FamilySamples[],
  benign: readonly Features[],
  options: CrossValidationOptions = {},
): FamilyResult[] {
  const { runs = 50, trainShare = 0.7, seed = 1 } = options
  const random = seeded(`cross-validation ${seed}`)
  const results = Array.from({ length: runs }, (_, run) =>
    oneRun(families, benign, { trainShare, random: random.split(run), options }),
  )

  return families.map(({ family, features }, i) => {
    const each = results.map((result) => result[i]!)
    const detected = each.map((result) => result.detected).sort((a, b) => a - b)
    return {
      family,
      traces: features.length,
      detected: mean(detected),
      named: mean(each.map((result) => result.named)),
      detectedRange: [detected[Math.floor(0.025 * runs)]!, detected[Math.ceil(0.975 * runs) - 1]!],
      falseAlarms: mean(each.map((result) => result.falseAlarms)),
    }
  })
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

function oneRun(
  families: readonly FamilySamples[],
  benign: readonly Features[],
  { trainShare, random, options }: { trainShare: number; random: Random; options: CrossValidationOptions },
) {
  const split = families.map(({ family, features }) => {
    const mixed = random.split(family).shuffle([...features])
    const cut = Math.max(1, Math.min(features.length - 1, Math.round(trainShare * features.length)))
    return { family, train: mixed.slice(0, cut), held: mixed.slice(cut) }
  })

  const models = split.map(({ family, train }) =>
    trainFamily(
      { family, from: ['cross-validation'], given: train.length, minCalls: 0, features: train },
      options,
    ),
  )

  const best = (features: Features) => matchFamilies(features, models, options)[0]?.family
  const alarms = benign.map(best)

  return split.map(({ family, held }) => {
    const found = held.map(best)
    return {
      detected: held.length === 0 ? 0 : found.filter((each) => each !== undefined).length / held.length,
      named: held.length === 0 ? 0 : found.filter((each) => each === family).length / held.length,
      falseAlarms: alarms.filter((each) => each === family).length,
    }
  })
}
