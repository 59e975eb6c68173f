/**
 * What a bot family's command-and-control looks like: for each of the five features the values that its samples
 * gather at. Tegeler et al., "BotFinder", CoNEXT 2012, section 3.3. A model is readable JSON that says where it
 * is from.
 */
import { UserError } from '../../errors.ts'
import { type FeatureName, featureNames } from '../features.ts'

export const modelFormat = 'gannet-family-model/1'

/** Values of one feature that lie together. */
export interface FeatureCluster {
  readonly mean: number
  readonly sd: number
  /** Training traces in it. */
  readonly size: number
  /** exp(-beta sd / mean): 1 for equal values. */
  readonly quality: number
}

/** Where a model or a calibration is from. */
export interface Made {
  readonly version: string
  /** ISO 8601, UTC. */
  readonly at: string
  readonly inputs: readonly { readonly name: string; readonly sha256: string }[]
  /** What else was said on the command line: internal networks, allowlists, C&C. */
  readonly options: Readonly<Record<string, unknown>>
}

export interface FamilyModel {
  readonly format: typeof modelFormat
  readonly family: string
  readonly provenance: {
    /** The records of samples that it was trained on, as the person named them. */
    readonly from: readonly string[]
    /** Traces that were given, and those left after the allowlist and the benign ones. */
    readonly traces: number
    readonly used: number
    readonly minCalls: number
    readonly beta: number
    readonly minQuality: number
    /** Who made it, when, and from which bytes; absent for models of a cross-validation. */
    readonly made?: Made
  }
  /** Clusters by feature, in ascending order of mean; a feature may have none. */
  readonly features: Readonly<Record<FeatureName, readonly FeatureCluster[]>>
}

/** A model from the text of its file. @throws UserError model-invalid saying what is wrong. */
export function parseModel(text: string, source: string): FamilyModel {
  const invalid = (what: string, cause?: unknown) =>
    new UserError('model-invalid', `${source}: ${what}`, 'Give a file that `gannet train` wrote.', cause)
  let model: FamilyModel

  try {
    model = JSON.parse(text) as FamilyModel
  } catch (error) {
    throw invalid('not JSON', error)
  }

  if (model?.format !== modelFormat) throw invalid(`not of the format ${modelFormat}`)
  if (typeof model.family !== 'string' || model.family === '') throw invalid('it names no family')
  if (!(model.provenance?.beta > 0)) throw invalid('its provenance has no beta')
  if (!(model.provenance.minCalls >= 0)) throw invalid('its provenance has no minCalls')

  for (const name of featureNames) {
    const clusters = model.features?.[name]
    if (!Array.isArray(clusters)) throw invalid(`it has no clusters of ${name}`)
    if (!clusters.every(isCluster)) throw invalid(`a cluster of ${name} has a number that cannot be`)
  }

  return model
}

const isCluster = ({ mean, sd, size, quality }: FeatureCluster): boolean =>
  Number.isFinite(mean) &&
  mean >= 0 &&
  sd >= 0 &&
  Number.isInteger(size) &&
  size > 0 &&
  quality >= 0 &&
  quality <= 1

/** The file's text: two spaces, sorted by nature, ends in a line end. */
export const writeModel = (model: FamilyModel): string => `${JSON.stringify(model, null, 2)}\n`
