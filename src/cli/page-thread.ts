/** The thread in which an import or an analysis runs that a page has started; see `work-beside.ts`. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { borrowStore, type SentFault, sentFault } from '../store/lent-engine.ts'
import { openPlace } from './database.ts'
import type { Place } from './flags.ts'
import { pageWork } from './page-work.ts'

export interface WorkOrder {
  readonly place: Place
  /** The engine of an embedded database; null: the thread opens the server by itself. */
  readonly engine: MessagePort | null
  /** Paths to import; null: to analyse. */
  readonly paths: readonly string[] | null
  /** Becomes 1 when the work is to stop. */
  readonly stop: Int32Array
}

export type WorkReport =
  | { readonly step: string; readonly share: number }
  | { readonly output: string }
  | { readonly fault: SentFault }

const { place, engine, paths, stop } = workerData as WorkOrder
const report = (message: WorkReport): void => parentPort?.postMessage(message)

const tell = (step: string, share: number): void => {
  if (Atomics.load(stop, 0) === 1) throw new Error('stopped')
  report({ step, share })
}

try {
  const store = engine !== null && 'db' in place ? borrowStore(engine, place.db) : await openPlace(place)
  const work = pageWork(store)
  const output = await (paths === null ? work.analyse(tell) : work.import(paths, tell)).finally(() =>
    store.close(),
  )
  report({ output })
} catch (error) {
  report({ fault: sentFault(error) })
}
