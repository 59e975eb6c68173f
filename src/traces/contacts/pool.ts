/**
 * Contacts that are one behind several: a server under names that change, and servers without names that a host
 * calls in turn. Each is put together from contacts of one host and judged beside them.
 */

import { popularityOf } from '../../knowledge/index.ts'
import type { Calls } from '../trace.ts'
import type { ContactTrace } from './gather.ts'
import { isThrownTogether } from './shown-names.ts'

interface PoolOptions {
  /** Share of web servers that records name: under a half, a server without a name means nothing. */
  readonly namedShare: number
  /** Ports over 1023 that the host uses outside: a client of peers has many. */
  readonly ports: number
}

/** Contacts that are put together, least. */
const leastMembers = 3
/** Ports of a host that exchanges with peers. */
const peerPorts = 20
const mostServers = 64

/** The pools of one host's contacts; the contacts themselves are not in it. */
export function poolsOf(contacts: readonly ContactTrace[], options: PoolOptions): ContactTrace[] {
  const outside = contacts.filter(({ via, proto }) => via === 'outside' && proto === 'tcp')
  return [...changingNames(outside), ...servesInTurn(outside, options)]
}

/** Share of made-up domains among those of one server, least: sites that share a machine have names of words. */
const leastMadeUp = 1 / 3

/** One address and port under many made-up names, as relays of Tor are called: another for each connection. */
function changingNames(contacts: readonly ContactTrace[]): ContactTrace[] {
  const named = contacts.filter(
    ({ name, addresses }) => name !== null && addresses === 1 && popularityOf(name).rank === null,
  )
  const byServer = Map.groupBy(named, ({ servers, serverPort }) => `${servers[0]} ${serverPort}`)
  return [...byServer.values()].flatMap((all) => {
    const domains = new Set(all.map(({ name }) => popularityOf(name!).domain))
    const madeUp = [...domains].filter((domain) => isThrownTogether(domain ?? '')).length
    const used = all.reduce((sum, { connections }) => sum + connections, 0)
    return domains.size >= leastMembers && madeUp >= leastMadeUp * domains.size && used <= 3 * domains.size
      ? [joined(all, all[0]!.serverPort)]
      : []
  })
}

/** Servers without names on one port, and on all ports where there are several. */
function servesInTurn(contacts: readonly ContactTrace[], { namedShare, ports }: PoolOptions): ContactTrace[] {
  if (namedShare < 0.5 || ports > peerPorts) return []
  const nameless = contacts.filter(
    ({ name, answered, midstream, connections }) => name === null && answered > 0 && midstream < connections,
  )
  const byPort = [...Map.groupBy(nameless, ({ serverPort }) => serverPort)]
  const pools = byPort.flatMap(([port, all]) => (all.length >= leastMembers ? [joined(all, port)] : []))
  const busiest = nameless.toSorted((a, b) => b.connections - a.connections)[0]
  return byPort.length > 1 && nameless.length >= leastMembers
    ? [...pools, joined(nameless, busiest!.serverPort)]
    : pools
}

/** One contact of all, the servers that were called most first. */
function joined(contacts: readonly ContactTrace[], serverPort: number): ContactTrace {
  const most = contacts.toSorted(
    (a, b) => b.connections - a.connections || (a.servers[0]! < b.servers[0]! ? -1 : 1),
  )
  const [first] = most
  const sum = (of: (contact: ContactTrace) => number) => contacts.reduce((total, each) => total + of(each), 0)
  const servers = [...new Set(most.flatMap((each) => each.servers))]
  const portOf = new Map(most.toReversed().flatMap((each) => each.servers.map((s) => [s, each.serverPort])))
  const ports = servers.slice(0, mostServers).map((server) => portOf.get(server)!)

  return {
    ...first!,
    servers: servers.slice(0, mostServers),
    ...(ports.some((port) => port !== serverPort) ? { ports } : {}),
    addresses: servers.length,
    serverPort,
    name: null,
    by: servers.length > 1 ? 'moves' : 'address',
    connections: sum(({ connections }) => connections),
    answered: sum(({ answered }) => answered),
    stitched: sum(({ stitched }) => stitched),
    failed: sum(({ failed }) => failed),
    midstream: sum(({ midstream }) => midstream),
    firstStart: contacts.reduce(
      (least, { firstStart }) => (firstStart < least ? firstStart : least),
      first!.firstStart,
    ),
    lastEnd: contacts.reduce((last, { lastEnd }) => (lastEnd > last ? lastEnd : last), first!.lastEnd),
    calls: callsOf(contacts.map(({ calls }) => calls)),
    begun: [...new Set(contacts.flatMap(({ begun }) => begun))],
    flows: most.flatMap(({ flows }) => flows).slice(0, 10),
  }
}

/** All calls in the order of time. */
function callsOf(parts: readonly Calls[]): Calls {
  const rows = parts
    .flatMap((part) => [...part.start].map((at, i) => ({ at, part, i })))
    .sort((a, b) => a.at - b.at)
  const column = (name: keyof Calls) => Float64Array.from(rows, ({ part, i }) => part[name][i]!)
  return {
    start: column('start'),
    duration: column('duration'),
    sent: column('sent'),
    received: column('received'),
    bytes: column('bytes'),
    packets: column('packets'),
  }
}
