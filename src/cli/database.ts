/** Opens the database that the flags name, and closes it whatever happens. */

import { existsSync } from 'node:fs'
import { UserError } from '../errors.ts'
import { sayBytes, sayMany } from '../model/words/say.ts'
import { removeAbandoned } from '../store/abandoned.ts'
import { deferAggregates } from '../store/aggregates/fill.ts'
import { openEmbedded } from '../store/embedded.ts'
import { prepare, prepareTemporary } from '../store/ledger.ts'
import type { Store } from '../store/store.ts'
import { onDemand } from '../store/tables/on-demand.ts'
import { withTemporaryFolder } from '../store/temporary.ts'
import { type DatabaseFlags, databaseOf, type Place } from './flags.ts'
import { lazyStore } from './lazy-store.ts'
import { createProgressLine } from './progress.ts'
import { say } from './say.ts'

/**
 * Runs `work` on the named database. With `mustExist`, a folder that is not there is an error, not a new database; with
 * `isMigrated`, its tables may be of any version.
 */
export async function withDatabase<T>(
  flags: DatabaseFlags,
  { mustExist = false, isMigrated = false }: { mustExist?: boolean; isMigrated?: boolean },
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const where = databaseOf(flags)
  if (mustExist && 'db' in where && !existsSync(where.db)) {
    throw new UserError(
      'database-missing',
      `there is no database ${where.db}`,
      'Make one: gannet import FILE --db FOLDER.',
    )
  }
  tidy()
  return isMigrated ? opening(() => openPlace(where), work) : using(() => openPlace(where), work)
}

/** The client of a server is loaded where one is named. */
export async function openPlace(where: Place): Promise<Store> {
  if ('db' in where) return openEmbedded(where.db)
  if (where.cluster) return (await import('../store/tables/cluster.ts')).openCluster(where.url, where.cluster)
  return (await import('../store/server.ts')).openServer(where.url)
}

/**
 * Runs `work` on a database that is gone afterwards, also when the command is interrupted. The engine is started when
 * something is first asked of it: inputs that cannot be read are said without it.
 */
export const withTemporaryDatabase = <T>(work: (store: Store) => Promise<T>): Promise<T> =>
  withTemporaryFolder(async (folder) => {
    tidy()
    const store = onDemand(lazyStore(folder, () => shown(() => openEmbedded(folder))))
    return closing(store, async () => {
      await prepareTemporary(store)
      deferAggregates(store)
      return work(store)
    })
  })

/** Says how much was freed where an earlier run was killed. */
function tidy(): void {
  const { folders, bytes } = removeAbandoned()
  if (folders === 0) return
  const what = sayMany(folders, 'temporary folder')
  say(`gannet: removed ${what} of killed runs, ${sayBytes(bytes)}`)
}

/** The same, where the engine may turn out not to be needed: it is started when it is first asked for something. */
export const withLazyDatabase = <T>(work: (store: Store) => Promise<T>): Promise<T> =>
  withTemporaryFolder(async (folder) => {
    const store = lazyStore(folder, async () => {
      const opened = await openEmbedded(folder)
      await prepare(opened)
      return opened
    })
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  })

/** A terminal sees at once that something goes on: the engine and the readers take a moment to load. */
async function shown(open: () => Promise<Store>): Promise<Store> {
  const line = createProgressLine(process.stderr)
  line.say('  0%  opening the database')
  return open().finally(() => line.clear())
}

const opening = async <T>(open: () => Promise<Store>, work: (store: Store) => Promise<T>): Promise<T> =>
  closing(await shown(open), work)

const using = <T>(open: () => Promise<Store>, work: (store: Store) => Promise<T>): Promise<T> =>
  opening(open, async (store) => {
    await prepare(store)
    return work(store)
  })

async function closing<T>(store: Store, work: (store: Store) => Promise<T>): Promise<T> {
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
