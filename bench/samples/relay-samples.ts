/**
 * Scores of hosts that pass on and of those that do not: simulated proxies and relays, clean campuses, real
 * captures.
 */

import { seeded } from '../../src/math/random.ts'
import type { Scope } from '../../src/model/networks.ts'
import { behaviours } from '../../src/simulate/behaviours/index.ts'
import type { Episode, Exchange } from '../../src/simulate/exchange.ts'
import { passOn, proxyPlan } from '../../src/simulate/families/proxies.ts'
import { made } from '../../src/simulate/families/topologies.ts'
import { actorOf, type Host, type Network } from '../../src/simulate/network.ts'
import { buildOutside } from '../../src/simulate/outside.ts'
import { recordsOf } from '../../src/simulate/records.ts'
import { inOrder } from '../../src/simulate/timeline.ts'
import { parseNetworks } from '../../src/store/networks.ts'
import { findRelays, type Relay } from '../../src/structures/relays.ts'
import { holdExchanges } from './made-flows.ts'
import { ofEveryEpoch, withStore } from './own-store.ts'

export interface RelaySample {
  readonly what: 'proxy' | 'repeater' | 'benign'
  readonly host: string
  /** 0 where the host was not even a candidate. */
  readonly score: number
  readonly accused: boolean
}

/** Twelve proxies and the repeaters of one hierarchy, among hosts that browse; each proxy's host browses too. */
export async function simulatedRelays(seed: number): Promise<RelaySample[]> {
  const random = seeded(`relays ${seed}`)
  const length = 10 * 3600
  const on = [{ from: 0, to: length }]
  const hosts = Array.from(
    { length: 44 },
    (_, i): Host => ({ address: `10.20.1.${10 + i}`, role: 'staff', system: 'windows', on, used: on }),
  )
  const network: Network = {
    from: Date.UTC(2024, 2, 12, 8) * 1000,
    length,
    internal: ['10.20.0.0/16'],
    weekday: 2,
    domain: 'campus.example',
    hosts,
    outside: buildOutside(random.split('outside')),
    hostsOf: () => hosts,
  }
  const bot = (host: Host, name: string, index: number) => ({
    ...actorOf(network, host, random.split(`${name} ${index}`), name),
    index,
    since: 0,
  })
  const sources: Iterable<Episode>[] = []
  const proxies = hosts.slice(0, 12)
  for (const [i, host] of proxies.entries())
    sources.push(passOn(bot(host, 'proxy', i), proxyPlan(network, random.split(`plan ${i}`))))
  const members = hosts.slice(12, 36)
  const botnet = made('hierarchical', 'repeaters', {
    network,
    random: random.split('repeaters'),
    members: { inside: members.map(({ address }) => address), total: 120 },
  })
  for (const [i, host] of members.entries())
    for (const [name, process] of Object.entries(botnet.processes)) sources.push(process(bot(host, name, i)))
  const browse = behaviours.find(({ name }) => name === 'browse')!
  for (const host of [...proxies.slice(0, 6), ...hosts.slice(36)])
    sources.push(browse.run(actorOf(network, host, random.split(`browse ${host.address}`)), browse.defaults))
  const scope = scopeOf(network)
  const found = await withStore(async (store) => {
    await holdExchanges(store, inOrder(sources, { ...scope, order: 'by-start' }))
    return findRelays(store, scope)
  })
  const relays = new Set(botnet.relays)
  const what = ({ address }: Host): RelaySample['what'] =>
    proxies.some((each) => each.address === address) ? 'proxy' : relays.has(address) ? 'repeater' : 'benign'
  return hosts.map((host) => ({ what: what(host), host: host.address, ...bestOf(found, host.address) }))
}

const scopeOf = ({ from, length, internal }: Network): Scope => ({
  epoch: 0,
  from,
  to: from + length * 1e6,
  internal: parseNetworks(internal),
})

function bestOf(found: readonly Relay[], host: string): Pick<RelaySample, 'score' | 'accused'> {
  const best =
    found.find((each) => each.host === host && each.accused) ?? found.find((each) => each.host === host)
  return { score: best?.score ?? 0, accused: best?.accused ?? false }
}

/** Candidates of a campus day without bots, with its mail, web, VPN and proxy servers. */
export async function cleanCampusRelays(seed: number): Promise<Relay[]> {
  const { records, truth } = recordsOf('campus-day', seed, { bots: false, order: 'by-start' })
  return withStore(async (store) => {
    await holdExchanges(store, records as Iterable<Exchange>)
    return findRelays(store, {
      epoch: 0,
      from: truth.from,
      to: truth.to,
      internal: parseNetworks(truth.internal),
    })
  })
}

/** Candidates of a real capture. */
export const realRelays = (path: string, internal: readonly string[]): Promise<Relay[]> =>
  ofEveryEpoch(path, internal, findRelays)
