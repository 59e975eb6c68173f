/** When hosts, services and names were seen, over all the time that aggregates are kept. */

import type { Query } from '../../model/query.ts'
import { addresses, addressText, name, raw, sql, texts } from '../sql.ts'
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

const seenBy = async (store: Store, key: Query, from: Query, until: number): Promise<Map<string, Seen>> => {
  await fillDeferred(store)
  const rows = await store.rows<Row>(sql`
    SELECT ${key} AS key, toFloat64(min(first)) * 1e6 AS began,
      arrayMap(d -> toFloat64(d), arraySort(groupUniqArray(intDiv(hour, ${day})))) AS days
    FROM ${from} AND hour < ${until} GROUP BY key`)
  return new Map(rows.map(({ key: of, began, days }) => [of, { first: began, days }]))
}

/** Hosts by their flows, or by the names that they asked for or called; until a moment. */
export const hostsSeen = (
  store: Store,
  by: 'service_hour' | 'name_hour',
  { hosts, until }: { readonly hosts: readonly string[]; readonly until: number },
): Promise<Map<string, Seen>> =>
  seenBy(store, addressText('client'), sql`${name(by)} WHERE client IN ${addresses(hosts)}`, until)

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
  const clients = [...new Set(services.map(({ client }) => client))]
  const servers = [...new Set(services.map(({ server }) => server))]
  const key = sql`
    concat(${addressText('client')}, ' ', ${addressText('server')}, ' ', toString(serverPort), ' ', proto)`
  const from = sql`service_hour
    WHERE client IN ${addresses(clients)} AND server IN ${addresses(servers)}
      AND key IN ${texts(services.map(serviceText))}`
  return seenBy(store, key, from, until)
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
  const clients = [...new Set(names.map(({ client }) => client))]
  const key = sql`concat(${addressText('client')}, ' ', name)`
  const from = sql`name_hour
    WHERE client IN ${addresses(clients)} AND ${raw('name')} IN ${texts([...new Set(names.map((each) => each.name))])}
      AND key IN ${texts(names.map(nameText))}`
  return seenBy(store, key, from, until)
}
