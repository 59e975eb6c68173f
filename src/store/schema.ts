/** Makes the tables of a new database, and says so when a database was made for other tables. */
import { createHash } from 'node:crypto'
import { UserError } from '../errors.ts'
import { schema, tables, views } from './ddl.ts'
import { sql } from './sql.ts'
import type { Store } from './store.ts'

/** Raised by one with every release that changes the tables of `ddl.ts`, or the JSON that they hold. */
export const schemaVersion = 2

/** Tells builds of one version with different tables apart: a hash of the statements that make them. */
const schemaPrint = createHash('sha256').update(schema.join(';')).digest('hex').slice(0, 16)

/**
 * Makes the tables where they are absent.
 * @throws UserError database-version when the database has tables of another version.
 */
export async function prepare(store: Store): Promise<void> {
  await store.create({ name: 'schema', columns: 'version UInt32, print String', order: 'version' })
  const found = await store.rows<{ version: number; print: string }>('SELECT version, print FROM schema')
  const newest = found.at(-1)
  if (newest?.version === schemaVersion && newest.print === schemaPrint) return
  if (newest) throw otherVersion(store.where, newest.version)
  for (const table of tables) await store.create(table)
  for (const view of views) await store.view(view)
  await store.run(sql`INSERT INTO schema SELECT ${schemaVersion}, ${schemaPrint}`)
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

  const who =
    found < schemaVersion
      ? `an older Gannet (version ${found} of the tables; ${ours})`
      : `another build of Gannet (version ${found} of the tables, yet not the same)`

  return new UserError(
    'database-version',
    `${where} was made by ${who}`,
    'Give --db another folder and import again; the records themselves are in the files that were imported.',
  )
}
