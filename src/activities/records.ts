/** The records that an activity counted, as a statement for whoever wants to see them. */
import type { Activity } from '../model/activity.ts'
import type { Query } from '../model/query.ts'
import { addresses, addressText, join, raw, sql, texts } from '../store/sql.ts'
import type { Counted, CountedTable } from './activity.ts'
import { single, subnet } from './attempts.ts'

/** Records that are shown at most. */
const mostRecords = 1000

/** Traits that are compared at most: those of many hosts together would make a statement of megabytes. */
const mostTraits = 1000

/** Activities with a condition each, at most. */
const mostApart = 20

/**
 * The records of `table`s that the activities counted: time, host, peer, port, what, outcome, bytes and, of a flow, its
 * id. Of each host as many, in the order of time.
 */
export function recordsOf(
  activities: readonly Activity[],
  countedBy: (detector: string) => (traits: readonly string[]) => readonly Counted[],
): Query {
  const conditions = new Map<CountedTable, Query[]>()

  for (const rows of alike(activities)) {
    const hosts = [...new Set(rows.map(({ host }) => host))]
    const from = Math.min(...rows.map(({ first }) => first))
    const to = Math.max(...rows.map(({ last }) => last))
    const traits = [...new Set(rows.flatMap((row) => row.traits))].slice(0, mostTraits)
    for (const { table, where } of countedBy(rows[0]!.detector)(traits))
      conditions.set(table, [
        ...(conditions.get(table) ?? []),
        sql`(start >= ${from} AND start <= ${to} AND client IN (${addresses(hosts)}) AND ${where})`,
      ])
  }

  const parts = [...conditions].map(
    ([table, any]) => sql`SELECT ${columns[table]} FROM ${raw(table)} WHERE ${join(any, ' OR ')}`,
  )
  const hosts = new Set(activities.map(({ host }) => host)).size
  const each = raw(String(Math.max(1, Math.floor(mostRecords / Math.max(1, hosts)))))

  return sql`
    SELECT * FROM (${join(parts, ' UNION ALL ')})
    ORDER BY time, host, peer, serverPort LIMIT ${each} BY host LIMIT ${raw(String(mostRecords))}`
}

/** Activities that one condition is for: each its own, or where they are many, those of one rule. */
const alike = (activities: readonly Activity[]): readonly (readonly Activity[])[] =>
  activities.length <= mostApart
    ? activities.map((each) => [each])
    : [...Map.groupBy(activities, ({ detector }) => detector).values()]

const shared = sql`fromUnixTimestamp64Micro(start) AS time, ${addressText('client')} AS host,
  ${addressText('server')} AS peer`

/** One table's records in the columns that all have. */
const columns: Readonly<Record<CountedTable, Query>> = {
  flow: sql`'flow' AS record, ${shared}, serverPort, toString(proto) AS what, toString(outcome) AS outcome,
    ifNull(bytes, 0) AS bytes, toString(id) AS flow`,
  dns: sql`'dns' AS record, ${shared}, toUInt16(53) AS serverPort, concat(queryType, ' ', query) AS what,
    toString(responseCode) AS outcome, toUInt64(0) AS bytes, '' AS flow`,
  mail: sql`'mail' AS record, ${shared}, serverPort, sender AS what, left(reply, 60) AS outcome,
    toUInt64(0) AS bytes, '' AS flow`,
  alert: sql`'alert' AS record, ${shared}, serverPort, left(message, 200) AS what, signature AS outcome,
    toUInt64(0) AS bytes, '' AS flow`,
  file: sql`'file' AS record, ${shared}, toUInt16(0) AS serverPort, concat(name, ' ', hash) AS what,
    toString(mimeType) AS outcome, ifNull(bytes, 0) AS bytes, '' AS flow`,
  http: sql`'http' AS record, ${shared}, serverPort, concat(host, uri) AS what, toString(mimeType) AS outcome,
    ifNull(responseBytes, 0) AS bytes, '' AS flow`,
}

/** SQL: an attempt that nobody answered or that was refused. */
export const failedFlow = sql`outcome IN ('refused', 'unanswered')`

/** SQL: a flow on one of the ports among the traits. */
export const onPorts = (traits: readonly string[]): Query =>
  sql`concat(proto, '/', toString(serverPort)) IN ${texts(traits)}`

/** SQL: a flow to one of the networks, or single servers, among the traits. */
export const toNetworks = (traits: readonly string[]): Query => sql`(${subnet('server')} IN ${texts(traits)}
  OR ${single('server')} IN ${texts(traits)})`
