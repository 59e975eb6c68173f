/** How much longer things take on this machine now than on one that has nothing else to do. */
import { availableParallelism, loadavg } from 'node:os'

/**
 * Processes that want a processor, for each that there is; 1 to 8. Times by the clock are multiplied by it, those that
 * a test waits and those that it allows.
 */
export const slowness = (): number => Math.min(8, Math.max(1, (loadavg()[0] ?? 0) / availableParallelism()))
