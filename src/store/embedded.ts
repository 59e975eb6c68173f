/**
 * The embedded engine: chDB over a folder. One process at a time may hold a folder; the engine runs one
 * statement at a time.
 */
import { accessSync, constants, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Session } from 'chdb'
import { UserError } from '../errors.ts'
import type { Query } from '../model/query.ts'
import { arrowCells, arrowColumns } from './arrow.ts'
import { asDatabaseError } from './database-error.ts'
import { dieOfFaults } from './faults.ts'
import { heldByAnother } from './holder.ts'
import { bound, raw } from './sql.ts'
import type { Store, TextFile } from './store.ts'
import { plainTables } from './tables/plain.ts'
import { withTemporaryFolder } from './temporary.ts'

/** What the engine of a folder does, one call after the other. Errors are `asDatabaseError`'s. */
export interface Engine {
  readonly folder: string
  /** The result as bytes of a ClickHouse format. */
  query(text: string, params: Readonly<Record<string, unknown>>, format: string): Promise<Uint8Array>
  /** Tab-separated rows. */
  insert(table: string, columns: readonly string[], values: Uint8Array): Promise<void>
  close(): Promise<void>
}

/** Opens, or makes, the database in `folder`. */
export async function openEmbedded(folder: string): Promise<Store> {
  const engine = await openEngine(folder)
  const set = (text: string) => engine.query(text, {}, 'Null')
  await set('CREATE DATABASE IF NOT EXISTS gannet')
  await set('USE gannet')

  const settings = Object.entries({ ...engineSettings, ...embeddedSettings })
  await set(`SET ${settings.map(([setting, value]) => `${setting} = ${value}`).join(', ')}`)

  return storeOver(engine)
}

async function openEngine(folder: string): Promise<Engine> {
  const session = await openSession(folder)
  const inTurn = createTurns()

  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await inTurn(work)
    } catch (error) {
      throw asDatabaseError(error, folder)
    }
  }

  return {
    folder,
    query: (text, params, format) =>
      attempt(async () => (await session.queryBindAsync(text, { ...params }, { format })).bytes()),
    insert: (table, columns, values) =>
      attempt(
        async () => void (await session.insert({ table, columns: [...columns], values, format: 'TSV' })),
      ),
    close: () => inTurn(async () => session.close()),
  }
}

const engines = new WeakMap<Store, Engine>()

/** The engine of an embedded store; null of a server. */
export const engineOf = (store: Store): Engine | null => engines.get(store) ?? null

/** The store of an engine that is open, in this thread or another. */
export function storeOver(engine: Engine): Store {
  const execute = (query: Query | string, format: string) => {
    const { text, params } = bound(typeof query === 'string' ? raw(query) : query)
    return engine.query(text, params, format)
  }

  const run = async (query: Query | string) => void (await execute(query, 'Null'))
  const rows = async <Row>(query: Query | string) => parseRows<Row>(await execute(query, 'JSONEachRow'))

  const store: Store = {
    ...plainTables(run, () => store),
    where: engine.folder,
    kind: 'embedded',
    shards: 1,
    run,
    rows,
    describe: (path, format) => describeFile(rows, path, format),
    ask: async (statement, params) => {
      await run('SET readonly = 1')
      return parseRows(await engine.query(statement, params, 'JSONEachRow'))
    },
    columns: async (query) => arrowColumns(await execute(query, 'arrow')),
    cells: async (query) => arrowCells(await execute(query, 'arrow')),
    insert: async (table, columns, chunks) => {
      for await (const chunk of chunks) if (chunk.length > 0) await engine.insert(table, columns, chunk)
    },
    save: (query, { path, format, settings }) =>
      run({
        parts: ['INSERT INTO FUNCTION file(', ', ', ') ', ' ', ''],
        params: [path, raw(format), raw(settingsOf(settings).trim()), query],
      }),
    parse: (file, use) => withPlainPath(file, (plain) => use(fromFile(plain))),
    close: () => engine.close(),
  }
  engines.set(store, engine)
  return store
}

/** Bytes of one statement's groups, or of its rows to sort, above which the engine puts them on disk. */
const spillAt = 1e9

/** Of both adapters. Records may be of any time, and a file may hold records of many. */
export const engineSettings = {
  max_partitions_per_insert_block: '0',
  max_bytes_before_external_group_by: String(spillAt),
  max_bytes_before_external_sort: String(spillAt),
} as const

/**
 * The embedded engine maps a file into memory unless told not to: then all of a file counts as memory of this process,
 * and a file that is cut short while it is read kills it (SIGBUS).
 */
const embeddedSettings = {
  storage_file_read_method: `'pread'`,
  // Rows of `WITH … AS MATERIALIZED (…)` are made once, not at each mention.
  enable_materialized_cte: '1',
  // Its key is a hash of the whole filter, which for those of tables of text took longer than all else: 0.9 of 1.3 s.
  use_query_condition_cache: '0',
  // Machine code is made of an expression that comes for the third time; no analysis is long enough for it to pay.
  compile_expressions: '0',
  compile_aggregate_expressions: '0',
  compile_sort_description: '0',
  // Above so many groups, or bytes of them, the engine makes 256 parts of them: as many small blocks, which a sort then
  // merges row by row. On a few cores that costs more than it gains, up to the size at which groups go to disk.
  group_by_two_level_threshold: '500000',
  group_by_two_level_threshold_bytes: String(4e8),
  // Servers of before 26 do not know it.
  max_bytes_before_external_join: String(spillAt),
} as const

/** Runs one piece of work after the other: parameters of statements that overlap would be mixed up. */
function createTurns() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work)
    last = next.catch(() => {})
    return next
  }
}

async function openSession(folder: string): Promise<Session> {
  const engine = await loadEngine()
  try {
    mkdirSync(folder, { recursive: true })
    refuseUnreadable(folder)
    refuseOthers(folder)
    const held = heldByAnother(folder)
    if (held) throw held
    const session = new engine.Session(folder)
    dieOfFaults()
    return session
  } catch (error) {
    throw asDatabaseError(error, folder)
  }
}

/**
 * The engine would say it in words of its own, on standard error.
 * @throws UserError database-failed where the folder, or one of the engine's in it, may not be read and written.
 */
function refuseUnreadable(folder: string): void {
  const { R_OK, W_OK, X_OK } = constants
  const inner = ['data', 'metadata', 'store']
    .map((name) => join(folder, name))
    .filter((each) => existsSync(each))

  for (const each of [folder, ...inner]) {
    try {
      accessSync(each, R_OK | W_OK | X_OK)
    } catch (error) {
      throw new UserError(
        'database-failed',
        `the folder ${each} cannot be read or written`,
        'Check its permission and owner: ls -ld FOLDER.',
        error,
      )
    }
  }
}

/** @throws UserError database-failed when the folder holds files that are not the engine's. */
function refuseOthers(folder: string): void {
  if (isDatabase(folder)) return
  const others = readdirSync(folder).filter((name) => name !== 'status' && name !== 'tmp')
  if (others.length === 0) return
  throw new UserError(
    'database-failed',
    `${folder} is not a database: it holds other files (${others.slice(0, 3).join(', ')})`,
    'Give --db a folder that Gannet created, or a new name.',
  )
}

async function loadEngine() {
  try {
    return await import('chdb')
  } catch (error) {
    throw new UserError(
      'engine-unavailable',
      `the embedded engine has no build for ${process.platform} ${process.arch}`,
      'On Windows use WSL2; elsewhere give --url of a ClickHouse server.',
      error,
    )
  }
}

/** The engine reads `*`, `?`, `{` in a path as a pattern and `::` as a file in an archive; a link has none. */
async function withPlainPath<T>(file: TextFile, use: (file: TextFile) => Promise<T>): Promise<T> {
  if (!/[*?{}]|::/.test(file.path)) return use(file)
  return withTemporaryFolder(async (folder) => {
    const path = join(folder, 'input')
    await symlink(file.path, path)
    return use({ ...file, path })
  })
}

/** The file as a table of the engine, with the line or record number as `row`. */
const fromFile = ({ path, gzip, format, structure, columns, settings }: TextFile): Query => ({
  parts: ['(SELECT ', ', _row_number + 1 AS row FROM file(', ', ', ', ', ', ', ')', ')'],
  params: [
    raw(selectionOf(columns)),
    path,
    raw(format),
    structure,
    gzip ? 'gzip' : 'none',
    raw(settingsOf(settings)),
  ],
})

/** All columns; or, of those with names of the input, a tuple of their texts. */
export const selectionOf = (columns: number | undefined): string =>
  columns === undefined ? '*' : `CAST(tuple(*), 'Tuple(${textsOf(columns)})') AS t`

export const textsOf = (columns: number): string => Array(columns).fill('Nullable(String)').join(', ')

/** What the engine says of the columns of a file on this machine. */
async function describeFile(
  rows: Store['rows'],
  path: string,
  format: string,
): Promise<{ name: string; type: string }[]> {
  const described = (plain: string) =>
    rows<{ name: string; type: string }>({
      parts: ['DESCRIBE file(', ', ', ')'],
      params: [plain, raw(format)],
    })

  try {
    return await withPlainPath({ path, gzip: false, format, structure: '' }, (file) => described(file.path))
  } catch (error) {
    throw new UserError(
      'input-damaged',
      `${path} is not a complete ${format} file`,
      'Copy it again; a file that is still being written cannot be read.',
      error,
    )
  }
}

/** Parser settings as a clause. */
export function settingsOf(settings: TextFile['settings']): string {
  const entries = Object.entries(settings ?? {})
  if (entries.length === 0) return ''

  const assigned = entries.map(
    ([key, value]) => `${key} = ${typeof value === 'number' ? value : `'${value}'`}`,
  )
  return ` SETTINGS ${assigned.join(', ')}`
}

/** Objects of a JSON text of one object a line, however long. */
export function parseRows<Row>(bytes: Uint8Array): Row[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const rows: Row[] = []
  for (let from = 0, end = 0; from < buffer.length; from = end + 1) {
    end = buffer.indexOf(10, from)
    if (end < 0) end = buffer.length
    if (end > from) rows.push(JSON.parse(buffer.toString('utf8', from, end)) as Row)
  }
  return rows
}

/** Whether `folder` holds a Gannet database. */
const isDatabase = (folder: string): boolean =>
  existsSync(join(folder, 'metadata')) || existsSync(join(folder, 'store'))
