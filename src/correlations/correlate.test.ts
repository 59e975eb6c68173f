import { describe, expect, it } from 'vitest'
import type { Planes } from '../model/correlation.ts'
import { botnetsIn, correlate, treeOf } from './correlate.ts'
import { distance, similarity } from './similarity.ts'

const flags = (text: string) => [...text].map((each) => each === '1')
const bot = (a: string, c: string) => ({ a: flags(a), c: flags(c) })

describe('similarity of two bots (BotMiner 2008, equation 2)', () => {
  it('counts shared A-clusters, and C-clusters once', () => {
    expect(similarity(bot('11', '110'), bot('11', '111'))).toBe(3)
    expect(similarity(bot('10', '100'), bot('11', '001'))).toBe(1)
    expect(similarity(bot('10', '100'), bot('01', '010'))).toBe(0)
  })

  it('as printed gives unrelated bots what neither has (pitfall 1)', () => {
    // Both are outside the third C-cluster, so the second term is 1.
    expect(similarity(bot('10', '100'), bot('01', '010'), 'literal')).toBe(1)
    expect(similarity(bot('110', '110'), bot('110', '111'), 'literal')).toBe(4)
  })

  it('is a distance from 0, all in common, to 1, nothing', () => {
    expect(distance(bot('11', '10'), bot('11', '10'))).toBe(0)
    expect(distance(bot('10', '10'), bot('01', '01'))).toBe(1)
    expect(distance(bot('11', '10'), bot('11', '01'))).toBeCloseTo(1 / 3, 12)
  })
})

describe('the cut of the dendrogram', () => {
  it('parts two botnets that share nothing', () => {
    const { labels, cut } = treeOf(
      [bot('10', '10'), bot('10', '10'), bot('10', '10'), bot('01', '01'), bot('01', '01')],
      'together',
    )
    expect(new Set(labels.slice(0, 3)).size).toBe(1)
    expect(new Set(labels.slice(3)).size).toBe(1)
    expect(labels[0]).not.toBe(labels[3])
    // Within, one of two A-clusters and a C-cluster are shared: distance 1 - 2/3. Between: 1.
    expect(cut).toBeCloseTo((1 / 3 + 1) / 2, 12)
  })

  it('keeps bots that are all alike together, since the index knows no single group (pitfall 2)', () => {
    expect(new Set(treeOf([bot('1', '1'), bot('1', '1'), bot('1', '1')], 'together').labels).size).toBe(1)
  })

  it('joins two bots only where they have something in common', () => {
    expect(treeOf([bot('1', '1'), bot('1', '0')], 'together').labels).toEqual([0, 0])
    expect(treeOf([bot('10', '10'), bot('01', '01')], 'together').labels).toEqual([0, 1])
  })
})

describe('correlation', () => {
  const weights = { scan: 1, spam: 1, download: 1, exploit: 1, dga: 1 }
  const options = {
    weights,
    chance: 0.05,
    threshold: 0.1,
    similarity: 'together' as const,
    weak: ['download' as const],
  }
  const irc = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4']
  const http = ['10.0.0.5', '10.0.0.6', '10.0.0.7']
  const everyone = Array.from({ length: 200 }, (_, i) => `10.0.1.${i}`)
  const planes: Planes = {
    population: 300,
    activities: [
      { id: 'scan-445', type: 'scan', hosts: irc },
      { id: 'spam', type: 'spam', hosts: http },
      { id: 'installer', type: 'download', hosts: ['10.0.1.3', '10.0.1.4', '10.0.1.5'] },
    ],
    communications: [
      { id: 'web', kind: 'shape', hosts: [...everyone, ...irc, ...http] },
      { id: 'irc', kind: 'shape', hosts: [...irc, '10.0.1.9'] },
      { id: 'beacon', kind: 'service', hosts: http },
      { id: 'odd', kind: 'shape', hosts: ['10.0.1.3', '10.0.1.4', '10.0.1.77', '10.0.1.78', '10.0.1.79'] },
      ...Array.from({ length: 100 }, (_, i) => ({
        id: `pair${i}`,
        kind: 'shape' as const,
        hosts: [`10.0.1.${i}`, `10.0.1.${i + 50}`],
      })),
    ],
  }

  it('finds each botnet whole and leaves downloaders that chance brought together', () => {
    const { groups } = correlate(planes, options)
    expect(groups.map(({ hosts }) => [...hosts].sort())).toEqual([irc, http])
    expect(groups.map(({ activities }) => activities)).toEqual([['scan'], ['spam']])
  })

  it('gives the same botnets without the dendrogram', () => {
    expect(botnetsIn(planes, options)).toEqual(correlate(planes, options).groups)
    expect(botnetsIn({ ...planes, activities: [] }, options)).toEqual([])
  })

  it('with no test of chance accuses the downloaders too, as the paper does', () => {
    const { scores } = correlate(planes, {
      ...options,
      chance: Number.POSITIVE_INFINITY,
      threshold: 0,
      weak: [],
    })
    expect(scores.get('10.0.1.3')).toBeGreaterThan(0)
  })

  it('gives no botnet of one host', () => {
    const alone = correlate(
      { ...planes, activities: [{ id: 'x', type: 'scan', hosts: ['10.0.0.1'] }] },
      { ...options, chance: Number.POSITIVE_INFINITY, weak: [] },
    )
    expect(alone.groups).toEqual([])
  })

  it('keeps bots of one C&C together though each was told to do another thing', () => {
    const hosts = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6']
    const tasks: Planes = {
      population: 300,
      activities: [
        { id: 's', type: 'scan', hosts: hosts.slice(0, 3) },
        { id: 'm', type: 'spam', hosts: hosts.slice(3) },
      ],
      communications: [{ id: 'cc', kind: 'service', hosts }],
    }
    expect(correlate(tasks, options).groups.map((group) => [...group.hosts].sort())).toEqual([hosts])
  })

  it('joins two botnets by three services that the bots of both call, and not by fewer', () => {
    const [one, two] = [irc, http.concat('10.0.0.8')]
    const meetings = (count: number) => {
      const sites = [0, 1, 2].slice(0, count).map((i) => ({
        id: `site${i}`,
        kind: 'service' as const,
        hosts: [...one.slice(0, 2), ...two.slice(0, 2), one[2 + (i % 2)]!, two[2 + (i >> 1)]!],
      }))
      const together: Planes = {
        population: 300,
        activities: [{ id: 'm', type: 'spam', hosts: [...one, ...two] }],
        communications: [
          { id: 'c1', kind: 'service', kept: true, hosts: one },
          { id: 'c2', kind: 'service', kept: true, hosts: two },
          ...sites,
        ],
      }
      return correlate(together, { ...options, chance: 1e-3 }).groups.length
    }
    expect(meetings(0)).toBe(2)
    expect(meetings(2)).toBe(2)
    expect(meetings(3)).toBe(1)
  })

  it('takes a service for theirs where bots are a third of its callers if kept up, three quarters if visited', () => {
    const hosts = [...irc, ...http]
    const withOthers = (count: number, kept: boolean) => {
      const task: Planes = {
        population: 5000,
        activities: [
          { id: 's', type: 'scan', hosts: hosts.slice(0, 3) },
          { id: 'm', type: 'spam', hosts: hosts.slice(3, 6) },
        ],
        communications: [
          { id: 'cc', kind: 'service', kept, hosts: [...hosts.slice(0, 6), ...everyone.slice(0, count)] },
        ],
      }
      return correlate(task, { ...options, threshold: 0 }).groups.length
    }
    expect([withOthers(2, false), withOthers(3, false)]).toEqual([1, 0])
    expect([withOthers(12, true), withOthers(13, true)]).toEqual([1, 0])
  })

  it('gives bots whose traffic is alike to the channel that each keeps up, where chance gives it less than once', () => {
    const [one, two] = [irc, http.concat('10.0.0.8')]
    const together = (others: number): Planes => ({
      population: 300,
      activities: [
        { id: 'm', type: 'spam', hosts: [...one, ...two.slice(0, 2), ...everyone.slice(190)] },
        { id: 's', type: 'spam', hosts: [...one.slice(0, 2), ...two.slice(0, 2)] },
      ],
      communications: [
        { id: 'c1', kind: 'service', kept: true, hosts: one },
        { id: 'c2', kind: 'service', kept: true, hosts: two },
        ...Array.from({ length: others }, (_, i) => ({
          id: `k${i}`,
          kind: 'service' as const,
          kept: true,
          hosts: everyone.slice(4 * i, 4 * i + 4),
        })),
        { id: 'shape', kind: 'shape', hosts: [...one, ...two.slice(0, 2)] },
      ],
    })
    const found = (others: number) =>
      correlate(together(others), options).groups.map(({ hosts }) => [...hosts].sort())
    expect(found(0)).toEqual([one, two])
    expect(found(40)).toEqual([one, two])
  })
})
