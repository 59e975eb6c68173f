import { describe, expect, it } from 'vitest'
import { areaUnderRoc, averagePrecision, curvesOf, type ScoredHost } from './curves.ts'

const host = (bot: boolean, score: number, accused = score > 1): ScoredHost => ({
  host: `${bot}${score}`,
  bot,
  accused,
  score,
})
const bots = [1.9, 1.7, 0.4].map((score) => host(true, score))
const clean = [1.8, 0.3, 0.2, 0.1].map((score) => host(false, score))

describe('curves over hosts', () => {
  it('have the area of the pairs that are in order, ties by half', () => {
    // 1.9 beats 4, 1.7 and 0.4 beat 3 each: 10 of 12.
    expect(areaUnderRoc(bots, clean)).toBeCloseTo(10 / 12, 12)
    expect(areaUnderRoc([host(true, 1)], [host(false, 1)])).toBe(0.5)
  })

  it('have the mean precision at the bots', () => {
    expect(averagePrecision(bots, clean)).toBeCloseTo((1 + 2 / 3 + 3 / 4) / 3, 12)
  })

  it('take accused hosts for the shares, with an interval that holds the figure', () => {
    const { precision, recall, f1, points } = curvesOf([...bots, ...clean])
    expect(precision?.value).toBeCloseTo(2 / 3, 12)
    expect(recall?.value).toBeCloseTo(2 / 3, 12)
    expect(f1?.value).toBeCloseTo(2 / 3, 12)
    for (const each of [precision, recall, f1]) {
      expect(each!.low).toBeLessThanOrEqual(each!.value)
      expect(each!.high).toBeGreaterThanOrEqual(each!.value)
      expect(each!.high - each!.low).toBeGreaterThan(0.1)
    }
    expect(points.at(-1)).toMatchObject({ recall: 1, falsePositiveRate: 1 })
  })

  it('are the same each time, and null where a share is of nothing', () => {
    expect(curvesOf([...bots, ...clean])).toEqual(curvesOf([...bots, ...clean]))
    expect(curvesOf(clean)).toMatchObject({ areaUnderRoc: null, recall: null })
  })
})
