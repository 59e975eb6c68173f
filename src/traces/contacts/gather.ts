/**
 * Flows to contacts, in the engine: every internal host with every service that it meets outside.
 *
 * One working table holds a row a connection, with the name that the host itself knew the server by: TLS server name or
 * HTTP Host of that connection, or the newest DNS answer that gave this host the address; what others call the
 * service comes last. What goes through an explicit proxy is a contact of the name that was asked for. The table is
 * filled in chunks of clients of so many flows, and a chunk is read in parts of so many contacts. Of one client so many
 * contacts are read; so memory is bounded by a part and by those.
 */

import { type Allowlist, allowNothing } from '../../model/allowlist.ts'
import type { Scope } from '../../model/networks.ts'
import type { Query } from '../../model/query.ts'
import { micros } from '../../model/units.ts'
import { heldRecords } from '../../store/epochs.ts'
import { inside } from '../../store/networks.ts'
import { addressText, name as identifier, mostFrequent, raw, sql } from '../../store/sql.ts'
import type { ResultCells, Store } from '../../store/store.ts'
import { hasRows } from '../../store/tables/has-rows.ts'
import { byAnswer, byService } from '../names.ts'
import { ownCalls, readersOf } from '../result-columns.ts'
import type { Trace } from '../trace.ts'
import {
  allClients,
  anyToProxy,
  type Chunk,
  chunksOf,
  connectionsInto,
  flowRows,
  inChunk,
  judged,
  namedFlows,
  requestRows,
  type SharedNames,
} from './connections.ts'

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
  /** Up to so many flows of a chunk, all are sorted to join their records. */
  readonly sortedUpTo?: number
  /** Contacts that are read at a time, about. */
  readonly partContacts: number
  /** Contacts that are read of one client, those with most connections. */
  readonly clientContacts: number
  /** Servers that a person trusts; their contacts are left out, but they still count as company. */
  readonly allow: Allowlist
}

export const contactDefaults = {
  cap: 2048,
  chunkFlows: 2_000_000,
  partContacts: 100_000,
  clientContacts: 100_000,
  allow: allowNothing,
} as const

/** The chunks of clients by which the working table is filled, and in how many parts each is best read. */
interface Gathered {
  readonly chunks: readonly Chunk[]
  readonly parts: number
  /** Contacts that are read of one client; null where none can have more than are read. */
  readonly most: number | null
}

/** The connections of an analysis that runs; dropped at its end. */
export const connectionTable = (analysis: string): Query => identifier(connectionName(analysis))
const connectionName = (analysis: string): string => `connection_${analysis}`

/** Fills the working table. */
export async function gatherContacts(
  store: Store,
  scope: Omit<Scope, 'epoch'>,
  { analysis, chunkFlows, sortedUpTo, partContacts, clientContacts }: GatherContacts,
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

  const held = await heldRecords(store)
  const isAsked = held.includes('http') && (await hasRows(store, anyToProxy(scope)))
  const flows = await flowsUpTo(store, scope, {
    most: chunkFlows,
    orRequests: held.includes('http') || held.includes('tls'),
  })
  const source = flows > 0 ? flowRows : requestRows
  const chunks = flows > chunkFlows ? await chunksOf(store, scope, chunkFlows) : [allClients]
  const names =
    chunks.length > 1 || store.shards > 1 ? await keepNames(store, analysis) : { byService, byAnswer }

  // Requests have no client's port to tell them apart by: all are sorted.
  const size = { count: flows / chunks.length, sortedUpTo }
  for (const chunk of chunks) {
    const filled = connectionsInto(table, namedFlows(scope, chunk, { held, isAsked, ...names }, source), size)
    await store.byShard((shard) => shard.run(filled), { machines: true })
  }
  const [found] = await store.rows<{ contacts: number; largest: number }>(sql`
    SELECT toFloat64(sum(n)) AS contacts, toFloat64(max(n)) AS largest FROM (
      SELECT uniqCombined(12)(name, if(name = '', server, toIPv6('::')), serverPort, proto, via) AS n
      FROM ${table} GROUP BY client)`)
  const { contacts, largest } = found ?? { contacts: 0, largest: 0 }
  const parts = Math.max(1, Math.ceil(contacts / chunks.length / partContacts))

  // The counts are within a few per cent.
  return { chunks, parts, most: largest * 1.1 > clientContacts ? clientContacts : null }
}

/**
 * Flows of contacts; where all flows are no more than `most`, as many as there are of any kind, or none. Without
 * requests and handshakes that could stand in their place, there is no need to tell whether any is of a contact.
 */
async function flowsUpTo(
  store: Store,
  scope: Omit<Scope, 'epoch'>,
  { most, orRequests }: { readonly most: number; readonly orRequests: boolean },
): Promise<number> {
  const [all] = await store.rows<{ n: number }>('SELECT toFloat64(count()) AS n FROM flow')
  const n = all?.n ?? 0
  if (n <= most) {
    if (!orRequests) return n
    const any = n > 0 && (await hasRows(store, sql`SELECT 1 AS yes FROM flow WHERE ${judged(scope)} LIMIT 1`))
    return any ? n : 0
  }

  const [size] = await store.rows<{ n: number }>(
    sql`SELECT toFloat64(count()) AS n FROM flow WHERE ${judged(scope)}`,
  )
  return size?.n ?? 0
}

export async function dropContacts(store: Store, analysis: string): Promise<void> {
  for (const table of [connectionName(analysis), ...Object.values(nameTables(analysis))])
    await store.drop(table)
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

/** Contacts of one chunk of clients, client by client, in a stable order. */
export async function* contactsIn(
  store: Store,
  chunk: Chunk,
  { parts, most, ...options }: ReadContacts & Omit<Gathered, 'chunks'>,
): AsyncGenerator<readonly [string, readonly ContactTrace[]]> {
  for (let part = 0; part < parts; part++) {
    const clients = sql`${inChunk(chunk)} AND cityHash64(client) % ${parts} = ${part}`
    yield* clientsOf(await store.cells(contactRows(options, { clients, most })))
  }
}

interface ReadContacts
  extends Omit<GatherContacts, 'chunkFlows' | 'sortedUpTo' | 'partContacts' | 'clientContacts'> {
  readonly slotSeconds: number
}

const columns = ['start', 'duration', 'sent', 'received', 'bytes', 'packets']

/** What connections of one client are one contact by. */
const contactKey = sql`client, name, if(name = '', server, toIPv6('::')), serverPort, proto, via`

/**
 * Of each client with more contacts than that, those with most connections. An answered one counts as four, as a
 * sender tries four times or so: what is only looked for does not push out what was met.
 */
const busiest = (connections: Query, most: number): Query => sql`
  SELECT ${contactKey} FROM (${connections}) GROUP BY ${contactKey}
  ORDER BY client, count() + 3 * countIf(answered) DESC, ${contactKey} LIMIT ${raw(String(most))} BY client`

function contactRows(
  { analysis, cap, allow, slotSeconds }: ReadContacts,
  { clients, most }: { readonly clients: Query } & Pick<Gathered, 'most'>,
): Query {
  const all = sql`SELECT * FROM ${connectionTable(analysis)}
    WHERE ${clients} AND NOT ${inside('server', allow.networks)}`
  const read = most === null ? all : sql`${all} AND (${contactKey}) IN (${busiest(all, most)})`
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
      FROM (${read}) AS c
      GROUP BY ${contactKey})
    ORDER BY client, name, least, port, proto`
}

/** Contacts client by client, which stand together. They are views of the columns: see `ownContact`. */
function* clientsOf(columns: ResultCells): Generator<readonly [string, readonly ContactTrace[]]> {
  const rows = columns['client']?.length ?? 0
  const contactAt = contactsOf(columns)
  let own: ContactTrace[] = []

  for (let i = 0; i < rows; i++) {
    const contact = contactAt(i)
    if (own.length > 0 && own[0]!.client !== contact.client) {
      yield [own[0]!.client, own]
      own = []
    }
    own.push(contact)
  }
  if (own.length > 0) yield [own[0]!.client, own]
}

/** A copy, which no longer holds the columns that the contact was read from. */
export const ownContact = (contact: ContactTrace): ContactTrace => ({
  ...contact,
  calls: ownCalls(contact.calls),
})

/** Gives the contact of a row. */
function contactsOf(columns: ResultCells): (row: number) => ContactTrace {
  const { text, number, strings, calls } = readersOf(columns)

  return (i) => ({
    client: text('client', i),
    servers: strings('servers', i),
    addresses: number('addresses', i),
    serverPort: number('port', i),
    proto: text('proto', i),
    name: text('name', i) || null,
    by: text('name', i) ? ('name' as const) : ('address' as const),
    via: text('via', i) as ContactTrace['via'],
    connections: number('connections', i),
    answered: number('answers', i),
    service: text('spoken', i),
    stitched: number('stitched', i),
    failed: number('failures', i),
    midstream: number('midstreams', i),
    firstStart: micros(number('firstStart', i)),
    lastEnd: micros(number('lastEnd', i)),
    calls: calls(i),
    // Of most contacts nobody asks for it.
    get flows() {
      return strings('ids', i)
    },
    begun: strings('begun', i).map(Number),
  })
}
