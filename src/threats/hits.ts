/** What matched, by indicator. */
import type { InputReport } from '../model/answer.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { Scope } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import { type Micros, micros } from '../model/units.ts'
import { inside } from '../store/networks.ts'
import { addressText, join, name, sql, texts } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { type IndicatorType, indicatorTypes } from './indicator.ts'
import type { ListSettings } from './reading.ts'

/** One host and one indicator that it met. */
export interface ThreatMatch {
  readonly host: string
  readonly list: string
  readonly indicator: string
  readonly type: IndicatorType
  readonly description: string
  readonly listed: Micros | null
  readonly matched: string
  readonly times: number
  readonly first: Micros
  readonly last: Micros
  /** Internal hosts that met the same indicator. */
  readonly hosts: number
  /** Where it was called, where an address matched. */
  readonly endpoints: readonly Endpoint[]
  readonly flows: readonly string[]
  readonly query: Query
}

export interface Threats {
  readonly matches: readonly ThreatMatch[]
  readonly reports: readonly InputReport[]
  /** Sentences about indicators that this many hosts met that they say nothing. */
  readonly warnings: readonly string[]
}

export interface ThreatRequest {
  /** Names the tables; letters, digits and underscores. */
  readonly key: string
  readonly paths: readonly string[]
  readonly scope: Pick<Scope, 'from' | 'to' | 'internal'>
  readonly isSharedName: ListSettings['isSharedName']
  readonly isAllowed: ListSettings['isAllowed']
}

/**
 * An indicator that this many internal hosts met, and this share of all of them, is taken for too broad: a page that
 * everyone reads, or a shared address. A worm on a fifth of all hosts would be lost with it, so it is told.
 */
const broad = { hosts: 10, share: 0.2 }

/** Matches told of; a list that names everything is cut here, and the report says so. */
const mostMatches = 5000

export const columns = {
  number: { kind: 'count', doc: '' },
  type: { kind: 'word', doc: '' },
  address: { kind: 'address', doc: '' },
  bits: { kind: 'count', doc: '' },
  name: { kind: 'text', doc: '' },
  path: { kind: 'text', doc: '' },
  port: { kind: 'port', doc: '' },
  proto: { kind: 'word', doc: '' },
  below: { kind: 'flag', doc: '' },
  text: { kind: 'text', doc: '' },
  list: { kind: 'word', doc: '' },
  description: { kind: 'text', doc: '' },
  listed: { kind: 'time', doc: '', optional: true },
} as const

export interface Matching {
  readonly indicators: Query
  readonly hits: Query
  readonly scope: ThreatRequest['scope']
  readonly present: ReadonlySet<IndicatorType>
}

interface HitRow {
  host: string
  number: number
  type: IndicatorType
  indicator: string
  list: string
  description: string
  listed: number | null
  matched: string
  times: number
  first: number
  last: number
  hosts: number
  places: [string, number, string][]
  flows: string[]
}

export async function gather(
  store: Store,
  { indicators, hits, scope }: Pick<Matching, 'indicators' | 'hits' | 'scope'>,
): Promise<Pick<Threats, 'matches' | 'warnings'>> {
  const during = sql`start >= ${scope.from} AND start < ${scope.to} AND ${inside('client', scope.internal)}`
  const outward = sql`${during} AND NOT ${inside('server', scope.internal)}`
  const ports = await store.rows<{ n: number }>(
    sql`SELECT toFloat64(count()) AS n FROM ${indicators} WHERE type = 'port'`,
  )

  const flows = sql`
    SELECT client, number, ${addressText('server')} AS value, start, server, serverPort, flow.proto AS proto, id
      FROM flow
    INNER JOIN (SELECT address AS server, number, listed.port AS onPort, listed.proto AS onProto FROM ${hits} AS hit
                INNER JOIN ${indicators} AS listed USING (number) WHERE kind = 'address') AS hit USING (server)
    WHERE ${outward} AND (onPort = 0 OR onPort = serverPort) AND (onProto = '' OR onProto = flow.proto)`

  const byPort = sql`
    SELECT client, number, concat(toString(serverPort), '/', flow.proto) AS value, start, server, serverPort,
      flow.proto AS proto, id FROM flow
    INNER JOIN (SELECT port AS serverPort, proto AS onProto, number FROM ${indicators}
      WHERE type = 'port') AS listed USING (serverPort)
    WHERE ${outward} AND (onProto = '' OR onProto = flow.proto)`

  const values = (kind: string, table: Query, value: Query, path: Query) => sql`
    SELECT client, number, value, start, toIPv6('::') AS server, toUInt16(0) AS serverPort, '' AS proto,
      toUInt64(0) AS id FROM (
      SELECT client, start, ${value} AS value, ${path} AS path FROM ${table} WHERE ${during}) AS met
    INNER JOIN (SELECT name AS value, path, number FROM ${hits} WHERE kind = ${kind}) AS hit USING (value, path)`
  const cleaned = (column: string) =>
    sql`lower(trimRight(replaceRegexpOne(${name(column)}, ':[0-9]+$', ''), '.'))`

  const all = [
    flows,
    ...(ports[0]?.n ? [byPort] : []),
    values('name', name('dns'), cleaned('query'), sql`''`),
    values('name', name('tls'), cleaned('serverName'), sql`''`),
    values('name', name('http'), cleaned('host'), sql`''`),
    values('url', name('http'), sql`lower(replaceRegexpOne(host, ':[0-9]+$', ''))`, sql`uri`),
    values('hash', name('file'), sql`lower(hash)`, sql`''`),
  ]

  const rows = await store.rows<HitRow>(sql`
    SELECT met.host AS host, toFloat64(met.number) AS number, type,
      multiIf(text != '', text, listed.name != '', listed.name, ${addressText('address')}) AS indicator,
      list, description, toFloat64(listed) AS listed,
           matched, times, first, last, toFloat64(uniqExact(met.host) OVER (PARTITION BY met.number)) AS hosts,
             places, flows
    FROM (
      SELECT ${addressText('client')} AS host, number, toFloat64(count()) AS times, toFloat64(min(start)) AS first,
             toFloat64(max(start)) AS last, argMin(value, (start, value)) AS matched,
             arraySlice(arraySort(groupUniqArrayIf(tuple(${addressText('server')}, toUInt32(serverPort),
               toString(proto)), serverPort > 0)), 1, 10) AS places,
             arrayMap(x -> toString(x), arraySlice(arraySort(groupUniqArrayIf(id, id > 0)), 1, 10)) AS flows
      FROM (${join(all, ' UNION ALL ')}) GROUP BY client, number) AS met
    INNER JOIN ${indicators} AS listed ON met.number = listed.number
    ORDER BY hosts, times DESC, host, number LIMIT ${mostMatches + 1}`)

  const [{ n: internal = 0 } = {}] = await store.rows<{ n: number }>(
    sql`SELECT toFloat64(uniqExact(client)) AS n FROM flow WHERE ${during}`,
  )

  return hitsOf(rows, internal, scope)
}

function hitsOf(
  rows: readonly HitRow[],
  internal: number,
  scope: ThreatRequest['scope'],
): Pick<Threats, 'matches' | 'warnings'> {
  const tooBroad = (hosts: number) => hosts >= broad.hosts && hosts >= broad.share * internal
  const wide = Map.groupBy(
    rows.filter(({ hosts }) => tooBroad(hosts)),
    ({ number }) => number,
  )

  const warnings = [...wide.values()]
    .slice(0, 20)
    .map(
      ([{ list, indicator, hosts } = rows[0]!]) =>
        `Threat list ${list} has ${indicator}, which ${hosts} of ${internal} ` +
        'internal hosts met: taken for too broad and not held against them.',
    )

  if (rows.length > mostMatches)
    warnings.push(`Threat lists match more than ${mostMatches} times; the rest is left out.`)

  const matches = rows
    .slice(0, mostMatches)
    .filter(({ hosts, type }) => !tooBroad(hosts) && indicatorTypes.includes(type))
    .map((row) => ({ ...row, ...madeOf(row, scope) }))
    .map(({ places: _places, number: _number, ...match }) => match)

  return { matches, warnings }
}

const madeOf = (row: HitRow, scope: ThreatRequest['scope']) => ({
  listed: row.listed === null ? null : micros(row.listed),
  first: micros(row.first),
  last: micros(row.last),
  endpoints: row.places.map(([address, port, protocol]) => ({
    address,
    port: Number(port),
    protocol,
    name: null,
  })),
  query: queryOf(row, row.places, scope),
})

/** The rows behind a match, without the list. */
function queryOf(
  { host, type, matched, indicator }: HitRow,
  places: HitRow['places'],
  { from, to }: ThreatRequest['scope'],
): Query {
  const during = sql`start >= ${from} AND start < ${to}
    AND client = ${{ type: 'IPv6', value: host.includes(':') ? host : `::ffff:${host}` }}`

  if (type === 'hash')
    return sql`SELECT fromUnixTimestamp64Micro(start) AS time, ${addressText('server')} AS peer, name, mimeType,
      bytes, hash FROM file WHERE ${during} AND lower(hash) = ${matched} ORDER BY start LIMIT 1000`

  if (type === 'url')
    return sql`SELECT fromUnixTimestamp64Micro(start) AS time, ${addressText('server')} AS peer, method, host,
      uri, status FROM http WHERE ${during} AND endsWith(${indicator}, uri)
        AND startsWith(lower(host), ${matched}) ORDER BY start LIMIT 1000`

  if (type === 'name')
    return sql`SELECT * FROM (
      SELECT 'dns' AS record, fromUnixTimestamp64Micro(start) AS time, query AS name,
        arrayStringConcat(answers, ' ') AS answer FROM dns WHERE ${during}
      UNION ALL SELECT 'tls' AS record, fromUnixTimestamp64Micro(start) AS time, serverName AS name,
        ${addressText('server')} AS answer FROM tls WHERE ${during}
      UNION ALL SELECT 'http' AS record, fromUnixTimestamp64Micro(start) AS time, host AS name,
        ${addressText('server')} AS answer FROM http WHERE ${during})
      WHERE startsWith(lower(name), ${matched}) ORDER BY time LIMIT 1000`

  const servers = places.map(([address]) => (address.includes(':') ? address : `::ffff:${address}`))
  const ports = places.map(([, port]) => String(port))

  return sql`SELECT toString(id) AS flow, fromUnixTimestamp64Micro(start) AS time,
    ${addressText('server')} AS peer, serverPort, proto, packets, bytes, outcome
    FROM flow WHERE ${during} AND server IN (${{ type: 'Array(IPv6)', value: servers }})
      AND toString(serverPort) IN (${texts(ports)}) ORDER BY start LIMIT 1000`
}
