import { describe, expect, it } from 'vitest'
import type { ACluster, CCluster } from '../model/correlation.ts'
import { overlapByChance } from './chance.ts'
import { crossPlaneScores } from './score.ts'

const weak = [] as const
const weights = { scan: 1, spam: 1, download: 1, exploit: 1, dga: 1 }
const scan: ACluster = { id: 'A1', type: 'scan', hosts: ['h1', 'h2', 'h3'] }
const spam: ACluster = { id: 'A2', type: 'spam', hosts: ['h2', 'h3', 'h4'] }
const alike: CCluster = { id: 'C1', kind: 'shape', hosts: ['h1', 'h2', 'h3', 'h9'] }
const planes = { activities: [scan, spam], communications: [alike], population: 1000 }

describe('the cross-plane score (BotMiner 2008, equation 1)', () => {
  it('adds Jaccard over pairs of A-clusters and over A- with C-clusters that hold the host', () => {
    const { of } = crossPlaneScores(planes, { weights, weak, chance: Number.POSITIVE_INFINITY })
    // h1: scan and C1 share 3 of 4. h2, h3: also scan and spam 2 of 4, spam and C1 2 of 5. h4 shares with nobody.
    expect(of.get('h1')).toBeCloseTo(3 / 4, 12)
    expect(of.get('h2')).toBeCloseTo(2 / 4 + 3 / 4 + 2 / 5, 12)
    expect(of.get('h3')).toBeCloseTo(2 / 4 + 3 / 4 + 2 / 5, 12)
    expect(of.get('h4')).toBe(0)
    expect(of.has('h9')).toBe(false)
  })

  it('multiplies both weights in a pair of activities and one where a C-cluster is met', () => {
    const { of } = crossPlaneScores(planes, {
      weak,
      weights: { ...weights, spam: 3, scan: 2 },
      chance: Number.POSITIVE_INFINITY,
    })
    expect(of.get('h2')).toBeCloseTo((6 * 2) / 4 + (2 * 3) / 4 + (3 * 2) / 5, 12)
  })

  it('does not pair two A-clusters of one type', () => {
    const other: ACluster = { id: 'A3', type: 'scan', hosts: ['h1', 'h2'] }
    const { of } = crossPlaneScores(
      { activities: [scan, other], communications: [], population: 1000 },
      { weights, weak, chance: Number.POSITIVE_INFINITY },
    )
    expect([...of.values()]).toEqual([0, 0, 0])
  })

  it('leaves out overlaps that chance explains, and only those', () => {
    const strict = crossPlaneScores(planes, { weights, weak, chance: 1e-6 })
    // 3 of 3 in a cluster of 4 among 1000: 4/C(1000,3) = 2.4e-8, looked at twice. The others are over 1e-6.
    expect(strict.terms.map(({ a, b }) => `${a.id} ${b.id}`)).toEqual(['A1 C1'])
    expect(strict.of.get('h2')).toBeCloseTo(3 / 4, 12)
    const small = crossPlaneScores({ ...planes, population: 5 }, { weights, weak, chance: 0.05 })
    expect(small.terms).toEqual([])
  })
})

describe('overlap by chance', () => {
  it('is the hypergeometric tail', () => {
    // Two given hosts of ten in a set of two: one of C(10,2) = 45 ways.
    expect(overlapByChance({ population: 10, a: 2, b: 2, shared: 2 })).toBeCloseTo(1 / 45, 12)
    // At least one: 1 - C(8,2)/C(10,2) = 1 - 28/45.
    expect(overlapByChance({ population: 10, a: 2, b: 2, shared: 1 })).toBeCloseTo(17 / 45, 12)
    expect(overlapByChance({ population: 10, a: 4, b: 7, shared: 0 })).toBeCloseTo(1, 12)
    // Sets of 4 and 7 in 10 share at least one whatever happens.
    expect(overlapByChance({ population: 10, a: 4, b: 7, shared: 1 })).toBeCloseTo(1, 12)
  })

  it('refuses sets that cannot be', () => {
    expect(() => overlapByChance({ population: 3, a: 4, b: 1, shared: 1 })).toThrow(RangeError)
    expect(() => overlapByChance({ population: 9, a: 4, b: 1, shared: 2 })).toThrow(RangeError)
  })
})
