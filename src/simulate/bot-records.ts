/** Records of real bots, read from a database, as exchanges that can be laid over other records. */
import { UserError } from '../errors.ts'
import type { Networks } from '../model/networks.ts'
import type { TrueBotnet, Truth } from '../model/truth.ts'
import { inside } from '../store/networks.ts'
import { addresses, addressText, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import type { DnsNote, Exchange, HttpNote, TlsNote } from './exchange.ts'

/** What bots did, as their capture has it. */
export interface BotRecords {
  readonly botnets: readonly TrueBotnet[]
  readonly flows: readonly Exchange[]
  /** Flows of the bots whose other end is an internal host that is neither bot nor resolver. */
  readonly leftOut: number
  /** Flows that came without counts for each side, which are written by halves. */
  readonly halved: number
  /** Internal resolvers that the bots asked. */
  readonly resolvers: readonly string[]
  readonly from: number
  readonly to: number
  readonly resolution: Resolution
}

/** The finest step that the start times of a capture show. */
export type Resolution = 'microseconds' | 'milliseconds' | 'seconds'

/** Flows of bots that are held in memory at most. */
const mostFlows = 2_000_000

const finestOf = (row: { n: number; millis: number; seconds: number } | undefined): Resolution => {
  const { n = 0, millis = 0, seconds = 0 } = row ?? {}
  return seconds === n ? 'seconds' : millis === n ? 'milliseconds' : 'microseconds'
}

export async function resolutionOf(store: Store): Promise<Resolution> {
  const [row] = await store.rows<{ n: number; millis: number; seconds: number }>(sql`
    SELECT toFloat64(count()) AS n, toFloat64(countIf(start % 1000 = 0)) AS millis,
      toFloat64(countIf(start % 1000000 = 0)) AS seconds FROM flow`)
  return finestOf(row)
}

interface FlowRow {
  readonly start: number
  readonly duration: number
  readonly proto: string
  readonly client: string
  readonly clientPort: number
  readonly server: string
  readonly serverPort: number
  readonly packets: number | null
  readonly bytes: number | null
  readonly clientPackets: number | null
  readonly clientBytes: number | null
  readonly serverPackets: number | null
  readonly serverBytes: number | null
  readonly outcome: string
  readonly service: string
  readonly uid: string
}

/**
 * The records of the bots of `truth` in a database.
 *
 * @throws UserError `overlay-impossible` where no flow is a bot's, or over 2,000,000 are.
 */
export async function botRecordsIn(store: Store, truth: Truth, internal: Networks): Promise<BotRecords> {
  const bots = truth.botnets.flatMap(({ hosts }) => hosts)
  const isBot = new Set(bots)

  // Aliases of their own: one that is named as a column would stand for it in the rest of the statement.
  const found = await store.rows<
    Omit<FlowRow, 'client' | 'server'> & {
      clientText: string
      serverText: string
      clientInside: number
      serverInside: number
    }
  >(sql`
    SELECT toFloat64(start) AS start, toFloat64(duration) AS duration, proto,
      ${addressText('client')} AS clientText, clientPort,
      ${addressText('server')} AS serverText, serverPort, toFloat64(packets) AS packets, toFloat64(bytes) AS bytes,
      toFloat64(clientPackets) AS clientPackets, toFloat64(clientBytes) AS clientBytes,
      toFloat64(serverPackets) AS serverPackets, toFloat64(serverBytes) AS serverBytes, outcome, service, uid,
      toUInt8(${inside('client', internal)}) AS clientInside, toUInt8(${inside('server', internal)}) AS serverInside
    FROM flow WHERE client IN ${addresses(bots)} OR server IN ${addresses(bots)} ORDER BY start, id
      LIMIT ${mostFlows + 1}`)

  const rows = found.map(({ clientText, serverText, ...row }) => ({
    ...row,
    client: clientText,
    server: serverText,
  }))

  if (rows.length === 0)
    throw new UserError(
      'overlay-impossible',
      `no flow in ${store.where} belongs to the bots ${bots.slice(0, 5).join(', ')}`,
      'Name the bots by --truth or --bot-hosts.',
    )

  if (rows.length > mostFlows)
    throw new UserError(
      'overlay-impossible',
      `the bots have more than ${mostFlows} flows`,
      'Use fewer bots or a shorter capture.',
    )

  const isName = ({ serverPort, proto }: FlowRow) => serverPort === 53 && (proto === 'udp' || proto === 'tcp')

  const kept = rows.filter((row) => {
    const [other, within] = isBot.has(row.client)
      ? [row.server, row.serverInside]
      : [row.client, row.clientInside]
    return isBot.has(other) || within === 0 || (isBot.has(row.client) && isName(row))
  })

  const notes = await notesOf(store, bots)

  return {
    botnets: truth.botnets,
    flows: kept.map((row) => exchangeOf(row, notes)),
    leftOut: rows.length - kept.length,
    halved: kept.filter((row) => row.clientPackets === null || row.clientBytes === null).length,
    resolvers: [
      ...new Set(kept.filter((row) => isName(row) && row.serverInside === 1).map(({ server }) => server)),
    ],
    from: rows[0]!.start,
    to: rows.reduce((most, { start, duration }) => Math.max(most, start + duration), 0),
    resolution: await resolutionOf(store),
  }
}

interface Notes {
  readonly dns: ReadonlyMap<string, DnsNote>
  readonly http: ReadonlyMap<string, readonly HttpNote[]>
  readonly tls: ReadonlyMap<string, TlsNote>
}

/** A control character of a record must not break the log that it is written to. */
const plainText = (text: string): string =>
  text.replace(/[\p{Cc}\\]/gu, (each) => `\\x${each.charCodeAt(0).toString(16).padStart(2, '0')}`)

async function notesOf(store: Store, bots: readonly string[]): Promise<Notes> {
  const own = sql`uid != '' AND (client IN ${addresses(bots)} OR server IN ${addresses(bots)})`

  const dns = await store.rows<{
    uid: string
    query: string
    type: string
    code: string
    answers: string[]
    ttls: number[]
  }>(sql`
    SELECT uid, query, queryType AS type, responseCode AS code, answers, ttls FROM dns WHERE ${own}`)

  const http = await store.rows<HttpNote & { uid: string }>(sql`
    SELECT uid, method, host, uri, userAgent, toFloat64(ifNull(status, 0)) AS status,
      toFloat64(ifNull(requestBytes, 0)) AS requestBody, toFloat64(ifNull(responseBytes, 0)) AS responseBody,
        mimeType AS mime
    FROM http WHERE ${own} ORDER BY start`)
  const tls = await store.rows<{ uid: string; name: string; version: string; stack: string }>(sql`
    SELECT uid, serverName AS name, version, fingerprint AS stack FROM tls WHERE ${own}`)

  return {
    dns: new Map(
      dns.map(({ uid, query, type, code, answers, ttls }) => [
        uid,
        {
          query: plainText(query),
          type,
          code: code === '' ? null : code,
          answers: answers.map(plainText),
          ttls: ttls.map(Math.round),
        },
      ]),
    ),
    http: Map.groupBy(
      http.map((note) => ({
        ...note,
        after: 0.05,
        host: plainText(note.host),
        uri: plainText(note.uri),
        userAgent: plainText(note.userAgent),
        content: `${note.host}${note.uri}`,
      })),
      ({ uid }) => uid,
    ),
    tls: new Map(
      tls.map(({ uid, name, version, stack }) => [
        uid,
        { name: plainText(name), version, resumed: false, stack },
      ]),
    ),
  }
}

/** Zeek's state and history of an outcome. */
const states: Readonly<
  Record<string, { readonly tcp: readonly [string, string]; readonly udp: readonly [string, string] }>
> = {
  established: { tcp: ['SF', 'ShADadFf'], udp: ['SF', 'Dd'] },
  refused: { tcp: ['REJ', 'Sr'], udp: ['S0', 'D'] },
  unanswered: { tcp: ['S0', 'S'], udp: ['S0', 'D'] },
  reversed: { tcp: ['OTH', '^d'], udp: ['SHR', '^d'] },
}

function exchangeOf(row: FlowRow, notes: Notes): Exchange {
  const proto = row.proto === 'tcp' || row.proto === 'udp' ? row.proto : 'icmp'
  const header = proto === 'tcp' ? 40 : 28
  const half = (own: number | null, all: number | null, up: boolean) =>
    own ?? (all === null ? (up ? 1 : 0) : up ? Math.ceil(all / 2) : Math.floor(all / 2))
  const clientPackets = Math.max(1, half(row.clientPackets, row.packets, true))
  const answered = row.outcome === 'established' || row.outcome === 'refused' || row.outcome === 'reversed'
  const serverPackets = answered
    ? Math.max(1, half(row.serverPackets, row.packets, false))
    : half(row.serverPackets, 0, false)

  // Records of payload alone come out smaller than their headers would be.
  const clientIpBytes = Math.max(header * clientPackets, half(row.clientBytes, row.bytes, true))
  const serverIpBytes = Math.max(header * serverPackets, half(row.serverBytes, row.bytes, false))
  const [state, history] = states[row.outcome]?.[proto === 'tcp' ? 'tcp' : 'udp'] ?? ['OTH', '']
  const [dns, http, tls] = [notes.dns.get(row.uid), notes.http.get(row.uid), notes.tls.get(row.uid)]

  return {
    uid: row.uid,
    start: row.start,
    end: row.start + row.duration,
    proto,
    client: row.client,
    clientPort: row.clientPort,
    server: row.server,
    serverPort: row.serverPort,
    service: plainText(row.service),
    state,
    history,
    clientPayload: clientIpBytes - header * clientPackets,
    serverPayload: serverIpBytes - header * serverPackets,
    clientPackets,
    serverPackets,
    clientIpBytes,
    serverIpBytes,
    ...(row.uid !== '' && dns ? { dns } : {}),
    ...(row.uid !== '' && http ? { http } : {}),
    ...(row.uid !== '' && tls ? { tls } : {}),
    origin: 'overlay',
  }
}
