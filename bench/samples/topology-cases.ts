/**
 * Simulated botnets of every topology through the stages that `gannet run` uses, without the A-plane.
 *
 * A case is a small network: hosts that browse, and the bots of one botnet that are inside it. Its connections go
 * through the C-plane filters, C-flows, X-means, service clusters and the correlation as they are; that all visible
 * bots did the same thing (the A-cluster) is given. What comes out is the graph of the group that was found.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCplane } from '../../src/cflows/index.ts'
import { makeCclusters, servicesOf } from '../../src/clusters/index.ts'
import { defaults } from '../../src/config.ts'
import { botnetsIn } from '../../src/correlations/index.ts'
import { cncOf } from '../../src/findings/index.ts'
import { type Random, seeded } from '../../src/math/random.ts'
import { allowNothing } from '../../src/model/allowlist.ts'
import type { DecidedTopology } from '../../src/model/evidence.ts'
import type { Scope } from '../../src/model/networks.ts'
import type { Options } from '../../src/simulate/behaviour.ts'
import { behaviours } from '../../src/simulate/behaviours/index.ts'
import type { Episode, Exchange } from '../../src/simulate/exchange.ts'
import { made, variantsOf } from '../../src/simulate/families/topologies.ts'
import type { Bot } from '../../src/simulate/family.ts'
import { actorOf, type Host, type Network } from '../../src/simulate/network.ts'
import { buildOutside } from '../../src/simulate/outside.ts'
import { inOrder } from '../../src/simulate/timeline.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { parseNetworks } from '../../src/store/networks.ts'
import type { Store } from '../../src/store/store.ts'
import { type GraphFacts, measureGraph } from '../../src/structures/graph.ts'
import { findPeers, findRelays } from '../../src/structures/index.ts'
import { holdExchanges } from './made-flows.ts'

interface TopologyCase {
  readonly topology: DecidedTopology
  readonly variant: string
  /** Bots in all, and the share of them inside. */
  readonly total: number
  readonly share: number
  readonly seed: number
}

export interface TopologyResult extends TopologyCase {
  readonly visible: number
  readonly flows: number
  /** Members of the group that was found; 0 where none was. */
  readonly members: number
  /** Whether a member inside passes on for others. */
  readonly relayInside: boolean
  /** Null where no group, or no C&C of it, was found. */
  readonly facts: GraphFacts | null
}

export const sizes = [3, 10, 30, 100, 500] as const
export const shares = [0.2, 0.4, 0.6, 0.8, 1] as const

/**
 * One case for each kind, size and share, small ones first; variants take turns. Cases with fewer than two bots inside
 * are left out.
 */
export function casesOf(seed: number): TopologyCase[] {
  let turn = seed
  return sizes.flatMap((total) =>
    shares
      .filter((share) => Math.round(total * share) >= 2)
      .flatMap((share) => {
        turn++
        return (['star', 'multi-server', 'hierarchical', 'p2p'] as const).map((topology) => {
          const variants = variantsOf(topology)
          return { topology, variant: variants[turn % variants.length]!, total, share, seed }
        })
      }),
  )
}

/** Runs cases in one store after the other. */
export async function runCases(
  cases: readonly TopologyCase[],
  report: (result: TopologyResult) => void,
): Promise<TopologyResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-topology-'))
  const store = await openEmbedded(join(folder, 'db'))
  const results: TopologyResult[] = []
  try {
    for (const each of cases) {
      const result = await runCase(store, each)
      report(result)
      results.push(result)
    }
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  return results
}

/** Innocent hosts, so that a small group can be told from chance; most of them only poll. */
const bystanders = 200
const browsers = 8

const begins = Date.UTC(2024, 2, 12, 8) * 1000

/** Longer windows for smaller botnets: what a day holds, cut to what can be made many times. */
const hoursOf = (visible: number) => (visible <= 10 ? 10 : visible <= 30 ? 6 : visible <= 100 ? 2 : 1)

function networkOf(random: Random, visible: number): Network {
  const length = hoursOf(visible) * 3600
  const hosts = Array.from({ length: visible + bystanders }, (_, i): Host => {
    const own = random.split(`host ${i}`)
    const whole = own.next() < 0.6
    const from = whole ? 0 : own.next() * 0.5 * length
    const on = [{ from, to: whole ? length : Math.min(length, from + length * (0.3 + 0.5 * own.next())) }]
    return {
      address: `10.20.${Math.floor(i / 200) + 1}.${10 + (i % 200)}`,
      role: 'staff',
      system: own.next() < 0.8 ? 'windows' : 'linux',
      on,
      used: on,
    }
  })
  return {
    from: begins,
    length,
    internal: ['10.20.0.0/16'],
    weekday: 2,
    domain: 'campus.example',
    hosts,
    outside: buildOutside(random.split('outside')),
    hostsOf: () => hosts,
  }
}

async function runCase(store: Store, given: TopologyCase): Promise<TopologyResult> {
  const { topology, variant, total, share, seed } = given
  const random = seeded(`topology ${topology} ${variant} ${total} ${share} ${seed}`)
  const visible = Math.round(total * share)
  const network = networkOf(random.split('network'), visible)
  const bots = network.hosts.slice(0, visible)
  const botnet = made(topology, variant, {
    network,
    random: random.split('plan'),
    members: { inside: bots.map(({ address }) => address), total },
  })
  const sources: Iterable<Episode>[] = []
  for (const [index, host] of bots.entries())
    for (const [name, process] of Object.entries(botnet.processes)) {
      const bot: Bot = {
        ...actorOf(network, host, random.split(`${index} ${name}`), 'botnet'),
        index,
        since: 0,
      }
      sources.push(process(bot))
    }
  const does = (host: Host, behaviour: string, options: Options) =>
    sources.push(
      behaviours
        .find(({ name }) => name === behaviour)!
        .run(actorOf(network, host, random.split(`${behaviour} ${host.address}`)), options),
    )
  for (const host of [...network.hosts.slice(visible, visible + browsers), ...bots.slice(0, 4)])
    does(host, 'browse', { think: 240 })
  for (const [i, host] of network.hosts.slice(visible + browsers).entries())
    does(host, 'poll', { service: `vendor-${i % 40}`, period: 900 + 60 * (i % 20), jitter: 0.1 })
  const scope: Scope = {
    epoch: 0,
    from: network.from,
    to: network.from + network.length * 1e6,
    internal: parseNetworks(network.internal),
  }
  const exchanges = withoutQuestions(inOrder(sources, { ...scope, order: 'by-start' }))
  const flows = await holdExchanges(store, exchanges)
  const graph = await graphOf(
    store,
    scope,
    bots.map(({ address }) => address),
  )
  return {
    ...given,
    visible,
    flows,
    members: graph?.members ?? 0,
    relayInside: botnet.relays.length > 0,
    facts: graph?.facts ?? null,
  }
}

/**
 * Questions to the resolver are more than half of all, and filter F1 drops them: none of the stages here reads
 * them.
 */
function* withoutQuestions(exchanges: Iterable<Exchange>): Generator<Exchange> {
  for (const each of exchanges) if (!each.dns) yield each
}

/** The group that the stages find where all of `bots` did the same, and the facts of its graph. */
async function graphOf(store: Store, scope: Scope, bots: readonly string[]) {
  const analysis = 'bench'
  for (const table of ['cflow', 'ccluster', 'activity']) await store.run(`TRUNCATE TABLE ${table}`)
  await makeCplane(store, scope, { ...defaults, analysis, allow: allowNothing })
  const options = {
    analysis,
    epoch: scope.epoch,
    mode: 'default' as const,
    seed: 1,
    activityTraffic: [],
  }
  const shapes = (await makeCclusters(store, options)).shapes
  const services = await servicesOf(store, options)
  const [row] = await store.rows<{ n: number }>(
    `SELECT toFloat64(uniqExact(client)) AS n FROM cplane_${analysis}`,
  )
  const planes = {
    activities: [{ id: 'given', type: 'scan' as const, hosts: bots }],
    communications: [...shapes, ...services],
    population: row?.n ?? 0,
  }
  const group = botnetsIn(planes, defaults).toSorted(
    (a, b) => overlap(b.hosts, bots) - overlap(a.hosts, bots),
  )[0]
  if (!group || overlap(group.hosts, bots) < 2) return null
  const endpoints = await cncOf({ store, analysis, scope }, group, [])
  if (endpoints.all.length === 0) return null
  const relays = (await findRelays(store, scope)).filter(({ accused }) => accused).map(({ host }) => host)
  const p2pHosts = [...new Set((await findPeers(store, scope)).map(({ host }) => host))]
  const facts = await measureGraph(store, scope, {
    members: group.hosts,
    services: endpoints.all,
    relays,
    p2pHosts,
  })
  return { members: group.hosts.length, facts }
}

const overlap = (a: readonly string[], b: readonly string[]) => a.filter((each) => b.includes(each)).length
