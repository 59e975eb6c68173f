/**
 * C&C traffic of real infected captures, to be laid over other hosts: behaviour of real malware, another network
 * around it.
 */
import type { Random } from '../../../src/math/random.ts'
import { addressText, raw, sql } from '../../../src/store/sql.ts'
import type { Store } from '../../../src/store/store.ts'
import type { Contact } from '../../../src/traces/contacts/find.ts'
import type { Given } from '../../../test/fixtures/records.ts'
import type { Place, Records } from './draw.ts'

/** The records of one C&C contact, with times from its first. */
export interface Transplant {
  readonly family: string
  readonly records: Records
}

/** Flows of one transplant, most. */
const mostFlows = 2000

/** What a store has of a contact. */
export async function transplantOf(
  store: Store,
  { trace }: Contact,
  family: string,
): Promise<Transplant | null> {
  const { client, servers, serverPort, proto, name } = trace
  const ours = sql`${addressText('client')} = ${client} AND ${addressText('server')} IN ${[...servers]}`
  const at = sql`${ours} AND serverPort = ${serverPort}`

  const flow = await store.rows<Given>(sql`
    SELECT ${addressText('server')} AS server, toFloat64(start) AS start, toFloat64(duration) AS duration,
      toString(proto) AS proto, clientPort, serverPort, toFloat64(packets) AS packets, toFloat64(bytes) AS bytes,
      toFloat64(clientPackets) AS clientPackets, toFloat64(clientBytes) AS clientBytes,
      toFloat64(serverPackets) AS serverPackets, toFloat64(serverBytes) AS serverBytes,
      toString(outcome) AS outcome, toString(state) AS state, toString(service) AS service, uid
    FROM (SELECT * FROM flow WHERE ${at} AND proto = ${proto} ORDER BY flow.start LIMIT ${raw(String(mostFlows))})`)
  if (flow.length === 0) return null
  const first = Number(flow[0]!['start'])

  const tls = await store.rows<Given>(sql`
    SELECT ${addressText('server')} AS server, toFloat64(start) AS start, serverPort, uid, serverName,
      toString(version) AS version, toString(fingerprint) AS fingerprint, subject, issuer
    FROM tls WHERE ${at}`)
  const http = await store.rows<Given>(sql`
    SELECT ${addressText('server')} AS server, toFloat64(start) AS start, serverPort, uid, toString(method) AS method,
      host, uri, userAgent, toString(mimeType) AS mimeType, toFloat64(requestBytes) AS requestBytes,
      toFloat64(responseBytes) AS responseBytes
    FROM http WHERE ${at}`)
  const dns =
    name === null
      ? []
      : [{ start: first - 1e5, query: name, answers: [...servers], ttls: servers.map(() => 60) }]

  const moved = (rows: readonly Given[]) =>
    rows.map((row) => ({ ...row, start: Number(row['start']) - first }))
  return { family, records: { flow: moved(flow), tls: moved(tls), http: moved(http), dns: moved(dns) } }
}

/** The records on another host, from some moment at which it is on; cut where its records end. */
export function planted({ records }: Transplant, place: Place, random: Random): Records | null {
  const { minutes, has } = place
  const last = (minutes.at(-1) ?? 0) * 60e6 + 60e6
  const begin = (minutes[random.integer(Math.ceil(minutes.length / 2))] ?? 0) * 60e6

  const moved = (rows: readonly Given[] = [], ours: Given = {}) =>
    rows
      .map((row) => ({
        ...row,
        client: place.client,
        start: Math.round(begin + Number(row['start'])),
        ...ours,
      }))
      .filter(({ start }) => start < last)
  const flow = moved(records.flow).map((row: Given) => ({
    ...row,
    duration: Math.min(Number(row['duration']), last - Number(row['start'])),
    service: has.told ? row['service'] : '',
  }))
  const all = moved(records.dns, { server: place.resolver })
  const held = flow.some((row: Given) => Number(row['duration']) >= 60e6)
  if (!held && flow.length < 2) return null

  return {
    flow,
    tls: has.tls ? moved(records.tls) : [],
    http: has.http ? moved(records.http) : [],
    dns: has.dns ? all : [],
  }
}
