/** What is known of the service behind a contact: its owner, how popular its name is, and who else calls it. */
import { ownerOf, popularityOf } from '../../knowledge/index.ts'
import type { Store } from '../../store/store.ts'
import { prevalenceOf, serviceKey } from '../records.ts'
import type { ContactRow, RankedRow } from './views.ts'

/** The rows with what the packaged lists and all records say of their services; null: the records are not asked. */
export async function withKnown(store: Store | null, rows: readonly RankedRow[]): Promise<ContactRow[]> {
  const seen = store === null ? null : await prevalenceOf(store, rows)

  return rows.map((row) => {
    const found = seen?.get(serviceKey(row))
    return {
      ...row,
      owner: ownerOf(row.address)?.owner ?? null,
      popularity: row.name === null ? null : popularityOf(row.name).rank,
      firstSeen: found?.firstSeen ?? null,
      callers: seen === null ? null : (found?.callers ?? 0),
    }
  })
}
