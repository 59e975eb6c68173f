/** Inbound and outbound connections of the candidates for a relay. */
import type { Random } from '../math/random.ts'
import type { Scope } from '../model/networks.ts'
import type { Query, Typed } from '../model/query.ts'
import { inside, outside } from '../store/networks.ts'
import { addresses, addressText, raw, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'

export interface Side {
  readonly start: Float64Array
  readonly sent: Float64Array
  readonly received: Float64Array
  readonly peer: readonly string[]
  readonly port: Float64Array
  readonly proto: readonly string[]
  readonly id: readonly string[]
}

export interface Candidate {
  readonly host: string
  readonly port: number
  readonly proto: string
}

/** What was asked of each candidate, and what it asked outside. */
export async function sidesOf(
  store: Store,
  scope: Scope,
  candidates: readonly Candidate[],
  most: number,
): Promise<(candidate: Candidate) => { called: Side; passed: Side }> {
  const hosts = [...new Set(candidates.map(({ host }) => host))]
  const during = sql`start >= ${scope.from} AND start < ${scope.to} AND outcome IN ('established', 'unknown')
    AND proto IN ('tcp', 'udp')`
  const service = ({ host, port, proto }: Candidate) => serviceKey(hosts.indexOf(host) + 1, port, proto)
  const services: Typed = { type: 'Array(UInt64)', value: candidates.map((each) => String(service(each))) }
  const host = (column: string) => sql`indexOf(${addresses(hosts)}, ${raw(column)})`

  const called = await sidesBy(store, {
    condition: sql`${during} AND server IN (${addresses(hosts)}) AND key IN (${services})
      AND NOT ${inside('client', scope.internal)}`,
    key: sql`${host('server')} * 131072 + serverPort * 2 + (proto = 'tcp')`,
    side: 'client',
    most,
  })

  const passed = await sidesBy(store, {
    condition: sql`${during} AND client IN (${addresses(hosts)}) AND ${outside('server', scope.internal)}
      AND serverPort NOT IN (53, 123)`,
    key: host('client'),
    side: 'server',
    most,
  })

  return (candidate) => ({
    called: called.get(service(candidate)) ?? noSide,
    passed: passed.get(hosts.indexOf(candidate.host) + 1) ?? noSide,
  })
}

/** A host by its place in a list, with port and transport, as one number. */
const serviceKey = (host: number, port: number, proto: string): number =>
  host * 131_072 + port * 2 + (proto === 'tcp' ? 1 : 0)

const noSide: Side = {
  start: new Float64Array(),
  sent: new Float64Array(),
  received: new Float64Array(),
  peer: [],
  port: new Float64Array(),
  proto: [],
  id: [],
}

interface SidesRequest {
  readonly condition: Query
  /** SQL of the number that a flow is listed under. */
  readonly key: Query
  readonly side: 'client' | 'server'
  /** Flows of one key; the first count. */
  readonly most: number
}

/** Flows by key, each in the order of time. */
async function sidesBy(
  store: Store,
  { condition, key, side, most }: SidesRequest,
): Promise<Map<number, Side>> {
  const columns = await store.columns(sql`
    SELECT toFloat64(${key} AS key) AS number, toFloat64(start) AS at,
           toFloat64(ifNull(clientBytes, ifNull(bytes, 0))) AS sent,
           toFloat64(ifNull(serverBytes, 0)) AS received, ${addressText(side)} AS peer,
           toFloat64(serverPort) AS port, toString(proto) AS proto, toString(id) AS id
    FROM flow WHERE ${condition} ORDER BY key, start, flow.id LIMIT ${most} BY key`)

  const numbersOf = (name: string) => columns[name] as Float64Array
  const textsOf = (name: string) => columns[name] as readonly string[]
  const keys = numbersOf('number')
  const sides = new Map<number, Side>()

  for (let from = 0, to = 0; from < keys.length; from = to) {
    while (to < keys.length && keys[to] === keys[from]) to++
    sides.set(keys[from]!, {
      start: numbersOf('at').subarray(from, to),
      sent: numbersOf('sent').subarray(from, to),
      received: numbersOf('received').subarray(from, to),
      peer: textsOf('peer').slice(from, to),
      port: numbersOf('port').subarray(from, to),
      proto: textsOf('proto').slice(from, to),
      id: textsOf('id').slice(from, to),
    })
  }

  return sides
}

/**
 * The side moved in time by up to five minutes, and by more than a pair may lie apart: near enough that a busy hour
 * stays a busy hour, so that chance is not made small by the quiet of the night.
 */
export function shifted(side: Side, within: number, random: Random): Side {
  const by = (random.next() < 0.5 ? -1 : 1) * within * (2 + 148 * random.next())
  return { ...side, start: side.start.map((at) => at + by) }
}
