/** Opens the database that the flags name, and closes it whatever happens. */
import { existsSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UserError } from '../errors.ts'
import { openEmbedded } from '../store/embedded.ts'
import { prepare } from '../store/ledger.ts'
import { openServer } from '../store/server.ts'
import type { Store } from '../store/store.ts'
import { type DatabaseFlags, databaseOf } from './options.ts'

/** Runs `work` on the named database. With `mustExist`, a folder that is not there is an error, not a new database. */
export async function withDatabase<T>(
  flags: DatabaseFlags,
  { mustExist = false }: { mustExist?: boolean },
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
  return using('db' in where ? await openEmbedded(where.db) : await openServer(where.url), work)
}

/** Runs `work` on a database that is gone afterwards, also when the command is interrupted. */
export async function withTemporaryDatabase<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'gannet-'))
  const remove = () => {
    for (let left = 20; left > 0 && existsSync(folder); left--) removeNow(folder)
  }
  // The engine's threads write until the process is gone, and once more in an orderly exit; so it dies of the signal.
  const stop = (signal: NodeJS.Signals) => {
    release()
    remove()
    process.kill(process.pid, signal)
  }
  const release = () => {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  try {
    return await using(await openEmbedded(folder), work)
  } finally {
    release()
    remove()
  }
}

function removeNow(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch {
    // A file was made meanwhile; the next removal takes it.
  }
}

async function using<T>(store: Store, work: (store: Store) => Promise<T>): Promise<T> {
  try {
    await prepare(store)
    return await work(store)
  } finally {
    await store.close()
  }
}
