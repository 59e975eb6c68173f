import type { Query } from '../../model/query.ts'
import type { Store } from '../store.ts'

/**
 * Whether a statement that ends with `LIMIT 1` gives a row. Each shard is asked for its own rows: asked of all at once,
 * the first to answer ends the question at the others, and such ends have brought nodes of a cluster down.
 */
export async function hasRows(store: Store, statement: Query): Promise<boolean> {
  const found = await store.byShard((shard) => shard.rows(statement), { machines: true })
  return found.some((rows) => rows.length > 0)
}
