/** A ClickHouse server or cluster over HTTP, through the official client. */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type ClickHouseClient, createClient } from '@clickhouse/client'
import { tableFromIPC } from 'apache-arrow'
import { UserError } from '../errors.ts'
import type { Query } from '../model/query.ts'
import { arrowColumns } from './arrow.ts'
import { asDatabaseError } from './database-error.ts'
import { settingsOf } from './embedded.ts'
import { bound, name, raw, sql } from './sql.ts'
import type { Store, TextFile } from './store.ts'

/** Connects to `url`, such as http://user:password@host:8123/database; the database is made where it is absent. */
export async function openServer(url: string): Promise<Store> {
  const { client, where } = await connect(url)
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw asDatabaseError(error, where)
    }
  }
  const statement = (query: Query | string) => {
    const { text, params } = bound(typeof query === 'string' ? raw(query) : query)
    return { query: text, query_params: { ...params } }
  }
  const run = (query: Query | string) => attempt(async () => void (await client.command(statement(query))))
  const insert: Store['insert'] = (table, columns, chunks) =>
    attempt(async () => {
      const list = columns.map((column) => `\`${column}\``).join(', ')
      const values = Readable.from(chunks, { objectMode: false })
      await client.exec({ query: `INSERT INTO ${table} (${list}) FORMAT TabSeparated`, values }).then(drained)
    })
  return {
    where,
    kind: 'server',
    run,
    rows: <Row>(query: Query | string) =>
      attempt(async () => {
        const result = await client.query({ ...statement(query), format: 'JSONEachRow' })
        return result.json<Row>()
      }),
    ask: (query, params) =>
      attempt(async () => {
        const result = await client.query({ query, query_params: { ...params }, format: 'JSONEachRow' })
        return result.json<Record<string, unknown>>()
      }),
    columns: (query) =>
      attempt(async () => {
        const { query: text, query_params } = statement(query)
        const { stream } = await client.exec({ query: `${text}\nFORMAT Arrow`, query_params })
        const chunks: Buffer[] = []
        for await (const chunk of stream) chunks.push(chunk as Buffer)
        return arrowColumns(tableFromIPC(Buffer.concat(chunks)))
      }),
    insert,
    parse: (file, use) => attempt(() => uploaded({ client, file, run }, use)),
    close: () => client.close(),
  }
}

async function connect(text: string): Promise<{ client: ClickHouseClient; where: string }> {
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
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0, wait_end_of_query: 1 } as const,
  }
  const first = createClient(options)
  try {
    const { text: query } = bound(sql`CREATE DATABASE IF NOT EXISTS ${name(database)}`)
    await first.command({ query })
  } catch (error) {
    throw asDatabaseError(error, where)
  } finally {
    await first.close()
  }
  return { client: createClient({ ...options, database }), where }
}

const drained = async ({ stream }: { stream: NodeJS.ReadableStream }) => {
  for await (const _ of stream);
}

/** Sends the file to a table of its own, which is dropped when `use` is done. */
async function uploaded<T>(
  { client, file, run }: { client: ClickHouseClient; file: TextFile; run: Store['run'] },
  use: (table: Query) => Promise<T>,
): Promise<T> {
  const table = `upload_${process.pid}_${Math.random().toString(36).slice(2)}`
  await run(`CREATE TABLE ${table} (${file.structure}, row UInt64) ENGINE = MergeTree ORDER BY row`)
  try {
    const source = createReadStream(file.path)
    const query =
      `INSERT INTO ${table} SELECT *, rowNumberInAllBlocks() + 1 FROM input('${file.structure.replaceAll("'", "\\'")}')` +
      `${settingsOf({ ...file.settings, max_threads: 1, max_insert_threads: 1, input_format_parallel_parsing: 0 })} FORMAT ${file.format}`
    await client.exec({ query, values: file.gzip ? source.pipe(createGunzip()) : source }).then(drained)
    return await use(name(table))
  } finally {
    await run(`DROP TABLE IF EXISTS ${table}`)
  }
}
