/** Logs of unfinished things, where a later line takes the place of an earlier one. */
import type { Query } from '../model/query.ts'
import { join, sql } from '../store/sql.ts'
import type { Selection } from './lines.ts'
import { rejectFirst } from './mapping.ts'

/** The selection with only the last line of each `key`; the earlier ones are rejects, `superseded`. */
export function onlyLast(selection: Selection, key: readonly Query[]): Selection {
  const keyed = sql`(SELECT *, tuple(${join(key, ', ')}) AS snapshotOf FROM ${selection.table})`
  const last = sql`SELECT max(row) FROM ${keyed} GROUP BY snapshotOf`
  return {
    ...selection,
    compiled: rejectFirst([[sql`row NOT IN (${last})`, 'superseded']], selection.compiled),
  }
}
