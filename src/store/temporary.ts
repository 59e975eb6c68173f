/**
 * Folders under the system's temporary one that are gone when their work is done, also when the process is
 * interrupted.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { temporaryPrefix } from './abandoned.ts'

const signals = ['SIGINT', 'SIGTERM'] as const
const folders = new Set<string>()

/** Gives `work` a folder of its own and removes it afterwards. */
export async function withTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(temporaryPrefix())
  if (folders.size === 0) for (const signal of signals) process.on(signal, stop)
  folders.add(folder)
  try {
    return await work(folder)
  } finally {
    folders.delete(folder)
    if (folders.size === 0) release()
    remove(folder)
  }
}

/**
 * Removes what is there and dies of the signal: the engine's threads write until the process is gone, and once more
 * in an orderly exit. A command that listens itself ends in its own way, and the work and its folder with it.
 */
function stop(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return
  release()
  for (const folder of folders) {
    remove(folder)
    // A thread of the engine may be about to make what it was told to make, the folder with it.
    for (let looks = 10; looks > 0; looks--) {
      Atomics.wait(idle, 0, 0, 5)
      if (existsSync(folder)) remove(folder)
    }
  }
  process.kill(process.pid, signal)
}

const idle = new Int32Array(new SharedArrayBuffer(4))

function release(): void {
  for (const signal of signals) process.off(signal, stop)
}

function remove(folder: string): void {
  for (let left = 20; left > 0 && existsSync(folder); left--) {
    try {
      rmSync(folder, { recursive: true, force: true })
    } catch {
      // A file was made meanwhile; the next removal takes it.
    }
  }
}
