/** When hosts, services and names were seen, over all the time that aggregates are kept. */

import type { Query } from '../../model/query.ts'
import { addresses, addressText, integers, name, raw, sql, texts, tuples } from '../sql.ts'
import type { Store } from '../store.ts'
import { fillDeferred, mayReachBack } from './fill.ts'
import { aggregateNames } from './tables.ts'

/** Days are numbered from 1970-01-01 UTC. */
export interface Seen {
  /** Microseconds, to the second: when the first of all began. */
  readonly first: number
  /** Ascending. */
  readonly days: readonly number[]
}

/** Microseconds. */
export const day = 86_400_000_000

/** Whether any host was seen on so many days. */
export const haveDays = async (store: Store, least: number): Promise<boolean> =>
  (await mayReachBack(store, least)) && (await daysKept(store)) >= least

/** Days on which any host was seen. */
export async function daysKept(store: Store): Promise<number> {
  await fillDeferred(store)
  const each = aggregateNames.map((aggregate) => `SELECT intDiv(hour, ${day}) AS day FROM ${aggregate}`)
  const [row] = await store.rows<{ days: number }>(
    `SELECT toFloat64(uniqExact(day)) AS days FROM (${each.join(' UNION ALL ')})`,
  )
  return row?.days ?? 0
}

interface Row {
  readonly key: string
  readonly began: number
  readonly days: readonly number[]
}

interface Sought {
  /** Columns, and the text of their values by which the answer has them. */
  readonly columns: string
  readonly key: Query
  readonly from: Query
  readonly until: number
}

async function seenBy(store: Store, { columns, key, from, until }: Sought): Promise<Map<string, Seen>> {
  await fillDeferred(store)
  const rows = await store.rows<Row>(sql`
    SELECT ${key} AS key, toFloat64(min(first)) * 1e6 AS began,
      arrayMap(d -> toFloat64(d), arraySort(groupUniqArray(intDiv(hour, ${day})))) AS days
    FROM ${from} AND hour < ${until} GROUP BY ${raw(columns)}`)
  return new Map(rows.map(({ key: of, began, days }) => [of, { first: began, days }]))
}

/** Hosts by their flows, or by the names that they asked for or called; until a moment. */
export const hostsSeen = (
  store: Store,
  by: 'service_hour' | 'name_hour',
  { hosts, until }: { readonly hosts: readonly string[]; readonly until: number },
): Promise<Map<string, Seen>> =>
  seenBy(store, {
    columns: 'client',
    key: addressText('client'),
    from: sql`${name(by)} WHERE client IN ${addresses(hosts)}`,
    until,
  })

/** What one host called: a service, or a name. */
interface CalledService {
  readonly client: string
  readonly server: string
  readonly port: number
  readonly protocol: string
}

export const serviceText = ({ client, server, port, protocol }: CalledService): string =>
  `${client} ${server} ${port} ${protocol}`

/** By `serviceText`. */
export function servicesSeen(
  store: Store,
  { services, until }: { readonly services: readonly CalledService[]; readonly until: number },
): Promise<Map<string, Seen>> {
  if (services.length === 0) return Promise.resolve(new Map())
  const columns = 'client, server, serverPort, proto'
  const key = sql`
    concat(${addressText('client')}, ' ', ${addressText('server')}, ' ', toString(serverPort), ' ', proto)`
  const from = sql`service_hour WHERE (${raw(columns)}) IN ${tuples(
    addresses(services.map(({ client }) => client)),
    addresses(services.map(({ server }) => server)),
    integers(services.map(({ port }) => port)),
    texts(services.map(({ protocol }) => protocol)),
  )}`
  return seenBy(store, { columns, key, from, until })
}

interface CalledName {
  readonly client: string
  readonly name: string
}

export const nameText = ({ client, name: called }: CalledName): string => `${client} ${called}`

/** By `nameText`. */
export function namesSeen(
  store: Store,
  { names, until }: { readonly names: readonly CalledName[]; readonly until: number },
): Promise<Map<string, Seen>> {
  if (names.length === 0) return Promise.resolve(new Map())
  const columns = 'client, name'
  const from = sql`name_hour WHERE (${raw(columns)}) IN ${tuples(
    addresses(names.map(({ client }) => client)),
    texts(names.map((each) => each.name)),
  )}`
  return seenBy(store, { columns, key: sql`concat(${addressText('client')}, ' ', name)`, from, until })
}
