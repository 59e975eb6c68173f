/**
 * Logs of connections that are still open (`open_conn.log` and the like), where a later line takes the place of
 * an earlier one.
 */
import type { Query } from '../../model/query.ts'
import { join, sql } from '../../store/sql.ts'

/** Whether the name of a file, or of the log in it, says so. */
export const isOpenLog = (name: string): boolean => /(^|[/\\])open_[^/\\]*$/.test(name)

/** SQL: whether a row of `table` has a later one of the same `key`. */
export const notLast = (table: Query, key: readonly Query[]): Query =>
  sql`row NOT IN (SELECT max(row) FROM ${table} GROUP BY ${join(key, ', ')})`
