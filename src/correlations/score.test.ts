import { describe, expect, it } from 'vitest'
import type { ACluster, CCluster } from '../model/correlation.ts'
import { expectedBelow, overlapTails } from './chance.ts'
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

describe('looks', () => {
  const hosts = (from: number, count: number) => Array.from({ length: count }, (_, i) => `x${from + i}`)
  const options = { weights, weak: ['download' as const], chance: Number.POSITIVE_INFINITY }
  const expectedOf = (communications: readonly CCluster[], activities: readonly ACluster[] = [scan]) =>
    crossPlaneScores({ activities, communications, population: 1000 }, options).terms.map(
      ({ expected }) => expected,
    )
  const call: CCluster = { id: 'S1', kind: 'service', hosts: ['h1', 'h2', 'h3'] }
  // Three given hosts in a set of three: one of C(1000, 3).
  const once = 6 / (1000 * 999 * 998)

  it('are of the clusters that could be as unlikely, each set of hosts once', () => {
    const pair = (i: number): CCluster => ({ id: `P${i}`, kind: 'service', hosts: hosts(2 * i, 2) })
    const three = (i: number): CCluster => ({ id: `T${i}`, kind: 'service', hosts: hosts(3 * i, 3) })
    expect(expectedOf([call])[0]! / once).toBeCloseTo(1, 6)
    expect(expectedOf([call, three(0), three(1)])[0]! / once).toBeCloseTo(3, 6)
    expect(expectedOf([call, three(0), { ...three(0), id: 'again' }])[0]! / once).toBeCloseTo(2, 6)
    // Two hosts of a thousand in a set of three is never as unlikely as three of three.
    expect(expectedOf([call, ...Array.from({ length: 50 }, (_, i) => pair(i))])[0]! / once).toBeCloseTo(1, 6)
  })

  it('are counted apart for shapes, services kept up and services visited, and for weak activities', () => {
    const others: CCluster[] = [
      { id: 'shape', kind: 'shape', hosts: hosts(0, 3) },
      { id: 'kept', kind: 'service', kept: true, hosts: hosts(3, 3) },
    ]
    const download: ACluster = { id: 'D', type: 'download', hosts: hosts(6, 3) }
    expect(expectedOf([call, ...others], [scan, download])[0]! / once).toBeCloseTo(1, 6)
    expect(expectedOf([{ ...call, kept: true }, ...others])[0]! / once).toBeCloseTo(2, 6)
  })
})

describe('overlap by chance', () => {
  it('is the hypergeometric tail', () => {
    // Two given hosts of ten in a set of two: one of C(10,2) = 45 ways. At least one: 1 - C(8,2)/C(10,2) = 1 - 28/45.
    const [none, one, two] = overlapTails({ population: 10, a: 2, b: 2 })
    expect([none, one, two]).toEqual([1, expect.closeTo(17 / 45, 12), expect.closeTo(1 / 45, 12)])
    // Sets of 4 and 7 in 10 share at least one whatever happens.
    expect([...overlapTails({ population: 10, a: 4, b: 7 })].slice(0, 2)).toEqual([1, 1])
  })

  it('refuses sets that cannot be', () => {
    expect(() => overlapTails({ population: 3, a: 4, b: 1 })).toThrow(RangeError)
  })

  it('expects of each look the largest probability that is not over the one asked for', () => {
    const below = expectedBelow([
      { population: 10, a: 2, b: 2, times: 5 },
      { population: 10, a: 1, b: 2, times: 7 },
    ])
    // Of the second kind the least possible is 2/10: it counts from there on.
    expect(below(1 / 45)).toBeCloseTo(5 / 45, 12)
    expect(below(0.19)).toBeCloseTo(5 / 45, 12)
    expect(below(0.2)).toBeCloseTo(5 / 45 + 7 * 0.2, 12)
    expect(below(1 / 46)).toBe(0)
  })
})
