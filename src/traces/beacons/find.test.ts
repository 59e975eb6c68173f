import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../../test/fixtures/records.ts'
import { seeded } from '../../math/random.ts'
import { parseNetworks } from '../../store/networks.ts'
import { sql } from '../../store/sql.ts'
import { callsQuery } from '../calls-query.ts'
import { claimOf, doubtsOf, evidenceOf, figureOf } from './evidence.ts'
import { findBeacons } from './find.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const scope = { epoch: 0, from: monday, to: monday + 14 * 86400e6, internal: parseNetworks(['10.0.0.0/8']) }
const at = (seconds: number) => Math.round(monday + seconds * 1e6)

/** A desktop's morning: visits to 40 named sites, in bursts. */
function browsing(client = '10.0.0.7') {
  const random = seeded(client)
  const flow: Given[] = []
  const dns: Given[] = []
  for (let site = 0; site < 40; site++) {
    const server = `198.${18 + (site % 2)}.${site}.10`
    dns.push({ client, start: at(site * 90), query: `www.site${site}.example`, answers: [server] })
    for (let visit = 0; visit < 8; visit++)
      flow.push({
        client,
        server,
        start: at(random.next() * 14400),
        clientPort: 40_000 + flow.length,
        clientBytes: 500 + random.integer(2000),
        serverBytes: 5000 + random.integer(200_000),
        state: 'SF',
      })
  }
  return { flow, dns }
}

const beacon = (rest: Given = {}, { count = 100, period = 120 } = {}) =>
  Array.from({ length: count }, (_, i) => ({
    client: '10.0.0.7',
    server: '203.0.113.66',
    serverPort: 4444,
    start: at(i * period + (i % 7)),
    clientPort: 60_000 + (i % 5000),
    clientBytes: 320,
    serverBytes: 180,
    state: 'SF',
    ...rest,
  }))

describe('findBeacons', () => {
  it('accuses the C&C of one infected desktop and nothing else', async () => {
    const { flow, dns } = browsing()
    await bench.hold({ flow: [...flow, ...beacon()], dns })
    const found = await findBeacons(bench.store, scope)
    expect(found.map(({ trace, endpoint }) => [trace.client, endpoint.address, endpoint.port])).toEqual([
      ['10.0.0.7', '203.0.113.66', 4444],
    ])
    expect(found[0]!.verdict).toMatchObject({ kind: 'calls', whyNot: [] })
    expect(found[0]!.rhythm!.period).toBeGreaterThan(118)
    expect(found[0]!.rhythm!.period).toBeLessThan(122)
  })

  it('accuses nothing on the clean desktop', async () => {
    const { flow, dns } = browsing()
    await bench.hold({ flow, dns })
    expect(await findBeacons(bench.store, scope)).toEqual([])
    const all = await findBeacons(bench.store, scope, { minScore: 0 })
    expect(all.length).toBeGreaterThan(0)
    for (const { verdict } of all) expect(verdict.whyNot.length).toBeGreaterThan(0)
  })

  it('calls a bot that knocks at a dead C&C at regular intervals a retry', async () => {
    const { flow, dns } = browsing()
    const dead = beacon({ outcome: 'unanswered', state: 'S0', serverBytes: 0, serverPackets: 0 })
    await bench.hold({ flow: [...flow, ...dead], dns })
    const [found] = await findBeacons(bench.store, scope)
    expect(found!.verdict.kind).toBe('retries')
    expect(found!.trace.failed).toBe(100)
    expect(claimOf(found!)).toBe(
      '10.0.0.7 retries 203.0.113.66:4444 at regular intervals; no attempt succeeds.',
    )
    expect(doubtsOf(found!)[0]).toContain('server that is gone')
  })

  it('never accuses a resolver or a time server, however regular', async () => {
    const { flow, dns } = browsing()
    const small = { packets: 2, bytes: 152, clientBytes: 76, serverBytes: 76 }
    const udp = { proto: 'udp', state: '', ...small }
    const clocks = [
      ...beacon({ ...udp, server: '203.0.113.53', serverPort: 53 }),
      ...beacon({ ...udp, server: '203.0.113.123', serverPort: 123 }),
    ]
    await bench.hold({ flow: [...flow, ...clocks], dns })
    expect(await findBeacons(bench.store, scope)).toEqual([])
    // The same on NTP's port in packets that NTP does not have is looked at.
    const other = beacon({ ...udp, bytes: 1400, server: '203.0.113.123', serverPort: 123 })
    await bench.hold({ flow: [...flow, ...other], dns })
    const [first] = await findBeacons(bench.store, scope, { minScore: 0 })
    expect(first!.endpoint).toMatchObject({ address: '203.0.113.123', port: 123 })
    expect(first!.score).toBeGreaterThan(0)
  })

  it('is not fooled by a service that all hosts call', async () => {
    const hosts = Array.from({ length: 12 }, (_, i) => `10.0.1.${i + 1}`)
    const parts = hosts.map((host) => browsing(host))
    const flow = parts.flatMap((part) => part.flow)
    const dns = parts.flatMap((part) => part.dns)
    const all = hosts.flatMap((client) => beacon({ client, server: '203.0.113.80', serverPort: 443 }))
    await bench.hold({
      flow: [...flow, ...all, ...beacon({ client: hosts[3], serverPort: 443 })],
      dns: [...dns, { query: 'telemetry.example', answers: ['203.0.113.80'] }],
    })
    const ranked = await findBeacons(bench.store, scope, { minScore: 0 })
    expect(ranked[0]).toMatchObject({ endpoint: { address: '203.0.113.66' }, profile: { hosts: 1 } })
    expect(evidenceOf(ranked[0]!).find(({ kind }) => kind === 'rarity')).toMatchObject({
      hosts: 1,
      ofHosts: 12,
    })
  })

  it('finds a weekly caller over the epochs, all scopes together', async () => {
    const { flow, dns } = browsing()
    const daily = beacon({}, { count: 13, period: 86400 })
    await bench.hold({ flow: [...flow, ...daily], dns })
    const scopes = Array.from({ length: 14 }, (_, i) => ({
      ...scope,
      epoch: i,
      from: monday + i * 86400e6,
      to: monday + (i + 1) * 86400e6,
    }))
    const [first] = await findBeacons(bench.store, scopes, { minScore: 0 })
    expect(first!.endpoint.address).toBe('203.0.113.66')
    expect(first!.rhythm!.period).toBeGreaterThan(86_390)
    expect(await findBeacons(bench.store, scopes.slice(0, 1), { minScore: 0 })).not.toContainEqual(
      expect.objectContaining({ endpoint: expect.objectContaining({ address: '203.0.113.66' }) }),
    )
  })

  it('gives the same answer twice, and one beacon for a service known by address and name', async () => {
    const { flow, dns } = browsing()
    await bench.hold({
      flow: [...flow, ...beacon()],
      dns: [...dns, { query: 'cc.example', answers: ['203.0.113.66'] }],
    })
    const found = await findBeacons(bench.store, scope, { minScore: 0 })
    expect(await findBeacons(bench.store, scope, { minScore: 0 })).toEqual(found)
    expect(found.filter(({ endpoint }) => endpoint.address === '203.0.113.66')).toHaveLength(1)
    expect(found[0]!.endpoint.name).toBe('cc.example')
  })

  it('leaves out what a person trusts, by network or by name', async () => {
    const { flow, dns } = browsing()
    await bench.hold({
      flow: [...flow, ...beacon()],
      dns: [...dns, { query: 'a.cc.example', answers: ['203.0.113.66'] }],
    })
    const nothing = { names: [], networks: parseNetworks([]) }
    expect(await findBeacons(bench.store, scope, { allow: nothing })).toHaveLength(1)
    expect(await findBeacons(bench.store, scope, { allow: { ...nothing, names: ['cc.example'] } })).toEqual(
      [],
    )
    const networks = parseNetworks(['203.0.113.64/26'])
    expect(await findBeacons(bench.store, scope, { allow: { ...nothing, networks } })).toEqual([])
  })

  it('has nothing to say of no flows', async () => {
    await bench.hold({})
    expect(await findBeacons(bench.store, scope)).toEqual([])
  })
})

describe('what a finding shows', () => {
  it('has rhythm and sameness with a query that gives the calls again', async () => {
    const { flow, dns } = browsing()
    await bench.hold({ flow: [...flow, ...beacon()], dns })
    const [found] = await findBeacons(bench.store, scope)
    const evidence = evidenceOf(found!)
    expect(evidence.map(({ kind }) => kind)).toEqual(['rhythm', 'sameness', 'weighing'])
    expect(evidence[0]).toMatchObject({ calls: 100 })
    expect(found!.rhythm!.kept).toBeGreaterThan(0.8)
    expect(evidence[1]).toMatchObject({ sent: 320, received: 180, consistency: 1 })
    const { sql: text, params } = callsQuery(found!)
    expect(params).toMatchObject({ client: '::ffff:10.0.0.7', port: 4444 })
    const bound = text
      .replace('{client:IPv6}', "'::ffff:10.0.0.7'")
      .replace('{servers:Array(IPv6)}', "['::ffff:203.0.113.66']")
      .replace('{port:UInt16}', '4444')
      .replace('{proto:String}', "'tcp'")
    expect(await bench.store.rows(bound)).toHaveLength(100)
    expect(await bench.store.rows(sql`SELECT 1 FROM flow WHERE serverPort = 4444`)).toHaveLength(100)
  })

  it('draws every interval and at most 512 points of the spectrum', async () => {
    await bench.hold({ flow: beacon() })
    const [found] = await findBeacons(bench.store, scope, { minScore: 0 })
    const figure = figureOf(found!, 'f1')
    expect(figure.starts).toHaveLength(100)
    expect(figure.intervals.reduce((sum, { count }) => sum + count, 0)).toBe(99)
    expect(figure.spectrum.length).toBeLessThanOrEqual(512)
    expect(figure.threshold).toBeGreaterThan(0)
    expect(figure.finding).toBe('f1')
  })
})
