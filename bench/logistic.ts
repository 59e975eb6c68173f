/** Logistic regression with weights of a known sign, by projected gradient descent. */

export interface Sample {
  readonly values: readonly number[]
  readonly positive: boolean
  readonly weight: number
}

/**
 * Bias and weights that minimise the weighted log loss plus `ridge` times the sum of squared weights.
 * `signs`: +1 where a weight may not be negative, -1 where it may not be positive.
 */
export function fitLogistic(
  samples: readonly Sample[],
  signs: readonly number[],
  { ridge = 0.02, rounds = 4000 }: { ridge?: number; rounds?: number } = {},
): { bias: number; weights: number[]; loss: number } {
  const total = samples.reduce((sum, { weight }) => sum + weight, 0)
  const weights: number[] = signs.map(() => 0)
  const speeds = weights.map(() => 0)
  let bias = 0
  let biasSpeed = 0
  let loss = 0
  for (let round = 0; round < rounds; round++) {
    const slope = weights.map((weight) => 2 * ridge * weight)
    let biasSlope = 0
    loss = ridge * weights.reduce((sum, weight) => sum + weight * weight, 0)
    for (const { values, positive, weight } of samples) {
      let odds = bias
      for (let i = 0; i < values.length; i++) odds += weights[i]! * values[i]!
      const predicted = 1 / (1 + Math.exp(-odds))
      loss -= (weight / total) * Math.log(Math.max(1e-12, positive ? predicted : 1 - predicted))
      const error = ((predicted - (positive ? 1 : 0)) * weight) / total
      biasSlope += error
      for (let i = 0; i < values.length; i++) slope[i]! += error * values[i]!
    }
    biasSpeed = 0.9 * biasSpeed - biasSlope
    bias += biasSpeed
    for (let i = 0; i < weights.length; i++) {
      speeds[i] = 0.9 * speeds[i]! - slope[i]!
      const next = weights[i]! + speeds[i]!
      weights[i] = next * signs[i]! < 0 ? 0 : next
      if (weights[i] === 0) speeds[i] = 0
    }
  }
  return { bias, weights, loss }
}
