import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findingKinds } from '../model/finding.ts'
import {
  accusesCombined,
  evidenceIn,
  fittedVerdict,
  type Indicator,
  unfittedWeight,
  verdictOf,
} from './verdict.ts'

const given = { prior: -5, weights: { beacon: 4, scan: 4, dga: 5 } } as const
const indicator = (kind: Indicator['kind'], strength: number): Indicator => ({
  host: 'h',
  kind,
  strength,
  description: `shows ${kind}`,
})
const confidence = (...indicators: Indicator[]) => verdictOf('h', indicators, given).confidence

const anySign = fc
  .record({ kind: fc.constantFrom(...findingKinds), strength: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ kind, strength }) => indicator(kind, strength))
const anySigns = fc.array(anySign, { maxLength: 6 })

describe('evidence', () => {
  it('is 0 at 0.05 and under, 1 at 0.5, 2 at 0.95, and ends', () => {
    expect([0, 0.05, 0.5, 0.95].map((each) => Number(evidenceIn(each).toFixed(9)))).toEqual([0, 0, 1, 2])
    expect(evidenceIn(1)).toBe(evidenceIn(0.99))
    expect(evidenceIn(0.06)).toBeGreaterThan(0)
  })
})

describe('the verdict on a host', () => {
  it('is the prior where nothing was seen', () => {
    expect(verdictOf('h', [], given)).toMatchObject({ confidence: 0.007, parts: [], wouldChange: [] })
    expect(confidence(indicator('scan', 0.05))).toBe(0.007)
  })

  it('adds up weak indicators to an accusation, and one of them is none', () => {
    const weak = [indicator('beacon', 0.4), indicator('scan', 0.4)]
    expect(weak.map((each) => confidence(each) < 0.5)).toEqual([true, true])
    expect(accusesCombined(verdictOf('h', weak, given))).toBe(true)
    expect(accusesCombined(verdictOf('h', [indicator('beacon', 0.4), indicator('scan', 0.1)], given))).toBe(
      false,
    )
  })

  it('does not accuse together for one indicator, however strong', () => {
    expect(confidence(indicator('dga', 0.99))).toBeGreaterThan(0.5)
    expect(accusesCombined(verdictOf('h', [indicator('dga', 0.99)], given))).toBe(false)
    expect(accusesCombined(verdictOf('h', [indicator('dga', 0.99), indicator('scan', 0.04)], given))).toBe(
      false,
    )
  })

  it('counts the strongest of a kind, once', () => {
    expect(confidence(indicator('scan', 0.3), indicator('scan', 0.6), indicator('scan', 0.5))).toBe(
      confidence(indicator('scan', 0.6)),
    )
  })

  it('comes to what a detector says where it accuses alone, whatever its kind', () => {
    for (const kind of findingKinds) {
      for (const strength of [0.5, 0.62, 0.93])
        expect(verdictOf('h', [indicator(kind, strength)]).confidence).toBeGreaterThanOrEqual(strength)
      // Under its line it is weighed, and one alone is far from an accusation.
      expect(verdictOf('h', [indicator(kind, 0.49)]).confidence).toBeLessThan(0.3)
    }
  })

  it('weighs a detector that joined after the fit', () => {
    const { parts } = verdictOf('h', [indicator('spam', 0.3)], given)
    expect(parts[0]?.logOdds).toBeCloseTo(unfittedWeight * evidenceIn(0.3), 3)
  })

  it('never falls with more evidence, by whatever weights are in force', () => {
    fc.assert(
      fc.property(anySigns, anySign, fc.constantFrom(given, fittedVerdict), (indicators, more, weights) => {
        const before = verdictOf('h', indicators, weights).confidence
        expect(verdictOf('h', [...indicators, more], weights).confidence).toBeGreaterThanOrEqual(before)
      }),
    )
  })

  it('does not depend on the order of indicators', () => {
    fc.assert(
      fc.property(anySigns, (indicators) => {
        const { confidence: one } = verdictOf('h', indicators)
        expect(verdictOf('h', indicators.toReversed()).confidence).toBe(one)
      }),
    )
  })

  it('is explained by its parts to the last digit', () => {
    fc.assert(
      fc.property(anySigns, (indicators) => {
        const { confidence: description, prior, parts } = verdictOf('h', indicators)
        const odds = parts.reduce((sum, { logOdds }) => sum + logOdds, prior)
        expect(description).toBeCloseTo(1 / (1 + Math.exp(-odds)), 2)
      }),
    )
  })

  it('says what would change it, and that is true', () => {
    const under = verdictOf('h', [indicator('beacon', 0.4), indicator('scan', 0.1)], given)
    const [first = ''] = under.wouldChange
    const needed = Number(/^beacon at (\S+) instead of 0\.40/.exec(first)?.[1])
    expect(confidence(indicator('beacon', needed + 0.01), indicator('scan', 0.1))).toBeGreaterThanOrEqual(0.5)
    expect(confidence(indicator('beacon', needed - 0.01), indicator('scan', 0.1))).toBeLessThan(0.5)

    const alone = verdictOf('h', [indicator('beacon', 0.4)]).wouldChange
    expect(alone).toEqual(['beacon at 0.50 instead of 0.40 would bring it to the line'])

    const over = verdictOf('h', [indicator('beacon', 0.4), indicator('scan', 0.45)], given)
    expect(over.wouldChange).toEqual([
      `without scan it would come to ${confidence(indicator('beacon', 0.4)).toFixed(2)}`,
      `without beacon it would come to ${confidence(indicator('scan', 0.45)).toFixed(2)}`,
    ])
    const sure = verdictOf('h', [indicator('dga', 0.95), indicator('scan', 0.95)], given)
    expect(sure.wouldChange[0]).toMatch(/^no indicator decides it alone: without dga/)
  })
})
