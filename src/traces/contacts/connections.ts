/** The connections of internal hosts with what they knew their servers by: statements over the records of a chunk. */
import type { Scope } from '../../model/networks.ts'
import type { Query } from '../../model/query.ts'
import type { RecordName } from '../../model/records.ts'
import { inside, isInternalHost, isSpecial } from '../../store/networks.ts'
import { address, join, raw, sql } from '../../store/sql.ts'
import type { Store } from '../../store/store.ts'
import { allSortedUpTo, fiveTuple, fiveTupleHash } from '../../store/tables/five-tuple.ts'
import { goesOnWithin } from '../gather.ts'
import { isName } from '../names.ts'

/** What all hosts together call servers; table expressions. */
export interface SharedNames {
  readonly byService: Query
  readonly byAnswer: Query
}

/** SQL that is true of a flow whose contact is judged: TCP, UDP and ICMP of an internal client. */
export const judged = (scope: Omit<Scope, 'epoch'>): Query => sql`
  start >= ${scope.from} AND start < ${scope.to} AND proto IN ('tcp', 'udp', 'icmp', 'icmp6', 'ipv6-icmp')
  AND ${isInternalHost('client', scope.internal)} AND NOT ${isSpecial('server', scope.internal)}`

/** Ports by which machines of one network serve each other; contacts inside on these are left out. */
const localPorts = `(0, 53, 67, 68, 88, 111, 123, 135, 137, 138, 139, 161, 162, 389, 445, 464, 514, 515, 546,
  547, 548, 593, 631,
  636, 1900, 2049, 3268, 3269, 3389, 3702, 5353, 5355, 5357, 9100)`

/**
 * Clients whose addresses follow each other, from one on and before another; null for no bound. Records lie in the
 * order of their clients: to read those of a chunk is to read few others.
 */
export interface Chunk {
  readonly from: string | null
  readonly before: string | null
}

export const allClients: Chunk = { from: null, before: null }

export const inChunk = ({ from, before }: Chunk): Query =>
  join(
    [
      ...(from === null ? [] : [sql`client >= ${address(from)}`]),
      ...(before === null ? [] : [sql`client < ${address(before)}`]),
      raw('true'),
    ],
    ' AND ',
  )

/** Chunks of about so many flows of contacts each; more where one client has more. */
export async function chunksOf(
  store: Store,
  scope: Omit<Scope, 'epoch'>,
  chunkFlows: number,
): Promise<readonly Chunk[]> {
  const cuts = await store.rows<{ cut: string }>(sql`
    SELECT toString(min(client)) AS cut FROM (
      SELECT client, intDiv(sum(flows) OVER (ORDER BY client) - 1, ${chunkFlows}) AS chunk
      FROM (SELECT client, toInt64(count()) AS flows FROM flow WHERE ${judged(scope)} GROUP BY client))
    GROUP BY chunk ORDER BY chunk`)

  const bounds = [null, ...cuts.slice(1).map(({ cut }) => cut), null]
  return bounds.slice(1).map((before, i) => ({ from: bounds[i] ?? null, before }))
}

/** Requests that ask a proxy for a name, by CONNECT or with an absolute address. */
const toProxy = (within: Query): Query => sql`
  http WHERE uid != '' AND host != '' AND ${within}
    AND (method = 'CONNECT' OR startsWith(uri, 'http://') OR startsWith(uri, 'https://'))`

/** Gives a row if any request asks a proxy for a name. */
export const anyToProxy = ({ from, to }: Pick<Scope, 'from' | 'to'>): Query =>
  sql`SELECT 1 AS yes FROM ${toProxy(sql`start >= ${from} AND start < ${to}`)} LIMIT 1`

/** (uid, asked, askedPort): what requests ask a proxy for. */
const proxied = (within: Query): Query => sql`
  SELECT uid, min(host) AS asked,
    min(if(method = 'CONNECT', toUInt16OrDefault(extract(uri, ':([0-9]+)$'), toUInt16(443)),
      toUInt16(80))) AS askedPort
  FROM ${toProxy(within)} GROUP BY uid`

/** (uid, called): what TLS or HTTP of the connection itself calls the server. */
const calledIn = (within: Query): Query => sql`
  SELECT uid, max(word) AS called FROM (
    SELECT uid, serverName AS word FROM tls WHERE ${within}
    UNION ALL SELECT uid, host AS word FROM http WHERE ${within})
  WHERE uid != '' AND ${raw(isName('word'))} GROUP BY uid`

/** (client, server, asked, answeredAt): names in whose answers an address was given to a client. */
const answeredTo = (within: Query): Query => sql`
  SELECT client, toIPv6(answer) AS server, query AS asked, min(dns.start) AS answeredAt
  FROM dns ARRAY JOIN answers AS answer
  WHERE (isIPv4String(answer) OR isIPv6String(answer)) AND ${raw(isName('query'))} AND ${within}
  GROUP BY client, server, asked, intDiv(dns.start, 3600000000)`

/** Where connections come from: a table expression over the records of a chunk. */
type Source = (scope: Omit<Scope, 'epoch'>, chunk: Chunk) => Query

export const flowRows: Source = (scope, chunk) => sql`
  SELECT id, client, server, if(proto IN ('tcp', 'udp'), serverPort, 0) AS port, serverPort,
    toString(proto) AS proto, clientPort, start,
    duration, toString(outcome) AS outcome, toString(state) AS state, uid, toString(service) AS service,
    ifNull(toFloat64(clientBytes), ifNull(toFloat64(bytes - serverBytes), nan)) AS sent,
    ifNull(toFloat64(serverBytes), ifNull(toFloat64(bytes - clientBytes), nan)) AS received,
    ifNull(toFloat64(bytes), ifNull(toFloat64(clientBytes + serverBytes), nan)) AS bothBytes,
    ifNull(toFloat64(packets), ifNull(toFloat64(clientPackets + serverPackets), nan)) AS bothPackets,
    ${inside('server', scope.internal)} AS isInside
  FROM flow WHERE ${judged(scope)} AND ${inChunk(chunk)}`

/** Requests and handshakes in the place of flows, where the records have no flow: logs of a proxy or of HTTP alone. */
export const requestRows: Source = (scope, chunk) => sql`
  SELECT toUInt64(0) AS id, client, server, serverPort AS port, serverPort, 'tcp' AS proto,
    toUInt16(0) AS clientPort, start,
    toInt64(0) AS duration, 'established' AS outcome, 'SF' AS state, uid, service, sent, received,
      sent + received AS bothBytes,
    nan AS bothPackets, ${inside('server', scope.internal)} AS isInside
  FROM (
    SELECT client, server, serverPort, start, uid, 'http' AS service, ifNull(toFloat64(requestBytes),
      nan) AS sent, ifNull(toFloat64(responseBytes), nan) AS received
    FROM http WHERE start >= ${scope.from} AND start < ${scope.to} AND ${inChunk(chunk)}
    UNION ALL
    SELECT client, server, serverPort, start, uid, 'ssl' AS service, nan AS sent, nan AS received
    FROM tls WHERE start >= ${scope.from} AND start < ${scope.to} AND ${inChunk(chunk)})
  WHERE ${isInternalHost('client', scope.internal)} AND NOT ${isSpecial('server', scope.internal)}`

/** A side of the join by which connections get names, the name that it gives and which records have it. */
interface NameJoin {
  readonly from: readonly RecordName[]
  readonly join: Query
  readonly name: string
}

/** The sides, best name first. */
const nameJoins = (within: Query, { byService, byAnswer }: SharedNames): readonly NameJoin[] => [
  {
    from: ['tls', 'http'],
    join: sql`LEFT ANY JOIN (${calledIn(within)}) AS c ON f.uid = c.uid`,
    name: 'c.called',
  },
  {
    from: ['dns'],
    join: sql`ASOF LEFT JOIN (${answeredTo(within)}) AS a ON f.client = a.client AND f.server = a.server
      AND f.start >= a.answeredAt`,
    name: 'a.asked',
  },
  {
    from: ['tls', 'http'],
    join: sql`LEFT ANY JOIN (${byService}) AS s ON f.server = s.server AND f.serverPort = s.serverPort`,
    name: 's.name',
  },
  { from: ['dns'], join: sql`LEFT ANY JOIN (${byAnswer}) AS d ON f.server = d.server`, name: 'd.name' },
]

/** Where names come from. */
interface Told extends SharedNames {
  readonly held: readonly RecordName[]
  /** Whether any request asks a proxy. */
  readonly isAsked: boolean
}

/**
 * Connections with the name of their server and the way there. What no record of `held` can tell is not joined: the
 * engine takes as long to plan it as for all the rest.
 */
export const namedFlows = (
  scope: Omit<Scope, 'epoch'>,
  chunk: Chunk,
  { held, isAsked, ...shared }: Told,
  source: Source,
): Query => {
  const within = sql`start >= ${scope.from} AND start < ${scope.to} AND ${inChunk(chunk)}`
  const joins = nameJoins(within, shared).filter(({ from }) => from.some((each) => held.includes(each)))
  const names = joins.map(({ name }) => `${name} != '', ${name}`)

  return sql`
    SELECT f.id AS id, f.client AS client, f.server AS server, f.proto AS proto, f.clientPort AS clientPort,
      f.start AS start,
      f.duration AS duration, f.outcome AS outcome, f.state AS state, f.sent AS sent, f.received AS received,
        f.bothBytes AS bothBytes,
      f.bothPackets AS bothPackets, f.isInside AS isInside, f.service AS service,
      ${raw(isAsked ? "p.asked != '' AND f.isInside" : 'false')} AS proxied,
      ${raw(isAsked ? 'if(proxied, p.askedPort, f.port)' : 'f.port')} AS serverPort,
      multiIf(${raw([...(isAsked ? ['proxied, p.asked'] : []), ...names, "false, ''", "''"].join(', '))}) AS name
    FROM (${source(scope, chunk)}) AS f
    ${isAsked ? sql`LEFT ANY JOIN (${proxied(within)}) AS p ON f.uid = p.uid` : raw('')}
    ${join(
      joins.map((each) => each.join),
      ' ',
    )}
    WHERE NOT isInside OR proxied OR f.port NOT IN ${raw(localPorts)}`
}

/**
 * Connections: records of one conversation joined, as exporters and time-outs cut them. Most are of one record: where
 * there are more than `sortedUpTo` flows, those whose ports meet once, told by a hash, are taken as they stand.
 */
export function connectionsInto(
  table: Query,
  flows: Query,
  { count, sortedUpTo = allSortedUpTo }: { readonly count: number; readonly sortedUpTo?: number | undefined },
): Query {
  const into = sql`INSERT INTO ${table}
    (client, name, server, serverPort, proto, via, start, end, sent, received, bytes, packets, failed, answered,
      parts, midstream, firstId, service)`
  if (count <= sortedUpTo) return sql`${into} WITH record AS (${recordsOf(flows)}) ${joined(raw('record'))}`

  return sql`
    ${into}
    WITH
      record AS MATERIALIZED (${recordsOf(flows)}),
      again AS MATERIALIZED (SELECT tuple FROM record GROUP BY tuple HAVING count() > 1)
    SELECT client, name, server, serverPort, proto, if(proxied, 'proxy', if(isInside, 'inside', 'outside')), start,
      start + duration, sent, received, bothBytes, bothPackets, failed, answered, toUInt64(1), continues, id, service
    FROM record WHERE tuple NOT IN again
    UNION ALL ${joined(raw('record WHERE tuple IN again'))}`
}

const recordsOf = (flows: Query): Query => sql`
  SELECT id, client, server, serverPort, proto, clientPort, start, duration, sent, received, bothBytes,
    bothPackets, name, service, proxied, isInside, ${raw(goesOnWithin)} AS within,
    proto = 'tcp' AND within = 3600 AS continues, outcome IN ('unanswered', 'refused') AS failed,
    outcome IN ('established', 'reversed') AS answered, ${fiveTupleHash} AS tuple
  FROM (${flows})`

const joined = (records: Query): Query => sql`
  SELECT client, max(name), server, serverPort, proto,
    if(max(proxied), 'proxy', if(max(isInside), 'inside', 'outside')), min(start), max(start + duration),
    sum(sent), sum(received), sum(bothBytes), sum(bothPackets), min(failed), max(answered), count(),
    argMin(continues, (start, id)), argMin(id, (start, id)), max(service)
  FROM (
    SELECT *, sum(opens) OVER (
      PARTITION BY ${fiveTuple} ORDER BY start, id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS conversation
    FROM (
      SELECT *, max(start + duration) OVER before AS heldUntil, count() OVER before AS earlier,
        earlier = 0 OR start - heldUntil > 1000000 * within AS opens
      FROM ${records}
      WINDOW before AS (
        PARTITION BY ${fiveTuple} ORDER BY start, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)))
  GROUP BY ${fiveTuple}, conversation`
