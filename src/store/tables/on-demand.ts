/**
 * Tables that are made when a statement first names them: to make each of the forty of a database takes the engine as
 * long as a small analysis takes to ask for its records, and that names half of them.
 */
import { bound, raw } from '../sql.ts'
import type { Store } from '../store.ts'

type Make = () => Promise<void>

/** What a statement reads and writes stands behind one of these words; `file(` is a function. */
const named = /\b(?:FROM|JOIN|INTO|IN|TABLE|MERGES)\s+`?([A-Za-z_]\w*)\b(?!\()/g

/** The store of an embedded database that this process alone has, new and empty, and that is gone afterwards. */
export function onDemand(store: Store): Store {
  const absent = new Map<string, Make>()
  const made = new Map<string, Promise<void>>()

  const make = async (table: string): Promise<void> => {
    const making = absent.get(table)
    if (making) {
      absent.delete(table)
      made.set(table, making())
    }
    // Of statements that are sent together, each waits for what another has begun to make.
    await made.get(table)
  }

  const makeNamed = async (statement: string): Promise<void> => {
    for (const [, table] of statement.matchAll(named)) if (table !== undefined) await make(table)
  }

  const after =
    <T>(work: (query: Parameters<Store['run']>[0]) => Promise<T>): typeof work =>
    async (query) => {
      await makeNamed(bound(typeof query === 'string' ? raw(query) : query).text)
      return work(query)
    }

  const lazy: Store = {
    ...store,
    isUnmade: (table) => absent.has(table),
    run: after(store.run),
    rows: after(store.rows) as Store['rows'],
    columns: after(store.columns),
    cells: after(store.cells),
    async insert(table, columns, chunks, settings) {
      await make(table)
      await store.insert(table, columns, chunks, settings)
    },
    save: (query, file) => after((each) => store.save(each as typeof query, file))(query),
    async create(table) {
      if (!made.has(table.name) && !absent.has(table.name)) absent.set(table.name, () => store.create(table))
    },
    async drop(table) {
      absent.delete(table)
      if (made.delete(table)) await store.drop(table)
    },
    async view(view) {
      const making = async () => {
        await makeNamed(view.select)
        await store.view(view)
      }
      absent.set(view.name, making)
      if (made.delete(view.name)) await make(view.name)
    },
    // Of a table that is not made there are no rows to change.
    async alter(table, change) {
      if (absent.has(table)) return
      await make(table)
      await store.alter(table, change)
    },
    byShard: async (work) => [await work(lazy)],
  }
  return lazy
}
