/**
 * Who writes to a store in this process. A folder has one process, but that may be a service of which a collector, a
 * watch and a page write at the same time: what one has not published is no rest of an import that never finished.
 */
import type { Store } from '../store.ts'
import { removeUnfinished } from './unfinished.ts'

interface Writers {
  now: number
  /** All that ever began. */
  begun: number
  /** The removal that the first of them began with. */
  cleared: Promise<unknown>
}

const writersOf = new WeakMap<Store, Writers>()

/** Runs `work`, which writes loads; before it, and if nobody else writes, what was never finished is removed. */
export async function asWriter<T>(store: Store, work: () => Promise<T>): Promise<T> {
  const writers = writersOf.get(store) ?? { now: 0, begun: 0, cleared: Promise.resolve() }
  writersOf.set(store, writers)
  writers.now++
  writers.begun++
  if (writers.now === 1) {
    const before = writers.cleared.catch(() => {})
    writers.cleared = before.then(() => removeUnfinished(store))
  }

  try {
    await writers.cleared
    return await work()
  } finally {
    writers.now--
  }
}

/** A mark that stays the same while nobody begins to write; null while several do. */
export function onlyWriter(store: Store): number | null {
  const { now, begun } = writersOf.get(store) ?? { now: 0, begun: 0 }
  return now > 1 ? null : begun
}
