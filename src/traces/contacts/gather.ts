/**
 * Flows to contacts, in the engine: every internal host with every service that it meets outside.
 *
 * One working table holds a row a connection, with the name that the host itself knew the server by: TLS server name or
 * HTTP Host of that connection, or the newest DNS answer that gave this host the address; what others call the
 * service comes last. What goes through an explicit proxy is a contact of the name that was asked for. The table is
 * filled in chunks of clients of so many flows, and a chunk is read in parts of so many contacts, so that memory is
 * bounded by a part and by the contacts of one client.
 */

import { type Allowlist, allowNothing } from '../../model/allowlist.ts'
import type { Scope } from '../../model/networks.ts'
import type { Query } from '../../model/query.ts'
import { micros } from '../../model/units.ts'
import { inside, special } from '../../store/networks.ts'
import { addressText, name as identifier, mostFrequent, raw, sql } from '../../store/sql.ts'
import type { ResultColumns, Store } from '../../store/store.ts'
import { goesOnWithin } from '../gather.ts'
import { byAnswer, byService, isName } from '../names.ts'
import { readersOf } from '../result-columns.ts'
import type { Trace } from '../trace.ts'

/** A trace of all that a host did with one service. */
export interface ContactTrace extends Trace {
  /** `outside`, `proxy` where a proxy inside was asked to call it, `inside` for another internal host. */
  readonly via: 'outside' | 'proxy' | 'inside'
  /** Connections that the server answered. */
  readonly answered: number
  /** Protocol that most of its connections speak, in Zeek's words; empty where the records do not say. */
  readonly service: string
  /** Different servers that stand behind it, also beyond those listed. */
  readonly addresses: number
  /** Of a contact with more connections than are kept: numbers of all slots in which one began. Else empty. */
  readonly begun: readonly number[]
}

export interface GatherContacts {
  /** Names the working table; an analysis uses its id. */
  readonly analysis: string
  /** Connections kept of one contact. */
  readonly cap: number
  /** Flows to a chunk, about. */
  readonly chunkFlows: number
  /** Contacts that are read at a time, about. */
  readonly partContacts: number
  /** Servers that a person trusts; their contacts are left out, but they still count as company. */
  readonly allow: Allowlist
}

export const contactDefaults = {
  cap: 2048,
  chunkFlows: 2_000_000,
  partContacts: 100_000,
  allow: allowNothing,
} as const

/** In how many chunks of clients the working table is filled, and in how many parts each is best read. */
interface Gathered {
  readonly chunks: number
  readonly parts: number
}

/** The connections of an analysis that runs; dropped at its end. */
export const connectionTable = (analysis: string): Query => identifier(connectionName(analysis))
const connectionName = (analysis: string): string => `connection_${analysis}`

/** SQL that is true of a flow whose contact is judged: TCP, UDP and ICMP of an internal client. */
const judged = (scope: Omit<Scope, 'epoch'>): Query => sql`
  start >= ${scope.from} AND start < ${scope.to} AND proto IN ('tcp', 'udp', 'icmp', 'icmp6', 'ipv6-icmp')
  AND ${inside('client', scope.internal)} AND NOT ${inside('server', special)} AND NOT ${inside('client', special)}`

/** Ports by which machines of one network serve each other; contacts inside on these are left out. */
const localPorts = `(0, 53, 67, 68, 88, 111, 123, 135, 137, 138, 139, 161, 162, 389, 445, 464, 514, 515, 546,
  547, 548, 593, 631,
  636, 1900, 2049, 3268, 3269, 3389, 3702, 5353, 5355, 5357, 9100)`

/** Fills the working table. */
export async function gatherContacts(
  store: Store,
  scope: Omit<Scope, 'epoch'>,
  { analysis, chunkFlows, partContacts }: GatherContacts,
): Promise<Gathered> {
  const table = connectionTable(analysis)
  await dropContacts(store, analysis)
  await store.create({
    name: connectionName(analysis),
    columns: `client IPv6, name String, server IPv6, serverPort UInt16, proto LowCardinality(String),
      via LowCardinality(String),
    start Int64, end Int64, sent Float64, received Float64, bytes Float64, packets Float64,
    failed Bool, answered Bool, parts UInt64, midstream Bool, firstId UInt64, service LowCardinality(String)`,
    order: 'client',
    shardBy: 'client',
  })

  const [size] = await store.rows<{ flows: number }>(
    sql`SELECT toFloat64(count()) AS flows FROM flow WHERE ${judged(scope)}`,
  )
  const flows = size?.flows ?? 0
  const source = flows > 0 ? flowRows : requestRows
  const chunks = Math.max(1, Math.ceil(flows / chunkFlows))
  const names = chunks > 1 || store.shards > 1 ? await keepNames(store, analysis) : { byService, byAnswer }

  for (let chunk = 0; chunk < chunks; chunk++) {
    const filled = connectionsInto(table, namedFlows(scope, { chunks, chunk, ...names }, source))
    await store.byShard((shard) => shard.run(filled), { machines: true })
  }
  const [found] = await store.rows<{ contacts: number }>(sql`
    SELECT toFloat64(uniqCombined(client, name, if(name = '', server, toIPv6('::')), serverPort, proto, via)) AS contacts
    FROM ${table}`)
  return { chunks, parts: Math.max(1, Math.ceil((found?.contacts ?? 0) / chunks / partContacts)) }
}

export async function dropContacts(store: Store, analysis: string): Promise<void> {
  for (const table of [connectionName(analysis), ...Object.values(nameTables(analysis))])
    await store.drop(table)
}

/** What all hosts together call servers; table expressions. */
interface SharedNames {
  readonly byService: Query
  readonly byAnswer: Query
}

const nameTables = (analysis: string) => ({
  byService: `service_name_${analysis}`,
  byAnswer: `answer_name_${analysis}`,
})

/** The shared names in tables, found once for all chunks and shards. */
async function keepNames(store: Store, analysis: string): Promise<SharedNames> {
  const tables = nameTables(analysis)
  const columns = 'server IPv6, serverPort UInt16, name String'
  await store.create({ name: tables.byService, columns, order: 'server, serverPort' })
  await store.create({ name: tables.byAnswer, columns: 'server IPv6, name String', order: 'server' })

  const [service, answer] = [identifier(tables.byService), identifier(tables.byAnswer)]
  await store.run(sql`INSERT INTO ${service} (server, serverPort, name) ${byService}`)
  await store.run(sql`INSERT INTO ${answer} (server, name) ${byAnswer}`)
  return { byService: sql`SELECT * FROM ${service}`, byAnswer: sql`SELECT * FROM ${answer}` }
}

interface Chunk {
  readonly chunks: number
  readonly chunk: number
}

const inChunk = ({ chunks, chunk }: Chunk): Query => sql`cityHash64(client) % ${chunks} = ${chunk}`

/** (uid, asked, askedPort): requests that ask a proxy for a name, by CONNECT or with an absolute address. */
const proxied = (within: Query): Query => sql`
  SELECT uid, min(host) AS asked,
    min(if(method = 'CONNECT', toUInt16OrDefault(extract(uri, ':([0-9]+)$'), toUInt16(443)),
      toUInt16(80))) AS askedPort
  FROM http WHERE uid != '' AND host != '' AND ${within}
    AND (method = 'CONNECT' OR startsWith(uri, 'http://') OR startsWith(uri, 'https://')) GROUP BY uid`

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

const flowRows: Source = (scope, chunk) => sql`
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
const requestRows: Source = (scope, chunk) => sql`
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
  WHERE ${inside('client', scope.internal)} AND NOT ${inside('server', special)} AND NOT ${inside('client', special)}`

/** Connections with the name of their server and the way there. */
const namedFlows = (scope: Omit<Scope, 'epoch'>, chunk: Chunk & SharedNames, source: Source): Query => {
  const within = sql`start >= ${scope.from} AND start < ${scope.to} AND ${inChunk(chunk)}`

  return sql`
    SELECT f.id AS id, f.client AS client, f.server AS server, f.proto AS proto, f.clientPort AS clientPort,
      f.start AS start,
      f.duration AS duration, f.outcome AS outcome, f.state AS state, f.sent AS sent, f.received AS received,
        f.bothBytes AS bothBytes,
      f.bothPackets AS bothPackets, f.isInside AS isInside, f.service AS service,
      p.asked != '' AND f.isInside AS proxied,
      if(proxied, p.askedPort, f.port) AS serverPort,
      multiIf(proxied, p.asked, c.called != '', c.called, a.asked != '', a.asked, s.name != '', s.name,
        d.name) AS name
    FROM (${source(scope, chunk)}) AS f
    LEFT ANY JOIN (${proxied(within)}) AS p ON f.uid = p.uid
    LEFT ANY JOIN (${calledIn(within)}) AS c ON f.uid = c.uid
    ASOF LEFT JOIN (${answeredTo(within)}) AS a ON f.client = a.client AND f.server = a.server
      AND f.start >= a.answeredAt
    LEFT ANY JOIN (${chunk.byService}) AS s ON f.server = s.server AND f.serverPort = s.serverPort
    LEFT ANY JOIN (${chunk.byAnswer}) AS d ON f.server = d.server
    WHERE NOT isInside OR proxied OR f.port NOT IN ${raw(localPorts)}`
}

/** Connections: records of one conversation joined, as exporters and time-outs cut them. */
const connectionsInto = (table: Query, flows: Query): Query => sql`
  INSERT INTO ${table}
    (client, name, server, serverPort, proto, via, start, end, sent, received, bytes, packets, failed, answered,
      parts, midstream, firstId, service)
  SELECT client, max(name), server, serverPort, proto,
    if(max(proxied), 'proxy', if(max(isInside), 'inside', 'outside')), min(start), max(start + duration),
    sum(sent), sum(received), sum(bothBytes), sum(bothPackets),
    countIf(outcome IN ('unanswered', 'refused')) = count(), countIf(outcome IN ('established', 'reversed')) > 0,
      count(),
    argMin(continues, (start, id)), argMin(id, (start, id)), max(service)
  FROM (
    SELECT *, sum(opens) OVER (
      PARTITION BY client, server, serverPort, proto, clientPort ORDER BY start, id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS conversation
    FROM (
      SELECT *, max(start + duration) OVER before AS heldUntil, count() OVER before AS earlier,
        ${raw(goesOnWithin)} AS within, proto = 'tcp' AND within = 3600 AS continues,
        earlier = 0 OR start - heldUntil > 1000000 * within AS opens
      FROM (${flows})
      WINDOW before AS (
        PARTITION BY client, server, serverPort, proto, clientPort ORDER BY start, id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)))
  GROUP BY client, server, serverPort, proto, clientPort, conversation`

/** Contacts of one chunk of clients, in parts that each hold all of some clients, in a stable order. */
export async function* contactsIn(
  store: Store,
  { chunks, chunk, parts }: Chunk & Gathered,
  options: ReadContacts,
): AsyncGenerator<readonly ContactTrace[]> {
  // A client's place among chunks * parts is, modulo chunks, its place among chunks.
  for (let part = 0; part < parts; part++)
    yield contactsOf(
      await store.columns(contactRows(options, { chunks: chunks * parts, chunk: chunk + chunks * part })),
    )
}

interface ReadContacts extends Omit<GatherContacts, 'chunkFlows' | 'partContacts'> {
  readonly slotSeconds: number
}

const columns = ['start', 'duration', 'sent', 'received', 'bytes', 'packets']

function contactRows({ analysis, cap, allow, slotSeconds }: ReadContacts, chunk: Chunk): Query {
  const arrays = columns.map((each, i) => `arrayMap(c -> c.${i + 1}, calls) AS ${each}`).join(', ')

  return sql`
    SELECT ${addressText('client')} AS client, name, port, proto, via, servers, addresses, connections, stitched,
      failures, answers,
      midstreams, firstStart, lastEnd, ids, spoken, begun, ${raw(arrays)}
    FROM (
      SELECT client, name, toFloat64(serverPort) AS port, toString(proto) AS proto, toString(via) AS via,
        arrayMap(a -> ${addressText('a')}, arrayDistinct(arrayMap(a -> a.2,
          arraySlice(arraySort(groupArray((c.start, server))), 1, 64)))) AS servers,
        min(server) AS least, toFloat64(uniqExact(server)) AS addresses, toFloat64(count()) AS connections,
        toFloat64(sum(parts - 1)) AS stitched, toFloat64(countIf(failed)) AS failures,
          toFloat64(countIf(answered)) AS answers,
        toFloat64(countIf(midstream)) AS midstreams,
        if(countIf(service != '') * 2 >= count(), ${mostFrequent('service', "service != ''")}, '') AS spoken,
        toFloat64(min(c.start)) AS firstStart, toFloat64(max(end)) AS lastEnd,
        arrayMap(a -> toString(a.2), arraySlice(arraySort(groupArray((c.start, firstId))), 1, 10)) AS ids,
        arraySlice(arraySort(groupArray((toFloat64(c.start), (end - c.start) / 1e6, c.sent, c.received,
          c.bytes, c.packets))), 1, ${cap}) AS calls,
        if(count() > ${cap}, arrayMap(s -> toString(s), arraySort(groupUniqArray(
          intDiv(c.start, ${Math.round(slotSeconds * 1e6)})))), []) AS begun
      FROM ${connectionTable(analysis)} AS c WHERE ${inChunk(chunk)} AND NOT ${inside('server', allow.networks)}
      GROUP BY client, name, if(name = '', server, toIPv6('::')), serverPort, proto, via)
    ORDER BY client, name, least, port, proto`
}

function contactsOf(columns: ResultColumns): ContactTrace[] {
  const { text, number, strings, calls } = readersOf(columns)

  return Array.from({ length: text('client')?.length ?? 0 }, (_, i) => ({
    client: text('client')[i]!,
    servers: strings('servers')[i]!,
    addresses: number('addresses')[i]!,
    serverPort: number('port')[i]!,
    proto: text('proto')[i]!,
    name: text('name')[i] || null,
    by: text('name')[i] ? ('name' as const) : ('address' as const),
    via: text('via')[i] as ContactTrace['via'],
    connections: number('connections')[i]!,
    answered: number('answers')[i]!,
    service: text('spoken')[i]!,
    stitched: number('stitched')[i]!,
    failed: number('failures')[i]!,
    midstream: number('midstreams')[i]!,
    firstStart: micros(number('firstStart')[i]!),
    lastEnd: micros(number('lastEnd')[i]!),
    calls: calls(i),
    flows: strings('ids')[i]!,
    begun: strings('begun')[i]!.map(Number),
  }))
}
