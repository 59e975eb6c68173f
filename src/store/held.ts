/** Which kinds of records a database holds at all, known without a look at the rows. */

import type { Query } from '../model/query.ts'
import { type RecordName, records } from '../model/records.ts'
import { sql, texts } from './sql.ts'
import type { Store } from './store.ts'

/**
 * Kinds with a row, hidden ones counted: a kind that is left out has none. In the order of `records`. What an engine does
 * not count by itself, such as a table over several nodes, is taken to have rows.
 */
export async function heldRecords(store: Store): Promise<RecordName[]> {
  const kinds = Object.keys(records) as RecordName[]
  const empty = await store.rows<{ name: string }>(sql`
    SELECT name FROM system.tables
    WHERE database = currentDatabase() AND name IN ${texts(kinds.map(rowsOf))} AND total_rows = 0`)
  return kinds.filter((kind) => !empty.some((each) => each.name === rowsOf(kind)))
}

const rowsOf = (kind: RecordName) => `${kind}_rows`

/** SQL: the epoch, named by its beginning, that a row of these epochs lies in; they follow each other without a gap. */
export const epochOf = (epochs: readonly { readonly from: number }[]): Query =>
  epochs.length === 1
    ? sql`toInt64(${epochs[0]!.from})`
    : sql`roundDown(start, ${{ type: 'Array(Int64)', value: epochs.map(({ from }) => String(from)) }})`
