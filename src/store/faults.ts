/** What ends a process that is broken. */
import { isMainThread } from 'node:worker_threads'

const faults = ['SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGSEGV', 'SIGSYS', 'SIGTRAP'] as const

/**
 * Gives the signals of a broken process their default effect again: it dies of them.
 *
 * The engine sets handlers that wait for a thread which writes a report, and inside another program never does: a
 * process out of memory (SIGABRT) would hang for good and hold its database. Node sets the default where the last
 * listener of a signal goes. Threads cannot listen; their process did it.
 */
export function dieOfFaults(): void {
  if (!isMainThread) return
  const listener = () => {}
  for (const signal of faults) {
    process.on(signal, listener)
    process.off(signal, listener)
  }
}
