/**
 * One side of a contest of imports: work on a new database, by the clock, after which the rows that it left are
 * checked.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { schema } from '../../src/store/ddl.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import type { Store } from '../../src/store/store.ts'

/**
 * Seconds by the clock, and of processor time (all threads of the process), which others on the machine disturb
 * less.
 */
export interface Took {
  readonly clock: number
  readonly processor: number
}

type Trial = (work: (store: Store) => Promise<void>) => Promise<Took>

/** The least of each, of several runs. */
export const best = (runs: readonly Took[]): Took => ({
  clock: Math.min(...runs.map(({ clock }) => clock)),
  processor: Math.min(...runs.map(({ processor }) => processor)),
})

/**
 * Times work. The first side that runs says what sums are right for the others.
 * @throws RangeError where another number of flows, or other sums, are found than should be.
 */
export function createTrial(folder: string, rows: number): Trial {
  let expected: string | null = null
  return async (work) => {
    const store = await openEmbedded(join(folder, 'db'))
    try {
      for (const statement of schema) await store.run(statement)
      const [before, used] = [performance.now(), process.cpuUsage()]
      await work(store)
      const clock = (performance.now() - before) / 1000
      const { user, system } = process.cpuUsage(used)
      const [found] = await store.rows<{ n: number; sums: string }>(
        'SELECT toFloat64(count()) AS n, toString((sum(bytes), sum(start), sum(duration), sum(cityHash64(client, server, serverPort)))) AS sums FROM flow_rows',
      )
      if (found?.n !== rows || (expected ?? found.sums) !== found.sums)
        throw new RangeError(`wrong rows: ${JSON.stringify(found)}, expected ${expected}`)
      expected = found.sums
      return { clock, processor: (user + system) / 1e6 }
    } finally {
      await store.close()
      rmSync(join(folder, 'db'), { recursive: true, force: true })
    }
  }
}
