/**
 * Bots of one capture laid over the records of another network.
 *
 * The background is not touched: what is written are the bots' records alone, with addresses and times of the background,
 * to be imported beside it; so every host keeps its own traffic, and a bot has its own and that of the host whose address
 * it is given, as in Gu et al., BotMiner 2008, section 4.2. What such mixing does to records that never met is in the
 * report: Aviv and Haeberlen, "Challenges in experimenting with botnet detection systems", CSET 2011.
 */
import { UserError } from '../errors.ts'
import { seeded } from '../math/random.ts'
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
type Resolution = 'microseconds' | 'milliseconds' | 'seconds'

/** A background's hosts and habits, as far as the overlay needs them. */
export interface Ground {
  readonly internal: Networks
  readonly hosts: readonly { readonly host: string; readonly flows: number }[]
  readonly resolver: string | null
  readonly from: number
  readonly to: number
  readonly resolution: Resolution
  /** Which of the bots' servers the background's hosts call as well. */
  readonly known: ReadonlySet<string>
}

/** Traces of the mixing that a detector could hold on to, or that make the ground easier or harder than a real one. */
export interface Artefacts {
  readonly clock: {
    readonly shiftSeconds: number
    readonly timeOfDayKept: boolean
    /** Flows that would fall outside the background's time and are not written. */
    readonly cut: number
    readonly resolutions: { readonly bots: Resolution; readonly background: Resolution }
  }
  readonly addresses: {
    /** From the bots' addresses to those that they are given. */
    readonly given: Readonly<Record<string, string>>
    /** Servers of the bots that hosts of the background call too. */
    readonly shared: readonly string[]
    /** Servers that lay in the background's own networks and were given an address outside. */
    readonly moved: readonly string[]
    readonly leftOut: number
  }
  /** Flows of each given host before and after, and its place among all hosts by flows, from 0 to 1. */
  readonly load: readonly {
    readonly host: string
    readonly before: number
    readonly added: number
    readonly rankBefore: number
    readonly rankAfter: number
  }[]
  readonly timeToLive: string
  readonly halved: number
  /** What of this should be looked at before a result is believed. */
  readonly warnings: readonly string[]
}

export interface Overlay {
  readonly exchanges: readonly Exchange[]
  readonly truth: Truth
  readonly artefacts: Artefacts
}

/** Flows of bots that are held in memory at most. */
const mostFlows = 2_000_000

const finestOf = (row: { n: number; millis: number; seconds: number } | undefined): Resolution => {
  const { n = 0, millis = 0, seconds = 0 } = row ?? {}
  return seconds === n ? 'seconds' : millis === n ? 'milliseconds' : 'microseconds'
}

async function resolutionOf(store: Store): Promise<Resolution> {
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
    SELECT toFloat64(start) AS start, toFloat64(duration) AS duration, proto, ${addressText('client')} AS clientText, clientPort,
      ${addressText('server')} AS serverText, serverPort, toFloat64(packets) AS packets, toFloat64(bytes) AS bytes,
      toFloat64(clientPackets) AS clientPackets, toFloat64(clientBytes) AS clientBytes,
      toFloat64(serverPackets) AS serverPackets, toFloat64(serverBytes) AS serverBytes, outcome, service, uid,
      toUInt8(${inside('client', internal)}) AS clientInside, toUInt8(${inside('server', internal)}) AS serverInside
    FROM flow WHERE client IN ${addresses(bots)} OR server IN ${addresses(bots)} ORDER BY start, id LIMIT ${mostFlows + 1}`)
  const rows = found.map(({ clientText, serverText, ...row }) => ({
    ...row,
    client: clientText,
    server: serverText,
  }))
  if (rows.length === 0)
    throw new UserError(
      'overlay-impossible',
      `no flow in ${store.where} is one of the bots ${bots.slice(0, 5).join(', ')}`,
      'Name the bots by --truth or --bot-hosts.',
    )
  if (rows.length > mostFlows)
    throw new UserError(
      'overlay-impossible',
      `the bots have over ${mostFlows} flows`,
      'Take fewer bots or a shorter capture.',
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
      toFloat64(ifNull(requestBytes, 0)) AS requestBody, toFloat64(ifNull(responseBytes, 0)) AS responseBody, mimeType AS mime
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

/** Least flows of a host that a bot may be given: one that hardly speaks would be the bot alone. */
const leastFlows = 10

/** What the overlay needs to know of a background in a database, before bots that call `servers` are laid over it. */
export async function groundIn(
  store: Store,
  internal: Networks,
  servers: readonly string[],
): Promise<Ground> {
  const hosts = await store.rows<{ host: string; flows: number }>(sql`
    SELECT ${addressText('client')} AS host, toFloat64(count()) AS flows FROM flow
    WHERE ${inside('client', internal)} GROUP BY client ORDER BY flows, host`)
  const [resolver] = await store.rows<{ host: string }>(sql`
    SELECT ${addressText('server')} AS host FROM flow WHERE serverPort = 53 AND ${inside('client', internal)}
    GROUP BY server ORDER BY count() DESC, host LIMIT 1`)
  const [extent] = await store.rows<{ from: number; to: number }>(sql`
    SELECT toFloat64(min(start)) AS from, toFloat64(max(start + duration)) AS to FROM flow`)
  const known = await store.rows<{ text: string }>(sql`
    SELECT DISTINCT ${addressText('server')} AS text FROM flow WHERE server IN ${addresses(servers)}`)
  return {
    internal,
    hosts,
    resolver: resolver?.host ?? null,
    from: extent?.from ?? 0,
    to: extent?.to ?? 0,
    resolution: await resolutionOf(store),
    known: new Set(known.map(({ text }) => text)),
  }
}

interface OverlayOptions {
  readonly seed: number
  /** Addresses that the bots are given, in their order; drawn among hosts with ten flows or more where none are named. */
  readonly onto: readonly string[]
  /** Whether an address lies in the background's own networks. */
  readonly isInternal: (address: string) => boolean
}

const day = 86_400e6

/**
 * The bots' records with addresses and times of the background.
 *
 * Where the background is a day or longer, times of day stay; else bots begin at a random moment that leaves room for
 * all they do, or with the background where there is no room.
 *
 * @throws UserError `overlay-impossible` where the background has too few hosts.
 */
export function overlay(
  bots: BotRecords,
  ground: Ground,
  { seed, onto, isInternal }: OverlayOptions,
): Overlay {
  const random = seeded(`overlay ${seed}`)
  const all = [...new Set(bots.botnets.flatMap(({ hosts }) => hosts))]
  const open =
    onto.length > 0
      ? onto
      : random.shuffle(ground.hosts.filter(({ flows }) => flows >= leastFlows).map(({ host }) => host))
  if (open.length < all.length)
    throw new UserError(
      'overlay-impossible',
      `${all.length} bots do not fit on ${open.length} hosts`,
      `Take a background with more hosts of ${leastFlows} flows, or name them by --onto.`,
    )
  const given = new Map(all.map((bot, i) => [bot, open[i]!]))
  const moved = new Map<string, string>()
  const elsewhere = (address: string): string => {
    const known = moved.get(address)
    if (known) return known
    let other = address
    while (isInternal(other))
      other = `45.${random.integer(256)}.${random.integer(256)}.${1 + random.integer(254)}`
    moved.set(address, other)
    return other
  }
  const resolvers = new Set(bots.resolvers)
  const placed = (address: string): string => {
    const host = given.get(address)
    if (host !== undefined) return host
    if (resolvers.has(address) && ground.resolver !== null) return ground.resolver
    return isInternal(address) ? elsewhere(address) : address
  }
  const shift = shiftOf(bots, ground, random.next())
  const exchanges = bots.flows
    .filter(({ start }) => start + shift >= ground.from && start + shift < ground.to)
    .map((each, i) => ({
      ...each,
      uid: each.uid === '' ? `O${i.toString(36).padStart(8, '0')}` : `O${each.uid.slice(1)}`,
      start: each.start + shift,
      end: Math.min(each.end + shift, ground.to),
      client: placed(each.client),
      server: placed(each.server),
    }))
  const endpoint = (text: string) => {
    const at = text.lastIndexOf(':')
    return at < 0 ? placed(text) : `${placed(text.slice(0, at))}${text.slice(at)}`
  }
  return {
    exchanges,
    truth: {
      about: 'overlay of bots on a background that is taken to be clean',
      internal: ground.internal.cidrs,
      botnets: bots.botnets.map((each) => ({
        ...each,
        hosts: each.hosts.map((host) => given.get(host)!),
        cnc: each.cnc.map(endpoint),
      })),
      benign: null,
      from: ground.from,
      to: ground.to,
    },
    artefacts: artefactsOf({ bots, ground, exchanges, given, moved: [...moved.keys()], shift }),
  }
}

function shiftOf(bots: BotRecords, ground: Ground, draw: number): number {
  const room = ground.to - ground.from - (bots.to - bots.from)
  if (ground.to - ground.from >= day) {
    const whole = Math.ceil((ground.from - bots.from) / day) * day
    if (bots.from + whole < ground.to) return whole
  }
  return Math.round(ground.from - bots.from + (room > 0 ? draw * room : 0))
}

interface Mixed {
  readonly bots: BotRecords
  readonly ground: Ground
  readonly exchanges: readonly Exchange[]
  readonly given: ReadonlyMap<string, string>
  readonly moved: readonly string[]
  readonly shift: number
}

function artefactsOf({ bots, ground, exchanges, given, moved, shift }: Mixed): Artefacts {
  const added = new Map<string, number>()
  for (const { client } of exchanges) added.set(client, (added.get(client) ?? 0) + 1)
  const counts = ground.hosts.map(({ flows }) => flows)
  const rank = (flows: number) => counts.filter((each) => each < flows).length / Math.max(1, counts.length)
  const before = new Map(ground.hosts.map(({ host, flows }) => [host, flows]))
  const load = [...given.values()].map((host) => {
    const own = before.get(host) ?? 0
    const more = added.get(host) ?? 0
    return { host, before: own, added: more, rankBefore: rank(own), rankAfter: rank(own + more) }
  })
  const cut = bots.flows.length - exchanges.length
  const loudest = load.filter(({ rankBefore, rankAfter }) => rankAfter >= 0.99 && rankBefore < 0.9)
  const timeOfDayKept = shift % day === 0
  return {
    clock: {
      shiftSeconds: shift / 1e6,
      timeOfDayKept,
      cut,
      resolutions: { bots: bots.resolution, background: ground.resolution },
    },
    addresses: {
      given: Object.fromEntries(given),
      shared: [...ground.known],
      moved,
      leftOut: bots.leftOut,
    },
    load,
    timeToLive:
      'Flow records hold no IP time-to-live, so none can tell bots from hosts; the lives of DNS answers are those of the bots’ capture.',
    halved: bots.halved,
    warnings: [
      ...(bots.resolution === ground.resolution
        ? []
        : [
            `Start times are in ${bots.resolution} among the bots and in ${ground.resolution} in the background.`,
          ]),
      ...(cut > 0
        ? [
            `${cut} of ${bots.flows.length} flows of the bots fall outside the background’s time and are left out.`,
          ]
        : []),
      ...(timeOfDayKept ? [] : ['Bots act at another time of day than in their capture.']),
      ...(loudest.length > 0
        ? [
            `${loudest.map(({ host }) => host).join(', ')}: by the bots’ load among the busiest hundredth of hosts, where before it was not among the busiest tenth.`,
          ]
        : []),
      ...(bots.leftOut > 0
        ? [`${bots.leftOut} flows between bots and other hosts of their own network are left out.`]
        : []),
      ...(bots.halved > 0
        ? [`${bots.halved} flows had no counts for each side and are written by halves.`]
        : []),
      ...(moved.length > 0
        ? [`${moved.length} servers lay in the background’s networks and were moved.`]
        : []),
    ],
  }
}
