/** The components of `gannet monitor`: each is what a command does, on the one store of the process. */
import { setTimeout as sleep } from 'node:timers/promises'
import { collect } from '../../capture/collector/collector.ts'
import { watch } from '../../capture/import/watch.ts'
import { UserError } from '../../errors.ts'
import { captureFrom } from '../commands/capture.ts'
import { collectOptions } from '../commands/collect.ts'
import { pruned } from '../commands/prune.ts'
import { servePages } from '../commands/serve.ts'
import { watchOptions } from '../commands/watch.ts'
import { databaseOf } from '../flags.ts'
import { analysing } from './analysing.ts'
import type { MonitorConfig } from './config.ts'
import { count, type Monitored, type MonitorState } from './state.ts'
import type { Component } from './supervise.ts'

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
