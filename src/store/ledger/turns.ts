/** Work on one store that this process does one after the other: parts of a service share the store. */
import type { Store } from '../store.ts'

export type TurnName = 'publishing' | 'analysing'

type InTurn = <T>(store: Store, work: () => Promise<T>) => Promise<T>
type TakeTurn = <T>(name: TurnName, work: () => Promise<T>) => Promise<T>

/** Stores of an engine that another thread owns: turns are taken there. */
const elsewhere = new WeakMap<Store, TakeTurn>()

/** Has the turns of `store` taken by `take`, where its engine is. */
export const takeTurnsBy = (store: Store, take: TakeTurn): void => void elsewhere.set(store, take)

function createTurns(name: TurnName): InTurn {
  const last = new WeakMap<Store, Promise<unknown>>()

  return (store, work) => {
    const take = elsewhere.get(store)
    if (take) return take(name, work)

    const next = (last.get(store) ?? Promise.resolve()).then(work)
    last.set(
      store,
      next.catch(() => {}),
    )
    return next
  }
}

/** Publications: each looks for what others have published. */
export const publishing = createTurns('publishing')

/** Analyses, whose tables are the same, and the removal of records, which an analysis reads more than once. */
export const analysing = createTurns('analysing')
