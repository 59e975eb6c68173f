/** Visits that lie a day or more apart, from the hourly aggregates. */

import type { Networks } from '../../model/networks.ts'
import type { Query } from '../../model/query.ts'
import { inside, special } from '../../store/networks.ts'
import { addressText, join, raw, sql } from '../../store/sql.ts'
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
  /** Seconds between visits, the middle one: periods of 20 hours and more, with their jitter. A day sees the others. */
  leastPeriod: 18 * 3600,
  mostPeriod: 14.5 * 86_400,
  /** Seconds without a flow after which the next one is another visit. */
  apart: 3 * 3600,
  /** Share of the intervals that lie near a whole number of the middle one. */
  leastRegular: 0.7,
} as const

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
    AND ${inside('client', internal)} AND NOT ${inside('server', internal)} AND NOT ${inside('server', special)}`
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

  return sql`
    SELECT ${key}, arrayMap(v -> toFloat64(v), began) AS visits FROM (
      SELECT ${key}, arraySort(groupArray(toInt64(first))) AS firsts,
        length(arrayDistinct(arrayMap(at -> intDiv(at, 86400), firsts))) AS days,
        length(arrayDistinct(arrayMap(at -> intDiv(at, 3600), firsts))) AS hours,
        arrayFilter((at, i) -> i = 1 OR at - firsts[i - 1] > ${slow.apart}, firsts, arrayEnumerate(firsts)) AS began,
        arrayPopFront(arrayDifference(began)) AS gaps,
        arraySort(gaps)[intDiv(length(gaps) + 1, 2)] AS middle,
        arrayCount(gap -> round(gap / middle) >= 1 AND abs(gap / middle - round(gap / middle)) <= 0.2, gaps) AS near
      FROM ${raw(table)} WHERE ${where}
      GROUP BY ${key}
      HAVING count() >= ${slow.leastVisits} AND days >= ${slow.leastVisits} AND hours <= 1 + 1.5 * days
        AND length(began) >= ${slow.leastVisits}
        AND middle BETWEEN ${slow.leastPeriod} AND ${slow.mostPeriod}
        AND near >= ${slow.leastRegular} * length(gaps))
    ORDER BY length(visits) DESC, ${own} LIMIT ${mostRows}
    SETTINGS optimize_aggregation_in_order = 1`
}
