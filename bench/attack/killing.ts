/** Killing a process, and what a killed one may say. */
import { setTimeout as sleep } from 'node:timers/promises'
import { hold } from './attempt.ts'
import type { Ended, Running } from './gannet.ts'

export const signals = ['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT'] as const

/** Lets it run this many seconds, kills it if it still runs, and waits until it is gone. */
export async function killedAfter(running: Running, seconds: number, signal: NodeJS.Signals): Promise<Ended> {
  const first = await Promise.race([running.ended, sleep(seconds * 1000, null)])
  if (first) return first
  running.child.kill(signal)
  return running.ended
}

/** What a killed process may say: it died of the signal, was done before it, or says that it was interrupted. */
export function diedWell({ code, signal, err, over }: Ended): void {
  hold(over === null, `did not end: killed for its ${over}`)
  hold(
    code !== 70 && signal !== 'SIGSEGV' && signal !== 'SIGABRT',
    `ended with ${code ?? signal}: ${err.slice(-400)}`,
  )
}
