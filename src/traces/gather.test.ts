import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, monday, openBench } from '../../test/fixtures/records.ts'
import { parseNetworks } from '../store/networks.ts'
import { type GatherOptions, tracesIn, unionOf } from './gather.ts'
import type { Trace } from './trace.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const scope = { epoch: 0, from: monday, to: monday + 7 * 86400e6, internal: parseNetworks(['10.0.0.0/8']) }
/** Seconds after Monday's midnight. */
const at = (seconds: number) => monday + seconds * 1e6

async function traces(options: Partial<GatherOptions> = {}): Promise<Trace[]> {
  const found: Trace[] = []
  for await (const chunk of tracesIn(bench.store, scope, options)) found.push(...chunk)
  return found
}
const calls = (count: number, rest: object = {}, every = 60) =>
  Array.from({ length: count }, (_, i) => ({ start: at(i * every), clientPort: 50_000 + i, ...rest }))

describe('tracesIn', () => {
  it('gathers the flows of a client to a service, in order, as columns', async () => {
    await bench.hold({ flow: [...calls(5).reverse(), ...calls(4, { serverPort: 80 })] })
    const found = await traces()
    expect(found.map(({ serverPort, connections }) => [serverPort, connections])).toEqual([
      [80, 4],
      [443, 5],
    ])
    const [, trace] = found
    expect(trace).toMatchObject({
      client: '10.0.0.5',
      servers: ['203.0.113.9'],
      proto: 'tcp',
      name: null,
      by: 'address',
    })
    expect([...trace!.calls.start]).toEqual([0, 60, 120, 180, 240].map(at))
    expect([...trace!.calls.sent]).toEqual([1500, 1500, 1500, 1500, 1500])
    expect([...trace!.calls.received]).toEqual([2500, 2500, 2500, 2500, 2500])
    expect(trace).toMatchObject({ firstStart: at(0), lastEnd: at(241), failed: 0 })
    expect(trace!.flows).toHaveLength(5)
  })

  it('leaves out short traces, unless a connection is long', async () => {
    await bench.hold({ flow: calls(3) })
    expect(await traces({ minCalls: 4 })).toEqual([])
    expect(await traces({ minCalls: 3 })).toHaveLength(1)
    await bench.hold({ flow: calls(1, { duration: 29_999_999 }) })
    expect(await traces()).toEqual([])
    await bench.hold({ flow: calls(1, { duration: 30_000_000 }) })
    expect(await traces()).toHaveLength(1)
  })

  it('looks outward only: not at hosts inside, outside clients, or groups', async () => {
    await bench.hold({
      flow: [
        ...calls(5, { server: '10.0.0.9' }),
        ...calls(5, { client: '198.51.100.7' }),
        ...calls(5, { server: '239.255.255.250', proto: 'udp' }),
      ],
    })
    expect(await traces()).toEqual([])
    expect(await traces({ withInternal: true })).toHaveLength(1)
  })

  it('does not take a conversation cut every hour for a beat', async () => {
    const parts = Array.from({ length: 6 }, (_, i) => ({
      start: at(3600 * i),
      duration: 3_590_000_000,
      state: i === 0 ? 'SPA_SPA' : 'PA_PA',
    }))
    await bench.hold({ flow: parts })
    const [trace] = await traces()
    expect(trace).toMatchObject({ connections: 1, stitched: 5 })
    expect([...trace!.calls.duration]).toEqual([6 * 3600 - 10])
    expect([...trace!.calls.sent]).toEqual([9000])
  })

  it('keeps connections apart that each open anew, even from one port', async () => {
    await bench.hold({ flow: calls(6, { clientPort: 50_000, state: 'SF' }, 2) })
    expect((await traces())[0]).toMatchObject({ connections: 6, stitched: 0 })
  })

  it('takes SYNs sent again to a silent host for one attempt', async () => {
    const attempts = calls(5, { outcome: 'unanswered', state: 'S0', duration: 3_000_000 }, 23)
    const again = attempts.map((each) => ({ ...each, start: each.start + 9e6, duration: 0 }))
    await bench.hold({ flow: [...attempts, ...again] })
    const [trace] = await traces()
    expect(trace).toMatchObject({ connections: 5, stitched: 5, failed: 5 })
    expect([...trace!.calls.start]).toEqual([0, 23, 46, 69, 92].map(at))
  })

  it('joins UDP records within 30 s of silence on one five-tuple, and no more', async () => {
    const udp = (gap: number) => calls(6, { proto: 'udp', clientPort: 50_000, duration: 0 }, gap)
    await bench.hold({ flow: udp(30) })
    expect((await traces())[0]).toMatchObject({ connections: 1, stitched: 5 })
    await bench.hold({ flow: udp(31) })
    expect((await traces())[0]).toMatchObject({ connections: 6 })
  })

  it('counts connections whose opening was not seen', async () => {
    await bench.hold({
      flow: [...calls(4, { state: 'SF' }), ...calls(2, { state: 'OTH', clientPort: 1 }, 9000)],
    })
    expect((await traces())[0]).toMatchObject({ connections: 6, midstream: 2 })
  })

  it('follows a name over addresses', async () => {
    const servers = ['203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.4']
    const flow = servers.map((server, i) => ({ start: at(i * 86400), server, uid: `C${i}` }))
    await bench.hold({
      flow,
      tls: flow.map(({ uid, server, start }) => ({ uid, server, start, serverName: 'cc.example' })),
    })
    const found = await traces()
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ by: 'name', name: 'cc.example', servers, connections: 4 })
  })

  it('knows names from the DNS too, but none from a Host that is an address', async () => {
    await bench.hold({ flow: calls(4), dns: [{ query: 'cc.example', answers: ['203.0.113.9'] }] })
    expect((await traces()).map(({ by, name }) => [by, name])).toEqual([
      ['address', null],
      ['name', 'cc.example'],
    ])
    await bench.hold({ flow: calls(4), http: [{ host: '203.0.113.9' }] })
    expect((await traces()).map(({ by }) => by)).toEqual(['address'])
  })

  it('gives the same traces in chunks as in one, and keeps a long one to the cap', async () => {
    const flow = ['a', 'b', 'c', 'd'].flatMap((_, i) => calls(10 + i, { server: `203.0.113.${i}` }))
    await bench.hold({ flow })
    const whole = await traces()
    const chunked = await traces({ chunkFlows: 7 })
    const order = (list: readonly Trace[]) =>
      [...list].sort((a, b) => a.servers[0]!.localeCompare(b.servers[0]!))
    expect(order(chunked)).toEqual(order(whole))
    const [capped] = await traces({ cap: 6 })
    expect(capped!.calls.start).toHaveLength(6)
    expect(capped!.connections).toBe(10)
    expect(capped!.calls.start[0]).toBe(at(0))
  })

  it('says NaN where the input has no bytes', async () => {
    await bench.hold({ flow: calls(4, { bytes: null, clientBytes: null, serverBytes: null }) })
    expect([...(await traces())[0]!.calls.sent]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN])
    await bench.hold({ flow: calls(4, { bytes: 900, clientBytes: 300, serverBytes: null }) })
    expect([...(await traces())[0]!.calls.received]).toEqual([600, 600, 600, 600])
  })
})

it('joins scopes to the stretch they cover', () => {
  expect(
    unionOf([
      { ...scope, from: 5, to: 9 },
      { ...scope, from: 2, to: 6 },
    ]),
  ).toMatchObject({ from: 2, to: 9 })
})
