import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../test/fixtures/records.ts'
import { seeded } from '../math/random.ts'
import type { Scope } from '../model/networks.ts'
import { parseNetworks } from '../store/networks.ts'
import { findRelays, pairsOf, relayDefaults } from './relays.ts'

const scope: Scope = {
  epoch: 0,
  from: monday,
  to: monday + 86_400e6,
  internal: parseNetworks(['10.0.0.0/8']),
}

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const side = (...rows: readonly (readonly [at: number, sent: number, received: number])[]) => ({
  start: Float64Array.from(rows, ([at]) => at * 1e6),
  sent: Float64Array.from(rows, ([, sent]) => sent),
  received: Float64Array.from(rows, ([, , received]) => received),
})

describe('a pair', () => {
  const pairs = (called: ReturnType<typeof side>, passed: ReturnType<typeof side>) =>
    pairsOf(called, passed, relayDefaults).length

  it('begins within two seconds, never before', () => {
    expect(pairs(side([10, 900, 5000]), side([12, 900, 5000]))).toBe(1)
    expect(pairs(side([10, 900, 5000]), side([12.000001, 900, 5000]))).toBe(0)
    expect(pairs(side([10, 900, 5000]), side([9.99, 900, 5000]))).toBe(0)
  })

  it('has the same bytes each way, but for a header or a tenth', () => {
    expect(pairs(side([10, 900, 50_000]), side([10, 1020, 55_000]))).toBe(1)
    expect(pairs(side([10, 900, 50_000]), side([10, 1021, 50_000]))).toBe(0)
    expect(pairs(side([10, 900, 50_000]), side([10, 900, 55_500]))).toBe(0)
    expect(pairs(side([10, 900, 50_000]), side([10, 50_000, 900]))).toBe(0)
  })

  it('is of one call and one pass', () => {
    expect(pairs(side([10, 900, 5000], [10.1, 900, 5000]), side([10.2, 900, 5000]))).toBe(1)
    expect(pairs(side([10, 900, 5000]), side([10.1, 900, 5000], [10.2, 900, 5000]))).toBe(1)
  })
})

/** `n` calls of external hosts over the day, each passed on by `pass`. */
function passing(
  n: number,
  { share = 1, inbound = {}, outbound = {} }: { share?: number; inbound?: Given; outbound?: Given } = {},
) {
  const random = seeded('passing')
  return Array.from({ length: n }, (_, i) => {
    const start = monday + Math.floor(random.next() * 86_000) * 1e6
    const size = { clientBytes: 300 + random.integer(2000), serverBytes: 500 + random.integer(100_000) }
    const call = {
      client: `46.0.0.${i % 20}`,
      server: '10.0.0.5',
      serverPort: 8000,
      start,
      ...size,
      ...inbound,
    }
    const elsewhere = {
      client: '10.0.0.5',
      server: '45.1.1.1',
      serverPort: 443,
      start: monday + Math.floor(random.next() * 86_000) * 1e6,
      clientBytes: 700,
      serverBytes: 9000,
    }
    return i < share * n
      ? [
          call,
          {
            client: '10.0.0.5',
            server: '45.9.9.9',
            serverPort: 8000,
            start: start + 200_000,
            ...size,
            ...outbound,
          },
        ]
      : [call, elsewhere]
  }).flat()
}

describe('a relay', () => {
  const accused = async (flow: readonly Given[]) => {
    await bench.hold({ flow })
    return (await findRelays(bench.store, scope)).filter((each) => each.accused)
  }

  it('is found with its destination, and its rows can be shown', async () => {
    const [relay] = await accused(passing(60))
    expect(relay).toMatchObject({
      host: '10.0.0.5',
      evidence: {
        port: 8000,
        calls: 60,
        clients: 20,
        pairs: 60,
        chance: 0.005,
        lag: 200_000,
        destinations: 1,
      },
    })
    expect(relay!.evidence.to[0]).toMatchObject({ address: '45.9.9.9', port: 8000 })
    expect(await bench.store.rows(relay!.evidence.query)).toHaveLength(120)
  })

  it('begins at twenty calls, and at a fifth of them passed on over chance', async () => {
    expect(await accused(passing(19))).toEqual([])
    expect(await accused(passing(20))).toHaveLength(1)
    expect(await accused(passing(200, { share: 0.18 }))).toEqual([])
    expect(await accused(passing(200, { share: 0.22 }))).toHaveLength(1)
  })

  it('is not a proxy for those inside, a load balancer for servers inside, or a mail relay', async () => {
    expect(await accused(passing(60, { inbound: { client: '10.0.0.77' } }))).toEqual([])
    expect(await accused(passing(60, { outbound: { server: '10.0.0.88' } }))).toEqual([])
    expect(await accused(passing(60, { inbound: { serverPort: 25 }, outbound: { serverPort: 25 } }))).toEqual(
      [],
    )
  })

  it('is not a busy host whose calls fall together by chance', async () => {
    const random = seeded('busy')
    const flows = Array.from({ length: 3000 }, (_, i) => ({
      ...(i % 2 === 0
        ? { client: `46.0.${i % 250}.1`, server: '10.0.0.5', serverPort: 8000 }
        : { client: '10.0.0.5', server: '45.9.9.9', serverPort: 8000 }),
      start: monday + Math.floor(random.next() * 3600e6),
      clientBytes: 100,
      serverBytes: 100,
    }))
    expect(await accused(flows)).toEqual([])
  })
})
