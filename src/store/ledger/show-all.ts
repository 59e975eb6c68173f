/** Views without the filter of the ledger, for a database that nobody imports into any more. */
import { heldRecords, settleRecords } from '../epochs.ts'
import { join, name, sql } from '../sql.ts'
import type { Store } from '../store.ts'

/**
 * Has the views of records show every row, if no row is hidden: the filter is planned and run anew in each statement
 * of an analysis. Only for a temporary database, of one process, whose imports have ended: rows of a later import
 * would be seen before they are published.
 */
export async function showAllRows(store: Store): Promise<void> {
  const kinds = await heldRecords(store)
  if (kinds.length === 0) return
  const hidden = kinds.map(
    (kind) =>
      sql`SELECT 1 AS yes FROM ${name(`${kind}_rows`)} WHERE load NOT IN (SELECT load FROM ledger) LIMIT 1`,
  )
  if ((await store.rows(join(hidden, ' UNION ALL '))).length > 0) return
  settleRecords(store, kinds)

  for (const kind of kinds)
    await store.view({ name: kind, select: `SELECT * FROM ${kind}_rows`, shardBy: 'client' })
}
