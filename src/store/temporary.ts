/**
 * Folders under the system's temporary one that are gone when their work is done, also when the process is
 * interrupted.
 */
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { temporaryPrefix } from './abandoned.ts'

const signals = ['SIGINT', 'SIGTERM'] as const
const folders = new Set<string>()

/** Gives `work` a folder of its own and removes it afterwards. */
export async function withTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  // Before there is a folder: a signal between the two would end the process and leave it.
  if (folders.size === 0) for (const signal of signals) process.on(signal, stop)
  let folder: string
  try {
    folder = mkdtempSync(temporaryPrefix())
  } catch (error) {
    if (folders.size === 0) release()
    throw error
  }

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

  const places = [...folders]
  places.forEach(closeToThreads)

  // Threads that are making a folder there fail at the file in its place; then nothing makes it again.
  pause(50)
  places.forEach(remove)
  process.kill(process.pid, signal)
}

/**
 * Removes a folder of which a thread may be about to make a part, its parents with it: the folder leaves its place at
 * once, and an empty file keeps that place, so that nothing can be made under it again.
 */
function closeToThreads(folder: string): void {
  const away = `${folder}-away`
  for (let left = 20; left > 0; left--) {
    try {
      if (existsSync(folder)) renameSync(folder, away)
      writeFileSync(folder, '', { flag: 'wx' })
      break
    } catch {
      // A thread made the folder again between the two calls: once more, with an empty place to move it to.
      remove(away)
    }
  }
  remove(away)
}

/** Waits without giving way to other work of this thread. */
const pause = (milliseconds: number): void =>
  void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)

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
