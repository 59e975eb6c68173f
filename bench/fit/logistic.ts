/** Logistic regression with weights of a known sign, by projected gradient descent. */

export interface Sample {
  readonly values: readonly number[]
  readonly positive: boolean
  readonly weight: number
}

interface LogisticOptions {
  readonly ridge?: number
  readonly rounds?: number
  /** Share of a step that the next one keeps. */
  readonly momentum?: number
  /** Bias and weights to begin with; 0 if absent. */
  readonly start?: { readonly bias: number; readonly weights: readonly number[] }
  /** Weights that the ridge draws to; 0 if absent. */
  readonly drawnTo?: readonly number[]
  /** Whether a weight stays at its start. */
  readonly held?: readonly boolean[]
}

/**
 * Bias and weights that minimise the weighted log loss plus `ridge` times the sum of squares of what the weights differ
 * from `drawnTo`. `signs`: +1 where a weight may not be negative, -1 where it may not be positive.
 */
export function fitLogistic(
  samples: readonly Sample[],
  signs: readonly number[],
  { ridge = 0.02, rounds = 4000, momentum = 0.9, start, drawnTo, held }: LogisticOptions = {},
): { bias: number; weights: number[]; loss: number } {
  const width = signs.length
  const total = samples.reduce((sum, { weight }) => sum + weight, 0)
  const values = Float64Array.from(samples.flatMap((each) => [...each.values]))
  const truth = Float64Array.from(samples, ({ positive }) => (positive ? 1 : 0))
  const share = Float64Array.from(samples, ({ weight }) => weight / total)
  const center = Float64Array.from(drawnTo ?? signs.map(() => 0))
  const weights = Float64Array.from(start?.weights ?? signs.map(() => 0))
  const speeds = new Float64Array(width)
  const slope = new Float64Array(width)
  let bias = start?.bias ?? 0
  let biasSpeed = 0
  let loss = 0

  for (let round = 0; round < rounds; round++) {
    let biasSlope = 0
    loss = 0
    for (let i = 0; i < width; i++) {
      slope[i] = 2 * ridge * (weights[i]! - center[i]!)
      loss += ridge * (weights[i]! - center[i]!) ** 2
    }

    for (let n = 0, at = 0; n < truth.length; n++, at += width) {
      let odds = bias
      for (let i = 0; i < width; i++) odds += weights[i]! * values[at + i]!
      const predicted = 1 / (1 + Math.exp(-odds))
      if (round === rounds - 1)
        loss -= share[n]! * Math.log(Math.max(1e-12, truth[n] === 1 ? predicted : 1 - predicted))
      const error = (predicted - truth[n]!) * share[n]!
      biasSlope += error
      for (let i = 0; i < width; i++) slope[i]! += error * values[at + i]!
    }

    biasSpeed = momentum * biasSpeed - biasSlope
    bias += biasSpeed
    for (let i = 0; i < width; i++) {
      if (held?.[i]) continue
      speeds[i] = momentum * speeds[i]! - slope[i]!
      const next = weights[i]! + speeds[i]!
      weights[i] = next * signs[i]! < 0 ? 0 : next
      if (weights[i] === 0) speeds[i] = 0
    }
  }

  return { bias, weights: [...weights], loss }
}
