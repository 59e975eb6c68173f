import { describe, expect, it } from 'vitest'
import { networkOf, overlaidOn } from './overlaid.ts'

const hosts = Array.from({ length: 300 }, (_, i) => `10.9.${i >> 7}.${1 + (i & 127)}`)
const ground = { from: 1.7e15, length: 7200, internal: ['10.9.0.0/16'], hosts, resolver: '10.9.9.9' }
const network = networkOf(ground, 1)
const overlaid = (family: string, size: number, seed = 1) =>
  overlaidOn(network, [{ id: family, family, size }], { among: network.hosts, seed })

describe('botnets laid over hosts', () => {
  it('has records of its bots alone, within the ground, the same for the same seed', () => {
    const botnets = [
      { id: 'one', family: 'sdbot', size: 4 },
      { id: 'two', family: 'storm', size: 5 },
    ]
    const made = () => overlaidOn(network, botnets, { among: network.hosts, seed: 3 })
    const { records, truth } = made()
    const bots = truth.botnets.flatMap((each) => each.hosts)
    expect(truth.botnets.map((each) => each.hosts.length)).toEqual([4, 5])
    expect(new Set(bots).size).toBe(9)
    const all = [...records]
    expect(new Set(all.map(({ client }) => client))).toEqual(new Set(bots))
    for (const { start, end } of all) {
      expect(start).toBeGreaterThanOrEqual(ground.from)
      expect(end).toBeLessThan(ground.from + ground.length * 1e6)
    }
    expect([...made().records]).toEqual(all)
  })

  it('lays every later family over two hours, where orders come while others last', () => {
    for (const family of [
      'rally',
      'fluxed',
      'relayed',
      'mutual',
      'fronted',
      'doh',
      'staged',
      'irc',
      'http-fixed',
    ])
      for (const seed of [1, 11])
        expect([...overlaid(family, 6, seed).records].length, family).toBeGreaterThan(100)
  })

  it('says what it cannot lay', () => {
    expect(() => overlaid('sdbot', 301)).toThrow('the botnets need 301 hosts')
    expect(() => overlaid('no such', 1)).toThrow('no family is called no such')
  })
})

describe('BotMiner’s botnets, beside its Table 1', () => {
  it('IRC-N: 259 bots make 5,635 flows to their server in seven minutes', () => {
    const { records, truth } = overlaid('irc-n', 259)
    const [cnc] = truth.botnets[0]!.cnc
    const calls = [...records].filter(({ server, serverPort }) => `${server}:${serverPort}/tcp` === cnc)
    expect(calls.length / 5635).toBeGreaterThan(0.8)
    expect(calls.length / 5635).toBeLessThan(1.2)
    const [first, last] = [
      Math.min(...calls.map(({ start }) => start)),
      Math.max(...calls.map(({ end }) => end)),
    ]
    expect((last - first) / 60e6).toBeCloseTo(7, 0)
  })

  it('sdbot: nine minutes with some five calls a bot', () => {
    const { records, truth } = overlaid('sdbot', 4)
    const [cnc] = truth.botnets[0]!.cnc
    const calls = [...records].filter(({ server, serverPort }) => `${server}:${serverPort}/tcp` === cnc)
    expect(calls.length).toBeGreaterThanOrEqual(12)
    expect(calls.length).toBeLessThanOrEqual(28)
  })

  it('HTTP-1 asks every five minutes, and HTTP-2 ten at the longest', () => {
    const gaps = (family: string) => {
      const { records, truth } = overlaid(family, 1)
      const [cnc] = truth.botnets[0]!.cnc
      const at = [...records]
        .filter(({ server, serverPort }) => `${server}:${serverPort}/tcp` === cnc)
        .map(({ start }) => start / 1e6)
        .sort((a, b) => a - b)
      return at.slice(1).map((each, i) => each - at[i]!)
    }
    expect(Math.max(...gaps('http-1').map((gap) => Math.abs(gap - 300)))).toBeLessThan(40)
    expect(Math.max(...gaps('http-2'))).toBeLessThan(602)
    expect(Math.max(...gaps('http-2'))).toBeGreaterThan(340)
  })
})

describe('later botnets', () => {
  const made = (family: string) => {
    const day = networkOf({ ...ground, length: 43_200 }, 1)
    const { records, truth } = overlaidOn(day, [{ id: 'x', family, size: 3 }], { among: day.hosts, seed: 2 })
    return { all: [...records], botnet: truth.botnets[0]! }
  }
  const serversOf = (all: ReturnType<typeof made>['all']) =>
    new Set(all.filter(({ serverPort }) => [80, 443].includes(serverPort)).map(({ server }) => server)).size

  it('rally: the bots ask for the same names, nearly none of which is there', () => {
    const { all } = made('rally')
    const asked = all.flatMap(({ dns, client }) =>
      dns?.code === 'NXDOMAIN' ? [{ client, query: dns.query }] : [],
    )
    expect(new Set(asked.map(({ query }) => query)).size).toBeLessThanOrEqual(250)
    expect(asked.length).toBeGreaterThan(300)
    expect(serversOf(all)).toBe(1)
  })

  it('fluxed: many addresses of one name that lives for minutes; relayed: many without a name', () => {
    const fluxed = made('fluxed')
    expect(serversOf(fluxed.all)).toBeGreaterThan(60)
    const answers = fluxed.all.flatMap(({ dns }) => (dns?.type === 'A' && dns.ttls[0] === 180 ? [dns] : []))
    expect(new Set(answers.map(({ query }) => query)).size).toBe(1)
    expect(answers.every((each) => each.answers.length === 5)).toBe(true)
    const relayed = made('relayed')
    expect(serversOf(relayed.all)).toBeGreaterThan(15)
    expect(relayed.all.every(({ tls }) => !tls || tls.name === '')).toBe(true)
  })

  it('fronted: the name and addresses of a popular site; doh: a resolver by TLS', () => {
    const { all, botnet } = made('fronted')
    const named = new Set(all.flatMap(({ tls }) => (tls ? [tls.name] : [])))
    expect(network.outside.sites.slice(0, 20).map(({ name }) => name)).toContain([...named][0])
    expect(botnet.activities).toEqual(['scan'])
    expect(made('doh').all.some(({ tls }) => tls?.name === 'dns.resolver.example')).toBe(true)
  })
})
