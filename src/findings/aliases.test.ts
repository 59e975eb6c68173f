import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../test/fixtures/records.ts'
import type { Finding } from '../model/finding.ts'
import { parseNetworks } from '../store/networks.ts'
import { aliasesIn, withAliases } from './aliases.ts'

const scope = { from: monday, to: monday + 86_400e6, internal: parseNetworks(['10.0.0.0/8', 'fd00::/8']) }
const v6 = 'fd00::5'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

/** The alias asks for server i, and the host calls it after `late` seconds. */
const asked = (i: number, more: Given = {}): Given => ({
  client: v6,
  start: monday + i * 60e6,
  answers: ['edge.example', `203.0.113.${i}`],
  ...more,
})
const called = (i: number, late: number, more: Given = {}): Given => ({
  start: monday + (i * 60 + late) * 1e6,
  server: `203.0.113.${i}`,
  ...more,
})
const found = async (dns: readonly Given[], flow: readonly Given[]) => {
  await bench.hold({ dns, flow })
  return (await aliasesIn(bench.store, scope)).map(({ host, alias, servers, ofServers }) => [
    host,
    alias,
    servers,
    ofServers,
  ])
}

describe('two addresses of one machine', () => {
  it('are told by what one asks for and the other calls at once, from three servers on', async () => {
    expect(
      await found(
        [1, 2].map((i) => asked(i)),
        [called(1, 1), called(2, 1)],
      ),
    ).toEqual([])
    expect(
      await found(
        [1, 2, 3].map((i) => asked(i)),
        [1, 2, 3].map((i) => called(i, 4.9)),
      ),
    ).toEqual([['10.0.0.5', v6, 3, 3]])
    // Also where the call falls into the next slot that they are joined by.
    expect(
      await found(
        [1, 2, 3].map((i) => asked(i, { start: monday + (i * 60 + 3) * 1e6 })),
        [1, 2, 3].map((i) => called(i, 7.9)),
      ),
    ).toEqual([['10.0.0.5', v6, 3, 3]])
    expect(
      await found(
        [1, 2, 3].map((i) => asked(i)),
        [1, 2, 3].map((i) => called(i, i === 3 ? 5 : 1)),
      ),
    ).toEqual([])
  })

  it('are not told where others call as much', async () => {
    const dns = [1, 2, 3, 4, 5].map((i) => asked(i))
    const four = [1, 2, 3, 4].map((i) => called(i, 1))
    expect(await found(dns, [...four, called(5, 1, { client: '10.0.0.6' })])).toEqual([
      ['10.0.0.5', v6, 4, 5],
    ])
    const three = [1, 2, 3].map((i) => called(i, 1))
    expect(
      await found(dns, [
        ...three,
        called(4, 1, { client: '10.0.0.6' }),
        called(5, 1, { client: '10.0.0.7' }),
      ]),
    ).toEqual([])
  })

  it('are of two families: a forwarder of the same family is not taken for its client', async () => {
    expect(
      await found(
        [1, 2, 3].map((i) => asked(i, { client: '10.0.0.1' })),
        [1, 2, 3].map((i) => called(i, 1)),
      ),
    ).toEqual([])
  })

  it('are accused together, with the reason', async () => {
    await bench.hold({ dns: [1, 2, 3].map((i) => asked(i)), flow: [1, 2, 3].map((i) => called(i, 1)) })
    const aliases = await aliasesIn(bench.store, scope)
    const finding = { kind: 'dga', hosts: [v6], evidence: [] } as unknown as Finding
    const [shown] = withAliases([finding], aliases)
    expect(shown?.hosts).toEqual([v6, '10.0.0.5'])
    expect(shown?.evidence[0]?.flows).toHaveLength(3)
    expect(withAliases([{ ...finding, hosts: ['10.0.0.9'] }], aliases)[0]?.evidence).toEqual([])
  })
})
