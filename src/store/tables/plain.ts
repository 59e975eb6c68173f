/** Tables of one engine. */
import { name, sql } from '../sql.ts'
import type { Store } from '../store.ts'
import { creation, viewing } from './shape.ts'

/** What a store does about tables; see `Store`. */
export type Tables = Pick<Store, 'create' | 'drop' | 'view' | 'alter' | 'byShard'>

/** `store` gives the store itself, for work on the only shard there is. */
export const plainTables = (run: Store['run'], store: () => Store): Tables => ({
  create: (shape) => run(creation(shape)),
  drop: (table) => run(sql`DROP TABLE IF EXISTS ${name(table)}`),
  view: (shape) => run(viewing(shape)),
  alter: (table, change) => run(sql`ALTER TABLE ${name(table)} ${change}`),
  byShard: async (work) => [await work(store())],
})
