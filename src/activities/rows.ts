/** From what a rule counts to rows of `activityColumns`. */
import type { ActivityType } from '../model/activity.ts'
import type { Scope } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import { addressText, raw, sql } from '../store/sql.ts'

/**
 * Wraps a query that gives (host, first, last, times, targets, score, traits, sample, flows), one row a host.
 * Rows under the line (score < 1) are left out.
 */
export const activityRows = (
  { name, type }: { name: string; type: ActivityType },
  { epoch }: Scope,
  found: Query,
): Query => sql`
  SELECT toUInt32(${epoch}) AS epoch, ${type} AS type, ${name} AS detector, ${addressText('host')} AS host,
         toFloat64(first) AS first, toFloat64(last) AS last, toFloat64(times) AS times,
         toFloat64(targets) AS targets, round(toFloat64(found.score), 6) AS score,
         arraySort(arraySlice(traits, 1, 200)) AS traits, arraySlice(sample, 1, 10) AS sample, flows
  FROM (${found}) AS found
  WHERE score >= 1
  ORDER BY found.host`

/** First ten flow ids by time, as text. */
export const someFlows = raw('arrayMap(each -> toString(each.2), groupArraySorted(10)((start, id))) AS flows')

/** SQL that prints an array of addresses as usual text, smallest first, at most ten. */
export const someAddresses = (column: string): Query =>
  sql`arrayMap(each -> ${addressText('each')}, arraySlice(arraySort(groupUniqArray(${raw(column)})), 1, 10))`

/**
 * At most 200 distinct values, those of the least hash: two hosts that share values keep the same ones, so the
 * likeness of the MinHash sketches estimates the likeness of the sets.
 */
export const sketch = (value: Query): Query =>
  sql`arraySort(arraySlice(arraySort(each -> cityHash64(each), groupUniqArray(${value})), 1, 200))`

/** For rules over records that cite no flow. */
export const noFlows = raw('emptyArrayString() AS flows')
