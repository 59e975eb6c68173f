import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../../test/fixtures/records.ts'
import type { Activity } from '../../model/activity.ts'
import type { Scope } from '../../model/networks.ts'
import { parseNetworks } from '../../store/networks.ts'
import { servingHosts } from '../servers.ts'
import { nxdomainCount } from './nxdomain-count.ts'

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
/** Questions for n names that do not exist, one a second. */
const gone = (n: number, query: (i: number) => string = (i) => `xkqv${i}zt.com`, more: Given = {}) =>
  many(n, (i) => ({ start: monday + i * second, query: query(i), responseCode: 'NXDOMAIN', ...more }))
const found = (n: number, more: Given = {}) =>
  many(n, (i) => ({ start: monday + i * second, query: `www.site${i}.org`, ...more }))
const seen = async (dns: readonly Given[], flow: readonly Given[] = []) => {
  await bench.hold({ dns, flow })
  const serving = await servingHosts(bench.store, scope)
  return bench.store.rows<Activity>(nxdomainCount.query({ ...scope, serving }, nxdomainCount.defaults))
}

describe('failed names', () => {
  it('begins at ten domains in five minutes', async () => {
    expect(await seen(gone(9))).toEqual([])
    const [row] = await seen(gone(10))
    expect(row).toMatchObject({ type: 'dga', host: '10.0.0.5', times: 10, targets: 10, score: 1 })
    expect(row?.traits).toContain('xkqv3zt.com')
    expect(nxdomainCount.did({ ...row!, sample: ['a.com', 'b.com'] })).toBe(
      'looked up 10 non-existent domains (NXDOMAIN; a.com and b.com)',
    )
  })

  it('sees slow ones by the hour and by the epoch', async () => {
    const every = (gap: number, n: number) =>
      gone(n).map((row, i) => ({ ...row, start: monday + i * gap * second }))
    expect(await seen(every(200, 14))).toEqual([])
    expect(await seen(every(200, 15))).toHaveLength(1)
    expect(await seen(every(1800, 29))).toEqual([])
    expect(await seen(every(1800, 30))).toHaveLength(1)
  })

  it('asks that 30% of the domains fail', async () => {
    expect(await seen([...gone(30), ...found(70)])).toHaveLength(1)
    expect(await seen([...gone(30), ...found(71)])).toEqual([])
  })

  it('counts no domain that exists for the host at another time', async () => {
    const later = { start: monday + 7200 * second, query: 'www.xkqv0zt.com' }
    expect(await seen([...gone(10), later])).toEqual([])
  })

  it.each([
    ['a search suffix put behind everything', (i: number) => `www.site${i}.com.corp-example.com`],
    ['one mistyped domain', (i: number) => `a${i}.gooogle.co`],
    ['random names of one label, as Chrome asks', (i: number) => `qwpoeiru${i}`],
    ['reverse lookups', (i: number) => `${i}.0.0.10.in-addr.arpa`],
    ['local names', (i: number) => `printer${i}.local`],
    ['black lists with addresses', (i: number) => `2.0.0.127.list${i}.org`],
    ['black lists with hashes', (i: number) => `d41d8cd98f00b204e9800998ecf8427e.hashes${i}.org`],
  ])('leaves %s alone', async (_, query) => {
    expect(await seen(gone(100, query))).toEqual([])
  })

  it('leaves resolvers and mail servers alone', async () => {
    const clients = (n: number) => many(n, (i) => ({ client: `10.0.1.${i}`, server: '10.0.0.5' }))
    expect(await seen([...gone(100), ...clients(2)])).toHaveLength(1)
    expect(await seen([...gone(100), ...clients(3)])).toEqual([])
    const brings = many(3, (i) => ({ client: `203.0.113.${i}`, server: '10.0.0.5', serverPort: 25 }))
    expect(await seen(gone(100), brings)).toEqual([])
  })

  it('leaves domains alone that fail for half of five hosts or more, and says who else fails', async () => {
    const also = (n: number) =>
      Array.from({ length: n }).flatMap((_, h) => gone(10, undefined, { client: `10.0.2.${h}` }))
    const others = many(5, (h) => ({ client: `10.0.3.${h}` }))
    expect(await seen([...gone(10), ...also(4), ...others])).toEqual([]) // 5 of 10
    expect(await seen([...gone(10), ...also(3), ...others])).toHaveLength(4) // 4 of 9
  })

  it('asks for five times what is usual where ten hosts ask', async () => {
    const usual = (n: number) =>
      Array.from({ length: 9 }).flatMap((_, h) =>
        gone(n, (i) => `own${h}x${i}.com`, { client: `10.0.2.${h}` }),
      )
    expect(await seen([...gone(20), ...usual(4)])).toHaveLength(1)
    expect(await seen([...gone(19), ...usual(4)])).toEqual([])
  })
})
