/** A store that a measurement has to itself, and what a detector gives on every epoch of a real capture. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importInputs } from '../../src/capture/import/import.ts'
import type { Scope } from '../../src/model/networks.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { epochsIn } from '../../src/store/epochs.ts'
import { internalNetworks } from '../../src/store/internal.ts'
import type { Store } from '../../src/store/store.ts'

/** Runs `work` on an empty store, which is gone afterwards. */
export async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-bench-'))
  const store = await openEmbedded(join(folder, 'db'))
  try {
    return await work(store)
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** What `find` gives on each day of a capture, one after the other. */
export const ofEveryEpoch = <T>(
  path: string,
  internal: readonly string[],
  find: (store: Store, scope: Scope) => Promise<readonly T[]>,
): Promise<T[]> =>
  withStore(async (store) => {
    await importInputs(store, [path], { acceptRejects: true })
    const { networks } = await internalNetworks(store, internal)
    const found: T[] = []
    for (const [epoch, { from, to }] of (await epochsIn(store, 24)).entries())
      found.push(...(await find(store, { epoch, from, to, internal: networks })))
    return found
  })
