/** Work on one store that this process does one after the other: parts of a service share the store. */
import type { Store } from '../store.ts'

type InTurn = <T>(store: Store, work: () => Promise<T>) => Promise<T>

function createTurns(): InTurn {
  const last = new WeakMap<Store, Promise<unknown>>()

  return (store, work) => {
    const next = (last.get(store) ?? Promise.resolve()).then(work)
    last.set(
      store,
      next.catch(() => {}),
    )
    return next
  }
}

/** Publications: each looks for what others have published. */
export const publishing = createTurns()

/** Analyses, whose tables are the same, and the removal of records, which an analysis reads more than once. */
export const analysing = createTurns()
