import fc from 'fast-check'
import { expect, it } from 'vitest'
import { groupsOf, silhouette } from './intervals-kmeans.ts'

const groups = (values: readonly number[]) => groupsOf(Float64Array.from(values)).map((each) => [...each])

it('finds values that gather at three places', () => {
  expect(groups([10, 500, 11, 60, 505, 61, 9])).toEqual([
    [9, 10, 11],
    [60, 61],
    [500, 505],
  ])
})

it('keeps one group where nothing stands apart', () => {
  expect(groups([1, 2, 3, 4, 5, 6, 7])).toHaveLength(1)
  expect(groups([5, 5, 5])).toEqual([[5, 5, 5]])
  expect(groups([5])).toEqual([[5]])
  expect(groups([])).toEqual([])
})

it('has the silhouette of a hand calculation', () => {
  // 0, 1 | 10: for 0, own 1 and other 10; for 1, own 1 and other 9; the lone 10 has 0.
  expect(silhouette([Float64Array.of(0, 1), Float64Array.of(10)])).toBeCloseTo((0.9 + 8 / 9 + 0) / 3, 12)
})

it('loses no value and keeps the order', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 40 }), (values) => {
      expect(groups(values).flat()).toEqual([...Float64Array.from(values).sort()])
    }),
  )
})
