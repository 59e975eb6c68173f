/**
 * What the records say around a contact: the hosts themselves, and who else in the network meets the same service and
 * how. A statement a question, over one chunk of clients or over the whole.
 */
import type { Scope } from '../../model/networks.ts'
import type { Query } from '../../model/query.ts'
import { inside } from '../../store/networks.ts'
import { addressText, integers, raw, sql } from '../../store/sql.ts'
import type { Store } from '../../store/store.ts'
import { type Chunk, inChunk } from './connections.ts'
import { connectionTable } from './gather.ts'
import { filePorts } from './ports.ts'

/** The network as a whole. */
export interface NetworkFacts {
  /** Internal hosts with a contact outside. */
  readonly hosts: number
  /** Share of connections outside to the web's ports whose server has a name; 0 without records of names. */
  readonly namedShare: number
  /** Share of answered connections outside to the web's ports whose protocol the records tell. */
  readonly knownShare: number
  /** Different minutes in which any host had a contact. */
  readonly minutes: number
  /** Microseconds: first start and last end of any connection. */
  readonly first: number
  readonly last: number
}

/** One internal host. */
export interface HostFacts {
  /** Microseconds; first start and last end of anything it did. */
  readonly first: number
  readonly last: number
  /** Numbers of the slots of `slotSeconds` in which it did anything, ascending. */
  readonly slots: readonly number[]
  /** Services that it met outside, by name or address; those without a name; ports over 1023 among them. */
  readonly contacts: number
  readonly nameless: number
  readonly ports: number
  /** Addresses without a name that it met in vain, and addresses that answered. */
  readonly deadAddresses: number
  readonly answered: number
  /** Of servers on the web's ports that answered, the share with a name. */
  readonly namedWeb: number
  /** Servers outside that took files or mail from it. */
  readonly handedTo: number
  /** Requests for which it was the proxy. */
  readonly relayed: number
}

/** One host's use of a service that others use too. */
export interface Caller {
  readonly client: string
  readonly calls: number
  /** Median bytes of a call each way; NaN where the input does not say. */
  readonly sent: number
  readonly received: number
  /** Seconds between two calls, the mean. */
  readonly interval: number
}

export async function networkFacts(store: Store, analysis: string): Promise<NetworkFacts> {
  const [row] = await store.rows<NetworkFacts>(sql`
    SELECT toFloat64(uniqExactIf(client, via != 'inside')) AS hosts,
      ifNotFinite(countIf(name != '' AND serverPort IN (80, 443) AND answered) / countIf(serverPort IN (80,
        443) AND answered), 0) AS namedShare,
      ifNotFinite(countIf(service != '' AND serverPort IN (80, 443) AND proto = 'tcp' AND answered
        AND via = 'outside') / countIf(serverPort IN (80, 443) AND proto = 'tcp' AND answered
          AND via = 'outside'), 0) AS knownShare,
      toFloat64(uniq(intDiv(start, 60000000))) AS minutes, toFloat64(min(start)) AS first, toFloat64(max(end)) AS last
    FROM ${connectionTable(analysis)}`)
  return row ?? { hosts: 0, namedShare: 0, knownShare: 0, minutes: 0, first: 0, last: 0 }
}

/** Seconds: some hundred slots over the time in which there was traffic, from ten seconds to an hour. */
export const slotSecondsOf = ({ minutes }: Pick<NetworkFacts, 'minutes'>): number =>
  Math.min(3600, Math.max(10, Math.round(minutes / 5)))

interface HostQuestion {
  readonly analysis: string
  readonly slotSeconds: number
  /** Requests for which each host was the proxy. */
  readonly relayed: ReadonlyMap<string, number>
}

/** Requests for which each internal host was the proxy; absent where it was none. */
export async function relayedBy(store: Store, analysis: string): Promise<ReadonlyMap<string, number>> {
  const rows = await store.rows<{ proxy: string; relayed: number }>(sql`
    SELECT ${addressText('server')} AS proxy, toFloat64(count()) AS relayed
    FROM ${connectionTable(analysis)} WHERE via = 'proxy' GROUP BY server`)
  return new Map(rows.map(({ proxy, relayed }) => [proxy, relayed]))
}

/** Internal hosts of one chunk of clients, by address. */
export async function hostFacts(
  store: Store,
  scope: Omit<Scope, 'epoch'>,
  chunk: Chunk,
  { analysis, slotSeconds, relayed }: HostQuestion,
): Promise<ReadonlyMap<string, HostFacts>> {
  const rows = await store.rows<Omit<HostFacts, 'relayed'> & { client: string }>(sql`
    SELECT ${addressText('f.client')} AS client, toFloat64(f.began) AS first, toFloat64(f.ended) AS last,
      arrayMap(s -> toFloat64(s), f.slots) AS slots,
      toFloat64(c.contacts) AS contacts, toFloat64(c.nameless) AS nameless, toFloat64(c.ports) AS ports,
      toFloat64(c.deadAddresses) AS deadAddresses, toFloat64(c.replied) AS answered,
      toFloat64(c.handedTo) AS handedTo,
      ifNotFinite(c.webNames / c.webServers, 1) AS namedWeb
    FROM (
      SELECT client, min(at) AS began, max(at + took) AS ended,
        arraySlice(arraySort(groupUniqArray(intDiv(at, ${Math.round(slotSeconds * 1e6)}))), 1, 4096) AS slots
      FROM (
        SELECT client, start AS at, duration AS took FROM flow WHERE start >= ${scope.from} AND start < ${scope.to}
        UNION ALL SELECT client, start AS at, end - start AS took FROM ${connectionTable(analysis)})
      WHERE ${inside('client', scope.internal)} AND ${inChunk(chunk)}
      GROUP BY client) AS f
    LEFT ANY JOIN (
      SELECT client, uniqExact(if(name = '', toString(server), name)) AS contacts,
        uniqExactIf(server, name = '') AS nameless, uniqExactIf(serverPort, serverPort > 1023) AS ports,
        uniqExactIf(server, failed AND name = '') AS deadAddresses, uniqExactIf(server, answered) AS replied,
        uniqExactIf(server, answered AND serverPort IN (${integers([...filePorts])})) AS handedTo,
        uniqExactIf(server, answered AND serverPort IN (80, 443)) AS webServers,
        uniqExactIf(server, answered AND serverPort IN (80, 443) AND name != '') AS webNames
      FROM ${connectionTable(analysis)} WHERE via != 'inside'
        AND ${inChunk(chunk)} GROUP BY client) AS c ON f.client = c.client`)

  return new Map(
    rows.map(({ client, ...facts }) => [client, { ...facts, relayed: relayed.get(client) ?? 0 }]),
  )
}

/** Internal hosts with contacts outside that others of them call. */
export async function calledHosts(
  store: Store,
  { internal }: Pick<Scope, 'internal'>,
  analysis: string,
): Promise<ReadonlySet<string>> {
  const rows = await store.rows<{ host: string }>(sql`
    SELECT DISTINCT ${addressText('client')} AS host FROM ${connectionTable(analysis)}
    WHERE via != 'inside' AND ${inside('client', internal)}
      AND client IN (SELECT server FROM ${connectionTable(analysis)})`)
  return new Set(rows.map(({ host }) => host))
}

/** Who calls one service. */
export interface SharedUse {
  readonly hosts: number
  /** Calls of a caller, the middle case. */
  readonly usual: number
  /** Each of them, where there are few. */
  readonly callers: readonly Caller[]
}

export const alone: SharedUse = { hosts: 1, usual: 0, callers: [] }

/** Callers of one service that are looked at one by one. */
const mostCallers = 30

/** The service of a connection as text: its name, or address and port. */
const keyOf = sql`if(name = '', concat(${addressText('server')}, ' ', toString(serverPort), '/', proto), name)`

/** Connections to services outside, less those that a proxy makes for its clients. */
const outside = (analysis: string): Query => sql`
  SELECT * FROM ${connectionTable(analysis)}
  WHERE via != 'inside' AND client NOT IN (SELECT server FROM ${connectionTable(analysis)} WHERE via = 'proxy')`

/** (key, hosts, usual) of services that more than one host calls. */
const shared = (analysis: string): Query => sql`
  SELECT key, toFloat64(count()) AS hosts, quantileExactLow(0.5)(calls) AS usual FROM (
    SELECT client, ${keyOf} AS key, toFloat64(count()) AS calls FROM (${outside(analysis)}) GROUP BY client, key)
  GROUP BY key HAVING count() > 1`

/** Of each service that more than one host calls: who calls it, and how. By name, or by address and port. */
export async function sharedUseOf(store: Store, analysis: string): Promise<ReadonlyMap<string, SharedUse>> {
  const counted = await store.rows<{ key: string; hosts: number; usual: number }>(shared(analysis))

  if (counted.length === 0) return new Map()

  const detailed = await store.rows<{
    key: string
    callers: readonly (readonly [string, number, number, number, number])[]
  }>(sql`
    SELECT key, groupArraySorted(${raw(String(mostCallers))})((client, calls, sent, received, interval)) AS callers
    FROM (
      SELECT ${addressText('client')} AS client, ${keyOf} AS key, toFloat64(count()) AS calls,
        quantileExactLow(0.5)(o.sent) AS sent, quantileExactLow(0.5)(o.received) AS received,
        (max(start) - min(start)) / 1e6 / greatest(1, count() - 1) AS interval
      FROM (${outside(analysis)}) AS o
      WHERE key IN (SELECT key FROM (${shared(analysis)}) WHERE hosts <= ${mostCallers})
      GROUP BY client, key)
    GROUP BY key`)

  const callers = new Map(detailed.map((row) => [row.key, row.callers.map(callerOf)]))

  return new Map(
    counted.map(({ key, hosts, usual }) => [key, { hosts, usual, callers: callers.get(key) ?? [] }]),
  )
}

const callerOf = ([client, calls, sent, received, interval]: readonly [
  string,
  number,
  number,
  number,
  number,
]): Caller => ({ client, calls, sent, received, interval })

export const serviceKey = (contact: {
  readonly name: string | null
  readonly servers: readonly string[]
  readonly serverPort: number
  readonly proto: string
}): string => contact.name ?? `${contact.servers[0]} ${contact.serverPort}/${contact.proto}`
