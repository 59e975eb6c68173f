/** A store that is opened when it is first asked for something. */
import type { Store } from '../store/store.ts'

/** `where` is its name; `open` opens it, once. */
export function lazyStore(where: string, open: () => Promise<Store>): Store {
  let opened: Promise<Store> | null = null
  const store = (): Promise<Store> => {
    opened ??= open()
    return opened
  }

  return {
    where,
    kind: 'embedded',
    shards: 1,
    run: async (query) => (await store()).run(query),
    rows: async (query) => (await store()).rows(query),
    ask: async (statement, params) => (await store()).ask(statement, params),
    columns: async (query) => (await store()).columns(query),
    cells: async (query) => (await store()).cells(query),
    insert: async (table, columns, chunks, settings) =>
      (await store()).insert(table, columns, chunks, settings),
    parse: async (file, use) => (await store()).parse(file, use),
    describe: async (path, format) => (await store()).describe(path, format),
    save: async (query, file) => (await store()).save(query, file),
    create: async (table) => (await store()).create(table),
    drop: async (table) => (await store()).drop(table),
    view: async (view) => (await store()).view(view),
    alter: async (table, change) => (await store()).alter(table, change),
    byShard: async (work, needs) => (await store()).byShard(work, needs),
    async close() {
      if (opened) await (await opened).close()
    },
  }
}
