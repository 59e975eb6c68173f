/**
 * What the first bytes of an Argus conversation say: names asked for, hosts and pages requested, servers named.
 *
 * `srcUdata` and `dstUdata` hold them as `ra` prints them with `-M printer=encode64`: `s[48]=BASE64`, where the
 * number is that of the characters (rarc(5), RA_USERDATA_ENCODE). Of UDP they are those of the first datagrams, one
 * after the other. Only rows with port 53, or whose bytes begin as a request of HTTP or a hello of TLS does, leave
 * the engine, some thousands at a time.
 */
import type { Query } from '../../model/query.ts'
import { micros } from '../../model/units.ts'
import { sql, texts } from '../../store/sql.ts'
import { dnsPort, Questions } from '../protocols/dns.ts'
import { dnsMessages } from '../protocols/dns-message.ts'
import { isRequest, isResponse, methods } from '../protocols/http.ts'
import { readHead, requestOf, statusOf } from '../protocols/http-head.ts'
import type { Endpoints } from '../protocols/parser.ts'
import { isHello, readClientHello, readServerVersion } from '../protocols/tls-hello.ts'
import type { Placed, Sink } from '../reader.ts'
import { payloadFields, payloadRecords } from './argus-mappings.ts'
import type { DelimitedCells } from './delimited.ts'
import { andOwn } from './lines.ts'
import type { Compiled } from './mapping.ts'

type PayloadRecord = (typeof payloadRecords)[number]

/** Rows that leave the engine at once, and characters of each side. */
const [mostRows, mostText] = [20_000, 2048]

/** A row whose payload may say something; the sides are as in the flow. */
interface Begun {
  readonly row: number
  readonly start: number
  readonly proto: string
  readonly client: string
  readonly clientPort: number
  readonly server: string
  readonly serverPort: number
  readonly fromClient: string
  readonly fromServer: string
}

/** Characters that the Base64 of a request, or of a TLS record with a handshake, begins with. */
const begins = [
  ...new Set(methods.map((method) => Buffer.from(method).toString('base64').slice(0, 3))),
  'FgM',
]

interface Payloads {
  readonly cells: DelimitedCells
  /** The columns of the flow. */
  readonly compiled: Compiled
  /** Rows `row`, `line` of the layout, and SQL that is 1 where a record is turned round. */
  readonly table: Query
  readonly direction: Query
}

/** Writes what the payloads of a layout say. Rows that are no flow say nothing. */
export async function takePayloads(
  sink: Sink,
  { cells, compiled, table, direction }: Payloads,
): Promise<void> {
  const [source, destination] = payloadFields.map((field) => dataOf(cells.plain(field)))
  const oriented = sql`(SELECT *, ${direction} AS turned, ${source!} AS source, ${destination!} AS destination
    FROM ${cells.over(table)})`
  const { start, proto, client, clientPort, server, serverPort } = compiled.values as Record<string, Query>
  const text = (address: Query) =>
    sql`replaceRegexpOne(toString(${address}), '^::ffff:([0-9]+\\\\.)', '\\\\1')`
  const known = sql`substring(source, 1, 3) IN ${texts(begins)} OR substring(destination, 1, 3) IN ${texts(begins)}`
  const isWanted = sql`(proto IN ('udp', 'tcp') AND (clientPort = ${dnsPort} OR serverPort = ${dnsPort})
    OR proto = 'tcp' AND (${known}))`

  for (let last = 0; ; ) {
    const rows = await sink.rows<Begun>(sql`
      SELECT row, start, proto, client, clientPort, server, serverPort,
             if(turned = 1, destination, source) AS fromClient, if(turned = 1, source, destination) AS fromServer
      FROM (
        SELECT toFloat64(row) AS row, toFloat64(${start!}) AS start, ${proto!} AS proto, turned, source, destination,
               ${text(client!)} AS client, toFloat64(${clientPort!}) AS clientPort,
               ${text(server!)} AS server, toFloat64(${serverPort!}) AS serverPort
        FROM ${oriented} WHERE (source != '' OR destination != '') AND ${compiled.reason} = ''${andOwn(sink)}
          AND row > ${last})
      WHERE ${isWanted} ORDER BY row LIMIT ${mostRows}`)
    await write(sink, rows)
    if (rows.length < mostRows) return
    last = rows.at(-1)!.row
  }
}

/** SQL: the Base64 of a cell; '' where it holds something else. */
const dataOf = (cell: Query): Query =>
  sql`if(match(${cell}, '^[sd]\\[[0-9]+\\]=[A-Za-z0-9+/]+=*$'),
    substring(${cell}, position(${cell}, '=') + 1, ${mostText}), '')`

async function write(sink: Sink, rows: readonly Begun[]): Promise<void> {
  const made = new Map<PayloadRecord, Placed<PayloadRecord>[]>(payloadRecords.map((record) => [record, []]))
  for (const row of rows) {
    tell(row, {
      record: (record, own) => made.get(record as PayloadRecord)!.push(own as Placed<PayloadRecord>),
    })
  }
  for (const [record, own] of made) if (own.length > 0) await sink.write(record, own)
}

/** What one conversation says. */
function tell(row: Begun, sink: Endpoints['sink']): void {
  const fromClient = Buffer.from(row.fromClient, 'base64')
  const fromServer = Buffer.from(row.fromServer, 'base64')

  const asks = (isAsking: (bytes: Buffer) => boolean): Sides | null => {
    if (isAsking(fromClient))
      return { ends: endpointsOf(row, true, sink), question: fromClient, answer: fromServer }
    return isAsking(fromServer)
      ? { ends: endpointsOf(row, false, sink), question: fromServer, answer: fromClient }
      : null
  }

  if (row.clientPort === dnsPort || row.serverPort === dnsPort) {
    const forward = row.serverPort === dnsPort
    const [question, answer] = forward ? [fromClient, fromServer] : [fromServer, fromClient]
    tellDns(row, { ends: endpointsOf(row, forward, sink), question, answer })
    return
  }

  const http = asks((bytes) => isRequest(bytes, 0, bytes.length))

  if (http) {
    tellHttp(row, http)
    return
  }

  const tls = asks((bytes) => isHello(bytes, 0, bytes.length, 1))
  if (tls) tellTls(row, tls)
}

/** The bytes of the one who asks, and of the other. */
interface Sides {
  readonly ends: Endpoints
  readonly question: Buffer
  readonly answer: Buffer
}

const endpointsOf = (
  { client, clientPort, server, serverPort }: Begun,
  sameDirection: boolean,
  sink: Endpoints['sink'],
): Endpoints =>
  sameDirection
    ? { client, server, serverPort, sameDirection, uid: '', sink }
    : { client: server, server: client, serverPort: clientPort, sameDirection, uid: '', sink }

function tellDns({ row, start, proto }: Begun, { ends, question, answer }: Sides): void {
  const questions = new Questions(ends)
  // All that one side said comes before what the other said: what was asked and answered twice is one question.
  const heard = new Set<string>()
  for (const bytes of [question, answer]) {
    for (const message of dnsMessages(bytes, proto === 'tcp')) {
      const key = JSON.stringify([message.isAnswer, message.id, message.queryType, message.query])
      if (!heard.has(key)) questions.take(message, { time: start, position: row })
      heard.add(key)
    }
  }
  questions.end()
}

/** What a record of any kind says of where it was seen. */
const placeOf = ({ row, start }: Begun, { client, server, serverPort }: Endpoints) => ({
  position: row,
  start: micros(start),
  client,
  server,
  serverPort,
  uid: '',
})

function tellHttp(begun: Begun, { ends, question, answer }: Sides): void {
  const request = requestOf(readHead(question))
  if (!request) return
  const head = isResponse(answer, 0, answer.length) ? readHead(answer) : null
  const status = head ? statusOf(head) : 0
  ends.sink.record('http', {
    ...placeOf(begun, ends),
    method: request.method,
    host: request.host,
    uri: request.uri,
    userAgent: request.userAgent,
    status: status >= 200 ? status : null,
    mimeType: status >= 200 && head ? head.contentType : '',
    requestBytes: request.bytes,
    responseBytes: status >= 200 && head ? head.length : null,
  })
}

function tellTls(begun: Begun, { ends, question, answer }: Sides): void {
  const hello = readClientHello(question)
  if (!hello) return
  ends.sink.record('tls', {
    ...placeOf(begun, ends),
    serverName: hello.serverName,
    version: readServerVersion(answer),
    fingerprint: hello.fingerprint,
    subject: '',
    issuer: '',
  })
}
