import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../test/fixtures/records.ts'
import { parseNetworks } from '../store/networks.ts'
import { type CheckInContext, checkInsIn } from './check-ins.ts'

const span = { from: monday, to: monday + 86_400e6, internal: parseNetworks(['10.0.0.0/8']) }
const context: CheckInContext = {
  rankOf: (registered) => (registered === 'popular.com' ? 10 : null),
  serviceOf: () => null,
  isResolver: (address) => address === '8.8.8.8',
}

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

/** Questions every `period` seconds or so, each off by up to `jitter` of it. */
const asked = (more: Given = {}, { period = 60, jitter = 0.2, times = 120 } = {}): Given[] =>
  Array.from({ length: times }, (_, i) => ({
    start: monday + Math.round((i + jitter * Math.sin(7 * i)) * period * 1e6),
    query: '1b2c3d4e.ns1.evil.org',
    answers: ['0.0.0.0'],
    ttls: [1],
    ...more,
  }))

const found = async (dns: readonly Given[], flow: readonly Given[] = []) => {
  await bench.hold({ dns, flow })
  return await checkInsIn(bench.store, span, context)
}
const reasons = async (dns: readonly Given[]) => (await found(dns)).map(({ because }) => because)

describe('a check-in through the DNS', () => {
  it('is one name by the clock that is told no address', async () => {
    const [checkIn, ...more] = await found(asked())
    expect(more).toEqual([])
    expect(checkIn).toMatchObject({
      client: '10.0.0.5',
      registered: 'evil.org',
      name: '1b2c3d4e.ns1.evil.org',
      queries: 120,
      because: 'no address',
      hosts: 1,
    })
    expect(checkIn!.period).toBeGreaterThan(50)
    expect(checkIn!.period).toBeLessThan(70)
    expect(checkIn!.confidence).toBeGreaterThan(0.6)
  })

  it('is one that is told a public resolver, or asks an unusual type', async () => {
    expect(await reasons(asked({ answers: ['8.8.8.8'] }))).toEqual(['a public resolver'])
    expect(await reasons(asked({ queryType: 'TXT', answers: ['sleep'] }))).toEqual(['an unusual type'])
  })

  it('is hardly one where the answers are ordinary addresses that nobody calls, and none where somebody does', async () => {
    const dns = asked({ answers: ['203.0.113.7'] })
    const [idle] = await found(dns)
    expect(idle).toMatchObject({ because: null, confidence: 0.3 })
    expect(await found(dns, [{ start: monday + 5e6, server: '203.0.113.7' }])).toEqual([])
  })

  it('is none for a popular domain, a person, an hour that is not over, a service name or the domain’s own mail rules', async () => {
    expect(await found(asked({ query: 'a.popular.com' }))).toEqual([])
    const person = asked().map((row, i) => ({ ...row, start: monday + Math.round(i ** 2.2 * 3e5) }))
    expect(await found(person)).toEqual([])
    expect(await found(asked({}, { period: 20 }))).toEqual([])
    expect(await found(asked({ answers: ['127.0.0.2'] }))).toEqual([])
    const pausing = asked().map((row, i) => ({
      ...row,
      start: monday + (i * 60 + (i < 60 ? 0 : 14_400)) * 1e6,
    }))
    expect(await found(pausing)).toEqual([])
    expect(await found(asked({ query: '_dmarc.evil.org', queryType: 'TXT' }))).toEqual([])
    expect(await reasons(asked({ query: 'evil.org', queryType: 'TXT', answers: ['v=spf1'] }))).toEqual([null])
  })

  it('is none where the resolver blocks names, and none of many hosts', async () => {
    const blocked = ['ads.one.net', 'ads.two.net', 'ads.three.net'].map((query) => ({
      start: monday,
      query,
      answers: ['0.0.0.0'],
    }))
    expect(await reasons([...asked(), ...blocked])).toEqual([null])

    const many = Array.from({ length: 7 }, (_, i) => asked({ client: `10.0.0.${10 + i}` })).flat()
    expect(await found(many)).toEqual([])
  })

  it('is of the host that asks, not of the resolver that passes it on', async () => {
    const passed = [...asked({ server: '10.0.0.53' }), ...asked({ client: '10.0.0.53', server: '8.8.8.8' })]
    expect((await found(passed)).map(({ client }) => client)).toEqual(['10.0.0.5'])
  })
})
