/** Hosts with peer-to-peer talk: simulated bots of four overlays and benign programs, and real captures. */
import { seeded } from '../../src/math/random.ts'
import type { Scope } from '../../src/model/networks.ts'
import type { Options } from '../../src/simulate/behaviour.ts'
import { behaviours } from '../../src/simulate/behaviours/index.ts'
import type { Episode } from '../../src/simulate/exchange.ts'
import { families } from '../../src/simulate/families/index.ts'
import { made } from '../../src/simulate/families/topologies.ts'
import type { Bot, Plan } from '../../src/simulate/family.ts'
import { actorOf, type Host, type Network } from '../../src/simulate/network.ts'
import { buildOutside } from '../../src/simulate/outside.ts'
import { scheduleOf } from '../../src/simulate/schedules.ts'
import { inOrder } from '../../src/simulate/timeline.ts'
import { parseNetworks } from '../../src/store/networks.ts'
import { type PeerFacts, peerFacts } from '../../src/structures/peers.ts'
import { holdExchanges } from './made-flows.ts'
import { ofEveryEpoch, withStore } from './own-store.ts'

export interface PeerSample {
  /** Program or capture. */
  readonly what: string
  readonly bot: boolean
  /** Day that it was simulated on; null for real records. */
  readonly seed: number | null
  readonly facts: PeerFacts
}

const overlays = ['rounds', 'turns', 'friends'] as const
const programs: readonly { name: string; count: number; options?: Options }[] = [
  { name: 'share-files', count: 5 },
  { name: 'share-by-sources', count: 4 },
  { name: 'telephone-by-peers', count: 6 },
  { name: 'telephone-by-peers', count: 3, options: { perHour: 200, gone: 0.15 } },
  { name: 'ask-game-servers', count: 4 },
  { name: 'ask-game-servers', count: 2, options: { gone: 0.5 } },
]

interface SimulatedPeers {
  readonly samples: readonly PeerSample[]
  /** Bots in the network, by overlay: those under the gate are not among the samples. */
  readonly bots: Readonly<Record<string, number>>
  readonly innocents: number
}

/** One day. On odd seeds one bot of each overlay, on even ones three, so that mutual contacts are there or not. */
export async function simulatedPeers(seed: number): Promise<SimulatedPeers> {
  const random = seeded(`peers ${seed}`)
  const length = 86_400
  const hosts = Array.from({ length: 60 }, (_, i): Host => {
    const role = i % 3 === 0 ? ('student' as const) : ('staff' as const)
    return {
      address: `10.20.1.${10 + i}`,
      role,
      system: 'windows',
      ...scheduleOf(role, random.split(`host ${i}`), length),
    }
  }).filter(({ on }) => on.some(({ from, to }) => to - from > 3 * 3600))
  const network: Network = {
    from: Date.UTC(2024, 2, 12) * 1000,
    length,
    internal: ['10.20.0.0/16'],
    weekday: 2,
    domain: 'campus.example',
    hosts,
    outside: buildOutside(random.split('outside')),
    hostsOf: () => hosts,
  }
  const each = seed % 2 === 0 ? 3 : 1
  const what = new Map<string, { what: string; bot: boolean }>()
  const sources: Iterable<Episode>[] = []
  let next = 0
  const infect = (name: string, process: (bots: readonly Host[]) => (bot: Bot) => Iterable<Episode>[]) => {
    const bots = hosts.slice(next, next + each)
    next += each
    const run = process(bots)
    for (const [index, host] of bots.entries()) {
      what.set(host.address, { what: name, bot: true })
      sources.push(
        ...run({ ...actorOf(network, host, random.split(`${name} ${index}`), name), index, since: 0 }),
      )
    }
  }
  for (const variant of overlays)
    infect(variant, (bots) => {
      const { processes } = made('p2p', variant, {
        network,
        random: random.split(variant),
        members: { inside: bots.map(({ address }) => address), total: 400 },
      })
      return (bot) => Object.values(processes).map((process) => process(bot))
    })
  const storm = families.find(({ name }) => name === 'p2p')!
  infect('storm', () => {
    const plan: Plan = storm.plan(network, random.split('storm'))
    return (bot) => ['gossip', 'hold', 'answer'].map((process) => storm.processes[process]!(bot, plan))
  })
  // What a machine does all day, so that a program's time can be told from its host's.
  const poll = behaviours.find(({ name }) => name === 'poll')!
  for (const host of hosts)
    sources.push(
      poll.run(actorOf(network, host, random.split(`poll ${host.address}`)), {
        ...poll.defaults,
        service: 'vendor',
        period: 400,
      }),
    )
  let innocents = 0
  for (const { name, count, options = {} } of programs)
    for (let i = 0; i < count; i++) {
      const host = hosts[next++ % hosts.length]!
      if (what.has(host.address)) continue
      innocents++
      what.set(host.address, { what: name, bot: false })
      const behaviour = behaviours.find((every) => every.name === name)!
      sources.push(
        behaviour.run(actorOf(network, host, random.split(`${name} ${i}`)), {
          ...behaviour.defaults,
          ...options,
        }),
      )
    }
  const scope: Scope = {
    epoch: 0,
    from: network.from,
    to: network.from + length * 1e6,
    internal: parseNetworks(network.internal),
  }
  const facts = await withStore(async (store) => {
    await holdExchanges(store, inOrder(sources, { ...scope, order: 'by-start' }))
    return peerFacts(store, scope)
  })
  return {
    samples: facts.map((fact) => ({ ...what.get(fact.host)!, seed, facts: fact })),
    bots: Object.fromEntries([...overlays, 'storm'].map((name) => [name, each])),
    innocents,
  }
}

/** Facts of a real capture's hosts, of every epoch. */
export const realPeers = (path: string, internal: readonly string[]): Promise<PeerFacts[]> =>
  ofEveryEpoch(path, internal, peerFacts)
