/** Tunnels, wildcards, flux and answered names out of `dns` rows in a real engine. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../test/fixtures/records.ts'
import { parseNetworks } from '../store/networks.ts'
import { noPlaces } from './asn.ts'
import {
  answeredLike,
  fluxesIn,
  questionsByKind,
  rallyOf,
  tunnelEnd,
  tunnelsIn,
  wildcardsIn,
  zoneRotationsIn,
} from './index.ts'

const span = { from: monday, to: monday + 86_400e6, internal: parseNetworks(['10.0.0.0/8']) }
const second = 1e6
const unknownRank = { rankOf: () => null, serviceOf: () => null }
let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const many = (n: number, row: (i: number) => Given): Given[] =>
  Array.from({ length: n }, (_, i) => ({ start: monday + i * second, ...row(i) }))
const endpointAt = (address: string) => ({ address, port: 80, protocol: 'tcp', name: null })
const digits = (i: number) => (i * 2_654_435_761).toString(36).padStart(20, 'k')

describe('from the engine', () => {
  it('a tunnel names its domain, its host and whom it asked; repeats of one name are counted', async () => {
    const asked = many(60, (i) => ({
      query: `${digits(i)}${digits(i + 7)}.t.evil.org`,
      queryType: 'TXT',
      answers: [`v${digits(3 * i)}`],
      ttls: [0],
    }))
    await bench.hold({ dns: [...asked, ...asked.slice(0, 10)] })
    const [tunnel, ...more] = await tunnelsIn(bench.store, span, unknownRank)
    expect(more).toEqual([])
    expect(tunnel).toMatchObject({
      client: '10.0.0.5',
      registered: 'evil.org',
      names: 60,
      queries: 70,
      type: 'TXT',
    })
    expect(await tunnelEnd(bench.store, span, tunnel!.registered)).toMatchObject({
      address: '192.0.2.53',
      port: 53,
      name: 'evil.org',
    })
  })

  it('a tunnel ends at the server asked, at a name server, or at the domain', async () => {
    const asked = (more: Given) =>
      many(60, (i) => ({
        query: `${digits(i)}${digits(i + 7)}.t.evil.org`,
        queryType: 'TXT',
        answers: [`v${digits(3 * i)}`],
        ttls: [0],
        ...more,
      }))
    const end = async (dns: readonly Given[]) => {
      await bench.hold({ dns })
      return (await tunnelEnd(bench.store, span, 'evil.org')).address
    }
    const other = { server: '8.8.4.4', query: 'www.example.net', answers: ['198.51.100.1'] }

    expect(await end(asked({ server: '8.8.4.4' }))).toBe('8.8.4.4')
    expect(await end([...asked({ server: '8.8.4.4' }), ...many(1, () => other)])).toBe('evil.org')
    expect(await end(asked({ server: '10.0.0.53' }))).toBe('evil.org')
    const known = { server: '10.0.0.53', nameServerAddresses: ['203.0.113.53'] }
    expect(await end(asked(known))).toBe('203.0.113.53')
  })

  it('a tunnel is of the host that asks, not of the resolver that passes its questions on', async () => {
    const asked = (client: string, server: string) =>
      many(60, (i) => ({
        client,
        server,
        query: `${digits(i)}${digits(i + 7)}.t.evil.org`,
        queryType: 'TXT',
        answers: [`v${digits(3 * i)}`],
      }))
    const clients = async (dns: readonly Given[]) => {
      await bench.hold({ dns })
      return (await tunnelsIn(bench.store, span, unknownRank)).map(({ client }) => client)
    }

    expect(await clients([...asked('10.0.0.5', '10.0.0.53'), ...asked('10.0.0.53', '8.8.8.8')])).toEqual([
      '10.0.0.5',
    ])
    expect(await clients(asked('10.0.0.53', '8.8.8.8'))).toEqual(['10.0.0.53'])
  })

  it('is no tunnel: who owns an address, asked by the address backwards', async () => {
    const asked = (query: (i: number) => string) =>
      many(200, (i) => ({
        query: query(i),
        queryType: 'TXT',
        answers: [`${digits(i)}${digits(i + 1)}`],
        start: monday + i * 60 * second,
      }))
    await bench.hold({ dns: asked((i) => `${i}.7.113.203.origin.asn.example.net`) })
    expect(await tunnelsIn(bench.store, span, unknownRank)).toEqual([])
    await bench.hold({ dns: asked((i) => `x${i}.7.113.203.origin.asn.example.net`) })
    expect(await tunnelsIn(bench.store, span, unknownRank)).toHaveLength(1)
  })

  it('check-ins are fresh names whose addresses nobody calls', async () => {
    const dns = many(90, (i) => ({
      query: `${digits(i).slice(-9)}.evil.org`,
      answers: [`203.0.113.${i}`],
      start: monday + i * 60 * second,
    }))
    const call = (server: string) => ({ start: monday + 5e6, server })
    const ways = async (flow: readonly Given[], rankOf: (name: string) => number | null = () => null) => {
      await bench.hold({ dns, flow })
      return (await tunnelsIn(bench.store, span, { ...unknownRank, rankOf })).map(({ way }) => way)
    }

    expect(await ways([call('198.51.100.7')])).toEqual(['at rest'])
    expect(await ways([call('203.0.113.1')])).toEqual(['at rest'])
    expect(await ways([call('203.0.113.1'), call('203.0.113.2')])).toEqual([])
    expect(await ways([])).toEqual([])
    expect(await ways([call('198.51.100.7')], () => 500)).toEqual([])
  })

  it('many domains by odd types are one channel; a mail server and a resolver have none', async () => {
    const zones = ['one.agency', 'two.agency', 'three.life']
    const types = ['MX', 'TXT', 'CNAME', 'A']
    const asked = (query: (zone: string, i: number) => string, client = '10.0.0.5') =>
      many(120, (i) => ({
        client,
        query: query(zones[i % 3]!, i),
        queryType: types[i % 4],
        responseCode: 'SERVFAIL',
        start: monday + i * 10 * second,
      }))
    const found = async (dns: readonly Given[]) => {
      await bench.hold({ dns })
      return (await zoneRotationsIn(bench.store, span, unknownRank)).map(({ zones: all }) => all.length)
    }
    const channel = asked((zone, i) => `bllc${digits(i).slice(-5)}.${zone}`)

    expect(await found(channel)).toEqual([3])
    expect(await found(asked((zone) => zone))).toEqual([])
    expect(await found(asked((zone, i) => `s${i}._domainkey.${zone}`))).toEqual([])
    expect(await found([...channel, ...many(1, () => ({ client: '10.0.0.9', server: '10.0.0.5' }))])).toEqual(
      [],
    )
  })

  it('a wildcard is a label a host; a device that asks again is none', async () => {
    const letter = (n: number) =>
      many(n, (i) => ({
        client: `10.0.1.${i}`,
        query: `${digits(i).slice(-8)}${digits(7 * i + 3).slice(-8)}.letters.org`,
        answers: ['203.0.113.9'],
      }))
    await bench.hold({ dns: letter(10) })
    expect(await wildcardsIn(bench.store, span)).toMatchObject([
      { registered: 'letters.org', clientCount: 10, names: 10 },
    ])
    await bench.hold({ dns: letter(9) })
    expect(await wildcardsIn(bench.store, span)).toEqual([])
    await bench.hold({ dns: [...letter(20), ...letter(20)] })
    expect(await wildcardsIn(bench.store, span)).toEqual([])
  })

  it('flux is told from a content network and from a pool of clocks', async () => {
    const addresses = (i: number) => Array.from({ length: 3 }, (_, k) => `${20 + 3 * i + k}.9.1.7`)
    const flux = (name: string) =>
      many(8, (i) => ({ query: name, answers: addresses(i), ttls: [180, 180, 180] }))
    await bench.hold({ dns: flux('c.evil.org') })
    expect(await fluxesIn(bench.store, span, noPlaces)).toMatchObject([
      { query: 'c.evil.org', kind: 'single', late: 12, inOne: 3, spread: { addresses: 24, networks: 24 } },
    ])
    await bench.hold({ dns: ['a.one.org', 'b.two.org', 'c.three.org'].flatMap(flux) })
    expect(await fluxesIn(bench.store, span, noPlaces)).toEqual([])
    const clock = many(24, (i) => ({ proto: 'udp', server: `${20 + i}.9.1.7`, serverPort: 123 }))
    await bench.hold({ dns: flux('pool.clocks.org'), flow: clock })
    expect(await fluxesIn(bench.store, span, noPlaces)).toEqual([])
  })

  it('the name that answered like those that failed is where the generator led', async () => {
    const made = (i: number) =>
      `${'bcdfg'[i % 5]}${'aeiou'[(i * 3) % 5]}q${'xzvkw'[(i * 7) % 5]}${digits(i).slice(-7)}`
    const failed = many(30, (i) => ({ query: `${made(i)}.com`, responseCode: 'NXDOMAIN' }))
    const later = monday + 40 * second
    await bench.hold({
      dns: [
        ...failed,
        { start: later, query: `${made(31)}.com`, answers: ['203.0.113.66'], ttls: [60] },
        { start: later, query: `${made(32)}.com`, answers: ['127.0.0.1'], ttls: [60] },
        { start: later, query: 'www.wikipedia.org', answers: ['198.51.100.1'], ttls: [60] },
        { start: later, query: 'www.microsoft.com', answers: ['198.51.100.2'], ttls: [60] },
      ],
      flow: [{ start: later + 1, server: '203.0.113.66', serverPort: 8080 }],
    })
    const answered = await answeredLike(bench.store, span, ['10.0.0.5'])
    expect(answered.map(({ registered, endpoint }) => [registered, endpoint.address, endpoint.port])).toEqual(
      [[`${made(31)}.com`, '203.0.113.66', 8080]],
    )
    const facts = { tunnels: [], fluxes: [], wildcards: [], answered }
    const rally = (address: string, others: readonly string[] = [], overlay = false) =>
      rallyOf(bench.store, span, {
        hosts: ['10.0.0.5'],
        endpoints: [endpointAt(address), ...others.map(endpointAt)],
        overlay,
        facts,
      })
    expect(await rally('203.0.113.66')).toEqual({ method: 'generated-names', names: [`${made(31)}.com`] })
    expect(await rally('198.51.100.1')).toEqual({ method: 'name', names: ['www.wikipedia.org'] })
    expect(await rally('198.51.100.77')).toEqual({ method: 'address', names: [] })
    expect(await rally('198.51.100.77', ['198.51.100.77'])).toEqual({ method: 'address', names: [] })
    expect(await rally('198.51.100.77', ['198.51.100.78'])).toEqual({ method: 'addresses', names: [] })
    expect(await rally('198.51.100.77', ['198.51.100.78'], true)).toEqual({ method: 'peers', names: [] })
    expect(await rally('198.51.100.1', ['198.51.100.78'], true)).toMatchObject({ method: 'name' })
  })

  it('counts what kinds of names were asked for, and tells nothing of hosts that asked nothing', async () => {
    await bench.hold({
      dns: [
        { query: 'wpad' },
        { query: 'a.local' },
        { query: 'www.example.org' },
        { query: 'www.example.org' },
      ],
    })
    expect(await questionsByKind(bench.store, span)).toEqual({ public: 2, local: 1, single: 1 })
    const facts = { tunnels: [], fluxes: [], wildcards: [], answered: [] }
    const rally = (overlay: boolean) =>
      rallyOf(bench.store, span, {
        hosts: ['10.9.9.9'],
        endpoints: [endpointAt('203.0.113.1')],
        overlay,
        facts,
      })
    expect(await rally(false)).toBeNull()
    expect(await rally(true)).toEqual({ method: 'peers', names: [] })
  })
})
