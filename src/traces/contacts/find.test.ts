import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../../test/fixtures/records.ts'
import { seeded } from '../../math/random.ts'
import { parseNetworks } from '../../store/networks.ts'
import { callsQuery } from '../calls-query.ts'
import { contactClaim, contactDoubts, contactFacts, contactReasons } from './evidence.ts'
import { findContacts } from './find.ts'
import { thresholds } from './judge.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const scope = { from: monday, to: monday + 14 * 86400e6, internal: parseNetworks(['10.0.0.0/8']) }
const at = (seconds: number) => Math.round(monday + seconds * 1e6)
const find = (options = {}) => findContacts(bench.store, scope, { analysis: 'test', ...options })

/** Visits of a desktop to 40 sites with names, over four hours. */
function browsing(client = '10.0.0.7') {
  const random = seeded(client)
  const flow: Given[] = []
  const dns: Given[] = []
  for (let site = 0; site < 40; site++) {
    const server = `198.${18 + (site % 2)}.${site}.10`
    dns.push({ client, start: at(0), query: `www.site${site}.example`, answers: [server] })
    for (let visit = 0; visit < 8; visit++)
      flow.push({
        client,
        server,
        start: at(1 + random.next() * 14_400),
        clientPort: 40_000 + flow.length,
        clientBytes: 500 + random.integer(2000),
        serverBytes: 5000 + random.integer(200_000),
        state: 'SF',
      })
  }
  return { flow, dns }
}

/** Calls with a sleep and a jitter, as a share of it, for four hours. */
function implant(rest: Given = {}, { period = 60, jitter = 0.37, seed = 'implant' } = {}) {
  const random = seeded(seed)
  const made: Given[] = []
  for (let t = 30; t < 14_400; t += period * (1 - jitter * random.next()))
    made.push({
      client: '10.0.0.7',
      server: '203.0.113.66',
      start: at(t),
      clientPort: 20_000 + made.length,
      clientBytes: 960,
      serverBytes: 800,
      state: 'SF',
      ...rest,
    })
  return made
}

const accusedOf = (found: Awaited<ReturnType<typeof find>>) =>
  found.filter(({ verdict }) => verdict.score >= thresholds.normal)

describe('contacts', () => {
  it('rank an implant with 37 % jitter to a bare address first, and accuse by it alone', async () => {
    const { flow, dns } = browsing()
    await bench.hold({ flow: [...flow, ...implant()], dns })
    const found = await find()
    expect(found[0]!.trace).toMatchObject({ client: '10.0.0.7', name: null, serverPort: 443 })
    expect(found[0]!.trace.servers).toEqual(['203.0.113.66'])
    expect(accusedOf(found)).toHaveLength(1)
    expect(found).toHaveLength(20)
  })

  it('accuse nobody on the clean desktop, yet rank its contacts', async () => {
    await bench.hold(browsing())
    const found = await find()
    expect(accusedOf(found)).toEqual([])
    expect(found).toHaveLength(20)
    const scores = found.map(({ verdict }) => verdict.score)
    expect(scores).toEqual(scores.toSorted((a, b) => b - a))
  })

  it('take the addresses of one name for one contact, and a name under a popular domain for popular', async () => {
    const { flow, dns } = browsing()
    const servers = ['203.0.113.66', '203.0.113.67', '2001:db8::66']
    const named = implant().map((each, i) => ({ ...each, server: servers[i % 3]! }))
    const asked = { client: '10.0.0.7', start: at(1), query: 'telemetry.microsoft.com', answers: servers }
    await bench.hold({ flow: [...flow, ...named], dns: [...dns, asked] })
    const found = await find({ mostOfHost: 100 })
    const own = found.filter(({ trace }) => trace.name === 'telemetry.microsoft.com')
    expect(own).toHaveLength(1)
    expect(own[0]!.trace.addresses).toBe(3)
    expect(own[0]!.features.popular).toBe(1)
    expect(accusedOf(found)).toEqual([])
  })

  it('take the sites of one machine for sites, and made-up names of one machine for a relay', async () => {
    const pooled = async (names: readonly string[]) => {
      const { flow, dns } = browsing()
      const uids = names.map((_, i) => `C${i}`)
      const visits = names.map((_, i) => ({
        client: '10.0.0.7',
        server: '203.0.113.66',
        start: at(600 + 1500 * i),
        clientPort: 30_000 + i,
        uid: uids[i],
      }))
      const tls = names.map((serverName, i) => ({ ...visits[i], serverName, serverPort: 443, uid: uids[i] }))
      await bench.hold({ flow: [...flow, ...visits], dns, tls: tls.map(({ clientPort: _, ...row }) => row) })
      const found = await find({ mostOfHost: 100 })
      return found.some(({ trace }) => trace.servers[0] === '203.0.113.66' && trace.name === null)
    }

    expect(await pooled(['www.baker-street.example', 'shop.tulips.example', 'mail.choir.example'])).toBe(
      false,
    )
    expect(await pooled(['www.xl26c44x6wlxj.net', 'www.2kd7wf3ez9g.net', 'www.c22ze4jn9kn.net'])).toBe(true)
  })

  it('give a tenant of dynamic DNS nothing of the fame of its suffix', async () => {
    const { flow, dns } = browsing()
    const asked = { client: '10.0.0.7', start: at(1), query: 'home.duckdns.org', answers: ['203.0.113.66'] }
    await bench.hold({ flow: [...flow, ...implant()], dns: [...dns, asked] })
    const [first] = await find()
    expect(first!.trace.name).toBe('home.duckdns.org')
    expect(first!.features).toMatchObject({ tenant: 1, popular: 0, unlisted: 0 })
  })

  it('judge what a proxy is asked for by its name, and not the proxy for calling it', async () => {
    const { flow, dns } = browsing()
    const asked = implant({ server: '10.0.0.250', serverPort: 3128 }).map((each, i) => ({
      ...each,
      uid: `p${i}`,
    }))
    const http = asked.map((each: Given) => ({
      client: '10.0.0.7',
      server: '10.0.0.250',
      serverPort: 3128,
      start: each['start'],
      uid: each['uid'],
      method: 'CONNECT',
      host: 'assets.wrong-delivery.example',
      uri: 'assets.wrong-delivery.example:443',
    }))
    const out = implant({ client: '10.0.0.250' })
    await bench.hold({ flow: [...flow, ...asked, ...out], dns, http })
    const found = await find()
    const own = found.find(({ trace }) => trace.via === 'proxy')
    expect(own!.trace).toMatchObject({
      client: '10.0.0.7',
      name: 'assets.wrong-delivery.example',
      serverPort: 443,
    })
    const proxy = found.find(({ trace }) => trace.client === '10.0.0.250')
    expect(proxy!.features.relayed).toBe(1)
    expect(proxy!.verdict.score).toBeLessThan(own!.verdict.score)
  })

  it('count two victims of one server for each other', async () => {
    const others = Array.from({ length: 12 }, (_, i) => browsing(`10.0.1.${i + 1}`))
    const flow = others.flatMap((each) => each.flow)
    const dns = others.flatMap((each) => each.dns)
    const one = implant({ client: '10.0.1.1' })
    await bench.hold({ flow: [...flow, ...one], dns })
    const [alone] = await find()
    const two = implant({ client: '10.0.1.2' }, { seed: 'other' })
    await bench.hold({ flow: [...flow, ...one, ...two], dns })
    const [first, second] = await find()
    expect([first!.trace.client, second!.trace.client].toSorted()).toEqual(['10.0.1.1', '10.0.1.2'])
    expect(first!.figures.alike).toBe(1)
    expect(first!.features.alikeVictims).toBeGreaterThan(0.5)
    expect(second!.verdict.score).toBeGreaterThanOrEqual(alone!.verdict.score)
  })

  it('put servers without names together that one caller takes in turn', async () => {
    const { flow, dns } = browsing()
    const turn = implant({ serverPort: 8443 }).map((each, i) => ({ ...each, server: `203.0.${i % 24}.9` }))
    await bench.hold({ flow: [...flow, ...turn], dns })
    const [first] = await find()
    expect(first!.trace.by).toBe('moves')
    expect(first!.trace.addresses).toBe(24)
    expect(contactClaim(first!)).toMatch(/^10\.0\.0\.7 calls 24 servers in turn .* at regular intervals\.$/)
  })

  it('do not take servers that answered a scan for a list of C&C servers', async () => {
    const { flow, dns } = browsing()
    const scan = implant({ serverPort: 445 }).map((each, i) => ({
      ...each,
      server: `203.${i >> 7}.${i % 128}.9`,
    }))
    const own = implant({ serverPort: 445 }, { seed: 'own' })
    await bench.hold({ flow: [...flow, ...scan, ...own], dns })
    const scanned = new Map([['10.0.0.7', new Set(['tcp/445'])]])
    const serversOf = async (options = {}) =>
      (await find({ mostOfHost: 500, ...options }))
        .filter(({ trace }) => trace.serverPort === 445)
        .map(({ trace }) => trace.servers.length)
    expect(await serversOf()).toContain(64)
    expect(await serversOf({ scanned })).toEqual([1])
  })

  it('keep a server on a scanned port to which the host holds a connection', async () => {
    const { flow, dns } = browsing()
    const scan = implant({ serverPort: 23 }).map((each, i) => ({
      ...each,
      server: `203.${i >> 7}.${i % 128}.9`,
    }))
    const held = { ...implant({ serverPort: 23, server: '198.51.100.66' })[0], duration: 9000e6 }
    await bench.hold({ flow: [...flow, ...scan, held], dns })
    const found = await find({ mostOfHost: 500, scanned: new Map([['10.0.0.7', new Set(['tcp/23'])]]) })
    const onPort = found.filter(({ trace }) => trace.serverPort === 23)
    expect(onPort.map(({ trace }) => trace.servers)).toEqual([['198.51.100.66']])
  })

  it('say of few attempts how many they were, and retry from three on', async () => {
    const { flow, dns } = browsing()
    const tried = (times: number) =>
      Array.from({ length: times }, (_, i) => ({
        ...{ client: '10.0.0.7', server: '203.0.113.66', serverPort: 4444, start: at(900 * i + 5) },
        ...{ clientPort: 61_000 + i, outcome: 'unanswered', state: 'S0', serverPackets: 0, serverBytes: 0 },
      }))
    const claims: string[] = []
    for (const times of [1, 2, 3]) {
      await bench.hold({ flow: [...flow, ...tried(times)], dns })
      const found = await find({ mostOfHost: 500 })
      claims.push(contactClaim(found.find(({ trace }) => trace.serverPort === 4444)!))
    }
    expect(claims).toEqual([
      '10.0.0.7 tried 203.0.113.66:4444 once; nobody answered.',
      '10.0.0.7 tried 203.0.113.66:4444 twice; nobody answered.',
      '10.0.0.7 retries 203.0.113.66:4444; none of 3 attempts succeed.',
    ])
  })

  it('say how long the longest connection lasts', async () => {
    const { flow, dns } = browsing()
    const held = {
      client: '10.0.0.7',
      server: '203.0.113.66',
      start: at(3600),
      duration: 9000e6,
      state: 'SF',
    }
    await bench.hold({ flow: [...flow, held], dns })
    const found = (await find()).find(({ trace }) => trace.servers[0] === '203.0.113.66')!
    expect(contactClaim(found)).toBe('10.0.0.7 holds a connection to 203.0.113.66:443 open, for 2 h 30 min.')
    expect(contactReasons(found).map(({ description }) => description)).toContainEqual(
      expect.stringMatching(/^its longest connection lasts 2 h 30 min, \d+ % of the time/),
    )
  })

  it('read requests where the records have no flow', async () => {
    const http = implant().map(
      ({ clientBytes: _, serverBytes: __, state: ___, clientPort: ____, ...each }, i) => ({
        ...each,
        serverPort: 80,
        uid: `h${i}`,
        method: 'POST',
        host: '203.0.113.66',
        uri: '/gate.php',
      }),
    )
    await bench.hold({ http })
    const [first] = await find()
    expect(first!.trace.connections).toBe(http.length)
    expect(first!.features).toMatchObject({ toAddress: 1, posts: 1 })
  })

  it('leave out what a person trusts, by name and by network', async () => {
    const { flow, dns } = browsing()
    await bench.hold({ flow: [...flow, ...implant()], dns })
    const allow = { names: ['site1.example'], networks: parseNetworks(['203.0.113.0/24']) }
    const found = await find({ allow, mostOfHost: 100 })
    expect(found.some(({ trace }) => trace.servers.includes('203.0.113.66'))).toBe(false)
    expect(found.some(({ trace }) => trace.name === 'www.site1.example')).toBe(false)
    expect(found).toHaveLength(39)
  })

  it('are the same read at once and in chunks and parts', async () => {
    const clients = Array.from({ length: 5 }, (_, i) => `10.0.0.${i + 1}`)
    const flow = clients.flatMap((client) => [
      ...browsing(client).flow,
      ...implant({ client }, { seed: client }),
    ])
    const http = clients.map((client, i) => ({
      ...{ client, server: '198.51.100.9', start: at(60 * (i + 1)) },
      ...{ host: 'files.blorpsta.top', mimeType: 'application/x-dosexec' },
    }))
    const pieces = [0, 3600, 7200].map((second) => ({
      ...{ client: '10.0.0.1', server: '198.51.100.20', serverPort: 8443, clientPort: 50_000 },
      ...{ start: at(second), duration: 3600e6 - 100, state: 'PA_PA' },
    }))
    const dns = clients.flatMap((client) => browsing(client).dns)
    await bench.hold({ flow: [...flow, ...pieces], dns, http })
    const whole = await find()
    expect(whole.length).toBeGreaterThan(90)
    expect(whole.find(({ trace }) => trace.servers[0] === '198.51.100.20')?.trace).toMatchObject({
      ...{ connections: 1, stitched: 2 },
    })
    expect(whole.every(({ situation }) => situation.before.programs.length === 1)).toBe(true)
    const few = { partContacts: 40 }
    for (const options of [few, { chunkFlows: 1000, ...few }, { sortedUpTo: 0 }])
      expect(await find(options)).toEqual(whole)
  })

  it('of one host are bounded, and those with most connections are read', async () => {
    const { flow, dns } = browsing()
    const scan = Array.from({ length: 300 }, (_, i) => ({
      ...{ client: '10.0.0.7', server: `203.0.114.${i % 250}`, serverPort: 1000 + i, start: at(i * 40) },
      ...{ state: 'S0', outcome: 'none' as const, clientPort: 10_000 + i },
    }))
    await bench.hold({ flow: [...flow, ...implant(), ...scan], dns })
    const bounded = await find({ clientContacts: 41, mostOfHost: 1000 })
    expect(bounded.filter(({ trace }) => trace.by !== 'moves')).toHaveLength(41)
    expect(bounded.some(({ trace }) => trace.servers[0] === '203.0.113.66')).toBe(true)
    expect((await find({ mostOfHost: 1000 })).length).toBeGreaterThan(300)
  })

  it('know a server inside as a host in whatever chunk it is', async () => {
    const clients = Array.from({ length: 8 }, (_, i) => `10.0.0.${i + 1}`)
    const inside = clients.flatMap((client, i) =>
      implant({ client, server: clients[(i + 1) % 8]!, serverPort: 7777 }, { seed: client }),
    )
    const outside = clients.slice(0, 4).flatMap((client) => browsing(client).flow)
    await bench.hold({ flow: [...inside, ...outside] })

    const isHost = async (options: object) => {
      const found = await find({ mostOfHost: 1000, ...options })
      const own = found.filter(({ trace }) => trace.via === 'inside')
      return own
        .map(({ trace, situation }) => [trace.client, trace.servers[0], situation.serverIsHost])
        .sort()
    }
    const whole = await isHost({})
    expect(whole.filter(([, , is]) => is).map(([, server]) => server)).toEqual([
      ...['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.1'],
    ])
    expect(await isHost({ chunkFlows: 300, partContacts: 40 })).toEqual(whole)
  })

  it('are the same for any order of rows and any number of threads', async () => {
    const random = seeded('order')
    const shuffled = <T>(all: readonly T[]): T[] => {
      const order = all.map((each) => ({ each, at: random.next() }))
      return order.toSorted((a, b) => a.at - b.at).map(({ each }) => each)
    }
    // Nothing has a majority: services, agents, fingerprints and sizes come in turn.
    const turn = <T>(i: number, ...of: T[]): T => of[i % of.length]!
    const server = '203.0.113.66'
    const flow = ['10.0.1.1', '10.0.1.2'].flatMap((client) =>
      Array.from({ length: 5000 }, (_, i) => ({
        client,
        server,
        start: at(i * 240),
        clientPort: 1024 + i,
        clientBytes: turn(i, 300, 9000, 40_000) + random.integer(200),
        service: turn(i, 'ssl', 'http', ''),
        uid: `${client} ${i}`,
      })),
    )
    const http = flow.map(({ client, start, uid }, i) => ({
      client,
      server,
      start,
      uid,
      serverPort: 443,
      userAgent: turn(i, 'one', 'two'),
      host: '',
    }))
    const tls = flow.map(({ client, start, uid }, i) => ({
      client,
      server,
      start,
      uid,
      fingerprint: turn(i, 'a', 'b', 'c'),
    }))

    const texts = new Set<string>()
    for (const [threads, block] of [
      [1, 65_536],
      [4, 300],
      [3, 117],
    ]) {
      await bench.store.run(`SET max_threads = ${threads}`)
      await bench.store.run(`SET max_block_size = ${block}`)
      await bench.store.run(`SET group_by_two_level_threshold = ${threads === 1 ? 100_000 : 10}`)
      await bench.hold({ flow: shuffled(flow), http: shuffled(http), tls: shuffled(tls) })
      const found = (await find()).map(({ trace: { flows: _, ...trace }, ...rest }) => ({ ...rest, trace }))
      expect(found[0]!.trace).toMatchObject({ connections: 5000, service: 'http' })
      expect(found[0]!.wire).toMatchObject({ agent: 'one', printHosts: 2 })
      texts.add(JSON.stringify(found))
    }
    expect(texts.size).toBe(1)
  })

  it('say what they rest on, with statements that show it again, on the port of each server', async () => {
    const { flow, dns } = browsing()
    const other = browsing('10.0.0.8')
    const ports = [8443, 9001, 447]
    const turns = implant({ client: '10.0.0.8' }).map((each, i) => ({
      ...each,
      server: `203.0.${i % 24}.9`,
      serverPort: ports[(i % 24) % 3]!,
    }))
    await bench.hold({
      flow: [...flow, ...implant(), ...other.flow, ...turns],
      dns: [...dns, ...other.dns],
    })
    const found = await find()
    const line = { threshold: thresholds.normal, extent: { first: at(0), last: at(14_400) } }

    const one = found.find(({ trace }) => trace.servers[0] === '203.0.113.66')!
    const facts = contactFacts(one, line)
    expect(facts.claim).toBe('10.0.0.7 calls 203.0.113.66:443 at regular intervals.')
    expect(facts.evidence.map(({ kind }) => kind)).toEqual(['rhythm', 'sameness', 'weighing'])
    expect(contactDoubts(one).length).toBeGreaterThan(0)

    const many = found.find(({ trace }) => trace.addresses === 24)!
    const { claim, endpoint, movedTo } = contactFacts(many, line)
    const called = new Set(turns.map(({ server, serverPort }) => `${server} ${serverPort}`))
    for (const { address, port } of [endpoint, ...movedTo]) expect(called).toContain(`${address} ${port}`)
    expect(claim).toMatch(/calls 24 servers in turn \(.*, ports 447, 8443 and 9001\)/)

    for (const [contact, calls] of [
      [one, implant()],
      [many, turns],
    ] as const) {
      const { sql, params } = callsQuery(contact)
      expect(await bench.store.ask(sql, params)).toHaveLength(calls.length)
    }
  })
})
