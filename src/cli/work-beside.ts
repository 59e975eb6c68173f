/**
 * Imports and analyses in a thread beside the one that serves pages: an analysis computes for seconds on end, and the
 * pages answer meanwhile. The engine of an embedded database stays where it is; the thread sends it statements.
 */
import { getCompileCacheDir } from 'node:module'
import { resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { AnalysisOptions } from '../config.ts'
import type { Judged } from '../decisions/index.ts'
import type { Tell, Work } from '../serve/index.ts'
import { lastAnswer } from '../store/analyses.ts'
import { engineOf } from '../store/embedded.ts'
import { lendEngine, receivedFault } from '../store/lent-engine.ts'
import type { Store } from '../store/store.ts'
import type { Place } from './flags.ts'
import type { Job, WorkOrder, WorkReport } from './page-thread.ts'

/** What the pages may start. `place` is where `store` is. */
export function workBeside(store: Store, place: Place, folders: readonly string[]): Work {
  const run = (does: Job, tell: Tell, signal: AbortSignal) => inThread(store, { place, does }, tell, signal)

  return {
    folders: folders.map((each) => resolve(each)),
    import: (paths, tell, signal) => run({ import: paths }, tell, signal),
    analyse: (tell, signal) =>
      run({ analyse: null }, (stage, share) => tell(`analysing: ${stage}`, share), signal),
  }
}

/** Analyses with these options, and gives the answer that is kept then. `progress` is told each stage. */
export async function analyseBeside(
  store: Store,
  place: Place,
  options: AnalysisOptions,
  progress: (stage: string) => void,
): Promise<Judged> {
  const forEver = new AbortController().signal
  await inThread(store, { place, does: { analyse: options } }, progress, forEver)
  return (await lastAnswer(store))!
}

async function inThread(
  store: Store,
  order: Omit<WorkOrder, 'engine' | 'stop'>,
  tell: Tell,
  signal: AbortSignal,
): Promise<string> {
  const engine = engineOf(store)
  const lent = engine && lendEngine(store, engine)
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const ask = () => void Atomics.store(stop, 0, 1)
  signal.addEventListener('abort', ask)
  if (signal.aborted) ask()

  const worker = new Worker(threadFile, {
    workerData: { ...order, engine: lent?.port ?? null, stop } satisfies WorkOrder,
    transferList: lent ? [lent.port] : [],
    env: environment(),
  })

  try {
    return await outcomeOf(worker, tell)
  } finally {
    signal.removeEventListener('abort', ask)
    await worker.terminate()
    lent?.close()
    // By itself it keeps what is free for threads that may come. Where it is built without that allocator, it refuses.
    if (engine) await store.run('SYSTEM JEMALLOC PURGE').catch(() => {})
  }
}

const outcomeOf = (worker: Worker, tell: Tell): Promise<string> =>
  new Promise((done, fail) => {
    worker.on('message', (message: WorkReport) => {
      if ('output' in message) done(message.output)
      else if ('fault' in message) fail(receivedFault(message.fault))
      else tell(message.step, message.share)
    })
    worker.once('error', fail)
    worker.once('exit', (code) => fail(new Error(`the thread of the work ended with ${code}`)))
  })

/** A thread does not take over by itself where compiled code is kept. */
function environment(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir()
  return folder === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: folder }
}

/** In a clone the sources run, in the package what was made of them. */
const threadFile = new URL(
  import.meta.url.endsWith('.ts') ? './page-thread.ts' : './page-thread.js',
  import.meta.url,
)
