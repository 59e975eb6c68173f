/** What TLS and HTTP show of the connections of one host with one server. */
import type { Scope } from '../../model/networks.ts'
import type { Query } from '../../model/query.ts'
import { heldRecords } from '../../store/epochs.ts'
import { addressText, name as identifier, mostFrequent, raw, sql } from '../../store/sql.ts'
import type { Store } from '../../store/store.ts'
import { isName } from '../names.ts'
import { type Chunk, inChunk } from './connections.ts'

/** What TLS and HTTP show of one host with one server and port. */
export interface WireFacts {
  readonly handshakes: number
  /** Handshakes without a server name, or with an address in its place. */
  readonly withoutName: number
  readonly selfSigned: number
  readonly subject: string
  readonly issuer: string
  /** Servers that the host met with this client fingerprint, and hosts that use it; 0 where none is recorded. */
  readonly printServers: number
  readonly printHosts: number
  readonly requests: number
  readonly posts: number
  /** Requests whose Host is an address. */
  readonly toAddress: number
  readonly agent: string
  /** Servers that the host asked with this user agent, and hosts that use it; 0 without requests. */
  readonly agentServers: number
  readonly agentHosts: number
  /** Different paths that were asked for. */
  readonly paths: number
  /** Answers that were programs, and those among them whose path says image, text or style. */
  readonly programs: number
  readonly disguised: number
}

export const noWire: WireFacts = {
  handshakes: 0,
  withoutName: 0,
  selfSigned: 0,
  subject: '',
  issuer: '',
  printServers: 0,
  printHosts: 0,
  requests: 0,
  posts: 0,
  toAddress: 0,
  agent: '',
  agentServers: 0,
  agentHosts: 0,
  paths: 0,
  programs: 0,
  disguised: 0,
}

export interface Wires {
  of(client: string, server: string, port: number): WireFacts
}

/** Hosts that use each client fingerprint and each user agent, where more than one does. */
interface SharedTools {
  readonly prints: ReadonlyMap<string, number>
  readonly agents: ReadonlyMap<string, number>
}

/** What all hosts together use. */
export async function sharedTools(store: Store, scope: Omit<Scope, 'epoch'>): Promise<SharedTools> {
  const held = await heldRecords(store)
  const usersOf = async (record: 'tls' | 'http', tool: string): Promise<ReadonlyMap<string, number>> => {
    if (!held.includes(record)) return new Map()
    const rows = await store.rows<{ tool: string; hosts: number }>(sql`
      SELECT toString(${identifier(tool)}) AS tool, toFloat64(uniqExact(client)) AS hosts FROM ${identifier(record)}
      WHERE start >= ${scope.from} AND start < ${scope.to} AND ${identifier(tool)} != ''
      GROUP BY tool HAVING hosts > 1`)
    return new Map(rows.map(({ tool, hosts }) => [tool, hosts]))
  }
  return { prints: await usersOf('tls', 'fingerprint'), agents: await usersOf('http', 'userAgent') }
}

/** A row of TLS or HTTP; `print` is its client fingerprint, empty where none is recorded. */
type WireRow = Partial<WireFacts> & { client: string; server: string; port: number; print?: string }

/** TLS and HTTP of one chunk of clients. */
export async function wireFacts(
  store: Store,
  scope: Omit<Scope, 'epoch'>,
  chunk: Chunk,
  { prints, agents }: SharedTools,
): Promise<Wires> {
  const within = sql`start >= ${scope.from} AND start < ${scope.to}`
  const found = new Map<string, Map<string, Map<number, WireFacts>>>()
  const held = await heldRecords(store)
  const statements = [
    ...(held.includes('tls') ? [tlsFacts(within, chunk)] : []),
    ...(held.includes('http') ? [httpFacts(within, chunk)] : []),
  ]

  for (const statement of statements)
    for (const { client, server, port, print, ...facts } of await store.rows<WireRow>(statement)) {
      const ofClient = found.get(client) ?? new Map<string, Map<number, WireFacts>>()
      const ofServer = ofClient.get(server) ?? new Map<number, WireFacts>()
      found.set(client, ofClient.set(server, ofServer))
      ofServer.set(port, {
        ...noWire,
        ...ofServer.get(port),
        ...facts,
        ...(print ? { printHosts: prints.get(print) ?? 1 } : {}),
        ...(facts.agent ? { agentHosts: agents.get(facts.agent) ?? 1 } : {}),
      })
    }
  return { of: (client, server, port) => found.get(client)?.get(server)?.get(port) ?? noWire }
}

/** Subjects that tools fill in where nobody thinks of it: OpenSSL, and servers of frameworks and remote tools. */
const madeByDefault = sql`match(lower(concat(subject, ' ', issuer)),
  'widgits|cn=localhost|some-state|asyncrat|quasar server|dcrat|venomrat|cobalt ?strike|metasploit|merlin|covenant')`

const tlsFacts = (within: Query, chunk: Chunk): Query => sql`
  SELECT ${addressText('t.client')} AS client, ${addressText('t.server')} AS server,
    toFloat64(t.serverPort) AS port, toFloat64(n) AS handshakes,
    toFloat64(bare) AS withoutName, toFloat64(own) AS selfSigned, certificate AS subject, signer AS issuer,
    toFloat64(p.servers) AS printServers, t.print AS print
  FROM (
    SELECT client, server, serverPort, count() AS n, countIf(NOT ${raw(isName('serverName'))}) AS bare,
      countIf(subject != '' AND (subject = issuer OR ${madeByDefault})) AS own,
      max(subject) AS certificate, max(issuer) AS signer,
        ${mostFrequent('fingerprint')} AS print
    FROM tls WHERE ${within} AND ${inChunk(chunk)} GROUP BY client, server, serverPort) AS t
  LEFT ANY JOIN (
    SELECT client, toString(fingerprint) AS print, uniqExact(if(serverName = '', toString(server),
      serverName)) AS servers
    FROM tls WHERE ${within} AND fingerprint != '' AND ${inChunk(chunk)} GROUP BY client,
      print) AS p ON t.client = p.client AND t.print = p.print`

/** True of a request whose answer was a program. */
const isProgram = sql`mimeType IN ('application/x-dosexec', 'application/x-executable', 'application/x-msdownload',
  'application/java-archive', 'application/vnd.android.package-archive',
  'application/vnd.microsoft.portable-executable')`

/** A program that a host fetched: when, in microseconds, and from whom; an empty name for a bare address. */
export interface Fetched {
  readonly client: string
  readonly at: number
  readonly name: string
}

/** Programs that one chunk of clients fetched by HTTP, the first hundreds of each. */
export async function fetchedPrograms(
  store: Store,
  scope: Omit<Scope, 'epoch'>,
  chunk: Chunk,
): Promise<readonly Fetched[]> {
  if (!(await heldRecords(store)).includes('http')) return []
  return store.rows<Fetched>(sql`
    SELECT ${addressText('client')} AS client, toFloat64(start) AS at, if(${raw(isName('host'))}, host, '') AS name
    FROM (
      SELECT client, start, host FROM http
      WHERE start >= ${scope.from} AND start < ${scope.to} AND ${inChunk(chunk)} AND ${isProgram})
    ORDER BY start, client, name LIMIT 300 BY client`)
}

const httpFacts = (within: Query, chunk: Chunk): Query => sql`
  SELECT ${addressText('t.client')} AS client, ${addressText('t.server')} AS server,
    toFloat64(t.serverPort) AS port, toFloat64(n) AS requests,
    toFloat64(posted) AS posts, toFloat64(bare) AS toAddress, t.userAgent AS agent,
    if(t.userAgent = '', 0, toFloat64(p.servers)) AS agentServers,
    toFloat64(asked) AS paths, toFloat64(ran) AS programs, toFloat64(hid) AS disguised
  FROM (
    SELECT client, server, serverPort, count() AS n, countIf(method = 'POST') AS posted,
      countIf(isIPv4String(host) OR isIPv6String(host)) AS bare,
      ${mostFrequent('http.userAgent')} AS userAgent, uniq(cutQueryString(uri)) AS asked,
      countIf(${isProgram}) AS ran, countIf(${isProgram} AND match(lower(cutQueryString(uri)),
        '[.](jpe?g|png|gif|bmp|ico|svg|css|txt|html?|woff2?|mp3|mp4|pdf)$')) AS hid
    FROM http WHERE ${within} AND ${inChunk(chunk)} AND method != 'CONNECT' GROUP BY client, server, serverPort) AS t
  LEFT ANY JOIN (
    SELECT client, userAgent, uniqExact(if(host = '', toString(server), host)) AS servers
    FROM http WHERE ${within} AND ${inChunk(chunk)} GROUP BY client, userAgent) AS p ON t.client = p.client
      AND t.userAgent = p.userAgent`
