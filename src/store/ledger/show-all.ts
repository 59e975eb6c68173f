/** Records without the filter of the ledger, for a database that nobody imports into any more. */
import type { RecordName } from '../../model/records.ts'
import { heldRecords, settleRecords } from '../epochs.ts'
import { join, name, sql } from '../sql.ts'
import type { Store } from '../store.ts'

/**
 * Has the names of records show every row, if no row is hidden: the filter is planned and run anew in each statement
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

  // Views of machines that changed their address take the place of those of the records.
  const show = kinds.includes('lease') ? showByView : showAsTable
  for (const kind of kinds) await show(store, kind)
}

const showByView = (store: Store, kind: RecordName): Promise<void> =>
  store.view({ name: kind, select: `SELECT * FROM ${kind}_rows`, shardBy: 'client' })

/** The table takes the name of the view, and a view that of the table: a view is planned anew at each mention. */
async function showAsTable(store: Store, kind: RecordName): Promise<void> {
  await store.drop(kind)
  await store.run(sql`RENAME TABLE ${name(`${kind}_rows`)} TO ${name(kind)}`)
  await store.view({ name: `${kind}_rows`, select: `SELECT * FROM ${kind}`, shardBy: 'client' })
}
