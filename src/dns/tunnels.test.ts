import { describe, expect, it } from 'vitest'
import { type TunnelFacts, tunnelLines, tunnelOf } from './tunnels.ts'

const facts = (more: Partial<TunnelFacts> = {}): TunnelFacts => ({
  client: '10.0.0.5',
  registered: 'evil.org',
  queries: 100,
  names: 100,
  answered: 100,
  replies: 100,
  payload: 40,
  entropy: 4,
  down: 3000,
  odd: 100,
  type: 'TXT',
  loopback: 0,
  first: 0,
  last: 1e9,
  ...more,
})

describe('a tunnel', () => {
  it('is fresh names of odd types with an answer of its own each', () => {
    expect(tunnelOf(facts())).toMatchObject({ way: 'both ways', up: 4000 })
  })

  it.each<[string, Partial<TunnelFacts>, Partial<TunnelFacts>]>([
    [
      'names',
      { names: tunnelLines.leastNames, queries: 40 },
      { names: tunnelLines.leastNames - 1, queries: 39 },
    ],
    ['fresh names', { queries: 200 }, { queries: 201 }],
    ['letters', { payload: 15 }, { payload: 14.9 }],
    ['different answers', { replies: 30 }, { replies: 29 }],
    ['bytes of answers', { down: 800 }, { down: 799 }],
    ['odd types', { odd: 50 }, { odd: 49 }],
  ])('needs %s', (_, on, off) => {
    expect(tunnelOf(facts(on))).not.toBeNull()
    expect(tunnelOf(facts(off))).toBeNull()
  })

  it('over addresses needs more: content networks have names and addresses for each client', () => {
    const plain = { odd: 0, type: 'A', queries: 150, names: 150, answered: 150, replies: 150, payload: 40 }
    expect(tunnelOf(facts(plain))?.way).toBe('both ways')
    expect(tunnelOf(facts({ ...plain, names: 149, queries: 149 }))).toBeNull()
    expect(tunnelOf(facts({ ...plain, payload: 39 }))).toBeNull()
    expect(tunnelOf(facts({ ...plain, queries: 167 }))).toBeNull()
  })

  it('one way is a lot that leaves, and says so', () => {
    const out = { odd: 0, type: 'A', names: 400, queries: 400, answered: 400, replies: 1, payload: 50 }
    expect(tunnelOf(facts(out))).toMatchObject({ way: 'one way' })
    expect(tunnelOf(facts({ ...out, payload: 49 }))).toBeNull()
    expect(tunnelOf(facts({ ...out, names: 399, queries: 399 }))).toBeNull()
    expect(tunnelOf(facts(out))!.confidence).toBeLessThan(tunnelOf(facts())!.confidence)
  })

  it('is no reputation look-up, whose answers are in 127.0.0.0/8', () => {
    const asked = { odd: 0, type: 'A', names: 4000, queries: 4000, answered: 4000, replies: 3, payload: 80 }
    expect(tunnelOf(facts({ ...asked, loopback: 4000 }))).toBeNull()
    expect(tunnelOf(facts({ ...asked, loopback: 1999 }))).not.toBeNull()
  })
})
