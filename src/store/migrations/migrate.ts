/** Brings an older database to the tables of today, step by step. */
import { UserError } from '../../errors.ts'
import { tables } from '../ddl.ts'
import { makeTables, oldestVersion, schemaVersion, versionOf } from '../schema.ts'
import { sql, texts } from '../sql.ts'
import type { Store } from '../store.ts'
import { type Step, steps } from './steps.ts'

export interface Migration {
  readonly from: number
  readonly to: number
  readonly steps: readonly Step[]
  /** Rows of records in the database, hidden ones counted. */
  readonly rows: number
  /** Bytes on disk; a step that copies needs as much again for a while. */
  readonly bytes: number
}

/**
 * What is to be done. Writes nothing.
 * @throws UserError database-version when it was made by a newer build, or one whose tables are of no release.
 */
export async function plannedMigration(store: Store): Promise<Migration> {
  const from = (await versionOf(store))?.version
  if (from === undefined)
    throw new UserError('database-missing', `${store.where} has no tables`, 'Import into it first.')
  if (from > schemaVersion)
    throw new UserError('database-version', `${store.where} was made by a newer Gannet`, 'Update Gannet.')

  const [size] = await store.rows<{ rows: number; bytes: number }>(sql`
    SELECT toFloat64(sum(rows)) AS rows, toFloat64(sum(bytes_on_disk)) AS bytes FROM system.parts
    WHERE active AND database = currentDatabase()`)
  return {
    from,
    to: schemaVersion,
    steps: steps.filter(({ to }) => to > from),
    rows: size?.rows ?? 0,
    bytes: size?.bytes ?? 0,
  }
}

/**
 * Does it. A migration that is cut short goes on where it was when it is begun again.
 * @throws UserError database-version when the tables are not those of today afterwards.
 */
export async function migrate(store: Store, { from, steps: todo }: Migration): Promise<void> {
  if (from < oldestVersion) throw new RangeError(`no step from version ${from}`)

  for (const step of todo) {
    await step.run(store)
    if (step.to < schemaVersion)
      await store.run(sql`INSERT INTO schema SELECT ${step.to}, ${`migrated to ${step.to}`}`)
  }

  await checkColumns(store)
  await makeTables(store)
}

/** @throws UserError database-version naming a column that is missing, of a build between two releases. */
async function checkColumns(store: Store): Promise<void> {
  const found = await columnsOf(
    store,
    tables.map((table) => table.name),
  )
  const made = tables.map((table) => ({ ...table, name: `shape_of_${table.name}` }))
  for (const table of made) await store.create(table)
  const wanted = await columnsOf(
    store,
    made.map((table) => table.name),
  )
  for (const table of made) await store.drop(table.name)

  for (const { name: table } of tables) {
    const own = found.get(table)
    const missing = [...(wanted.get(`shape_of_${table}`) ?? [])].filter((each) => own && !own.has(each))
    if (missing.length > 0)
      throw new UserError(
        'database-version',
        `${store.where} was made by a build between two releases: ${table} has no column ${missing[0]}`,
        'Give --db another folder and import again.',
      )
  }
}

/** `column type` of the tables that are there, by table. */
async function columnsOf(store: Store, names: readonly string[]): Promise<Map<string, Set<string>>> {
  const rows = await store.rows<{ table: string; column: string }>(sql`
    SELECT table, concat(name, ' ', type) AS column FROM system.columns
    WHERE database = currentDatabase() AND table IN ${texts(names)}`)
  return new Map(
    [...Map.groupBy(rows, ({ table }) => table)].map(([table, own]) => [
      table,
      new Set(own.map(({ column }) => column)),
    ]),
  )
}
