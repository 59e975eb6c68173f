import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Activity, ActivityType } from '../model/activity.ts'
import { micros } from '../model/units.ts'
import { clusterActivities } from './acluster.ts'

const did = (type: ActivityType, host: string, traits: readonly string[], detector = 'any'): Activity => ({
  epoch: 0,
  type,
  detector,
  host,
  first: micros(0),
  last: micros(0),
  times: 1,
  targets: 1,
  score: 1,
  traits,
  sample: [],
  flows: [],
})
const groups = (activities: readonly Activity[], options = {}) =>
  clusterActivities(activities, options).clusters.map(({ type, hosts, layer2 }) => [
    type,
    layer2,
    hosts.join(' '),
  ])

describe('layer 1', () => {
  it('keeps types apart and hosts of one activity alone', () => {
    const found = clusterActivities([did('scan', 'a', ['tcp/22']), did('exploit', 'b', ['suricata 1'])])
    expect(found.clusters).toEqual([])
    expect(found.singles.map(({ type, hosts }) => [type, hosts])).toEqual([
      ['scan', ['a']],
      ['exploit', ['b']],
    ])
  })

  it('puts a host into as many clusters as it has part in', () => {
    expect(
      groups([
        did('scan', 'b', ['tcp/22']),
        did('scan', 'a', ['tcp/22']),
        did('exploit', 'a', ['suricata 1', 'suricata 2']),
        did('exploit', 'b', ['suricata 1']),
        did('exploit', 'c', ['suricata 2']),
      ]),
    ).toEqual([
      ['scan', 'ports tcp/22', 'a b'],
      ['exploit', 'suricata 1', 'a b'],
      ['exploit', 'suricata 2', 'a c'],
    ])
  })
})

describe('layer 2', () => {
  it('joins scans whose sets of ports are half the same', () => {
    const pair = (b: string[]) => groups([did('scan', 'a', ['tcp/1', 'tcp/2']), did('scan', 'b', b)])
    expect(pair(['tcp/1'])).toEqual([['scan', 'ports tcp/1 tcp/2', 'a b']]) // 1 of 2
    expect(pair(['tcp/1', 'tcp/3'])).toEqual([]) // 1 of 3
    expect(pair(['tcp/1', 'tcp/2', 'tcp/3', 'tcp/4'])).toHaveLength(1) // 2 of 4
    expect(pair(['tcp/1', 'tcp/2', 'tcp/3', 'tcp/4', 'tcp/5'])).toEqual([]) // 2 of 5
  })

  it('joins scans of one network whatever the ports', () => {
    expect(
      groups([did('scan', 'a', ['10.1.2.0/24', 'tcp/22']), did('scan', 'b', ['10.1.2.0/24', 'tcp/23'])]),
    ).toEqual([['scan', 'network 10.1.2.0/24', 'a b']])
  })

  it('makes one of several things that the same hosts have in common', () => {
    const both = ['10.1.2.0/24', 'tcp/22']
    const activities = [
      did('scan', 'a', both),
      did('scan', 'b', both),
      did('scan', 'c', ['10.1.2.0/24', 'tcp/80']),
    ]
    expect(groups(activities.slice(0, 2))).toEqual([['scan', 'network 10.1.2.0/24; ports tcp/22', 'a b']])
    expect(groups(activities)).toEqual([
      ['scan', 'network 10.1.2.0/24', 'a b c'],
      ['scan', 'ports tcp/22', 'a b'],
    ])
  })

  it('does not compare remarks', () => {
    expect(
      groups([did('spam', 'a', ['(mail only)', 's1']), did('spam', 'b', ['(mail only)', 's2'])]),
    ).toEqual([])
  })

  it('compares what one host did in two ways separately', () => {
    const all = Array.from({ length: 50 }, (_, i) => `tcp/${i + 1000}`)
    expect(
      groups([
        did('scan', 'a', ['tcp/445'], 'horizontal-scan'),
        did('scan', 'a', all, 'vertical-scan'),
        did('scan', 'b', ['tcp/445'], 'horizontal-scan'),
      ]),
    ).toEqual([['scan', 'ports tcp/445', 'a b']])
  })

  it('joins spam by a tenth of the mail servers of the smaller', () => {
    const servers = (from: number, n: number) => Array.from({ length: n }, (_, i) => `server${from + i}`)
    const pair = (b: string[]) => groups([did('spam', 'a', servers(0, 100)), did('spam', 'b', b)])
    expect(pair(servers(98, 20))).toHaveLength(1) // 2 of 20
    expect(pair(servers(99, 20))).toEqual([]) // 1 of 20
  })

  it('joins downloads by content', () => {
    expect(
      groups([did('download', 'a', ['sha256:1']), did('download', 'b', ['sha256:1', 'sha256:2'])]),
    ).toEqual([['download', 'sha256:1', 'a b']])
  })

  it('joins downloads of programs that are alike, and the paper’s way only equal ones', () => {
    const least = (from: number) => Array.from({ length: 128 }, (_, i) => from + i)
    const fetched = [did('download', 'a', ['sha256:1']), did('download', 'b', ['sha256:2'])]
    const of = (ahead: number) =>
      new Map([
        ['sha256:1', least(0)],
        ['sha256:2', least(ahead)],
      ])
    // 85 of 128 are in both: 2 × 85 / 213 = 0.798, and one more makes 0.804.
    expect(groups(fetched, { minHashes: of(43) })).toEqual([])
    expect(groups(fetched, { minHashes: of(42) })).toEqual([['download', 'like sha256:1', 'a b']])
    expect(groups(fetched, { minHashes: of(42), paper: true })).toEqual([])
    // A chain joins what is not alike itself.
    const chain = new Map([...of(40), ['sha256:3', least(80)]])
    const three = [...fetched, did('download', 'c', ['sha256:3'])]
    expect(groups(three, { minHashes: chain })).toEqual([['download', 'like sha256:1', 'a b c']])
  })

  it('joins names by a tenth of both', () => {
    const names = (from: number) => Array.from({ length: 11 }, (_, i) => `name${from + i}.com`)
    expect(groups([did('dga', 'a', names(0)), did('dga', 'b', names(9))])).toHaveLength(1) // 2 of 20
    expect(groups([did('dga', 'a', names(0)), did('dga', 'b', names(10))])).toEqual([]) // 1 of 21
  })
})

describe('as the paper did', () => {
  it('asks for equal sets of ports, over all that a host did', () => {
    const paper = { paper: true }
    expect(groups([did('scan', 'a', ['tcp/1', 'tcp/2']), did('scan', 'b', ['tcp/1'])], paper)).toEqual([])
    expect(
      groups(
        [
          did('scan', 'a', ['tcp/1', 'tcp/2']),
          did('scan', 'b', ['tcp/1'], 'x'),
          did('scan', 'b', ['tcp/2'], 'y'),
        ],
        paper,
      ),
    ).toEqual([['scan', 'ports tcp/1 tcp/2', 'a b']])
  })

  it('puts all spam in one cluster', () => {
    expect(groups([did('spam', 'a', ['s1']), did('spam', 'b', ['s2'])], { paper: true })).toEqual([
      ['spam', 'spam', 'a b'],
    ])
  })
})

describe('hosts that acted at the same time', () => {
  const scans = ['a', 'b', 'c', 'd'].map((host) => did('scan', host, ['tcp/445']))
  const busy = (slots: Readonly<Record<string, readonly number[]>>) => ({
    busySlots: new Map(Object.entries(slots).map(([host, own]) => [`scan ${host}`, new Set(own)])),
  })
  const at = 'ports tcp/445, at the same time'

  it('are a cluster beside the whole, where others acted at another time', () => {
    expect(groups(scans, busy({ a: [1, 2, 3], b: [2, 3, 4], c: [50], d: [] }))).toEqual([
      ['scan', 'ports tcp/445', 'a b c d'],
      ['scan', at, 'a b'],
    ])
    expect(groups(scans, busy({ a: [1], b: [1], c: [1], d: [1] }))).toHaveLength(1)
    expect(groups(scans)).toHaveLength(1)
  })

  it('share a third of the time that either was busy', () => {
    expect(groups(scans, busy({ a: [1, 2], b: [2, 3], c: [50], d: [70] }))).toHaveLength(2)
    expect(groups(scans, busy({ a: [1, 2], b: [2, 3, 4], c: [50], d: [70] }))).toHaveLength(1)
  })

  it('are not told apart in the paper’s way', () => {
    const options = { ...busy({ a: [1], b: [1], c: [9], d: [9] }), paper: true }
    expect(groups(scans, options)).toEqual([['scan', 'ports tcp/445', 'a b c d']])
  })
})

it('does not depend on the order of activities, and gives the same ids again', () => {
  const trait = fc.constantFrom('tcp/1', 'tcp/2', 'udp/3', '10.0.0.0/24', 'x')
  const some = fc.array(
    fc.record({
      type: fc.constantFrom<ActivityType>('scan', 'spam', 'dga', 'download'),
      host: fc.constantFrom('a', 'b', 'c', 'd'),
      traits: fc.uniqueArray(trait, { minLength: 1 }),
      detector: fc.constantFrom('p', 'q', 'r'),
    }),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(some, fc.boolean(), (rows, paper) => {
      const unique = new Map(rows.map((row) => [`${row.type} ${row.host} ${row.detector}`, row]))
      const activities = [...unique.values()].map(({ type, host, traits, detector }) =>
        did(type, host, traits, detector),
      )
      const found = clusterActivities(activities, { paper })
      expect(clusterActivities(activities.toReversed(), { paper })).toEqual(found)
      for (const { hosts } of found.clusters) expect(hosts.length).toBeGreaterThan(1)
      expect(new Set([...found.clusters, ...found.singles].map(({ id }) => id)).size).toBe(
        found.clusters.length + found.singles.length,
      )
    }),
  )
})
