/**
 * Hosts that call one service days or weeks apart, over all the time that aggregates are kept. An analysis of a day
 * sees one of these calls or none, so nothing here reads flows.
 */
import { ownerOf, popularityOf, rentedOf, serviceOf } from '../../knowledge/index.ts'
import { type Allowlist, allowNothing } from '../../model/allowlist.ts'
import type { Scope } from '../../model/networks.ts'
import { haveDays, hostsSeen, type Seen } from '../../store/aggregates/seen.ts'
import { inside } from '../../store/networks.ts'
import type { Store } from '../../store/store.ts'
import { historyFrom } from '../contacts/history.ts'
import { isUsualPort } from '../contacts/ports.ts'
import { isUnder } from '../names.ts'
import { callersOf, hostsKept, namesBeside, namesInRecords, serversBeside, sizesOf } from './company.ts'
import { judgeSlow, type SlowFigures, type SlowVerdict } from './judge.ts'
import { isKept, type Timing, timingOf } from './timing.ts'
import { hoursPresent, isOfHours, slow, slowNames, slowServices } from './visits.ts'

interface SlowTrace {
  readonly client: string
  /** null where none was looked up with the visits. */
  readonly name: string | null
  /** The one that was visited most first; at most 20. */
  readonly servers: readonly string[]
  readonly serverPort: number
  readonly proto: string
  /** Beginnings of the visits, in seconds since 1970, ascending. */
  readonly visits: readonly number[]
  readonly timing: Timing
  /** Whether the visits are those to the name or those to the server's address. */
  readonly by: 'name' | 'address'
}

export interface SlowContact {
  readonly trace: SlowTrace
  readonly figures: SlowFigures
  readonly verdict: SlowVerdict
}

/** Decades from which the context of a rhythm is looked up. */
const worth = 3

/** Rhythms that are looked up; the surest first. */
const most = 1000

/** Servers of one name that are kept. */
const mostServers = 20

/**
 * Of the visits, how many a name or a server must have been beside, and of its hours, how many must be visits.
 * Servers of a name are looked for until this share of all visits has one.
 */
const beside = { ofVisits: 0.6, ofHours: 0.5, ofAll: 0.9 } as const

type Visited = Pick<SlowTrace, 'client' | 'visits'>

interface Rhythm extends Visited {
  readonly timing: Timing
}

/** Slow contacts of all hosts, most suspicious first. */
export async function findSlow(
  store: Store,
  scope: Omit<Scope, 'epoch'>,
  { allow = allowNothing }: { readonly allow?: Pick<Allowlist, 'names'> } = {},
): Promise<SlowContact[]> {
  if (!(await haveDays(store, slow.leastVisits))) return []
  const over = { internal: scope.internal, until: scope.to }

  const names = await slowNames(store, over)
  const services = await slowServices(store, over)
  const { named, unnamed } = await rhythmsIn(store, { names, services, until: over.until })
  const traces = distinct([...(await servedOf(store, named)), ...(await calledOf(store, unnamed))])
  const allowed = new Set(allow.names)
  const judgedTraces = traces.filter(({ name }) => !isUnder(name, allowed))
  if (judgedTraces.length === 0) return []

  const figures = await figuresOf(store, judgedTraces, scope)
  return judgedTraces
    .map((trace, i) => ({ trace, figures: figures[i]!, verdict: judgeSlow(figures[i]!) }))
    .sort((a, b) => b.verdict.score - a.verdict.score || (keyOf(a.trace) < keyOf(b.trace) ? -1 : 1))
}

/** Hosts whose hours are in memory at once: a year of each is 9,000 numbers. */
const hostsAtOnce = 200

/** Rhythms of visits to names and to services, the surest of either. */
async function rhythmsIn<N extends Visited, S extends Visited>(
  store: Store,
  { names, services, until }: { names: readonly N[]; services: readonly S[]; until: number },
): Promise<{ named: (N & Rhythm)[]; unnamed: (S & Rhythm)[] }> {
  const namesOf = Map.groupBy(names, ({ client }) => client)
  const servicesOf = Map.groupBy(services, ({ client }) => client)
  const clients = [...new Set([...namesOf.keys(), ...servicesOf.keys()])]
  const [named, unnamed]: [(N & Rhythm)[], (S & Rhythm)[]] = [[], []]

  for (let i = 0; i < clients.length; i += hostsAtOnce) {
    const some = clients.slice(i, i + hostsAtOnce)
    const present = await hoursPresent(store, some, until)
    for (const client of some) {
      named.push(...ofOneClient(namesOf.get(client) ?? [], present.get(client)))
      unnamed.push(...ofOneClient(servicesOf.get(client) ?? [], present.get(client)))
    }
  }
  return { named: surest(named), unnamed: surest(unnamed) }
}

const surest = <T extends Rhythm>(found: readonly T[]): T[] =>
  found.toSorted((a, b) => b.timing.decades - a.timing.decades).slice(0, most)

/** Rhythms among the places that one client visits, each judged among those of its own pace. */
function ofOneClient<T extends { readonly visits: readonly number[] }>(
  own: readonly T[],
  present: ReadonlySet<number> | undefined,
): (T & { readonly timing: Timing })[] {
  const timed = own.flatMap((row) => {
    const timing = timingOf(row.visits, present)
    return timing ? [{ ...row, timing }] : []
  })
  const paces = Map.groupBy(timed, ({ timing }) => isOfHours(timing))

  return timed.flatMap((row) => {
    // Among many places that a host visits a few times, such as its peers, some are regular by chance.
    const decades = row.timing.decades - Math.log10(paces.get(isOfHours(row.timing))!.length)
    return isKept(row.timing) && decades >= worth ? [{ ...row, timing: { ...row.timing, decades } }] : []
  })
}

/** Names with the servers outside that were called as they were looked up; of others nothing is known. */
async function servedOf(
  store: Store,
  rhythms: readonly (Rhythm & { readonly name: string })[],
): Promise<SlowTrace[]> {
  const rows = Map.groupBy(await serversBeside(store, rhythms), ({ number }) => number)

  return rhythms.flatMap(({ client, name, visits, timing }, number) => {
    const own = (rows.get(number) ?? []).filter(
      ({ times, hours, what }) => times >= beside.ofHours * hours && !isMail(what),
    )
    const services = Map.groupBy(own, ({ what }) => `${what.port} ${what.proto}`)
    const total = (each: typeof own) => each.reduce((sum, { times }) => sum + times, 0)
    const [best] = [...services.values()].sort((a, b) => total(b) - total(a))
    if (!best || total(best) < beside.ofVisits * visits.length) return []
    const { port, proto } = best[0]!.what
    const servers = accountingFor(best, visits.length)
    return [{ client, name, servers, serverPort: port, proto, visits, timing, by: 'name' as const }]
  })
}

/** Servers, the most visited first, until nearly all visits have one: others were called beside one by chance. */
function accountingFor(
  own: readonly { readonly times: number; readonly what: { readonly server: string } }[],
  visits: number,
): string[] {
  const servers: string[] = []
  let withOne = 0
  for (const { times, what } of own.slice(0, mostServers)) {
    if (withOne >= beside.ofAll * visits) break
    servers.push(what.server)
    withOne += times
  }
  return servers
}

/** Mail that is delivered, as the visits by address leave it out. */
const isMail = ({ port, proto }: { readonly port: number; readonly proto: string }): boolean =>
  port === 25 && proto === 'tcp'

/** Servers with the name that was looked up as they were called, where one was. */
async function calledOf(
  store: Store,
  rhythms: readonly (Rhythm & {
    readonly server: string
    readonly serverPort: number
    readonly proto: string
  })[],
): Promise<SlowTrace[]> {
  const rows = Map.groupBy(await namesBeside(store, rhythms), ({ number }) => number)

  return rhythms.map(({ client, server, serverPort, proto, visits, timing }, number) => {
    const name = (rows.get(number) ?? []).find(
      ({ times, hours }) => times >= beside.ofVisits * visits.length && times >= beside.ofHours * hours,
    )?.what
    return {
      client,
      name: name ?? null,
      servers: [server],
      serverPort,
      proto,
      visits,
      timing,
      by: 'address' as const,
    }
  })
}

const keyOf = ({ client, name, servers, serverPort, proto }: SlowTrace): string =>
  `${client} ${name ?? servers[0]} ${serverPort} ${proto}`

/** One trace of each service; names come first, and a server that one of them has is not said again. */
function distinct(traces: readonly SlowTrace[]): SlowTrace[] {
  const known = new Set<string>()
  return traces.filter((trace) => {
    const keys = [
      keyOf(trace),
      ...trace.servers.map((server) => `${trace.client} ${server} ${trace.serverPort} ${trace.proto}`),
    ]
    const isNew = keys.every((key) => !known.has(key))
    for (const key of keys) known.add(key)
    return isNew
  })
}

/** Share of the visits beside a look-up of one name under which none is taken to be about them. */
const lookedUp = 0.34

async function figuresOf(
  store: Store,
  traces: readonly SlowTrace[],
  scope: Omit<Scope, 'epoch'>,
): Promise<SlowFigures[]> {
  const servers = [...new Set(traces.flatMap((trace) => trace.servers))]
  const hosts = [...new Set(traces.map(({ client }) => client))]
  const names = traces.flatMap(({ name }) => name ?? [])
  const seen = { hosts, until: scope.to }

  const byFlows = await hostsSeen(store, 'service_hour', seen)
  const byNames = await hostsSeen(store, 'name_hour', seen)
  const callers = await callersOf(store, { servers, names })
  const ofHosts = await hostsKept(store, inside('client', scope.internal))
  const sizes = await sizesOf(store, traces)
  const recorded = await namesInRecords(store, servers, scope)
  const beside = Map.groupBy(await namesBeside(store, traces), ({ number }) => number)

  return traces.map((trace, number) => {
    const { client, name, serverPort, proto, visits, timing } = trace
    const own = trace.servers.map((server) => `${server} ${serverPort} ${proto}`)
    const totals = own.flatMap((key) => sizes.get(`${client} ${key}`) ?? [])
    const sum = (of: 'flows' | 'answered' | 'bytes' | 'sent') =>
      totals.reduce((total, each) => total + each[of], 0)
    const called = name ?? recorded.get(trace.servers[0]!) ?? null
    const owner = ownerOf(trace.servers[0]!)
    const withName = Math.max(0, ...(beside.get(number) ?? []).map(({ times }) => times))
    const namesKept = (byNames.get(client)?.days.length ?? 0) >= 0.5 * (byFlows.get(client)?.days.length ?? 0)
    const history = historyFrom(trace.by, [seenIn(visits)], byFlows.get(client))

    return {
      timing,
      callers: Math.max(callers.get(name ?? '') ?? 0, ...own.map((key) => callers.get(key) ?? 0)),
      ofHosts,
      nameless: called === null && namesKept && withName < lookedUp * visits.length,
      popularity: called === null ? null : popularityOf(called),
      service: serviceOf({
        name: called,
        address: trace.servers[0]!,
        port: serverPort,
        proto,
        owner: owner?.owner ?? null,
      }),
      owner,
      rented: called === null ? null : rentedOf(called),
      commonPort: isUsualPort(serverPort),
      bytes: sum('bytes') / visits.length,
      sent: sum('sent') / visits.length,
      answered: sum('answered') > sum('flows') / 2,
      ...(history ? { history } : {}),
    }
  })
}

const secondsOfDay = 86_400

const seenIn = (visits: readonly number[]): Seen => ({
  first: visits[0]! * 1e6,
  days: [...new Set(visits.map((at) => Math.floor(at / secondsOfDay)))],
})
