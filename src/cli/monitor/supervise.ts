/** Components that run until the signal, each started again when it fails. */
import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../../errors.ts'
import type { Log } from './log.ts'
import type { ComponentState, MonitorState } from './state.ts'

export interface Component {
  readonly name: string
  /** Runs until `signal`. It calls `running` when it does its work. */
  readonly run: (signal: AbortSignal, running: () => void) => Promise<void>
}

/** Milliseconds before a component that failed is started again: doubled each time, up to a minute. */
const pauses = { first: 1000, longest: 60_000 }

/** Runs them all; ends when each has ended, after `signal`. */
export async function supervise(
  components: readonly Component[],
  { state, log, signal }: { readonly state: MonitorState; readonly log: Log; readonly signal: AbortSignal },
): Promise<void> {
  await Promise.all(components.map((component) => keepRunning(component, { state, log, signal })))
}

async function keepRunning(
  { name, run }: Component,
  { state, log, signal }: { readonly state: MonitorState; readonly log: Log; readonly signal: AbortSignal },
): Promise<void> {
  let pause = pauses.first
  const become = (now: ComponentState, error: string | null = null) => {
    const before = state.components.get(name)
    const restarts = (before?.restarts ?? 0) + (now === 'failing' ? 1 : 0)
    state.components.set(name, { state: now, since: Date.now(), error, restarts })
  }

  while (!signal.aborted) {
    become('starting')
    try {
      await run(signal, () => {
        become('running')
        log.info(name, 'running')
        pause = pauses.first
      })
      become('ended')
      if (!signal.aborted) log.error(name, 'ended by itself')
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      become('failing', message)
      log.error(name, message, error instanceof UserError ? { code: error.code, hint: error.hint } : {})
    }

    if (signal.aborted) break
    await sleep(pause, undefined, { signal }).catch(() => {})
    pause = Math.min(pauses.longest, 2 * pause)
  }
  log.info(name, 'stopped')
}
