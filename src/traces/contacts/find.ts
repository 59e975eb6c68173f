/** Every contact of every host, most suspicious first. */

import { setImmediate } from 'node:timers/promises'
import { ownerOf, popularityOf, rentedOf } from '../../knowledge/index.ts'
import { allowNothing } from '../../model/allowlist.ts'
import type { Scope } from '../../model/networks.ts'
import type { Store } from '../../store/store.ts'
import { isUnder } from '../names.ts'
import { sharedServicesOf, usualAlikeness } from './company.ts'
import {
  alone,
  calledHosts,
  hostFacts,
  networkFacts,
  relayedBy,
  serviceKey,
  sharedUseOf,
  slotSecondsOf,
} from './facts.ts'
import {
  type ContactTrace,
  contactDefaults,
  contactsIn,
  dropContacts,
  type GatherContacts,
  gatherContacts,
  ownContact,
} from './gather.ts'
import { type ContactHistory, historiesOf } from './history.ts'
import { type ContactVerdict, type ContactWeights, fittedContacts, judgeContact } from './judge.ts'
import { bySuspicion, type Most, mostSuspicious, type Scored, shareOf } from './most-suspicious.ts'
import { poolsOf } from './pool.ts'
import { longestCall, shortestHold } from './presence.ts'
import type { Before, Situation } from './situation.ts'
import {
  type Fetched,
  fetchedPrograms,
  noWire,
  sharedTools,
  type WireFacts,
  type Wires,
  wireFacts,
} from './wire-facts.ts'

export interface Contact extends Omit<Scored, 'score'> {
  readonly verdict: ContactVerdict
  /** Since when the host has it; absent where too few days are kept to say. */
  readonly history?: ContactHistory
}

interface ContactOptions extends Partial<Omit<GatherContacts, 'analysis'>> {
  /** Names the working table. */
  readonly analysis: string
  readonly weights?: ContactWeights
  /** Contacts kept of one host, the most suspicious. */
  readonly mostOfHost?: number
  /** Score from which a contact is kept beyond the share that each host has in the list; 0 keeps all. */
  readonly telling?: number
  /** Ports that each host scans, such as `tcp/445`. */
  readonly scanned?: ScannedPorts
  /** Called when contacts are read and judged, hosts at a time; not if there is none. */
  readonly whenJudging?: () => void
}

/** Ports that each host scans, by the host. */
type ScannedPorts = ReadonlyMap<string, ReadonlySet<string>>

/** Answers of a server on a scanned port, up to which it is taken for one that the scan met. */
const answersToScans = 3

/**
 * Servers that answered a scan are not those that a bot reports to, but they look like a list of such. One to which it
 * holds a connection is not of them: bots that scan a port may have their C&C on it.
 */
const isScanned = (
  scanned: ScannedPorts,
  { client, name, proto, serverPort, answered, calls }: ContactTrace,
): boolean =>
  name === null &&
  answered <= answersToScans &&
  (scanned.get(client)?.has(`${proto}/${serverPort}`) ?? false) &&
  (calls.duration[longestCall(calls)] ?? 0) < shortestHold

/** Contacts kept of all hosts together: their calls are held in memory. */
const mostInAll = 2000

/** More than those, after which the least are let go: what is under them is not looked at any closer. */
const cutAfter = 500

/** One in a hundred such contacts was C&C where the weights were fitted. */
const tellingFrom = 0.01

/** The most suspicious contacts of each host over all scopes together, most suspicious first. */
export async function findContacts(
  store: Store,
  scope: Omit<Scope, 'epoch'>,
  {
    weights = fittedContacts,
    mostOfHost = 20,
    telling = tellingFrom,
    scanned = new Map(),
    whenJudging,
    ...given
  }: ContactOptions,
): Promise<Contact[]> {
  const options = { ...contactDefaults, ...given }
  const allowed = new Set((given.allow ?? allowNothing).names)
  const isAllowed = ({ name }: ContactTrace) => isUnder(name, allowed)
  let found: Scored[] = []
  const most: Most = { ofHost: mostOfHost, telling, least: 0 }
  try {
    for await (const contacts of judged(store, scope, { ...options, weights, isAllowed, most, scanned })) {
      whenJudging?.()
      found.push(...contacts)
      if (found.length < mostInAll + cutAfter) continue
      found = mostOf(found, mostOfHost)
      most.least = found[mostInAll - 1]?.score ?? 0
    }
  } finally {
    await dropContacts(store, options.analysis)
  }

  const kept = mostOf(found, mostOfHost)
  const histories = await historiesOf(
    store,
    kept.map(({ trace }) => trace),
    scope.to,
  )

  return kept.map(({ score: _, ...contact }) => {
    const history = histories.get(contact.trace)
    return {
      ...contact,
      verdict: judgeContact(contact.features, weights),
      ...(history ? { history } : {}),
    }
  })
}

/** The most suspicious, of one host and in all. */
const mostOf = (contacts: readonly Scored[], mostOfHost: number): Scored[] =>
  [...Map.groupBy(contacts, ({ trace }) => trace.client).values()]
    .flatMap((own) => own.sort(bySuspicion).slice(0, mostOfHost))
    .sort(bySuspicion)
    .slice(0, mostInAll)

/** Contacts that are judged at a time: what is known of each is several times what is read of it. */
const atOnce = 4096

interface JudgeOptions extends GatherContacts {
  readonly weights: ContactWeights
  readonly isAllowed: (trace: ContactTrace) => boolean
  readonly most: Most
  readonly scanned: ScannedPorts
}

/** The most suspicious contacts of one client after the other. */
async function* judged(
  store: Store,
  scope: Omit<Scope, 'epoch'>,
  { weights, isAllowed, most, scanned, ...options }: JudgeOptions,
): AsyncGenerator<readonly Scored[]> {
  const { chunks, ...reading } = await gatherContacts(store, scope, options)
  const network = await networkFacts(store, options.analysis)
  const called = await calledHosts(store, scope, options.analysis)
  const sharedUse = await sharedUseOf(store, options.analysis)
  const services = sharedServicesOf(sharedUse)
  const usuallyAlike = usualAlikeness(sharedUse)
  const slotSeconds = slotSecondsOf(network)
  const share = shareOf(network.hosts)
  const relayed = await relayedBy(store, options.analysis)
  const tools = await sharedTools(store, scope)
  const giveWay = createGiveWay()

  for (const chunk of chunks) {
    const hosts = await hostFacts(store, scope, chunk, { analysis: options.analysis, slotSeconds, relayed })
    const wires = await wireFacts(store, scope, chunk, tools)
    const fetched = Map.groupBy(await fetchedPrograms(store, scope, chunk), ({ client }) => client)
    const reader = contactsIn(store, chunk, { ...reading, ...options, slotSeconds })
    for await (const [client, own] of reader) {
      const host = hosts.get(client)
      if (!host) continue
      const owners = ownersOf(own)
      const before = beforeOf(own, fetched.get(client) ?? [])
      const met = own.filter((trace) => !isScanned(scanned, trace))
      const pools = poolsOf(met, { namedShare: network.namedShare, ports: host.ports })
      const situationOf = (trace: ContactTrace): Situation => ({
        network,
        host,
        wire: wireOf(trace, wires),
        sharedUse: sharedUse.get(serviceKey(trace)) ?? alone,
        services,
        slotSeconds,
        related: relatedOf(trace, owners),
        before,
        usuallyAlike,
        serverIsHost: called.has(trace.servers[0] ?? ''),
      })
      const all = [...met, ...pools].filter((trace) => isJudged(trace) && !isAllowed(trace))
      let best: Scored[] = []
      for (let from = 0; from < all.length; from += atOnce) {
        const some = all.slice(from, from + atOnce).map((trace) => ({ trace, situation: situationOf(trace) }))
        best = mostSuspicious(best, some, { weights, most, share })
      }
      yield best.map((contact) => ({ ...contact, trace: ownContact(contact.trace) }))
      await giveWay()
    }
  }
}

/** Lets what waits for the engine in this process go on, some hundred times a second. */
function createGiveWay(): () => Promise<void> {
  let since = performance.now()
  return async () => {
    if (performance.now() - since < 5) return
    await setImmediate()
    since = performance.now()
  }
}

/** Questions to resolvers are looked at by name elsewhere; what nobody inside answers is looking around. */
const isJudged = ({ serverPort, proto, via, answered }: ContactTrace): boolean =>
  !(serverPort === 53 && proto === 'udp') && !(via === 'inside' && answered === 0)

/** Owners of the named services of one host, with how many of all its services stand at each. */
function ownersOf(contacts: readonly ContactTrace[]): ReadonlyMap<string, number> {
  const services = new Set(contacts.map(({ name, servers }) => name ?? servers[0]))
  const named = new Map(contacts.flatMap(({ name, servers }) => (name ? [[name, servers[0]!] as const] : [])))
  const counts = new Map<string, number>()
  for (const server of named.values()) {
    const owner = ownerOf(server)?.owner
    if (owner !== undefined) counts.set(owner, (counts.get(owner) ?? 0) + 1 / services.size)
  }
  return counts
}

const relatedOf = ({ name, servers }: ContactTrace, owners: ReadonlyMap<string, number>): number =>
  name === null ? (owners.get(ownerOf(servers[0]!)?.owner ?? '') ?? 0) : 0

/** Programs that the host fetched from where nobody known gives them, and its questions for its own address. */
const beforeOf = (contacts: readonly ContactTrace[], fetched: readonly Fetched[]): Before => ({
  programs: fetched.filter(({ name }) => name === '' || popularityOf(name).rank === null).map(({ at }) => at),
  checks: contacts
    .filter(({ name }) => name !== null && rentedOf(name)?.kind === 'own-address')
    .flatMap(({ calls }) => [...calls.start])
    .sort((a, b) => a - b),
})

/** Servers of one contact whose TLS and HTTP are looked at. */
const mostWires = 16

function wireOf({ client, servers, serverPort, via, name }: ContactTrace, wires: Wires): WireFacts {
  if (via === 'proxy') return noWire
  const found = servers
    .slice(0, mostWires)
    .map((server) => wires.of(client, server, serverPort))
    .filter(({ handshakes, requests }) => handshakes + requests > 0)
  const sum = (of: (wire: WireFacts) => number) => found.reduce((total, each) => total + of(each), 0)
  const least = (of: (wire: WireFacts) => number) => {
    const known = found.map(of).filter((each) => each > 0)
    return known.length === 0 ? 0 : Math.min(...known)
  }
  if (found.length === 0) return noWire
  if (found.length === 1)
    return name === null || found[0]!.toAddress === 0 ? found[0]! : { ...found[0]!, toAddress: 0 }

  return {
    ...found[0]!,
    handshakes: sum(({ handshakes }) => handshakes),
    withoutName: sum(({ withoutName }) => withoutName),
    selfSigned: sum(({ selfSigned }) => selfSigned),
    printServers: least(({ printServers }) => printServers),
    printHosts: least(({ printHosts }) => printHosts),
    requests: sum(({ requests }) => requests),
    posts: sum(({ posts }) => posts),
    toAddress: name === null ? sum(({ toAddress }) => toAddress) : 0,
    agentServers: least(({ agentServers }) => agentServers),
    agentHosts: least(({ agentHosts }) => agentHosts),
    paths: sum(({ paths }) => paths),
    programs: sum(({ programs }) => programs),
    disguised: sum(({ disguised }) => disguised),
  }
}
