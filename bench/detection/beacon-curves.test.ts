import { expect, it } from 'vitest'
import { areaUnderRoc, averagePrecision } from './beacon-curves.ts'

it('counts pairs in order for the area under ROC, ties as half', () => {
  expect(areaUnderRoc([3, 2], [1, 0])).toBe(1)
  expect(areaUnderRoc([0], [1, 2])).toBe(0)
  // Of four pairs: 3>2, 3>0, 1<2, 1>0.
  expect(areaUnderRoc([3, 1], [2, 0])).toBe(0.75)
  expect(areaUnderRoc([1], [1, 0])).toBe(0.75)
})

it('averages precision over the guilty', () => {
  expect(averagePrecision([3, 2], [1])).toBe(1)
  // First at 1 of 1, second at 2 of 3.
  expect(averagePrecision([3, 1], [2, 0])).toBeCloseTo((1 + 2 / 3) / 2, 12)
  // Both malicious tie with one clean trace: 2 of 3 each.
  expect(averagePrecision([1, 1], [1])).toBeCloseTo(2 / 3, 12)
})
