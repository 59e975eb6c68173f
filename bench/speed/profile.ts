/**
 * `npm run bench -- profile INPUT… [--threads N]`: where the time of `gannet run INPUT…` goes, statement by statement
 * and stage by stage. Statements are named by the line of source that sends them. Processor time is of the whole
 * process: the embedded engine runs in it, one statement at a time.
 */
import { importInputs } from '../../src/capture/import/import.ts'
import { defaults } from '../../src/config.ts'
import { analyse } from '../../src/pipeline/index.ts'
import { deferAggregates } from '../../src/store/aggregates/fill.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { prepareTemporary, showAllRows } from '../../src/store/ledger.ts'
import type { Store } from '../../src/store/store.ts'
import { onDemand } from '../../src/store/tables/on-demand.ts'
import { withTemporaryFolder } from '../../src/store/temporary.ts'

/** What one place, or one stage, took in all. */
interface Spent {
  calls: number
  /** Seconds by the clock, and of processor, user and system. */
  clock: number
  processor: number
}

interface Profile {
  /** Imported. */
  readonly flows: number
  readonly places: ReadonlyMap<string, Spent>
  readonly stages: ReadonlyMap<string, Spent & { statements: Spent; memory: number }>
}

export async function profile(inputs: readonly string[], threads?: number): Promise<Profile> {
  const places = new Map<string, Spent>()
  const stages = new Map<string, Spent & { statements: Spent; memory: number }>()
  const nothing = (): Spent => ({ calls: 0, clock: 0, processor: 0 })
  let flows = 0
  let stage = ''
  let since = now()

  const enter = (next: string) => {
    const found = stages.get(stage) ?? { ...nothing(), statements: nothing(), memory: 0 }
    add(found, since)
    found.memory = Math.max(found.memory, process.memoryUsage.rss() / 2 ** 20)
    if (stage !== '') stages.set(stage, found)
    stage = next
    since = now()
    if (!stages.has(stage)) stages.set(stage, { ...nothing(), statements: nothing(), memory: 0 })
  }

  const seen = (place: string, began: Moment) => {
    const spent = places.get(place) ?? nothing()
    add(spent, began)
    places.set(place, spent)
    const own = stages.get(stage)
    if (own) add(own.statements, began)
  }

  enter('open')
  await withTemporaryFolder(async (folder) => {
    const store = onDemand(timed(await openEmbedded(folder), seen))
    try {
      if (threads !== undefined) await store.run(`SET max_threads = ${threads}`)
      await prepareTemporary(store)
      deferAggregates(store)
      enter('import')
      const { inputs: reports } = await importInputs(store, inputs, {})
      enter('prepare')
      await showAllRows(store)
      await analyse(store, defaults, {
        version: 'profile',
        inputs: reports,
        progress: enter,
        isAlone: true,
        inTurn: true,
      })
      flows = reports.reduce((sum, { records }) => sum + (records['flow'] ?? 0), 0)
    } finally {
      enter('close')
      await store.close()
    }
  })
  enter('end')
  stages.delete('end')
  return { flows, places, stages }
}

interface Moment {
  readonly clock: number
  readonly processor: number
}

const now = (): Moment => {
  const { user, system } = process.cpuUsage()
  return { clock: performance.now() / 1000, processor: (user + system) / 1e6 }
}

function add(spent: Spent, began: Moment): void {
  const end = now()
  spent.calls++
  spent.clock += end.clock - began.clock
  spent.processor += end.processor - began.processor
}

/**
 * The store with a watch on each statement. Statements that are sent together wait for each other; each is timed
 * alone.
 */
function timed(store: Store, seen: (place: string, began: Moment) => void): Store {
  let last: Promise<unknown> = Promise.resolve()
  const watched =
    <Args extends unknown[], T>(work: (...args: Args) => Promise<T>) =>
    (...args: Args): Promise<T> => {
      const place = callerOf(new Error('here').stack ?? '')
      const turn = last.then(async () => {
        const began = now()
        try {
          return await work(...args)
        } finally {
          seen(place, began)
        }
      })
      last = turn.catch(() => {})
      return turn
    }
  const watchedStore: Store = {
    ...store,
    // One engine is its only shard.
    byShard: async (work) => [await work(watchedStore)],
    run: watched(store.run),
    rows: watched(store.rows) as Store['rows'],
    columns: watched(store.columns),
    cells: watched(store.cells),
    insert: watched(store.insert),
    save: watched(store.save),
  }
  return watchedStore
}

const callerOf = (stack: string): string =>
  /\/src\/([\w./-]+\.ts:\d+)/.exec(
    stack
      .split('\n')
      .slice(2)
      .filter((line) => line.includes('/src/') && !line.includes('/src/store/tables/on-demand.ts'))
      .join('\n'),
  )?.[1] ?? 'elsewhere'

export function profileText({ places, stages }: Profile): string {
  const cells = (name: string, { calls, clock, processor }: Spent, rest = '') =>
    `${name.padEnd(48)}${String(calls).padStart(6)}${clock.toFixed(3).padStart(10)}${processor.toFixed(3).padStart(10)}${rest}`
  const head = `${''.padEnd(48)}${'calls'.padStart(6)}${'clock s'.padStart(10)}${'CPU s'.padStart(10)}`
  const byTime = [...places].toSorted(([, a], [, b]) => b.processor - a.processor)
  const all = byTime.reduce((sum, [, { processor }]) => sum + processor, 0)
  const peak = process.resourceUsage().maxRSS / 1024
  return [
    `Statements, by the line that sends them`,
    head,
    ...byTime.slice(0, 40).map(([place, spent]) => cells(place, spent)),
    '',
    `Stages; then what of each is statements, the rest is JavaScript; and memory at its end`,
    `${head}${'SQL n'.padStart(8)}${'SQL CPU'.padStart(9)}${'JS CPU'.padStart(8)}${'MB'.padStart(7)}`,
    ...[...stages].map(([stage, spent]) =>
      cells(
        stage,
        spent,
        `${String(spent.statements.calls).padStart(8)}${spent.statements.processor.toFixed(3).padStart(9)}${(spent.processor - spent.statements.processor).toFixed(3).padStart(8)}${spent.memory.toFixed(0).padStart(7)}`,
      ),
    ),
    '',
    `In all ${now().processor.toFixed(2)} s of processor, ${all.toFixed(2)} s of it in ${byTime.reduce((sum, [, { calls }]) => sum + calls, 0)} statements; at most ${peak.toFixed(0)} MB`,
  ].join('\n')
}
