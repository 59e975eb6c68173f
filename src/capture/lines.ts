/** Files of lines, parsed by the engine: one table a file, one row a line; and rows of it into records. */
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Query } from '../model/query.ts'
import type { RecordName } from '../model/records.ts'
import { join, raw, sql } from '../store/sql.ts'
import type { Compiled } from './mapping.ts'
import type { Input, Sink } from './reader.ts'
import type { RejectReason } from './rejects.ts'

/**
 * Gives `use` the lines of the input as a table of `row`, from 1, and `line`, without its line end.
 * @throws UserError input-damaged when the compression breaks off.
 */
export async function withLines(
  input: Input,
  sink: Sink,
  use: (lines: Query) => Promise<void>,
): Promise<void> {
  const { path, compression } = input
  if (compression === 'zstd') return unpacked(input, (plain) => withLines(plain, sink, use))
  const gzip = compression === 'gzip'
  const file = { path, gzip, format: 'LineAsString', structure: 'text String' }
  try {
    await sink.parse(file, (table) =>
      use(
        sql`(SELECT row, if(endsWith(text, '\r'), substring(text, 1, length(text) - 1), text) AS line FROM ${table})`,
      ),
    )
  } catch (error) {
    // The engine's message about a broken archive names neither the file nor what to do; reading it here does.
    if (gzip) for await (const _ of input.bytes());
    throw error
  }
  sink.progress(input.size)
}

async function unpacked(input: Input, use: (plain: Input) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(joinPath(tmpdir(), 'gannet-'))
  try {
    const path = joinPath(folder, 'unpacked')
    await pipeline(Readable.from(input.bytes()), createWriteStream(path))
    await use({ ...input, path, compression: 'none' })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Rows of one kind that the engine can select. */
export interface Selection {
  readonly record: RecordName
  readonly compiled: Compiled
  /** Table expression with `row`, `line` and what `compiled` needs; one row a record of the input. */
  readonly table: Query
  /** Rows of `table`. */
  readonly records: number
}

/** Every row of the selection into its record, or into the rejects. */
export async function take(sink: Sink, { record, compiled, table, records }: Selection): Promise<void> {
  if (records === 0) return
  const taken = await sink.insertSelect(record, compiled.values, sql`${table} WHERE ${compiled.reason} = ''`)
  if (taken === records) return
  await leaveOut(sink, sql`(SELECT row, line, ${compiled.reason} AS reason FROM ${table})`)
}

/** Counts and samples the rows of `table` (`row`, `line`, `reason`) whose reason is not ''. */
export async function leaveOut(sink: Sink, table: Query): Promise<void> {
  const found = await sink.rows<{ reason: RejectReason; n: number; samples: [number, string][] }>(
    sql`SELECT reason, toFloat64(count()) AS n,
               arraySort(groupArraySorted(3)((toFloat64(row), toValidUTF8(substring(line, 1, 800))))) AS samples
        FROM ${table} WHERE reason != '' GROUP BY reason ORDER BY reason`,
  )
  for (const { reason, n, samples } of found) {
    for (const [row, line] of samples) sink.rejects.add(reason, row, line)
    if (n > samples.length) sink.rejects.add(reason, samples[0]?.[0] ?? 0, '', n - samples.length)
  }
}

/** How many rows of `table` meet each condition. */
export async function countEach(sink: Sink, table: Query, conditions: readonly Query[]): Promise<number[]> {
  const each = join(
    conditions.map((condition) => sql`toFloat64(countIf(${condition}))`),
    ', ',
  )
  const [found] = await sink.rows<{ n: number[] }>(sql`SELECT [${each}] AS n FROM ${table}`)
  return found?.n ?? []
}

/** Text of our own as an SQL literal. @throws RangeError for anything that would need escaping. */
export function literal(text: string): Query {
  if (!/^[\w .:-]*$/.test(text)) throw new RangeError(`not a plain literal: ${text}`)
  return raw(`'${text}'`)
}
