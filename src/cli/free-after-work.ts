/** Frees the memory that the jobs of a service leave behind. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Milliseconds from one look to the next, and those of processor time in between that count as work. */
const usual = { every: 20_000, work: 500 }

/**
 * Collects garbage after work, until the function that it gives is called. The runtime waits with it until the heap is
 * near a limit of gigabytes, and what is used between garbage keeps the allocator from giving memory back. It takes
 * some 20 ms.
 */
export function freeAfterWork({ every, work } = usual): () => void {
  let collect: (() => void) | null = null
  let used = processor()

  const timer = setInterval(() => {
    const now = processor()
    if (now - used >= work) {
      collect ??= collector()
      collect()
    }
    used = now
  }, every)

  timer.unref()
  return () => clearInterval(timer)
}

/** What collects all garbage of this thread; the runtime gives it to a context that is made after it was asked to. */
function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

/** Milliseconds of processor time that this process has used, in all threads. */
function processor(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
