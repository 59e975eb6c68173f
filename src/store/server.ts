/** A ClickHouse server or cluster over HTTP, through the official client. */
import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline, Readable } from 'node:stream'
import { pipeline as pipelineOf } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { UserError } from '../errors.ts'
import type { Query } from '../model/query.ts'
import { arrowCells, arrowColumns } from './arrow.ts'
import { asDatabaseError } from './database-error.ts'
import { engineSettings, openEmbedded, parseRows, selectionOf, settingsOf, textsOf } from './embedded.ts'
import { type Bound, bound, name, raw, sql } from './sql.ts'
import type { Store, TextFile } from './store.ts'
import { plainTables } from './tables/plain.ts'
import { withTemporaryFolder } from './temporary.ts'
import { parameterText } from './tsv.ts'

export interface ServerOptions {
  /** Engine settings of every statement, beside the built-in ones. */
  readonly settings?: Readonly<Record<string, string>>
  /** A statement as it is to be sent. */
  readonly rewritten?: (statement: string) => string
}

/** Connects to `url`, such as http://user:password@host:8123/database; the database is made where it is absent. */
export async function openServer(url: string, options: ServerOptions = {}): Promise<Store> {
  const { client, where, rewritten } = await connect(url, options)

  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw asDatabaseError(error, where)
    }
  }

  const send = (text: string, params: Bound['params']) =>
    attempt(async () => contentOf(await client.exec(requestOf(text, params))))
  const boundHere = (query: Query | string): Bound => {
    const { text, params } = bound(typeof query === 'string' ? raw(query) : query, longestField)
    return { text: rewritten(text), params }
  }
  const answer = (query: Query | string, format: string) => {
    const { text, params } = boundHere(query)
    return send(`${text}\nFORMAT ${format}`, params)
  }
  const run = async (query: Query | string) => {
    const { text, params } = boundHere(query)
    await send(text, params)
  }

  const store: Store = {
    ...plainTables(run, () => store),
    where,
    kind: 'server',
    shards: 1,
    run,
    rows: async <Row>(query: Query | string) => parseRows<Row>(await answer(query, 'JSONEachRow')),
    ask: (statement, params) =>
      attempt(async () => {
        const request = requestOf(`${rewritten(statement)}\nFORMAT JSONEachRow`, params)
        return parseRows(
          await contentOf(await client.exec({ ...request, clickhouse_settings: { readonly: '2' } })),
        )
      }),
    columns: async (query) => arrowColumns(await answer(query, 'ArrowStream')),
    cells: async (query) => arrowCells(await answer(query, 'ArrowStream')),
    insert: (table, columns, chunks, { token } = {}) =>
      attempt(async () => {
        const list = columns.map((column) => `\`${column}\``).join(', ')
        const values = Readable.from(chunks, { objectMode: false })
        await contentOf(
          await client.exec({
            query: `INSERT INTO ${table} (${list}) FORMAT TabSeparated`,
            values,
            ...(token ? { clickhouse_settings: { insert_deduplication_token: token } } : {}),
          }),
        )
      }),
    describe: describedHere,
    save: (query, { path, format, settings }) =>
      attempt(async () => {
        const { text, params } = boundHere(query)
        const statement = `${text}${settingsOf(settings)}\nFORMAT ${format}`
        const { stream } = await client.exec(requestOf(statement, params))
        await finished(stream, path)
      }),
    parse: (file, use) => uploaded({ client, file, run, attempt }, use),
    close: () => client.close(),
  }
  return store
}

/** Parameters longer than this are sent in the body; servers and proxies limit addresses. */
const longestInAddress = 4096

/** A server takes 128 KiB in one field of a form; escapes and UTF-8 make a text longer. */
const longestField = 16_384

/** A statement with its parameters. */
function requestOf(query: string, params: Bound['params']) {
  const texts = Object.entries(params).map(([key, value]) => [key, parameterText(value)] as const)
  const length = texts.reduce((sum, [, text]) => sum + text.length, 0)
  if (length <= longestInAddress) return { query, query_params: { ...params } }
  const boundary = `gannet-${randomUUID()}`
  const parts = texts.map(
    ([key, text]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="param_${key}"\r\n\r\n${text}\r\n`,
  )
  return {
    query,
    values: Readable.from([Buffer.from(`${parts.join('')}--${boundary}--\r\n`)], { objectMode: false }),
    http_headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
  }
}

async function contentOf({ stream }: { stream: NodeJS.ReadableStream }): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

interface Connected {
  readonly client: ClickHouseClient
  readonly where: string
  /** A statement as this server takes it. */
  readonly rewritten: (text: string) => string
}

async function connect(
  text: string,
  { settings: added = {}, rewritten = (statement) => statement }: ServerOptions,
): Promise<Connected> {
  const url = URL.canParse(text) ? new URL(text) : null

  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new UserError(
      'option-invalid',
      `--url is not an http address: ${text}`,
      'Give one like http://127.0.0.1:8123/gannet.',
    )
  }

  const database = url.pathname.replace(/^\/|\/$/g, '') || 'gannet'
  const where = `${url.origin}/${database}`

  const options = {
    url: url.origin,
    ...(url.username ? { username: decodeURIComponent(url.username) } : {}),
    ...(url.password ? { password: decodeURIComponent(url.password) } : {}),
    request_timeout: 3_600_000,
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: {
      ...engineSettings,
      output_format_json_quote_64bit_integers: 0,
      output_format_arrow_compression_method: 'none',
      // Errors in the middle of a result come as errors, and a statement of an hour keeps its connection.
      wait_end_of_query: 1,
      send_progress_in_http_headers: 1,
      http_headers_progress_interval_ms: '110000',
    } as const,
  }

  const first = createClient(options)
  let materializes: boolean

  try {
    const { text: query } = bound(sql`CREATE DATABASE IF NOT EXISTS ${name(database)}`)
    await first.command({ query })
    materializes = await knowsMaterialized(first)
  } catch (error) {
    throw asDatabaseError(error, where)
  } finally {
    await first.close()
  }

  const settings = {
    ...options.clickhouse_settings,
    ...added,
    ...(materializes ? { enable_materialized_cte: '1' } : {}),
  }

  return {
    client: createClient({ ...options, clickhouse_settings: settings, database }),
    where,
    rewritten: materializes ? rewritten : (statement) => rewritten(withoutMaterialized(statement)),
  }
}

/** Whether the server can keep the rows of a common table expression (ClickHouse 26 can). */
async function knowsMaterialized(client: ClickHouseClient): Promise<boolean> {
  const answer = await client.query({
    query: "SELECT count() AS n FROM system.settings WHERE name = 'enable_materialized_cte'",
    format: 'JSONEachRow',
  })
  const [row] = await answer.json<{ n: number }>()
  return Number(row?.n) > 0
}

/**
 * Older servers run such an expression again at each mention: the same rows, more slowly. No text of an input is in
 * a statement.
 */
const withoutMaterialized = (statement: string): string => statement.replaceAll(' AS MATERIALIZED (', ' AS (')

const finished = (stream: NodeJS.ReadableStream, path: string): Promise<void> =>
  pipelineOf(stream, createWriteStream(path, { flags: 'wx' }))

/** A server does not see the file: the engine in this process looks at it. */
const describedHere = (path: string, format: string): Promise<{ name: string; type: string }[]> =>
  withTemporaryFolder(async (folder) => {
    const store = await openEmbedded(join(folder, 'db'))
    try {
      return await store.describe(path, format)
    } finally {
      await store.close()
    }
  })

interface Upload {
  readonly client: ClickHouseClient
  readonly file: TextFile
  readonly run: Store['run']
  readonly attempt: <T>(work: () => Promise<T>) => Promise<T>
}

/** Sends the file to a table of its own, which is dropped when `use` is done. */
async function uploaded<T>(
  { client, file, run, attempt }: Upload,
  use: (table: Query) => Promise<T>,
): Promise<T> {
  const table = `upload_${randomUUID().replaceAll('-', '')}`
  const columns = file.columns === undefined ? file.structure : `t Tuple(${textsOf(file.columns)})`
  await run(`CREATE TABLE ${table} (${columns}, row UInt64) ENGINE = MergeTree ORDER BY row`)

  try {
    const source = createReadStream(file.path)
    const values = file.gzip ? pipeline(source, createGunzip(), () => {}) : source
    // A stream that breaks off may say so once more when the client has let go of it.
    values.on('error', () => {})
    // One thread, so that rows are counted in the order of the file.
    const settings = {
      ...file.settings,
      max_threads: 1,
      max_insert_threads: 1,
      input_format_parallel_parsing: 0,
    }
    const query = `INSERT INTO ${table} SELECT ${selectionOf(file.columns)}, rowNumberInAllBlocks() + 1
      FROM input('${file.structure.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}')${settingsOf(settings)}
        FORMAT ${file.format}`
    await attempt(async () => contentOf(await client.exec({ query, values })))
    return await use(name(table))
  } finally {
    await run(`DROP TABLE IF EXISTS ${table}`)
  }
}
