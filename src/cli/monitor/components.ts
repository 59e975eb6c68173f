/** The components of `gannet monitor`: each is what a command does, on the one store of the process. */
import { setTimeout as sleep } from 'node:timers/promises'
import { collect } from '../../capture/collector/collector.ts'
import { watch } from '../../capture/import/watch.ts'
import { UserError } from '../../errors.ts'
import { analysesIn, lastAnswer } from '../../store/analyses.ts'
import { ledger } from '../../store/ledger.ts'
import type { Store } from '../../store/store.ts'
import { captureFrom } from '../commands/capture.ts'
import { collectOptions } from '../commands/collect.ts'
import { alertChanges, changesIn } from '../commands/diff.ts'
import { pruned } from '../commands/prune.ts'
import { writeReports } from '../commands/run.ts'
import { servePages } from '../commands/serve.ts'
import { watchOptions } from '../commands/watch.ts'
import { decided } from '../decided.ts'
import { databaseOf, optionsOf, type Place } from '../flags.ts'
import { analyseBeside } from '../work-beside.ts'
import type { MonitorConfig } from './config.ts'
import type { Log } from './log.ts'
import { count, type MonitorState } from './state.ts'
import type { Component } from './supervise.ts'

interface Monitored {
  readonly store: Store
  readonly state: MonitorState
  readonly log: Log
}

/** The components that the configuration asks for. */
export function componentsOf(config: MonitorConfig, work: Monitored): Component[] {
  const { collect: collector, capture, watch: folders, analyze, prune, serve } = config
  const all: (Component | null)[] = [
    collector ? collecting(collector, work) : null,
    capture ? capturing(capture, work) : null,
    folders ? following(folders, work) : null,
    analysing(analyze, databaseOf(config.database), work),
    prune ? pruning(prune, work) : null,
    serve ? serving(serve, work) : null,
  ]
  return all.filter((each) => each !== null)
}

const collecting = (
  flags: NonNullable<MonitorConfig['collect']>,
  { store, state, log }: Monitored,
): Component => ({
  name: 'collect',
  run: async (signal, running) => {
    state.collector = await collect(store, {
      ...collectOptions(flags),
      signal,
      listening: ({ address, port, buffer }) => {
        log.info('collect', 'listening', { address, port, kernelBuffer: buffer })
        running()
      },
      progress: (status) => {
        const before = state.collector
        state.collector = status
        if (before && status.rotations > before.rotations) log.info('collect', 'committed', tallyOf(status))
      },
    })
  },
})

/** An interface until the signal; a named pipe again and again, each time that a program has written to it. */
const capturing = (flags: NonNullable<MonitorConfig['capture']>, work: Monitored): Component => ({
  name: 'capture',
  run: async (signal, running) => {
    do await captureOnce(flags, work, { signal, running })
    while (flags.fifo !== undefined && !signal.aborted)
  },
})

async function captureOnce(
  flags: NonNullable<MonitorConfig['capture']>,
  { store, state, log }: Monitored,
  { signal, running }: { readonly signal: AbortSignal; readonly running: () => void },
): Promise<void> {
  let imports = 0

  const captured = await captureFrom(store, flags, {
    signal,
    listening: (place) => {
      log.info('capture', 'listening', { place })
      running()
    },
    progress: (status) => {
      state.capture = { ...status, dropped: null }
      if (status.imports > imports) log.info('capture', 'committed', { ...status })
      imports = status.imports
    },
  }).catch((error: unknown) => {
    // Nothing came before it was to end.
    if (signal.aborted && error instanceof UserError && error.code === 'input-empty') return null
    throw error
  })

  if (!captured) return
  state.capture = captured
  log.info('capture', 'stream ended', { ...captured })
}

const tallyOf = ({ datagrams, records, flows, rejects, lost }: NonNullable<MonitorState['collector']>) => ({
  datagrams,
  records,
  flows,
  rejects,
  lost,
})

const following = (
  flags: NonNullable<MonitorConfig['watch']>,
  { store, state, log }: Monitored,
): Component => ({
  name: 'watch',
  run: async (signal, running) => {
    let isFirst = true
    await watch(store, flags.folder, {
      ...(await watchOptions(flags)),
      signal,
      looked: ({ taken, skipped }) => {
        if (isFirst) running()
        isFirst = false
        for (const { name, records, rejects, duplicates } of taken) {
          log.info('watch', 'imported', { name, records, rejects, duplicates })
          for (const [kind, n] of Object.entries(records)) count(state.imported, kind, n)
          for (const [reason, n] of Object.entries(rejects)) count(state.rejected, reason, n)
        }
        for (const { name, why, isTrouble } of skipped)
          log[isTrouble ? 'error' : 'info']('watch', 'left out', { name, why })
        state.skipped += skipped.length
      },
    })
  },
})

/** Milliseconds between two looks at the ledger. */
const look = 5000

/**
 * Analyses when there is something new and the time between two has passed, or at once when it is asked for. An
 * analysis that takes longer than that delays the next; two never run at once.
 */
const analysing = (
  flags: MonitorConfig['analyze'],
  place: Place,
  { store, state, log }: Monitored,
): Component => ({
  name: 'analyze',
  run: async (signal, running) => {
    const options = optionsOf(flags)
    state.answer ??= (await lastAnswer(store))?.answer ?? null
    await alertFor(store, flags, log)
    let before = (await isAnalysed(store)) ? await publishedIn(store) : nothing
    let due = performance.now()
    let { asked } = state
    running()

    while (!signal.aborted) {
      const published = await publishedIn(store)
      await readLedger(store, state)

      const isDue = asked.signal.aborted || (published !== before && performance.now() >= due)
      asked = state.asked

      if (isDue && published !== nothing) {
        due = performance.now() + flags.every / 1000
        await analyseOnce(store, options, { flags, place, state, log })
        before = published
      }

      const next = Math.min(look, flags.every / 1000)
      await sleep(next, undefined, { signal: AbortSignal.any([signal, asked.signal]) }).catch(() => {})
    }
  },
})

/** Whether the newest analysis has seen every input. */
async function isAnalysed(store: Store): Promise<boolean> {
  const last = await lastAnswer(store)
  const seen = new Set(last?.answer.inputs.map(({ sha256 }) => sha256))
  return (await ledger(store)).every(({ sha256 }) => seen.has(sha256))
}

/** What `publishedIn` gives where nothing was ever published. */
const nothing = '0'

/**
 * Differs when a load was published, which need not be the one with the greatest number: that says when it was begun.
 * The same when loads are removed.
 */
async function publishedIn(store: Store): Promise<string> {
  const [row] = await store.rows<{ print: string }>(
    `SELECT toString(groupBitXor(cityHash64(load))) AS print
     FROM (SELECT load FROM ledger UNION DISTINCT SELECT load FROM removed)`,
  )
  return row?.print ?? nothing
}

async function readLedger(store: Store, state: MonitorState): Promise<void> {
  const [row] = await store.rows<{ inputs: number; newest: number }>(
    'SELECT toFloat64(count()) AS inputs, toFloat64(ifNull(max(lastStart), 0)) AS newest FROM ledger',
  )
  state.inputs = row?.inputs ?? 0
  state.newest = row?.newest ?? 0
}

interface Analysing {
  readonly flags: MonitorConfig['analyze']
  readonly place: Place
  readonly state: MonitorState
  readonly log: Log
}

async function analyseOnce(
  store: Store,
  options: ReturnType<typeof optionsOf>,
  { flags, place, state, log }: Analysing,
): Promise<void> {
  const stages = new Map<string, number>()
  let [stage, since] = ['', performance.now()]
  const progress = (next: string) => {
    const now = performance.now()
    if (stage !== '') stages.set(stage, (stages.get(stage) ?? 0) + (now - since) / 1000)
    ;[stage, since] = [next, now]
  }

  const begun = performance.now()
  const found = await analyseBeside(store, place, options, progress).catch((error: unknown) => {
    if (error instanceof UserError && error.code === 'nothing-to-analyse') return null
    throw error
  })
  if (!found) return
  progress('')

  const judged = await decided(found, flags)
  state.answer = judged.answer
  state.stages = stages
  state.analyses++
  state.analysed = Date.now()
  const { findings, hosts } = judged.answer
  const seconds = Number(((performance.now() - begun) / 1000).toFixed(1))
  log.info('analyze', 'analysed', { seconds, findings: findings.length, hosts: hosts.length })

  // First: a report that cannot be written keeps no alert back.
  await alertFor(store, flags, log)
  await writeReports(judged, flags)
}

/** Alerts on what the newest analysis has found. One that was given before is not given again. */
async function alertFor(store: Store, flags: MonitorConfig['analyze'], log: Log): Promise<void> {
  if (!flags.alert || (await analysesIn(store, 1)).length === 0) return
  const delivered = await alertChanges(await changesIn(store, flags), flags)
  if (delivered) log.info('analyze', 'alerts', { ...delivered })
}

const pruning = (
  flags: NonNullable<MonitorConfig['prune']>,
  { store, state, log }: Monitored,
): Component => ({
  name: 'prune',
  run: async (signal, running) => {
    running()
    while (!signal.aborted) {
      for (const { name, last, why } of await pruned(store, flags)) {
        state.removed++
        log.info('prune', 'removed', { name, until: new Date(last / 1000).toISOString(), why })
      }
      await sleep(flags.every / 1000, undefined, { signal }).catch(() => {})
    }
  },
})

const serving = (flags: NonNullable<MonitorConfig['serve']>, { store, log }: Monitored): Component => ({
  name: 'serve',
  run: (signal, running) =>
    servePages(store, flags, signal, (url) => {
      // One that was made here is told nowhere else.
      const isGiven = (flags.token ?? process.env['GANNET_TOKEN']) !== undefined
      log.info('serve', 'serving', { url: isGiven ? url.replace(/\?.*/, '') : url })
      running()
    }),
})
