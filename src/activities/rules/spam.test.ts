import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../../test/fixtures/records.ts'
import type { Activity } from '../../model/activity.ts'
import type { Scope } from '../../model/networks.ts'
import { parseNetworks } from '../../store/networks.ts'
import { servingHosts } from '../servers.ts'
import { manyMailServers } from './many-mail-servers.ts'
import { manySenders } from './many-senders.ts'
import { mxQueries } from './mx-queries.ts'

const scope: Scope = {
  epoch: 0,
  from: monday,
  to: monday + 86_400e6,
  internal: parseNetworks(['10.0.0.0/8']),
}
const second = 1e6

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const many = (n: number, row: (i: number) => Given): Given[] => Array.from({ length: n }, (_, i) => row(i))
const mail = (n: number, more: Given = {}) =>
  many(n, (i) => ({ start: monday + i * second, server: `198.51.${i}.7`, serverPort: 25, ...more }))

describe('many mail servers', () => {
  const seen = async (flow: readonly Given[]) => {
    await bench.hold({ flow })
    const serving = await servingHosts(bench.store, scope)
    return bench.store.rows<Activity>(manyMailServers.query({ ...scope, serving }, manyMailServers.defaults))
  }

  it('begins at ten outside servers in five minutes, answered or blocked', async () => {
    expect(await seen(mail(9))).toEqual([])
    const [row] = await seen(mail(10))
    expect(row).toMatchObject({ type: 'spam', host: '10.0.0.5', times: 10, targets: 10, score: 1 })
    expect(row?.traits).toHaveLength(11)
    expect(row?.traits).toContain('(mail only)')
    expect(manyMailServers.did(row!)).toBe('delivered mail directly to 10 outside mail servers')
    expect(await seen(mail(10, { outcome: 'unanswered' }))).toHaveLength(1)
  })

  it('sees slow spam over the epoch', async () => {
    const slow = (n: number) => mail(n).map((flow, i) => ({ ...flow, start: monday + i * 1800 * second }))
    expect(await seen(slow(24))).toEqual([])
    expect(await seen(slow(25))).toHaveLength(1)
  })

  it('leaves a mail server alone, told by three clients that bring it mail', async () => {
    const brings = (n: number) =>
      many(n, (i) => ({ client: `203.0.113.${i}`, server: '10.0.0.5', serverPort: 25 }))
    expect(await seen([...mail(200), ...brings(2)])).toHaveLength(1)
    expect(await seen([...mail(200), ...brings(3)])).toEqual([])
    const failed = brings(3).map((flow) => ({ ...flow, outcome: 'refused' }))
    expect(await seen([...mail(200), ...failed])).toHaveLength(1)
  })

  it('counts a provider with many addresses once where clients submit mail', async () => {
    const provider = (serverPort: number) => many(40, (i) => ({ server: `198.51.100.${i}`, serverPort }))
    expect(await seen(provider(587))).toEqual([])
    expect(await seen(mail(10, { serverPort: 465 }))).toHaveLength(1)
    expect(await seen(provider(25))).toHaveLength(1)
  })

  it('remarks on a host that talks to at most five outside servers besides', async () => {
    const web = (n: number) => many(n, (i) => ({ server: `192.0.2.${i}` }))
    const traits = async (n: number) => (await seen([...mail(10), ...web(n)]))[0]?.traits
    expect(await traits(5)).toContain('(mail only)')
    expect(await traits(6)).not.toContain('(mail only)')
  })

  it('leaves inside mail servers alone', async () => {
    expect(await seen(many(40, (i) => ({ server: `10.1.1.${i}`, serverPort: 25 })))).toEqual([])
  })
})

describe('MX queries', () => {
  const asks = (n: number, more: Given = {}) =>
    many(n, (i) => ({ start: monday + i * second, query: `mail.site${i}.com`, queryType: 'MX', ...more }))
  const seen = async (dns: readonly Given[], flow: readonly Given[] = []) => {
    await bench.hold({ dns, flow })
    const serving = await servingHosts(bench.store, scope)
    return bench.store.rows<Activity>(mxQueries.query({ ...scope, serving }, mxQueries.defaults))
  }

  it('begins at eight domains in five minutes', async () => {
    expect(await seen(asks(7))).toEqual([])
    const [row] = await seen(asks(8))
    expect(row).toMatchObject({ targets: 8, score: 1, flows: [] })
    expect(row?.traits).toContain('mx site3.com')
    expect(await seen(asks(80, { queryType: 'A' }))).toEqual([])
    expect(await seen(many(80, (i) => ({ query: `host${i}.one.com`, queryType: 'MX' })))).toEqual([])
  })

  it('leaves resolvers and mail servers alone', async () => {
    const clients = (n: number) => many(n, (i) => ({ client: `10.0.1.${i}`, server: '10.0.0.5' }))
    expect(await seen([...asks(80), ...clients(2)])).toHaveLength(1)
    expect(await seen([...asks(80), ...clients(3)])).toEqual([])
    const brings = many(3, (i) => ({ client: `203.0.113.${i}`, server: '10.0.0.5', serverPort: 25 }))
    expect(await seen(asks(80), brings)).toEqual([])
  })
})

describe('many senders', () => {
  const seen = async (given: Parameters<Bench['hold']>[0]) => {
    await bench.hold(given)
    const serving = await servingHosts(bench.store, scope)
    return bench.store.rows<Activity>(manySenders.query({ ...scope, serving }, manySenders.defaults))
  }
  const letters = (n: number, more: Given = {}) =>
    many(n, (i) => ({ start: monday + i * second, sender: `x@mail${i}.firm${i}.example`, ...more }))

  it('begins at five sender domains in five minutes, through one server too', async () => {
    expect(await seen({ mail: letters(4) })).toEqual([])
    const [row] = await seen({ mail: letters(5) })
    expect(row).toMatchObject({ type: 'spam', host: '10.0.0.5', times: 5, targets: 5, score: 1 })
    expect(manySenders.did(row!)).toBe('sent mail from addresses of 5 domains')
  })

  it('counts a domain once, and bounces not at all', async () => {
    expect(await seen({ mail: letters(40, { sender: 'x@a.firm.example' }) })).toEqual([])
    expect(await seen({ mail: letters(40, { sender: '' }) })).toEqual([])
    expect(await seen({ mail: [...letters(4), ...letters(40, { sender: 'y@firm0.example' })] })).toEqual([])
  })

  it('leaves a mail server alone, and who brings mail from outside', async () => {
    const flow = many(3, (i) => ({ client: `203.0.113.${i}`, server: '10.0.0.5', serverPort: 25 }))
    expect(await seen({ mail: letters(40), flow })).toEqual([])
    expect(await seen({ mail: letters(40), flow: flow.slice(1) })).toHaveLength(1)
    expect(await seen({ mail: letters(40, { client: '203.0.113.9' }) })).toEqual([])
  })
})
