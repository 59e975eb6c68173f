/** How long aggregates are kept: they go by whole weeks, as partitions. */
import { name, raw, sql } from '../sql.ts'
import type { Store } from '../store.ts'
import { type AggregateName, aggregateNames, aggregatePartition, aggregateRows } from './tables.ts'

/** Aggregates of one table that are, or would be, removed. */
interface RemovedHours {
  readonly table: AggregateName
  readonly weeks: readonly number[]
  /** Microseconds: from the first hour to the end of the last. */
  readonly first: number
  readonly last: number
  readonly rows: number
}

/** What is older than `keep` (microseconds) beside the newest, or beside now where that lies in the future. */
export async function removableHours(store: Store, keep: number): Promise<RemovedHours[]> {
  const found: RemovedHours[] = []

  for (const aggregate of aggregateNames) {
    const weeks = await store.rows<{ week: number; first: number; last: number; rows: number }>(sql`
      SELECT toFloat64(intDiv(hour, ${aggregatePartition})) AS week, toFloat64(min(hour)) AS first,
        toFloat64(max(hour)) + 3600000000 AS last, toFloat64(count()) AS rows
      FROM ${name(aggregateRows(aggregate))} GROUP BY week ORDER BY week`)
    const newest = Math.min(Date.now() * 1000, weeks.at(-1)?.last ?? 0)
    const old = weeks.filter(({ last }) => last < newest - keep)
    if (old.length === 0) continue
    found.push({
      table: aggregate,
      weeks: old.map(({ week }) => week),
      first: Math.min(...old.map(({ first }) => first)),
      last: Math.max(...old.map(({ last }) => last)),
      rows: old.reduce((sum, { rows }) => sum + rows, 0),
    })
  }

  return found
}

/** Removes them; cut short, it is finished by doing it again. */
export async function removeHours(store: Store, removed: readonly RemovedHours[]): Promise<void> {
  for (const { table, weeks } of removed) {
    for (const week of weeks) await store.alter(aggregateRows(table), raw(`DROP PARTITION ${week}`))
  }
}
