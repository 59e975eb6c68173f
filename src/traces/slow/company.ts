/** What the aggregates say of slow visits beside their times: names and servers met together, sizes, other callers. */
import { isIP } from 'node:net'
import type { Query, Typed } from '../../model/query.ts'
import { heldRecords } from '../../store/epochs.ts'
import { addresses, addressText, integers, raw, sql, texts, tuples } from '../../store/sql.ts'
import type { Store } from '../../store/store.ts'

interface Visited {
  readonly client: string
  readonly visits: readonly number[]
}

/** Something else that the client did when it made these visits. */
interface Beside<T> {
  /** Place in the list of the question. */
  readonly number: number
  readonly what: T
  /** Visits beside which it was. */
  readonly times: number
  /** Hours in which the client did it at all. */
  readonly hours: number
}

interface Server {
  readonly server: string
  readonly port: number
  readonly proto: string
}

/** Seconds between the first look-up of an hour and the first flow of the visit that it led to. */
const together = 15

/** Seconds of the stretches of time by which the engine looks for what is near. */
const stretch = together + 1

/** Each client beside each stretch of time that something near one of its visits may be in; and what is near. */
function nearTimes(visited: readonly Visited[]) {
  const near = new Map<string, { client: string; number: number; visits: Set<number> }>()
  const keyOf = (client: string, number: number) => `${client} ${number}`

  for (const { client, visits } of visited)
    for (const at of visits)
      for (const edge of [at - together, at, at + together]) {
        const number = Math.floor(edge / stretch)
        const key = keyOf(client, number)
        const own = near.get(key) ?? { client, number, visits: new Set() }
        near.set(key, own)
        own.visits.add(at)
      }

  return {
    stretches: tuples(
      addresses([...near.values()].map(({ client }) => client)),
      integers([...near.values()].map(({ number }) => number)),
    ),
    isNear({ host, began }: { readonly host: string; readonly began: number }): boolean {
      const own = near.get(keyOf(host, Math.floor(began / stretch)))?.visits ?? []
      return [...own].some((at) => Math.abs(began - at) <= together)
    },
  }
}

/** Each client beside the hours in which it made a visit, each once: the engine keeps the whole list in memory. */
function visitedHours(visited: readonly Visited[]): Query {
  const hours = Map.groupBy(visited, ({ client }) => client)
    .entries()
    .flatMap(([client, own]) => {
      const all = own.flatMap(({ visits }) => visits.map((at) => Math.floor(at / 3600) * 3600e6))
      return [...new Set(all)].map((hour) => ({ client, hour }))
    })
    .toArray()
  return tuples(addresses(hours.map(({ client }) => client)), integers(hours.map(({ hour }) => hour)))
}

/** What a client may do beside its visits, as a table of aggregates has it. */
interface Kind<T> {
  readonly table: string
  readonly key: string
  readonly what: Query
  /** Columns of the key, as lists. */
  readonly lists: (all: readonly T[]) => Typed[]
}

/**
 * What each client did as its visits began. Two plain statements and no join: a join ended nodes of a cluster when one
 * of its sides had no rows.
 */
async function besideOf<T>(
  store: Store,
  visited: readonly Visited[],
  { table, key, what, lists }: Kind<T>,
): Promise<Beside<T>[]> {
  if (visited.length === 0) return []
  const own = raw(key)
  const near = nearTimes(visited)
  const selection = sql`${addressText('client')} AS host, toString(tuple(${own})) AS key`

  const begun = await store.byShard((shard) =>
    shard.rows<Did<T>>(sql`
      SELECT ${selection}, any(${what}) AS what, toFloat64(min(first)) AS began FROM ${raw(table)}
      WHERE (client, hour) IN ${visitedHours(visited)} GROUP BY client, ${own}, hour
      HAVING (client, intDiv(toInt64(min(first)), ${stretch})) IN ${near.stretches}`),
  )
  const did = begun.flat().filter(near.isNear)
  if (did.length === 0) return []

  const once = [...new Map(did.map((each) => [`${each.host} ${each.key}`, each])).values()]
  const keys = tuples(addresses(once.map(({ host }) => host)), ...lists(once.map((each) => each.what)))
  const all = await store.byShard((shard) =>
    shard.rows<{ host: string; key: string; hours: number }>(sql`
      SELECT ${selection}, toFloat64(uniqExact(hour)) AS hours FROM ${raw(table)}
      WHERE (client, ${own}) IN ${keys} GROUP BY client, ${own}`),
  )
  const hours = new Map(all.flat().map((row) => [`${row.host} ${row.key}`, row.hours]))
  return metBy(visited, did, hours)
}

interface Did<T> {
  readonly host: string
  readonly key: string
  readonly what: T
  readonly began: number
}

/** The visits of each client beside which it did a thing, the most first. */
function metBy<T>(
  visited: readonly Visited[],
  did: readonly Did<T>[],
  hours: ReadonlyMap<string, number>,
): Beside<T>[] {
  const byHost = Map.groupBy(did, ({ host }) => host)

  return visited.flatMap(({ client, visits }, number) => {
    const own = Map.groupBy(byHost.get(client) ?? [], ({ key }) => key)
    const found = [...own].map(([key, rows]) => ({
      key,
      what: rows[0]!.what,
      times: visits.filter((at) => rows.some(({ began }) => Math.abs(began - at) <= together)).length,
      hours: hours.get(`${client} ${key}`) ?? 0,
    }))
    return found
      .filter(({ times }) => times > 0)
      .sort((x, y) => y.times - x.times || (x.key < y.key ? -1 : 1))
      .map(({ key: _, ...rest }) => ({ number, ...rest }))
  })
}

/** Names that the client looked up or called as the visits began. */
export const namesBeside = (store: Store, visited: readonly Visited[]): Promise<Beside<string>[]> =>
  besideOf(store, visited, {
    table: 'name_hour',
    key: 'name',
    what: raw('name'),
    lists: (names) => [texts(names)],
  })

/** Services that the client called as the visits began. */
export async function serversBeside(store: Store, visited: readonly Visited[]): Promise<Beside<Server>[]> {
  const rows = await besideOf<[string, number, string]>(store, visited, {
    table: 'service_hour',
    key: 'server, serverPort, proto',
    what: sql`tuple(${addressText('server')}, serverPort, proto)`,
    lists: (all) => [
      addresses(all.map(([server]) => server)),
      integers(all.map(([, port]) => port)),
      texts(all.map(([, , proto]) => proto)),
    ],
  })
  return rows.map(({ what: [server, port, proto], ...rest }) => ({ ...rest, what: { server, port, proto } }))
}

/** Hosts that called each service, and each name, over all the time kept; of names beside `server port proto`. */
export async function callersOf(
  store: Store,
  { servers, names }: { readonly servers: readonly string[]; readonly names: readonly string[] },
): Promise<ReadonlyMap<string, number>> {
  type Callers = { readonly key: string; readonly hosts: number }
  const ofServices = await store.rows<Callers>(sql`
    SELECT concat(${addressText('server')}, ' ', toString(serverPort), ' ', proto) AS key,
      toFloat64(uniqExact(client)) AS hosts
    FROM service_hour WHERE server IN ${addresses(servers)} GROUP BY server, serverPort, proto`)
  // A list of nothing is not asked about: on a cluster, nodes would end such a question before it is read.
  const ofNames =
    names.length === 0
      ? []
      : await store.rows<Callers>(sql`
          SELECT name AS key, toFloat64(uniqExact(client)) AS hosts FROM name_hour
          WHERE name IN ${texts(names)} GROUP BY key`)

  return new Map([...ofServices, ...ofNames].map(({ key, hosts }) => [key, hosts]))
}

/** Internal hosts of which anything is kept. */
export async function hostsKept(store: Store, internal: Query): Promise<number> {
  const [row] = await store.rows<{ hosts: number }>(
    sql`SELECT toFloat64(uniqExact(client)) AS hosts FROM service_hour WHERE ${internal}`,
  )
  return row?.hosts ?? 0
}

export interface Sizes {
  readonly flows: number
  readonly answered: number
  /** IP bytes of a visit, both ways, and those that the client sent; means. */
  readonly bytes: number
  readonly sent: number
}

/** What the visits came to, by `client server port proto`. */
export async function sizesOf(
  store: Store,
  of: readonly { readonly client: string; readonly servers: readonly string[] }[],
): Promise<ReadonlyMap<string, Sizes>> {
  const rows = await store.byShard((shard) =>
    shard.rows<Sizes & { key: string }>(sql`
      SELECT concat(${addressText('client')}, ' ', ${addressText('server')}, ' ', toString(serverPort), ' ', proto)
          AS key,
        toFloat64(sum(flows)) AS flows, toFloat64(sum(answered)) AS answered, toFloat64(sum(bytes)) AS bytes,
        toFloat64(sum(clientBytes)) AS sent
      FROM service_hour WHERE client IN ${addresses([...new Set(of.map(({ client }) => client))])}
        AND server IN ${addresses([...new Set(of.flatMap(({ servers }) => servers))])}
      GROUP BY client, server, serverPort, proto`),
  )
  return new Map(rows.flat().map(({ key, ...sizes }) => [key, sizes]))
}

/** Names that the records of a stretch of time give to servers, by DNS, TLS or HTTP. */
export async function namesInRecords(
  store: Store,
  servers: readonly string[],
  { from, to }: { readonly from: number; readonly to: number },
): Promise<ReadonlyMap<string, string>> {
  if (servers.length === 0) return new Map()
  const within = sql`start >= ${from} AND start < ${to}`

  const named = {
    tls: sql`SELECT ${addressText('server')} AS server, serverName AS name, toFloat64(count()) AS times FROM tls
      WHERE server IN ${addresses(servers)} AND ${within} GROUP BY server, name`,
    http: sql`SELECT ${addressText('server')} AS server, host AS name, toFloat64(count()) AS times FROM http
      WHERE server IN ${addresses(servers)} AND ${within} GROUP BY server, name`,
    dns: sql`SELECT arrayJoin(arrayIntersect(answers, ${texts(servers)})) AS server, query AS name,
        toFloat64(count()) AS times
      FROM dns WHERE hasAny(answers, ${texts(servers)}) AND ${within} GROUP BY server, name`,
  }
  const held = await heldRecords(store)
  const rows: { readonly server: string; readonly name: string; readonly times: number }[] = []
  for (const kind of ['tls', 'http', 'dns'] as const)
    if (held.includes(kind)) rows.push(...(await store.rows<(typeof rows)[number]>(named[kind])))

  const best = rows
    .filter(({ name }) => name.includes('.') && isIP(name) === 0)
    .sort((a, b) => a.times - b.times || (a.name < b.name ? -1 : 1))
  return new Map(best.map(({ server, name }) => [server, name]))
}
