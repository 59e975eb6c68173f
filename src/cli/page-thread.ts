/** The thread in which an import or an analysis runs while pages are served; see `work-beside.ts`. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { AnalysisOptions } from '../config.ts'
import { borrowStore, type SentFault, sentFault } from '../store/lent-engine.ts'
import { openPlace } from './database.ts'
import type { Place } from './flags.ts'
import { pageWork } from './page-work.ts'

/** Paths to import; or an analysis, with the options of the one before where `analyse` is null. */
export type Job = { readonly import: readonly string[] } | { readonly analyse: AnalysisOptions | null }

export interface WorkOrder {
  readonly place: Place
  /** The engine of an embedded database; null: the thread opens the server by itself. */
  readonly engine: MessagePort | null
  readonly does: Job
  /** Becomes 1 when the work is to stop. */
  readonly stop: Int32Array
}

export type WorkReport =
  | { readonly step: string; readonly share: number }
  | { readonly output: string }
  | { readonly fault: SentFault }

const { place, engine, does, stop } = workerData as WorkOrder
const report = (message: WorkReport): void => parentPort?.postMessage(message)

const tell = (step: string, share: number): void => {
  if (Atomics.load(stop, 0) === 1) throw new Error('stopped')
  report({ step, share })
}

try {
  const store = engine !== null && 'db' in place ? borrowStore(engine, place.db) : await openPlace(place)
  const work = pageWork(store)
  const done = 'import' in does ? work.import(does.import, tell) : work.analyse(tell, does.analyse)
  const output = await done.finally(() => store.close())
  report({ output })
} catch (error) {
  report({ fault: sentFault(error) })
}
