import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { columnScale, robustScaled } from './scale.ts'
import { dice, jaccard } from './set-likeness.ts'
import { ascending, deviationOf, mean, medianOf, quantile, variance } from './stats.ts'

interface Reference {
  readonly quantiles: {
    readonly sample: readonly number[]
    readonly shares: readonly number[]
    readonly type7: readonly number[]
    readonly mad: number
    readonly variance: number
  }
}
// Made by test/reference/make-math.py.
const { quantiles }: Reference = JSON.parse(
  readFileSync(new URL('../../test/reference/math.json', import.meta.url), 'utf8'),
)

describe('stats', () => {
  const sorted = ascending(quantiles.sample)

  it('agrees with NumPy', () => {
    quantiles.shares.forEach((share, i) => {
      expect(quantile(sorted, share)).toBeCloseTo(quantiles.type7[i]!, 12)
    })
    expect(deviationOf(sorted)).toBeCloseTo(quantiles.mad, 12)
    expect(variance(quantiles.sample) / quantiles.variance).toBeCloseTo(1, 12)
  })

  it('keeps its digits far from 0', () => {
    expect(variance([1e15 + 1, 1e15 + 3])).toBe(1)
  })

  it('answers by hand', () => {
    expect(quantile([1, 2, 4], 0.75)).toBe(3)
    expect(medianOf(Float64Array.of(1, 2))).toBe(1.5)
    expect(medianOf(Float64Array.of())).toBeNaN()
    expect(() => mean([])).toThrow(RangeError)
    expect(() => quantile([1], 1.01)).toThrow(RangeError)
  })
})

describe('robustScaled', () => {
  it('takes logarithms, the median away, and divides by the quartiles', () => {
    const raw = Float64Array.from([0, 1, 2, 3, 4], (x) => Math.expm1(x))
    const { values } = robustScaled({ values: raw, width: 1 })
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(((i - 2) * 1.349) / 2, 12)
  })

  it('takes the standard deviation where the quartiles are equal, and 1 where all are', () => {
    const column = (values: number[]) => columnScale({ values: Float64Array.from(values), width: 1 }, 0)
    expect(column([5, 5, 5, 5, 9])).toEqual({ center: 5, spread: 1.6 })
    expect(column([5, 5, 5])).toEqual({ center: 5, spread: 1 })
    expect([...robustScaled({ values: Float64Array.of(3, 3), width: 1 }).values]).toEqual([0, 0])
  })

  it('scales each column apart, refuses values below 0, and leaves its input alone', () => {
    const values = Float64Array.of(0, 100, 1, 200, 2, 400)
    const before = values.slice()
    const scaled = robustScaled({ values, width: 2 }).values
    expect(values).toEqual(before)
    expect(scaled[2]).toBe(0)
    expect(scaled[3]).toBe(0)
    expect(() => robustScaled({ values: Float64Array.of(-0.1), width: 1 })).toThrow(RangeError)
  })
})

describe('set likeness', () => {
  it('answers by hand', () => {
    const [a, b] = [new Set([1, 2, 3]), new Set([3, 4])]
    expect(jaccard(a, b)).toBe(1 / 4)
    expect(dice(a, b)).toBe(2 / 5)
    expect(jaccard(b, a)).toBe(jaccard(a, b))
    expect([jaccard(a, a), dice(a, a)]).toEqual([1, 1])
    expect([jaccard(new Set(), new Set()), dice(new Set(), new Set())]).toEqual([0, 0])
  })
})
