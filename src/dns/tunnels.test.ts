import { describe, expect, it } from 'vitest'
import { type TunnelFacts, tunnelOf, tunnelThresholds } from './tunnels.ts'

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
  opaque: 0,
  coverage: 1,
  called: null,
  rank: null,
  service: null,
  hosts: 1,
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
      { names: tunnelThresholds.leastNames, queries: 40 },
      { names: tunnelThresholds.leastNames - 1, queries: 39 },
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

  describe('at rest', () => {
    const rest: Partial<TunnelFacts> = {
      type: 'MX',
      queries: 300,
      names: 300,
      odd: 300,
      answered: 300,
      replies: 3,
      payload: 6,
      down: 3000,
      first: 0,
      last: 3600e6,
    }
    const plain: Partial<TunnelFacts> = { ...rest, odd: 0, type: 'A', called: 0 }

    it('is short fresh names that go on, of odd types or with addresses that nobody calls', () => {
      expect(tunnelOf(facts(rest))).toMatchObject({ way: 'at rest' })
      expect(tunnelOf(facts(plain))).toMatchObject({ way: 'at rest' })
    })

    it.each<[string, Partial<TunnelFacts>, Partial<TunnelFacts>]>([
      [
        'names',
        { names: tunnelThresholds.restNames, queries: 60, odd: 60 },
        { names: tunnelThresholds.restNames - 1, queries: 59, odd: 59 },
      ],
      ['fresh names', { names: 270 }, { names: 269 }],
      ['characters', { payload: 4 }, { payload: 3.9 }],
      ['odd types', { odd: 270 }, { odd: 269 }],
      ['to go on', { coverage: 0.7 }, { coverage: 0.69 }],
      ['time', { last: 1200e6 }, { last: 1199e6 }],
    ])('needs %s', (_, on, off) => {
      expect(tunnelOf(facts({ ...rest, ...on }))?.way).toBe('at rest')
      expect(tunnelOf(facts({ ...rest, ...off }))).toBeNull()
    })

    it.each<[string, Partial<TunnelFacts>, Partial<TunnelFacts>]>([
      ['addresses that nobody calls', { called: 0.02 }, { called: 0.03 }],
      ['flows to see that', { called: 0 }, { called: null }],
      ['answers', { answered: 150 }, { answered: 149 }],
    ])('by addresses needs %s', (_, on, off) => {
      expect(tunnelOf(facts({ ...plain, ...on }))?.way).toBe('at rest')
      expect(tunnelOf(facts({ ...plain, ...off }))).toBeNull()
    })
  })

  it('of opaque types needs no different answers: inputs leave out what they hold', () => {
    const key = { type: 'KEY', opaque: 100, odd: 100, replies: 1, down: 0 }
    expect(tunnelOf(facts(key))?.way).toBe('both ways')
    expect(tunnelOf(facts({ ...key, opaque: 0 }))).toBeNull()
  })

  it('under a popular domain is a sign below the threshold: its owner would have to run it', () => {
    const { popular } = tunnelThresholds
    expect(tunnelOf(facts({ rank: popular }))!.confidence).toBeLessThan(0.5)
    expect(tunnelOf(facts({ rank: popular + 1 }))!.confidence).toBeGreaterThan(0.5)
    expect(tunnelOf(facts({ service: 'look-ups of an antivirus' }))!.confidence).toBeLessThan(0.05)
  })
})
