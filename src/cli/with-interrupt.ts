/** Commands that run until they are interrupted. */

/**
 * Runs `use` with a signal that the first SIGINT or SIGTERM aborts. A second one ends the process at once.
 * @param seconds Aborts after this time too, where it is given.
 */
export async function withInterrupt<T>(
  use: (signal: AbortSignal) => Promise<T>,
  seconds?: number,
): Promise<T> {
  const controller = new AbortController()

  const release = () => {
    clearTimeout(timer)
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
  const interrupt = () => {
    release()
    controller.abort()
  }

  const timer = seconds === undefined ? undefined : setTimeout(interrupt, seconds * 1000)
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)

  try {
    return await use(controller.signal)
  } finally {
    release()
  }
}
