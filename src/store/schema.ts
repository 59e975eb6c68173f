/** Makes the tables of a new database, and says so when a database was made for other tables. */
import { createHash } from 'node:crypto'
import { UserError } from '../errors.ts'
import { schema, tables, temporaryTables, views } from './ddl.ts'
import { sql } from './sql.ts'
import type { Store } from './store.ts'
import type { TableShape } from './tables/shape.ts'

/** Raised by one with every release that changes the tables of `ddl.ts`, or the JSON that they hold. */
export const schemaVersion = 5

/** The oldest version that `migrations/steps.ts` leads on from. */
export const oldestVersion = 1

/** Tells builds of one version with different tables apart: a hash of the statements that make them. */
const schemaPrint = createHash('sha256').update(schema.join(';')).digest('hex').slice(0, 16)

/** What the tables of a database are; null where it has none. */
export async function versionOf(store: Store): Promise<{ version: number; print: string } | null> {
  await store.create({ name: 'schema', columns: 'version UInt32, print String', order: 'version' })
  const found = await store.rows<{ version: number; print: string }>(
    'SELECT version, print FROM schema ORDER BY version',
  )
  return found.at(-1) ?? null
}

/** Databases that this process made new, and that are gone with it. */
const temporary = new WeakSet<Store>()

/** Makes the tables of such a database. Nobody asks for its version. */
export async function prepareTemporary(store: Store): Promise<void> {
  temporary.add(store)
  await makeAll(store, temporaryTables)
}

/**
 * Makes the tables where they are absent.
 * @throws UserError database-version when the database has tables of another version.
 */
export async function prepare(store: Store): Promise<void> {
  if (temporary.has(store)) return
  const found = await versionOf(store)
  if (found?.version === schemaVersion && found.print === schemaPrint) return
  if (found) throw otherVersion(store.where, found.version)
  await makeTables(store)
}

/** Makes the tables that are absent and all views, and says that the database is of this version. */
export async function makeTables(store: Store): Promise<void> {
  await makeAll(store, tables)
  await store.run(sql`INSERT INTO schema SELECT ${schemaVersion}, ${schemaPrint}`)
}

async function makeAll(store: Store, all: readonly TableShape[]): Promise<void> {
  for (const table of all) await store.create(table)
  for (const view of views) await store.view(view)
}

function otherVersion(where: string, found: number): UserError {
  const ours = `this one reads version ${schemaVersion}`

  if (found > schemaVersion) {
    return new UserError(
      'database-version',
      `${where} was made by a newer Gannet (version ${found} of the tables; ${ours})`,
      'Update Gannet, or give --db another folder and import again.',
    )
  }

  if (found < schemaVersion) {
    return new UserError(
      'database-version',
      `${where} was made by an older Gannet (version ${found} of the tables; ${ours})`,
      'Bring it up to date: gannet migrate --db FOLDER; with --dry-run it only says what it would do.',
    )
  }

  return new UserError(
    'database-version',
    `${where} was made by another build of Gannet (version ${found} of the tables, yet not the same)`,
    'Give --db another folder and import again; the records themselves are in the files that were imported.',
  )
}
