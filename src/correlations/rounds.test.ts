import { describe, expect, it } from 'vitest'
import type { CCluster, Planes } from '../model/correlation.ts'
import { inRounds } from './rounds.ts'
import { crossPlaneScores } from './score.ts'

const weights = { scan: 1, spam: 1, download: 1, exploit: 1, dga: 1 }
const options = { weights, chance: 0.05, threshold: 0.1, weak: ['download' as const] }
const many = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`)
const kept = (id: string, hosts: readonly string[]): CCluster => ({ id, kind: 'service', kept: true, hosts })

const peers = many('p', 13)
const callers = many('h', 4)
const others = many('x', 120)
/** Sets of this many of these hosts, in order, the first 715: all sets of four of thirteen. */
function sets(hosts: readonly string[], size: number): string[][] {
  const found: string[][] = []
  const grow = (set: readonly string[], from: number) => {
    if (set.length === size) found.push([...set])
    else for (let i = from; i < hosts.length && found.length < 715; i++) grow([...set, hosts[i]!], i + 1)
  }
  grow([], 0)
  return found
}
const keptAll = (prefix: string, each: readonly string[][]) =>
  each.map((hosts, i) => kept(`${prefix}${i}`, hosts))
/** Each peer outside is called by four or five of the thirteen. */
const overlay = [...keptAll('four', sets(peers, 4)), ...keptAll('five', sets(peers, 5))]
const pairs = others
  .slice(0, 60)
  .flatMap((one, i) => others.slice(i + 60, i + 70).map((other) => [one, other]))
const sites = keptAll('site', pairs)
const planesWith = (communications: readonly CCluster[], mailers = [...peers, ...callers]): Planes => ({
  population: 150,
  activities: [{ id: 'mail', type: 'spam', hosts: mailers }],
  communications,
})
const channel = kept('channel', callers)

describe('botnet after botnet', () => {
  it('finds the four that the thirteen hide, once the thirteen are explained', () => {
    const planes = planesWith([...overlay, ...sites, channel])
    const first = crossPlaneScores(planes, options)
    expect(callers.map((host) => first.of.get(host))).toEqual([0, 0, 0, 0])
    const { bots, scores } = inRounds(planes, options)
    expect(bots).toEqual([...callers, ...peers].sort())
    // All four mail, all four call, and no other host is left that does.
    expect(scores.get('h0')).toBe(1)
  })

  it('looks no further where nothing was found before', () => {
    // The same mail and the same channel; what the thirteen have in common is not in the records.
    const unseen = planesWith([...keptAll('far', sets(others, 4)), ...sites, channel])
    expect(inRounds(unseen, options).bots).toEqual([])
  })

  it('does not accuse who is left over and meets one other by chance', () => {
    const mailers = [...peers, ...callers, 'x0', 'x60']
    const { bots } = inRounds(planesWith([...overlay, ...sites, channel], mailers), options)
    expect(bots).toEqual([...callers, ...peers].sort())
  })

  it('tells terms of a later round with the clusters as they were', () => {
    const { terms } = inRounds(planesWith([...overlay, ...sites, channel]), options)
    const own = terms.find(({ b }) => b.id === 'channel')
    expect([own?.a.hosts.length, own?.shared]).toEqual([17, callers])
  })

  it('is one round in the paper’s way', () => {
    const planes = planesWith([...overlay, ...sites, channel])
    const paper = { ...options, chance: Number.POSITIVE_INFINITY, threshold: 0, weak: [] }
    expect(inRounds(planes, paper).scores).toEqual(crossPlaneScores(planes, paper).of)
  })
})
