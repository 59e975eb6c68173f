/**
 * What is measured of a C-flow, as vectors for clustering. One entry is one way to make the vectors; the order of
 * the columns is that of `variables`.
 */

import type { Points } from '../math/points.ts'
import { binCount, type Variable, variables } from '../model/cflow.ts'

/** C-flows by column, as table `cflow` gives them. */
export interface CflowColumns {
  readonly count: number
  readonly flows: Float64Array
  readonly means: Readonly<Record<Variable, Float64Array>>
  readonly variances: Readonly<Record<Variable, Float64Array>>
  /** 13 counts a C-flow. */
  readonly bins: Readonly<Record<Variable, readonly ArrayLike<number>[]>>
}

/** Eight columns: mean and variance of each variable, as they are. BotMiner 2008, section 3.3, step 1. */
export function coarseVectors({ count, means, variances }: CflowColumns): Points {
  const width = 2 * variables.length
  const values = new Float64Array(count * width)
  variables.forEach((variable, v) => {
    for (let i = 0; i < count; i++) {
      values[i * width + 2 * v] = means[variable][i]!
      values[i * width + 2 * v + 1] = variances[variable][i]!
    }
  })
  return { values, width }
}

/** 52 columns: how often each variable fell in each of its 13 bins, as counts. Step 2 as in the paper. */
export function countVectors({ count, bins }: CflowColumns): Points {
  return filled(count, binCount * variables.length, (values, row, i) => {
    variables.forEach((variable, v) => {
      const counts = bins[variable][i]!
      for (let b = 0; b < binCount; b++) values[row + v * binCount + b] = counts[b]!
    })
  })
}

/** How much the count of flows weighs beside a share: ten times the flows is as far as half of a distribution. */
const countWeight = 0.5 * Math.SQRT1_2

/**
 * 53 columns: each variable's 13 shares, and the logarithm of the number of flows. Two C-flows of one shape and
 * 11 and 140 flows are near each other here and far apart in counts (pitfall 5).
 */
export function shareVectors({ count, flows, bins }: CflowColumns): Points {
  return filled(count, binCount * variables.length + 1, (values, row, i) => {
    variables.forEach((variable, v) => {
      const counts = bins[variable][i]!
      let total = 0
      for (let b = 0; b < binCount; b++) total += counts[b]!
      for (let b = 0; b < binCount; b++) values[row + v * binCount + b] = total > 0 ? counts[b]! / total : 0
    })
    values[row + binCount * variables.length] = countWeight * Math.log10(flows[i]!)
  })
}

function filled(
  count: number,
  width: number,
  fill: (values: Float64Array, row: number, i: number) => void,
): Points {
  const values = new Float64Array(count * width)
  for (let i = 0; i < count; i++) fill(values, i * width, i)
  return { values, width }
}
