/** Commands that run until they are interrupted. */

const signals = ['SIGINT', 'SIGTERM'] as const

/** Whether a signal came before the command could say how it ends. */
let cameEarly = false

/** That a command was interrupted before it began its work: no fault. */
export class Interrupted extends Error {}

function early(): void {
  cameEarly = true
  listenNoMore(early)
}

/**
 * Not while the signal is still told to others: those who clean up and let the process die of it look whether anybody
 * else listens.
 */
const listenNoMore = (listener: () => void): void =>
  process.nextTick(() => {
    for (const signal of signals) process.off(signal, listener)
  })

/** Has {@link withInterrupt} know of signals that come before it is called. A second one ends the process at once. */
export function listenEarly(): void {
  for (const signal of signals) process.on(signal, early)
}

/**
 * Runs `use` with a signal that the first SIGINT or SIGTERM aborts. A second one ends the process at once.
 * @param seconds Aborts after this time too, where it is given.
 * @throws Interrupted when one came before.
 */
export async function withInterrupt<T>(
  use: (signal: AbortSignal) => Promise<T>,
  seconds?: number,
): Promise<T> {
  if (cameEarly) throw new Interrupted()
  const controller = new AbortController()

  const release = () => {
    clearTimeout(timer)
    listenNoMore(interrupt)
  }
  const interrupt = () => {
    release()
    controller.abort()
  }

  const timer = seconds === undefined ? undefined : setTimeout(interrupt, seconds * 1000)
  for (const signal of signals) {
    process.on(signal, interrupt)
    process.off(signal, early)
  }

  try {
    return await use(controller.signal)
  } finally {
    release()
  }
}
