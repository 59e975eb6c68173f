/** Samples of a family to its model. Tegeler et al., "BotFinder", CoNEXT 2012, section 3.3. */
import { UserError } from '../../errors.ts'
import { groupsOf } from '../../math/intervals-kmeans.ts'
import { meanAndSd } from '../../math/stats.ts'
import { type FeatureName, type Features, featureNames, quality } from '../features.ts'
import { isUnder } from '../names.ts'
import type { Trace } from '../trace.ts'
import { type FamilyModel, type FeatureCluster, type Made, modelFormat } from './family-model.ts'

export interface TrainOptions {
  /** Sharpness of the quality of a cluster; 2.5 in the paper. */
  readonly beta: number
  /** Clusters of less quality are benign noise and dropped. */
  readonly minQuality: number
  /** Clusters of fewer traces are dropped, save where all of a feature has no more. */
  readonly minSize: number
}

const trainDefaults: TrainOptions = { beta: 2.5, minQuality: 0.3, minSize: 2 }

export interface Training {
  readonly family: string
  /** Where the samples' records came from, for the provenance. */
  readonly from: readonly string[]
  /** Traces before noise was taken out. */
  readonly given: number
  readonly minCalls: number
  readonly features: readonly Features[]
  readonly made?: Made
}

/**
 * A model of the family. The features are clustered apart, since versions of a bot change one and keep another.
 * @throws UserError nothing-to-analyse when no trace is left.
 */
export function trainFamily(training: Training, options: Partial<TrainOptions> = {}): FamilyModel {
  const { beta, minQuality, minSize } = { ...trainDefaults, ...options }

  if (training.features.length === 0)
    throw new UserError(
      'nothing-to-analyse',
      `no trace of ${training.family} alone has at least ${training.minCalls} calls`,
      'Give longer records of samples, or a lower --min-calls.',
    )

  const clustersOf = (name: FeatureName) =>
    clusters(
      Float64Array.from(training.features, (each) => each[name].mean).filter((each) => !Number.isNaN(each)),
      beta,
    ).filter(
      (each) => each.quality >= minQuality && (each.size >= minSize || training.features.length <= minSize),
    )

  return {
    format: modelFormat,
    family: training.family,
    provenance: {
      from: training.from,
      traces: training.given,
      used: training.features.length,
      minCalls: training.minCalls,
      beta,
      minQuality,
      ...(training.made ? { made: training.made } : {}),
    },
    features: Object.fromEntries(
      featureNames.map((name) => [name, clustersOf(name)]),
    ) as unknown as FamilyModel['features'],
  }
}

function clusters(values: Float64Array, beta: number): FeatureCluster[] {
  return groupsOf(values).map((group) => {
    const { mean, sd } = meanAndSd(group)
    return { mean, sd, size: group.length, quality: quality(mean, sd, beta) }
  })
}

/** What samples do that is not the bot's own: services that benign hosts use too, and allowlisted names. */
interface Noise {
  /** Addresses of servers that benign traffic met. */
  readonly servers: ReadonlySet<string>
  /** Names, as given and with all names under them. */
  readonly names: ReadonlySet<string>
}

/** The traces that are the bot's own as far as can be told. */
export const withoutNoise = (traces: readonly Trace[], { servers, names }: Noise): Trace[] =>
  traces.filter((trace) => !trace.servers.every((each) => servers.has(each)) && !isUnder(trace.name, names))
