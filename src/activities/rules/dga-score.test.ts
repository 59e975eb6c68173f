import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../../test/fixtures/records.ts'
import type { Activity } from '../../model/activity.ts'
import type { Scope } from '../../model/networks.ts'
import { parseNetworks } from '../../store/networks.ts'
import { areAlike, statisticsOf } from '../name-statistics.ts'
import { servingHosts } from '../servers.ts'
import { dgaScore } from './dga-score.ts'

const scope: Scope = {
  epoch: 0,
  from: monday,
  to: monday + 86_400e6,
  internal: parseNetworks(['10.0.0.0/8']),
}
let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

/** Names of no known generator: 16 letters drawn by a plain congruence. */
const drawn = (i: number): string => {
  let state = i + 12_345
  return Array.from({ length: 16 }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return 'abcdefghijklmnopqrstuvwxyz'[Math.floor(state / 65_536) % 26]
  }).join('')
}
const failed = (names: readonly string[], more: Given = {}): Given[] =>
  names.map((query, i) => ({ start: monday + i * 1e6, query, responseCode: 'NXDOMAIN', ...more }))
const made = (n: number) => Array.from({ length: n }, (_, i) => `${drawn(i)}.com`)
const seen = async (dns: readonly Given[]) => {
  await bench.hold({ dns })
  const serving = await servingHosts(bench.store, scope)
  return bench.store.rows<Activity>(dgaScore.query({ ...scope, serving }, dgaScore.defaults))
}

describe('made-up names', () => {
  it('needs five names even of the strangest, and names them', async () => {
    expect(await seen(failed(made(4)))).toEqual([])
    const [row] = await seen(failed(made(12)))
    expect(row).toMatchObject({ type: 'dga', host: '10.0.0.5', targets: 12 })
    expect(row!.score).toBeGreaterThan(1)
  })

  it('takes a public name asked by NetBIOS for one that the DNS did not have', async () => {
    expect(await seen(failed(made(12), { queryType: 'NB', responseCode: '' }))).toHaveLength(1)
  })

  it.each<[string, readonly Given[]]>([
    ['names that answered', failed(made(12), { responseCode: 'NOERROR', answers: ['203.0.113.1'] })],
    [
      'names of people that fail',
      failed([
        'wikpedia.org',
        'youtubee.com',
        'gogle.com',
        'facebok.com',
        'amazn.com',
        'twiter.com',
        'linkedn.com',
        'redit.com',
        'netflx.com',
        'microsft.com',
        'yahooo.com',
        'instagrm.com',
      ]),
    ],
    ['one label', failed(made(40).map((each) => each.slice(0, -4)))],
    ['hashes under one domain', failed(made(40).map((each) => `${each.slice(0, -4)}.cdn.example.org`))],
  ])('leaves %s alone', async (_, dns) => {
    expect(await seen(dns)).toEqual([])
  })
})

describe('names alike', () => {
  const of = (names: readonly string[]) => statisticsOf(names)
  const others = (n: number) => Array.from({ length: n }, (_, i) => `${drawn(i + 1000)}.com`)
  it('are of the same suffixes, lengths and letters, though none is the same', () => {
    expect(areAlike(of(made(20)), of(others(20)))).toBe(true)
    expect(areAlike(of(made(7)), of(others(20)))).toBe(false)
  })
  it('are not of other lengths, suffixes or letters', () => {
    expect(areAlike(of(made(20)), of(others(20).map((each) => each.slice(5))))).toBe(false)
    expect(areAlike(of(made(20)), of(others(20).map((each) => each.replace('.com', '.ru'))))).toBe(false)
    expect(areAlike(of(made(20)), of(others(20).map((each) => each.replaceAll(/[a-m]/g, '7'))))).toBe(false)
  })
})
