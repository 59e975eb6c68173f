/** Visits that lie hours to weeks apart, from the hourly aggregates. */

import type { Networks } from '../../model/networks.ts'
import type { Query } from '../../model/query.ts'
import { hour } from '../../model/units.ts'
import { inside, isSpecial } from '../../store/networks.ts'
import { addresses, addressText, join, raw, sql } from '../../store/sql.ts'
import type { Store } from '../../store/store.ts'

/** Of one client, at one service. */
interface ServiceVisits {
  readonly client: string
  readonly server: string
  readonly serverPort: number
  readonly proto: string
  /** Beginnings of the visits, in seconds since 1970, ascending. */
  readonly visits: readonly number[]
}

/** Of one client, at whatever has one name. */
interface NameVisits {
  readonly client: string
  readonly name: string
  readonly visits: readonly number[]
}

export const slow = {
  /** Days with a visit, and visits, for a rhythm to be worth a word. */
  leastVisits: 4,
  /** Seconds between visits, the middle one. An analysis of a day sees enough calls of faster callers. */
  leastPeriod: 2.5 * 3600,
  mostPeriod: 14.5 * 86_400,
  /** From this period on, a day sees one visit or two. */
  days: 18 * 3600,
  /** Seconds without a flow after which the next one is another visit, where visits are hours apart and where days. */
  apart: { hours: 2 * 3600, days: 3 * 3600 },
  /** Share of the intervals that lie near a whole number of the middle one; nights without power are many of hours. */
  leastRegular: { hours: 0.5, days: 0.7 },
} as const

/** Whether visits are so close that a day sees several. */
export const isOfHours = ({ period }: { readonly period: number }): boolean => period < slow.days

/** Rows of one kind that are looked at further; the most visits first. */
const mostRows = 20_000

interface Over {
  readonly internal: Networks
  /** Microseconds: hours that begin before it. */
  readonly until: number
}

/** Services outside that a client visits about as regularly as a slow clock, of either shard. */
export async function slowServices(store: Store, { internal, until }: Over): Promise<ServiceVisits[]> {
  // Questions to resolvers, the time of day and mail that is delivered are looked at elsewhere or not at all.
  const where = sql`hour < ${until} AND proto IN ('tcp', 'udp')
    AND NOT (serverPort IN (53, 123) AND proto = 'udp') AND NOT (serverPort = 25 AND proto = 'tcp')
    AND ${inside('client', internal)} AND NOT ${inside('server', internal)} AND NOT ${isSpecial('server', internal)}`
  const keys = ['client', 'server', 'serverPort', 'proto']
  const rows = await store.byShard((shard) =>
    shard.rows<ServiceVisits>(
      sql`SELECT ${addressText('client')} AS client, ${addressText('server')} AS server, serverPort, proto, visits
        FROM (${regular('service_hour', keys, where)})`,
    ),
  )
  return rows.flat()
}

/** The same of names. */
export async function slowNames(store: Store, { internal, until }: Over): Promise<NameVisits[]> {
  const where = sql`hour < ${until} AND ${inside('client', internal)}`
  const rows = await store.byShard((shard) =>
    shard.rows<NameVisits>(
      sql`SELECT ${addressText('client')} AS client, name, visits
        FROM (${regular('name_hour', ['client', 'name'], where)})`,
    ),
  )
  return rows.flat()
}

/** Keys with their visits; `visits` as doubles. */
function regular(table: string, keys: readonly string[], where: Query): Query {
  const key = raw(keys.join(', '))
  const own = join(
    keys.map((each) => raw(`toString(${each})`)),
    ', ',
  )
  const middle = (gaps: string) => raw(`arraySort(${gaps})[intDiv(length(${gaps}) + 1, 2)]`)
  // Aggregates have the first flow of each hour: a visit that goes on into the next hours has them less than 2 h apart.
  const beginnings = (apart: number) => sql`
    arrayFilter((at, since, i) -> i = 1 OR since > ${apart}, firsts, arrayDifference(firsts), arrayEnumerate(firsts))`

  // Step by step, so that the costlier steps see few keys.
  const often = sql`
    SELECT ${key}, arraySort(groupArray(toInt64(first))) AS firsts FROM ${raw(table)} WHERE ${where}
    GROUP BY ${key}
    HAVING count() >= ${slow.leastVisits} AND max(first) - min(first) > 86400 * ${slow.leastVisits - 2}
    SETTINGS optimize_aggregation_in_order = 1`
  const onDays = sql`
    SELECT ${key}, firsts, length(arrayDistinct(arrayMap(at -> intDiv(at, 86400), firsts))) AS days,
      length(arrayDistinct(arrayMap(at -> intDiv(at, 3600), firsts))) AS hours
    FROM (${often}) WHERE days >= ${slow.leastVisits}`
  const visited = sql`
    SELECT ${key}, firsts, ${beginnings(slow.apart.hours)} AS often,
      arrayPopFront(arrayDifference(often)) AS between, ${middle('between')} < ${slow.days} AS isOften,
      if(isOften, often, ${beginnings(slow.apart.days)}) AS began,
      hours <= 1 + 1.5 * if(isOften, length(began), days) AS isBrief
    FROM (${onDays}) WHERE length(began) >= ${slow.leastVisits} AND isBrief`

  return sql`
    SELECT ${key}, arrayMap(v -> toFloat64(v), began) AS visits,
      arrayPopFront(arrayDifference(began)) AS gaps, ${middle('gaps')} AS middle,
      arrayCount(gap -> round(gap / middle) >= 1 AND abs(gap / middle - round(gap / middle)) <= 0.2, gaps) AS near
    FROM (${visited})
    WHERE middle BETWEEN ${slow.leastPeriod} AND ${slow.mostPeriod} 
      AND near >= if(middle < ${slow.days}, ${slow.leastRegular.hours}, ${slow.leastRegular.days}) * length(gaps)
    ORDER BY length(visits) DESC, ${own} LIMIT ${mostRows}`
}

/** Hours in which each client was seen at all: whole numbers since 1970, by client. */
export async function hoursPresent(
  store: Store,
  clients: readonly string[],
  until: number,
): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  const present = new Map<string, ReadonlySet<number>>()
  if (clients.length === 0) return present
  const rows = await store.byShard((shard) =>
    shard.rows<{ host: string; hours: readonly number[] }>(
      sql`SELECT ${addressText('client')} AS host, groupUniqArray(toUInt32(intDiv(hour, ${hour}))) AS hours
        FROM service_hour WHERE hour < ${until} AND client IN ${addresses(clients)} GROUP BY client`,
    ),
  )
  for (const { host, hours } of rows.flat()) present.set(host, new Set(hours))
  return present
}
