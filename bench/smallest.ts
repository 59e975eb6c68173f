/**
 * The smallest form of a benchmark: it runs each of its steps on a few cases, so that `npm test` sees when one no longer
 * runs, and writes nothing. Its figures mean nothing.
 */
export const isSmallest = process.env['GANNET_BENCH_SMALLEST'] !== undefined

/** All cases, or in the smallest form the first ones. */
export const few = <T>(all: readonly T[], count = 1): readonly T[] => (isSmallest ? all.slice(0, count) : all)

/** How many, or in the smallest form so many. */
export const atMost = (usual: number, smallest: number): number => (isSmallest ? smallest : usual)

/** In place of a simulated day: the first 14 hours of one, on a small network. */
export const shortDay = { hosts: 40, days: 0.6 } as const
