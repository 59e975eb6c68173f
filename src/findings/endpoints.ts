/** The C&C endpoints of a botnet: the services that its shared C-clusters consist of, most telling first. */
import type { CCluster, Group, Term } from '../model/correlation.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { Scope } from '../model/networks.ts'
import { cplaneTable, service } from '../store/cplane.ts'
import { namesOfServers } from '../store/server-names.ts'
import { addresses, addressText, integers, sql, texts } from '../store/sql.ts'
import type { Store } from '../store/store.ts'

export interface RankedEndpoint extends Endpoint {
  /** Members that call it within a shared cluster. */
  readonly members: readonly string[]
  /** Internal hosts that call it at all. */
  readonly callers: number
  readonly flows: number
  readonly rank: number
}

export interface At {
  readonly store: Store
  readonly analysis: string
  readonly scope: Scope
}

interface Row {
  cluster: string
  server: string
  port: number
  proto: string
  members: string[]
  callers: number
  flows: number
}

/** Endpoints shown of a botnet, at most. */
const most = 10

/**
 * Endpoints of the group, best first: `all` are the services that may be the C&C, `shown` the best of them. `stores`,
 * the servers that programs were fetched from, are left out where another service is shared: bots share those too.
 */
export async function endpointsOf(
  at: At,
  group: Group,
  stores: readonly string[],
): Promise<{ shown: RankedEndpoint[]; all: RankedEndpoint[] }> {
  const terms = group.terms.filter((term) => term.plane === 'A-C')
  if (terms.length === 0) return { shown: [], all: [] }
  const rows = await serviceRows(at, group, terms)
  const byService = Map.groupBy(rows, ({ server, port, proto }) => `${server} ${port}/${proto}`)
  const everyOne = [...byService.values()].map((same) => rankOf(same, group, terms)).sort(byRank)
  const others = everyOne.filter(({ address: each }) => !stores.includes(each))
  const ranked = others.length > 0 ? others : everyOne
  // A server that few members share says little where others are shared by most.
  const best = ranked[0]?.rank ?? 0
  const kept = ranked.filter(({ rank }) => rank >= best / 20)
  return { shown: await named(at, kept.slice(0, most)), all: kept }
}

const byRank = (a: RankedEndpoint, b: RankedEndpoint) =>
  b.rank - a.rank || b.flows - a.flows || (a.address < b.address ? -1 : 1)

function serviceRows(
  { store, analysis, scope }: At,
  { hosts }: Group,
  terms: readonly (Term & { b: CCluster })[],
): Promise<Row[]> {
  const clusters = terms.map(({ b }) => b)
  const shapes = clusters.filter(({ kind }) => kind === 'shape').map(({ id }) => id)
  const services = clusters.filter(({ kind }) => kind === 'service').map(({ id }) => id)
  const members = sql`client IN (${addresses(hosts)})`

  return store.rows<Row>(sql`
    WITH called AS MATERIALIZED (
      SELECT cluster, server, port, proto, arraySort(groupUniqArray(${addressText('client')})) AS members,
        sum(n) AS total
      FROM (
        SELECT fine AS cluster, server, serverPort AS port, proto, client, flows AS n
        FROM cflow INNER JOIN (
          SELECT client, server, serverPort, proto, fine FROM ccluster
            WHERE analysis = ${analysis} AND epoch = ${scope.epoch}
        ) AS label USING (client, server, serverPort, proto)
        WHERE analysis = ${analysis} AND epoch = ${scope.epoch} AND ${members} AND fine IN (${texts(shapes)})
        UNION ALL
        SELECT ${service} AS cluster, server, serverPort AS port, proto, client, count() AS n
        FROM ${cplaneTable(analysis)} WHERE ${members} AND ${service} IN (${texts(services)})
        GROUP BY server, serverPort, proto, client
      )
      GROUP BY cluster, server, port, proto
    )
    SELECT cluster, ${addressText('server')} AS server, toUInt32(port) AS port, proto, members,
      toFloat64(callers) AS callers, toFloat64(total) AS flows
    FROM called
    LEFT JOIN (
      SELECT server AS anyServer, serverPort AS anyPort, proto AS anyProto, uniqExact(client) AS callers
      FROM ${cplaneTable(analysis)} WHERE server IN (SELECT server FROM called)
      GROUP BY server, serverPort, proto
    ) AS everyone ON called.server = anyServer AND called.port = anyPort AND called.proto = anyProto`)
}

/** Shared by many members, called by few others, in clusters that are unlikely by chance. */
function rankOf(
  same: readonly Row[],
  { hosts }: Group,
  terms: readonly (Term & { b: CCluster })[],
): RankedEndpoint {
  const [first] = same as [Row, ...Row[]]
  const members = [...new Set(same.flatMap((row) => row.members))].sort()
  const worth = Math.max(...same.map(({ cluster }) => terms.find(({ b }) => b.id === cluster)?.worth ?? 0))
  const share = members.length / hosts.length
  const own = members.length / Math.max(1, first.callers)

  return {
    address: first.server,
    port: first.port,
    protocol: first.proto,
    name: null,
    members,
    callers: first.callers,
    flows: same.reduce((sum, { flows }) => sum + flows, 0),
    rank: worth * share * own,
  }
}

/** The endpoints with the name that most of their clients knew them by. */
export async function named<E extends Endpoint>(
  { store, scope }: Pick<At, 'store' | 'scope'>,
  endpoints: readonly E[],
): Promise<E[]> {
  if (endpoints.length === 0) return []
  const rows = await store.rows<{ server: string; name: string }>(sql`
    SELECT ${addressText('server')} AS server, argMax(name, (n, name)) AS name FROM (
      SELECT server, name, count() AS n FROM (${namesOfServers(scope)})
      WHERE server IN (${addresses(endpoints.map(({ address: each }) => each))}) GROUP BY server, name)
    GROUP BY server`)
  const names = new Map(rows.map(({ server, name }) => [server, name]))
  return endpoints.map((each) => ({ ...each, name: each.name ?? names.get(each.address) ?? null }))
}

/** Every client of a service, with how often and when it called. */
export const clientsOf = (
  { from, to }: Pick<Scope, 'from' | 'to'>,
  { address: server, port, protocol }: Endpoint,
) => sql`
  SELECT ${addressText('client')} AS host, count() AS flows, fromUnixTimestamp64Micro(min(start)) AS first,
    fromUnixTimestamp64Micro(max(start)) AS last
  FROM flow WHERE start >= ${from} AND start < ${to} AND server IN (${addresses([server])})
    AND serverPort = ${port} AND proto = ${protocol}
  GROUP BY client ORDER BY flows DESC, host LIMIT 1000`

/** Ids of some flows of the hosts to the endpoints, and the statement that shows them all. */
export async function flowsTo(
  { store, scope }: Pick<At, 'store' | 'scope'>,
  hosts: readonly string[],
  endpoints: readonly Endpoint[],
) {
  const query = sql`
    SELECT toString(id) AS flow, fromUnixTimestamp64Micro(start) AS time, ${addressText('client')} AS host,
      ${addressText('server')} AS peer,
           serverPort, proto, duration / 1e6 AS seconds, packets, bytes, outcome
    FROM flow WHERE start >= ${scope.from} AND start < ${scope.to} AND client IN (${addresses(hosts)})
      AND server IN (${addresses(endpoints.map(({ address: each }) => each))})
      AND serverPort IN (${integers(endpoints.map(({ port }) => port))})
    ORDER BY start LIMIT 1000`

  const rows = await store.rows<{ flow: string }>(
    sql`SELECT flow FROM (${query}) ORDER BY time, flow LIMIT 10`,
  )
  return { flows: rows.map(({ flow }) => flow), query }
}
