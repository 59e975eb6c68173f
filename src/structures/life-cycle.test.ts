import { describe, expect, it } from 'vitest'
import type { LifeStage } from '../model/life-cycle.ts'
import { micros, ratio } from '../model/units.ts'
import { type Indicator, lifeCyclesOf, ruleOf, window } from './life-cycle.ts'

const parameters = {
  bias: -3,
  weights: { 'inbound-scan': 0.2, 'inbound-exploit': 1, download: 1, rally: 3, activity: 3, upkeep: 0.5 },
  threshold: 0.5,
}

const indicator = (stage: LifeStage, at = 0, more: Partial<Indicator> = {}): Indicator => ({
  host: '10.0.0.5',
  stage,
  first: micros(1e12 + at),
  last: micros(1e12 + at),
  times: 1,
  strength: ratio(1),
  source: stage,
  what: 'did it',
  ...more,
})
const cycle = (...indicators: Indicator[]) => lifeCyclesOf(indicators, parameters)[0]

describe('the rules', () => {
  it('are infection with an indicator outward, or two distinct indicators outward', () => {
    const rule = (...stages: LifeStage[]) => ruleOf(stages.map((stage) => ({ stage })))
    expect(rule('inbound-exploit', 'activity')).toBe('infected-and-outbound')
    expect(rule('inbound-exploit', 'inbound-scan')).toBeNull()
    expect(rule('inbound-scan', 'activity')).toBeNull()
    expect(rule('rally', 'activity')).toBe('two-outbound-indicators')
    expect(rule('activity')).toBeNull()
    expect(rule('rally', 'upkeep')).toBe('two-outbound-indicators')
    expect(rule('download', 'upkeep')).toBeNull()
  })
})

describe('a host', () => {
  it('is declared where a rule holds and the indicators weigh enough', () => {
    expect(cycle(indicator('rally'), indicator('activity'))).toMatchObject({
      declared: true,
      rule: 'two-outbound-indicators',
      score: 0.953,
    })
    expect(cycle(indicator('inbound-exploit'), indicator('download'))).toMatchObject({
      declared: false,
      rule: 'infected-and-outbound',
    })
    expect(cycle(indicator('activity', 0, { strength: ratio(1) }))).toMatchObject({
      declared: false,
      rule: null,
    })
  })

  it('is left out without an indicator outward', () => {
    expect(lifeCyclesOf([indicator('inbound-scan'), indicator('inbound-exploit')], parameters)).toEqual([])
  })

  it('joins indicators up to twelve hours apart, and not beyond', () => {
    expect(cycle(indicator('rally'), indicator('activity', window - 1))?.rule).toBe('two-outbound-indicators')
    expect(cycle(indicator('rally'), indicator('activity', window))?.rule).toBeNull()
    const long = indicator('rally', 0, { last: micros(1e12 + 3 * window) })
    expect(cycle(long, indicator('activity', 2.5 * window))?.rule).toBe('two-outbound-indicators')
  })

  it('tells which indicators counted, in time, and calls later programs upkeep', () => {
    const result = cycle(
      indicator('activity', 100e6),
      indicator('download', 200e6),
      indicator('download', 0, { source: 'first' }),
      indicator('inbound-scan', 3 * window),
    )
    expect(result?.stages.map(({ stage, counted }) => [stage, counted])).toEqual([
      ['download', true],
      ['activity', true],
      ['upkeep', true],
      ['inbound-scan', false],
    ])
  })

  it('never weighs less with more', () => {
    const one = cycle(indicator('rally', 0, { strength: ratio(0.6) }))!.score
    expect(
      cycle(indicator('rally', 0, { strength: ratio(0.6) }), indicator('download'))!.score,
    ).toBeGreaterThan(one)
    expect(cycle(indicator('rally', 0, { strength: ratio(0.7) }))!.score).toBeGreaterThan(one)
  })
})

it('puts the declared first, then by score', () => {
  const indicators = [
    indicator('activity', 0, { host: '10.0.0.1' }),
    ...(['rally', 'activity'] as const).map((stage) => indicator(stage, 0, { host: '10.0.0.2' })),
  ]
  expect(lifeCyclesOf(indicators, parameters).map(({ host }) => host)).toEqual(['10.0.0.2', '10.0.0.1'])
})
