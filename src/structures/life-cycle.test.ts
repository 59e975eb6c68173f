import { describe, expect, it } from 'vitest'
import type { LifeStage } from '../model/life-cycle.ts'
import { micros, ratio } from '../model/units.ts'
import { lifeCyclesOf, ruleOf, type Sign, window } from './life-cycle.ts'

const parameters = {
  bias: -3,
  weights: { 'inbound-scan': 0.2, 'inbound-exploit': 1, download: 1, rally: 3, activity: 3, upkeep: 0.5 },
  threshold: 0.5,
}

const sign = (stage: LifeStage, at = 0, more: Partial<Sign> = {}): Sign => ({
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
const cycle = (...signs: Sign[]) => lifeCyclesOf(signs, parameters)[0]

describe('the rules', () => {
  it('are infection with a sign outward, or two distinct signs outward', () => {
    const rule = (...stages: LifeStage[]) => ruleOf(stages.map((stage) => ({ stage })))
    expect(rule('inbound-exploit', 'activity')).toBe('infected-and-outward')
    expect(rule('inbound-exploit', 'inbound-scan')).toBeNull()
    expect(rule('inbound-scan', 'activity')).toBeNull()
    expect(rule('rally', 'activity')).toBe('two-outward-signs')
    expect(rule('activity')).toBeNull()
    expect(rule('rally', 'upkeep')).toBe('two-outward-signs')
    expect(rule('download', 'upkeep')).toBeNull()
  })
})

describe('a host', () => {
  it('is declared where a rule holds and the signs weigh enough', () => {
    expect(cycle(sign('rally'), sign('activity'))).toMatchObject({
      declared: true,
      rule: 'two-outward-signs',
      score: 0.953,
    })
    expect(cycle(sign('inbound-exploit'), sign('download'))).toMatchObject({
      declared: false,
      rule: 'infected-and-outward',
    })
    expect(cycle(sign('activity', 0, { strength: ratio(1) }))).toMatchObject({ declared: false, rule: null })
  })

  it('is left out without a sign outward', () => {
    expect(lifeCyclesOf([sign('inbound-scan'), sign('inbound-exploit')], parameters)).toEqual([])
  })

  it('joins signs up to twelve hours apart, and not beyond', () => {
    expect(cycle(sign('rally'), sign('activity', window - 1))?.rule).toBe('two-outward-signs')
    expect(cycle(sign('rally'), sign('activity', window))?.rule).toBeNull()
    const long = sign('rally', 0, { last: micros(1e12 + 3 * window) })
    expect(cycle(long, sign('activity', 2.5 * window))?.rule).toBe('two-outward-signs')
  })

  it('tells which signs counted, in time, and calls later programs upkeep', () => {
    const told = cycle(
      sign('activity', 100e6),
      sign('download', 200e6),
      sign('download', 0, { source: 'first' }),
      sign('inbound-scan', 3 * window),
    )
    expect(told?.stages.map(({ stage, counted }) => [stage, counted])).toEqual([
      ['download', true],
      ['activity', true],
      ['upkeep', true],
      ['inbound-scan', false],
    ])
  })

  it('never weighs less with more', () => {
    const one = cycle(sign('rally', 0, { strength: ratio(0.6) }))!.score
    expect(cycle(sign('rally', 0, { strength: ratio(0.6) }), sign('download'))!.score).toBeGreaterThan(one)
    expect(cycle(sign('rally', 0, { strength: ratio(0.7) }))!.score).toBeGreaterThan(one)
  })
})

it('puts the declared first, then by score', () => {
  const signs = [
    sign('activity', 0, { host: '10.0.0.1' }),
    ...(['rally', 'activity'] as const).map((stage) => sign(stage, 0, { host: '10.0.0.2' })),
  ]
  expect(lifeCyclesOf(signs, parameters).map(({ host }) => host)).toEqual(['10.0.0.2', '10.0.0.1'])
})
