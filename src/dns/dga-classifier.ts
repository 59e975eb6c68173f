/**
 * How much one name speaks for having been made up by a program.
 *
 * Boosted oblivious trees (Friedman 2001; the symmetric trees of Prokhorenkova et al., CatBoost, NeurIPS 2018) over
 * `features.ts`; the sum is turned into a log-likelihood ratio by a line that was fitted on families that the trees of
 * that fold had not seen. `bench/fit/fit-names.ts --write` makes `parameters.json` and says there what it was made
 * from.
 */
import { featuresOf, nameFeatures } from './dga-features.ts'
import { type LetterTable, lettersFrom } from './letter-model.ts'
import fittedParameters from './parameters.json' with { type: 'json' }

/** A tree of one question a level: bit i of the leaf's number is set where value > threshold. */
export interface Tree {
  readonly features: readonly number[]
  readonly thresholds: readonly number[]
  readonly leaves: readonly number[]
}

export interface NameParameters {
  /** Private suffixes whose owner gives out names that look drawn, as content networks do: they say nothing. */
  readonly machineSuffixes: readonly string[]
  readonly features: readonly string[]
  readonly letters: LetterTable
  readonly bias: number
  readonly trees: readonly Tree[]
  /** Log-likelihood ratio = slope × sum + offset, in natural logarithms. */
  readonly slope: number
  readonly offset: number
  /** No single name says more than this, for or against. */
  readonly most: number
  /** The ratio that one training name in a thousand of those people use is over, in folds that had not seen it. */
  readonly line: number
  /** What failed names must add up to before a host is taken to make names up; see `docs/method/names.md`. */
  readonly sumLine: number
}

export const fitted: NameParameters = fittedParameters

/** Short labels say nothing: every two- or three-letter name looks drawn. */
export const shortest = 5

/**
 * The classifier as a function of a registered domain; 0 for those that it says nothing of (short ones, punycode, names
 * that a content network gives out).
 * @throws RangeError where the parameters are of other features.
 */
export function classifierOf(
  parameters: NameParameters,
): (name: { readonly label: string; readonly suffix: string }) => number {
  if (parameters.features.join() !== nameFeatures.join())
    throw new RangeError('the parameters are of other features: run bench/fit/fit-names.ts --write')
  const letters = lettersFrom(parameters.letters)
  const { slope, offset, most } = parameters
  const silent = new Set(parameters.machineSuffixes)
  return ({ label, suffix }) => {
    if (label.length < shortest || label.startsWith('xn--') || silent.has(suffix)) return 0
    const ratio = slope * sumOf(parameters, featuresOf(label, letters)) + offset
    return Math.max(-most, Math.min(most, ratio))
  }
}

/** Sum over the trees, before it is made a ratio. */
export function sumOf({ bias, trees }: Pick<NameParameters, 'bias' | 'trees'>, values: Float64Array): number {
  let sum = bias
  for (const { features, thresholds, leaves } of trees) {
    let leaf = 0
    for (let level = 0; level < features.length; level++)
      if ((values[features[level] as number] as number) > (thresholds[level] as number)) leaf |= 1 << level
    sum += leaves[leaf] as number
  }
  return sum
}
