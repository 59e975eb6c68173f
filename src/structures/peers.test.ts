import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../test/fixtures/records.ts'
import type { Scope } from '../model/networks.ts'
import { parseNetworks } from '../store/networks.ts'
import { featuresOf, findPeers, gate, type PeerFacts, peerFeatures } from './peers.ts'
import { weigh } from './weights.ts'

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

/** `n` peers of one host, a share of them gone, in networks of their own. */
const talk = (
  n: number,
  { gone = 0.5, host = '10.0.0.5', ...more }: Given & { gone?: number; host?: string } = {},
) =>
  Array.from({ length: n }, (_, i) => ({
    client: host,
    clientPort: 40_000,
    server: `45.${i % 250}.${Math.floor(i / 250)}.7`,
    serverPort: 20_000 + i,
    proto: 'udp',
    start: monday + i * 60e6,
    bytes: 200,
    outcome: i < gone * n ? 'unanswered' : 'established',
    ...more,
  }))

const found = async (...flow: readonly Given[][]) => {
  await bench.hold({ flow: flow.flat() })
  return findPeers(bench.store, scope)
}

describe('the gate', () => {
  it('opens at thirty peers of which five answer', async () => {
    expect(await found(talk(gate.peers - 1))).toEqual([])
    expect(await found(talk(gate.peers))).toHaveLength(1)
    expect(await found(talk(100, { gone: 0.96 }))).toEqual([])
    expect(await found(talk(100, { gone: 0.95 }))).toHaveLength(1)
  })

  it('wants peers in many networks, on ports of no service, that nobody looked up', async () => {
    expect(await found(talk(60).map((flow, i) => ({ ...flow, server: `45.1.${i}.7` })))).toEqual([])
    expect(await found(talk(60, { serverPort: 443 }))).toEqual([])
    expect(await found(talk(60, { serverPort: 3478 }))).toEqual([])
    await bench.hold({
      flow: talk(60),
      dns: [
        {
          answers: talk(60)
            .slice(0, 31)
            .map(({ server }) => server),
        },
      ],
    })
    expect(await findPeers(bench.store, scope)).toEqual([])
  })
})

describe('the facts', () => {
  it('counts a peer that several hosts have once, and the hosts that share most first', async () => {
    const hosts = await found(talk(60), talk(40, { host: '10.0.0.6' }), talk(35, { host: '10.0.0.7' }))
    const first = hosts.find(({ host }) => host === '10.0.0.5')!.facts
    expect(first.mutual).toBe(40)
    expect([first.mutualHosts, first.mutualPeers]).toEqual([
      ['10.0.0.6', '10.0.0.7'],
      [40, 35],
    ])
  })

  it('count failures, sizes, the one port, callers and shared peers', async () => {
    const callers = Array.from({ length: 4 }, (_, i) => ({
      client: `46.0.0.${i}`,
      server: '10.0.0.5',
      serverPort: 40_000,
      proto: 'udp',
    }))
    const [first] = await found(talk(60), talk(40, { host: '10.0.0.6', gone: 0 }), callers)
    expect(first).toMatchObject({
      host: '10.0.0.5',
      facts: {
        peers: 60,
        networks: 60,
        failed: 0.5,
        localPortShare: 1,
        bytes: 200,
        callers: 4,
        mutual: 40,
        mutualHosts: ['10.0.0.6'],
      },
    })
    expect(await bench.store.rows(first!.evidence.query)).toHaveLength(60)
  })
})

describe('the score', () => {
  const bot: PeerFacts = {
    ...({} as PeerFacts),
    peers: 100,
    failed: 0.55,
    bulk: 900,
    sharing: 0,
    slots: 100,
    ofSlots: 100,
    mutual: 0,
  }
  const score = (more: Partial<PeerFacts>, head?: Parameters<typeof weigh>[0]) =>
    weigh(
      head ?? { bias: -4, weights: { failed: 6, bulk: -3, 'sharing ports': -2, mutual: 1 } },
      peerFeatures,
      featuresOf({ ...bot, ...more }),
    ).score

  it('rises with peers that are gone, falls with bulk and with the ports of file sharing', () => {
    expect(score({ failed: 0.1 })).toBeLessThan(score({}))
    expect(score({ bulk: 300_000 })).toBeLessThan(score({}))
    expect(score({ sharing: 0.9 })).toBeLessThan(score({}))
    expect(score({ mutual: 50 })).toBeGreaterThan(score({}))
  })

  it('accuses the quiet overlay, not the telephone that is answered', async () => {
    const [quiet] = await found(talk(200, { gone: 0.65 }))
    expect(quiet!.score).toBeGreaterThan(0.5)
    const [telephone] = await found(talk(200, { gone: 0.08 }))
    expect(telephone!.score).toBeLessThan(0.5)
    const [shares] = await found(talk(200, { gone: 0.4, bytes: 900_000 }))
    expect(shares!.score).toBeLessThan(quiet!.score)
  })

  it('counts hosts with a fifth of their peers in common for each other, by their own scores', async () => {
    const near = { host: '10.0.0.6', gone: 0.46 }
    const [alone] = await found(talk(100, near))
    expect(alone!.score).toBeGreaterThan(0.3)
    expect(alone!.score).toBeLessThan(0.5)

    // The first `shared` peers are those of the other host, the rest its own.
    const beside = async (shared: number, gone: number) => {
      const all = await found(
        talk(200, { gone }),
        talk(100, near).map((flow, i) => (i < shared ? flow : { ...flow, server: `46.${i}.0.7` })),
      )
      return all.find(({ host }) => host === '10.0.0.6')!
    }
    const member = await beside(20, 0.65)
    expect(member.score).toBeGreaterThan(0.5)
    expect(member.evidence.reasons.map(({ feature }) => feature)).toContain('company')
    expect((await beside(2, 0.65)).score).toBeLessThan(0.5)
    expect((await beside(100, 0.08)).score).toBeLessThan(member.score)

    const telephone = await found(talk(200, { gone: 0.65 }), talk(100, { host: '10.0.0.6', gone: 0.05 }))
    expect(telephone.find(({ host }) => host === '10.0.0.6')!.score).toBeLessThan(0.5)
  })
})
