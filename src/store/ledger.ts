/**
 * The import ledger, which makes every import whole or nothing.
 *
 * Rows are written under a load number that no view shows. One insert into `ledger` publishes them all, in
 * every table at once; a process that dies before it leaves rows that nobody sees and that the next import
 * removes. See docs/decisions/0002-whole-or-nothing.md.
 */
import { type LedgerRow, ledgerSelection, readLedgerRow } from './ledger/row.ts'
import { sql } from './sql.ts'
import type { Store } from './store.ts'

export { publish, publishAll } from './ledger/publish.ts'
export type { LedgerEntry, LedgerRow } from './ledger/row.ts'
export { showAllRows } from './ledger/show-all.ts'
export { forget, removeUnfinished } from './ledger/unfinished.ts'
export { newLoad } from './load-number.ts'
export { prepare, prepareTemporary } from './schema.ts'

/** Everything imported so far, oldest first. */
export async function ledger(store: Store): Promise<LedgerRow[]> {
  if (store.isUnmade?.('ledger')) return []
  const rows = await store.rows<LedgerRow & { rejectSamples: string }>(
    sql`SELECT ${ledgerSelection} FROM ledger ORDER BY imported, load`,
  )
  return rows.map(readLedgerRow)
}
