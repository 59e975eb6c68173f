/** Killing a process, and what a killed one may say. */
import { setTimeout as sleep } from 'node:timers/promises'
import { slowness } from '../../test/slowness.ts'
import { hold } from './attempt.ts'
import { type Ended, processorOf, type Running } from './gannet.ts'

export const signals = ['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT'] as const

/**
 * Waits until it has used this many seconds of processor, has ended, or `seconds` have passed by the clock of a quiet
 * machine. Moments that were taken by the clock alone would be others on a machine that is busy.
 */
export async function used(running: Running, processor: number, seconds = 60): Promise<void> {
  const end = performance.now() + seconds * 1000 * slowness()
  const left = () => running.child.exitCode === null && running.child.signalCode === null
  while (left() && processorOf(running.pid) < processor && performance.now() < end) await sleep(2)
}

/** Kills it after that time, as {@link used} has it, and waits until it is gone. */
export async function killedAfter(
  running: Running,
  [processor, seconds]: readonly [processor: number, seconds?: number],
  signal: NodeJS.Signals,
): Promise<Ended> {
  await used(running, processor, seconds)
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
