/**
 * Flows to traces, in the engine.
 *
 * Records that an exporter cut at a time-out are joined first: a 3600-s split must not become a beat (see
 * docs/method/beacons.md). Work and memory are bounded by traces, not by flows: short traces are dropped in the
 * engine, a long one is kept to a cap, and the traces come in chunks by a hash of their key.
 */

import { type Allowlist, allowNothing } from '../model/allowlist.ts'
import type { Scope } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import { micros } from '../model/units.ts'
import { inside, isInternalHost, isSpecial, outside } from '../store/networks.ts'
import { addressText, raw, sql } from '../store/sql.ts'
import type { ResultCells, Store } from '../store/store.ts'
import { fiveTuple } from '../store/tables/five-tuple.ts'
import { hasRows } from '../store/tables/has-rows.ts'
import { flowNames, serverNames } from './names.ts'
import { ownCalls, readersOf } from './result-columns.ts'
import type { Trace } from './trace.ts'

export interface GatherOptions {
  /** A trace with fewer connections is left out, unless one of them is long. At least 1. */
  readonly minCalls: number
  /** Seconds from which a single connection is worth a trace of its own. */
  readonly longSeconds: number
  /** Connections kept of one trace. */
  readonly cap: number
  /** Flows to a chunk, about. */
  readonly chunkFlows: number
  /** Also between internal hosts. */
  readonly withInternal: boolean
  /** Servers that a person trusts; their traces are left out, but they still count in the population. */
  readonly allow: Allowlist
}

export const gatherDefaults: GatherOptions = {
  minCalls: 4,
  longSeconds: 30,
  cap: 8192,
  chunkFlows: 2_000_000,
  withInternal: false,
  allow: allowNothing,
}

/** The stretch that all scopes cover together; the internal networks of the first. */
export function unionOf(scopes: readonly Scope[]): Scope {
  const [first] = scopes
  if (!first) throw new RangeError('no scope')
  return {
    ...first,
    from: Math.min(...scopes.map(({ from }) => from)),
    to: Math.max(...scopes.map(({ to }) => to)),
  }
}

/** SQL that is true of a flow from an internal client to a host outside, inside the scope's time. */
export const outbound = (scope: Scope, withInternal: boolean): Query => sql`
  start >= ${scope.from} AND start < ${scope.to} AND proto IN ('tcp', 'udp')
  AND ${isInternalHost('client', scope.internal)}
  AND ${withInternal ? sql`NOT ${isSpecial('server', scope.internal)}` : outside('server', scope.internal)}`

/** Traces by address, then traces by name, chunk by chunk; in a chunk by client, server, port, protocol. */
export async function* tracesIn(
  store: Store,
  scope: Scope,
  options: Partial<GatherOptions> = {},
): AsyncGenerator<readonly Trace[]> {
  const all = { ...gatherDefaults, ...options }
  const { withInternal } = all
  const [size] = await store.rows<{ flows: number }>(
    sql`SELECT count() AS flows FROM flow WHERE ${outbound(scope, withInternal)}`,
  )
  const chunks = Math.max(1, Math.ceil((size?.flows ?? 0) / all.chunkFlows))
  const named = await store.rows(sql`SELECT 1 AS yes FROM ${serverNames} LIMIT 1`)

  for (const by of named.length > 0 ? (['address', 'name'] as const) : (['address'] as const)) {
    for (let chunk = 0; chunk < chunks; chunk++) {
      const where = sql`${outbound(scope, withInternal)} AND ${hashOf(by)} % ${chunks} = ${chunk}
        AND NOT ${inside('server', all.allow.networks)}`
      yield tracesOf(await store.cells(groupedBy(by, where, all)), by)
    }
  }
}

/** Whether any internal client met a host outside. */
export const goesOutside = (store: Store, scope: Scope): Promise<boolean> =>
  hasRows(store, sql`SELECT 1 AS yes FROM flow WHERE ${outbound(scope, false)} LIMIT 1`)

/** What records alone join. */
type Gathered = Exclude<Trace['by'], 'moves'>

const hashOf = (by: Gathered): Query =>
  raw(by === 'address' ? 'cityHash64(client, server, serverPort, proto)' : 'cityHash64(client)')

/**
 * Seconds within which a record goes on with the one before it on the same five-tuple. TCP that opens anew does
 * not go on, save a SYN sent again to a host that is silent; TCP without a SYN does, as long as it was idle for
 * less than an hour; others within 30 s, under every exporter's idle time-out.
 */
export const goesOnWithin = `multiIf(
  proto = 'tcp' AND outcome IN ('unanswered', 'refused'), 30,
  proto != 'tcp', 30,
  state IN ('S0', 'S1', 'S2', 'S3', 'SF', 'REJ', 'RSTO', 'RSTR', 'RSTOS0', 'SH'), 0,
  state IN ('OTH', 'RSTRH', 'SHR'), 3600,
  position(state, '_') > 0, if(position(splitByChar('_', toString(state))[1], 'S') > 0, 0, 3600),
  120)`

/** Records with the number of the conversation, on their five-tuple, that each belongs to. */
const pieces = (where: Query, by: Gathered): Query => sql`
  SELECT *, sum(opens) OVER (
    PARTITION BY ${fiveTuple} ORDER BY start, id
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS conversation
  FROM (
    SELECT id, client, server, serverPort, proto, clientPort, start, duration, outcome,
      ${raw(by === 'name' ? 'name' : "''")} AS calledName,
      ifNull(toFloat64(clientBytes), ifNull(toFloat64(bytes - serverBytes), nan)) AS sent,
      ifNull(toFloat64(serverBytes), ifNull(toFloat64(bytes - clientBytes), nan)) AS received,
      ifNull(toFloat64(bytes), ifNull(toFloat64(clientBytes + serverBytes), nan)) AS bothBytes,
      ifNull(toFloat64(packets), ifNull(toFloat64(clientPackets + serverPackets), nan)) AS bothPackets,
      max(start + duration) OVER before AS heldUntil, count() OVER before AS earlier,
      ${raw(goesOnWithin)} AS within, proto = 'tcp' AND within = 3600 AS continues,
      earlier = 0 OR start - heldUntil > 1000000 * within AS opens
    FROM ${by === 'name' ? flowNames(where) : sql`(SELECT * FROM flow WHERE ${where})`}
    WINDOW before AS (
      PARTITION BY ${fiveTuple} ORDER BY start, id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))`

const connections = (where: Query, by: Gathered): Query => sql`
  SELECT client, server, serverPort, proto, min(p.start) AS start, max(p.start + duration) AS end,
    sum(sent) AS sent, sum(received) AS received,
    sum(bothBytes) AS bothBytes, sum(bothPackets) AS bothPackets,
    countIf(outcome IN ('unanswered', 'refused')) = count() AS failed,
    count() AS parts, argMin(id, (p.start, id)) AS firstId, argMin(continues, (p.start, id)) AS midstream,
    argMin(calledName, (calledName = '', p.start, id)) AS calledName
  FROM (${pieces(where, by)}) AS p
  GROUP BY ${fiveTuple}, conversation`

/** One row a trace, with its connections as sorted arrays. */
function groupedBy(by: Gathered, where: Query, { minCalls, longSeconds, cap }: GatherOptions): Query {
  const columns = ['start', 'duration', 'sent', 'received', 'bytes', 'packets']
  const arrays = columns.map((each, i) => `arrayMap(c -> c.${i + 1}, calls) AS ${each}`).join(', ')
  const key = by === 'address' ? 'client, server, serverPort, proto' : 'client, calledName, serverPort, proto'

  return sql`
    SELECT ${addressText('client')} AS client, servers, toFloat64(serverPort) AS serverPort, toString(proto) AS proto,
      toString(calledName) AS name, toFloat64(connections) AS connections, toFloat64(stitched) AS stitched,
      toFloat64(failures) AS failures, toFloat64(midstreams) AS midstreams, toFloat64(firstStart) AS firstStart,
        toFloat64(lastEnd) AS lastEnd, ids,
      ${raw(arrays)}
    FROM (
      SELECT client, serverPort, proto, ${raw(by === 'address' ? "''" : 'calledName')} AS calledName,
        arrayMap(a -> ${addressText('a')},
          arrayDistinct(arrayMap(a -> a.2, arraySlice(arraySort(groupArray((c.start, server))), 1, 64)))) AS servers,
        min(server) AS firstServer, count() AS connections, sum(parts - 1) AS stitched,
          countIf(failed) AS failures, countIf(midstream) AS midstreams,
        min(c.start) AS firstStart, max(end) AS lastEnd,
        arrayMap(a -> toString(a.2), arraySlice(arraySort(groupArray((c.start, firstId))), 1, 10)) AS ids,
        arraySlice(arraySort(groupArray(
          (toFloat64(c.start), (end - c.start) / 1e6, sent, received, bothBytes, bothPackets))), 1, ${cap}) AS calls
      FROM (${connections(where, by)}) AS c
      ${raw(by === 'name' ? "WHERE calledName != ''" : '')}
      GROUP BY ${raw(key)}
      HAVING connections >= ${minCalls} OR max(end - c.start) >= ${Math.round(longSeconds * 1e6)})
    ORDER BY client, calledName, firstServer, serverPort, proto`
}

function tracesOf(columns: ResultCells, by: Gathered): Trace[] {
  const { text, number, strings, calls } = readersOf(columns)

  return Array.from({ length: columns['client']!.length }, (_, i) => ({
    client: text('client', i),
    servers: strings('servers', i),
    serverPort: number('serverPort', i),
    proto: text('proto', i),
    name: text('name', i) || null,
    by,
    connections: number('connections', i),
    stitched: number('stitched', i),
    failed: number('failures', i),
    midstream: number('midstreams', i),
    firstStart: micros(number('firstStart', i)),
    lastEnd: micros(number('lastEnd', i)),
    calls: ownCalls(calls(i)),
    flows: strings('ids', i),
  }))
}
