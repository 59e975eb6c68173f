import { describe, expect, it } from 'vitest'
import { traceOf } from '../../../test/fixtures/trace-of.ts'
import { calibrationLine } from './calibrate.ts'
import type { FamilyHit } from './families.ts'

const hit = (score: number): FamilyHit =>
  ({
    trace: traceOf([]),
    match: { family: 'drip', score, threshold: 0, hits: [] },
    also: [],
  }) as unknown as FamilyHit
const made = { version: '0', at: '2026-01-01T00:00:00Z', inputs: [], options: {} }
const line = (scores: readonly number[], given: { days: number; perDay: number; floor?: number }) =>
  calibrationLine(
    { hits: scores.map(hit), traces: 50, days: given.days },
    { perDay: given.perDay, minHits: 3, floor: given.floor ?? 0, models: {}, made },
  )

describe('calibrationLine', () => {
  // Scores 4, 3, 2, 1 in two days: this many alarms are left as the days allow, and the line is the next score.
  it.each([
    { perDay: 0, alpha: 4, alarms: 0 },
    { perDay: 0.4, alpha: 4, alarms: 0 },
    { perDay: 0.5, alpha: 3, alarms: 1 },
    { perDay: 1, alpha: 2, alarms: 2 },
    { perDay: 1.5, alpha: 1, alarms: 3 },
    { perDay: 2, alpha: 0, alarms: 4 },
    { perDay: 9, alpha: 0, alarms: 4 },
  ])('leaves $alarms alarms at $perDay a day', ({ perDay, alpha, alarms }) => {
    expect(line([1, 4, 2, 3], { days: 2, perDay })).toMatchObject({ alpha, measured: alpha, alarms })
  })

  it('keeps ties with the line silent', () => {
    expect(line([3, 3, 3, 1], { days: 1, perDay: 1 })).toMatchObject({ alpha: 3, alarms: 0 })
  })

  it('is never under the floor, and says what the traffic asked for', () => {
    expect(line([1, 0.5], { days: 1, perDay: 0, floor: 1.7 })).toMatchObject({
      alpha: 1.7,
      measured: 1,
      alarms: 0,
    })
    expect(line([1.71], { days: 1, perDay: 0, floor: 1.7 })).toMatchObject({ alpha: 1.71 })
    expect(line([], { days: 1, perDay: 0, floor: 1.7 })).toMatchObject({ alpha: 1.7, measured: 0 })
  })
})
