import { describe, expect, it } from 'vitest'
import { type CflowColumns, coarseVectors, countVectors, shareVectors } from './vectors.ts'

const bins = (...at: [number, number][]) => {
  const counts = Array.from({ length: 13 }, () => 0)
  for (const [bin, count] of at) counts[bin] = count
  return counts
}

/** Two C-flows of one shape, of 10 and of 100 flows. */
const cflows: CflowColumns = {
  count: 2,
  flows: Float64Array.of(10, 100),
  means: {
    fph: Float64Array.of(5, 50),
    ppf: Float64Array.of(4, 4),
    bpp: Float64Array.of(60, 60),
    bps: Float64Array.of(9, 9),
  },
  variances: {
    fph: Float64Array.of(1, 1),
    ppf: Float64Array.of(2, 2),
    bpp: Float64Array.of(3, 3),
    bps: Float64Array.of(4, 4),
  },
  bins: {
    fph: [bins([0, 2]), bins([0, 2])],
    ppf: [bins([1, 5], [2, 5]), bins([1, 50], [2, 50])],
    bpp: [bins([3, 10]), bins([3, 100])],
    bps: [bins([12, 10]), bins([12, 100])],
  },
}

describe('vectors of C-flows', () => {
  it('are mean and variance of the four variables in the coarse step', () => {
    expect([...coarseVectors(cflows).values.subarray(0, 8)]).toEqual([5, 1, 4, 2, 60, 3, 9, 4])
  })

  it('are 52 counts in the paper’s fine step', () => {
    const { values, width } = countVectors(cflows)
    expect(width).toBe(52)
    expect([values[13 + 1], values[13 + 2], values[26 + 3], values[39 + 12]]).toEqual([5, 5, 10, 10])
    expect(values.subarray(0, 52).reduce((a, b) => a + b)).toBe(32)
  })

  it('are shares and the logarithm of the flows in ours, so that one shape is near itself', () => {
    const { values, width } = shareVectors(cflows)
    expect(width).toBe(53)
    expect([...values.subarray(0, 52)]).toEqual([...values.subarray(53, 105)])
    expect(values[13 + 1]).toBe(0.5)
    // Ten times the flows is 1 in log10, times 0.5/√2.
    expect(values[105]! - values[52]!).toBeCloseTo(Math.SQRT1_2 / 2, 12)
  })

  it('are zero where an input gave no sample', () => {
    const none = { ...cflows, bins: { ...cflows.bins, bps: [bins(), bins()] } }
    expect([...shareVectors(none).values.subarray(39, 52)]).toEqual(Array.from({ length: 13 }, () => 0))
  })
})
