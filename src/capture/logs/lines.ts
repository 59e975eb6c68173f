/** Files of lines, parsed by the engine: one table a file, one row a line; and rows of it into records. */
import { createWriteStream } from 'node:fs'
import { utimes } from 'node:fs/promises'
import { join as joinPath } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Query } from '../../model/query.ts'
import type { RecordName } from '../../model/records.ts'
import { ids, raw, sql } from '../../store/sql.ts'
import { withTemporaryFolder } from '../../store/temporary.ts'
import { statOf } from '../input-paths.ts'
import type { Input, Sink, Survey } from '../reader.ts'
import type { RejectReason } from '../rejects.ts'
import type { Compiled } from './mapping.ts'
import { grouped, type Section } from './sections.ts'

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
  if (compression !== 'none') return unpacked(input, (plain) => withLines(plain, sink, use))
  const file = { path, gzip: false, format: 'LineAsString', structure: 'text String' }
  // A logger that writes on after its file was cut to nothing leaves zeros before its next line.
  const bare = raw(`trimBoth(text, char(0))`)
  await sink.parse(file, (table) =>
    use(
      sql`(SELECT row, if(endsWith(bare, '\r'), substring(bare, 1, length(bare) - 1), bare) AS line
           FROM (SELECT row, ${bare} AS bare FROM ${table}))`,
    ),
  )

  sink.progress(input.size)
}

/** Gives `use` the input with its content in a temporary file. */
const unpacked = (input: Input, use: (plain: Input) => Promise<void>): Promise<void> =>
  withTemporaryFolder(async (folder) => {
    const path = joinPath(folder, 'unpacked')
    await pipeline(Readable.from(input.bytes()), createWriteStream(path))
    await writtenAs(path, input.path)
    await use({ ...input, path, compression: 'none' })
  })

/** Gives a file the time of another: some formats say no year. */
export async function writtenAs(path: string, other: string): Promise<void> {
  const { atime, mtime } = await statOf(other)
  await utimes(path, atime, mtime)
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
export async function take(sink: Sink, selection: Selection): Promise<void> {
  const { record, records } = selection
  if (records === 0) return
  if (sink.only && sink.only !== record) return sink.passOver?.(record, records)
  await leaveRest(sink, selection, await put(sink, selection))
}

/** The rows of the selection that can be used into their record; gives how many. */
export const put = (sink: Sink, { record, compiled, table }: Omit<Selection, 'records'>): Promise<number> =>
  sink.insertSelect(record, compiled.values, sql`${table} WHERE ${compiled.reason} = ''${andOwn(sink)}`)

/** The rest of the selection, of which this many were put, into the rejects. */
export async function leaveRest(
  sink: Sink,
  { compiled, table, records }: Selection,
  taken: number,
): Promise<void> {
  if (taken === records) return
  await leaveOut(sink, sql`(SELECT row, line, ${compiled.reason} AS reason FROM ${table})`)
}

/** Counts and samples the rows of `table` (`row`, `line`, `reason`) whose reason is not '', file by file. */
export async function leaveOut(sink: Sink, table: Query): Promise<void> {
  const found = await sink.rows<{
    piece: number
    reason: RejectReason
    n: number
    samples: [number, string][]
  }>(
    sql`SELECT toFloat64(${pieceOf(sink)}) AS piece, reason, toFloat64(count()) AS n,
               arraySort(groupArraySorted(3)((toFloat64(row), toValidUTF8(substring(line, 1, 800))))) AS samples
        FROM ${table} WHERE reason != ''${andOwn(sink)} GROUP BY piece, reason ORDER BY piece, reason
        SETTINGS ${atOnce}`,
  )

  for (const { piece, reason, n, samples } of found) {
    const rejects = sink.bundle?.rejectsOf(piece) ?? sink.rejects
    for (const [row, line] of samples) rejects.add(reason, row, line)
    if (n > samples.length) rejects.add(reason, samples[0]?.[0] ?? 0, '', n - samples.length)
  }
}

/**
 * Every part of an expression for every row. The engine would leave out what a branch does not need, row by row,
 * and pay more for that than for all of it: of 100,000 EVE events 10 s of processor time where the import takes 0.6
 * s.
 */
export const atOnce: Query = raw(`short_circuit_function_evaluation = 'disable'`)

/** SQL after a condition: of rows that are to be read only. */
export const andOwn = (sink: Sink): Query => (sink.bundle?.own ? sql` AND ${sink.bundle.own}` : raw(''))

/** SQL: which file of a bundle a `row` is of; the same for all rows of a file by itself. */
export const pieceOf = (sink: Sink): Query => sink.bundle?.piece ?? raw('toUInt64(1)')

/** Headers and the number of records, in one pass over the lines. */
export async function survey(
  sink: Sink,
  lines: Query,
  { isHeader, isRecord }: { isHeader: Query; isRecord: Query },
): Promise<Survey> {
  if (sink.bundle?.survey) return sink.bundle.survey
  const [found] = await sink.rows<{
    headers: [number, string][]
    records: number
    first: number
    escaped: number
  }>(
    sql`SELECT arraySort(groupArrayIf((toFloat64(row), toValidUTF8(line)), ${isHeader})) AS headers,
               toFloat64(countIf(${isRecord})) AS records, toFloat64(minIf(row, ${isRecord})) AS first,
               toFloat64(countIf(position(line, '\\\\') > 0 AND ${isRecord})) AS escaped
        FROM ${lines}`,
  )
  const headers = (found?.headers ?? []).map(([row, line]) => ({ row, line }))

  return {
    headers,
    records: found?.records ?? 0,
    first: found?.first ?? 0,
    isUnescaped: found?.escaped === 0,
  }
}

/**
 * Groups of lines under one layout, each with the condition on its lines and the number of its records; without
 * those that have none.
 */
export async function layoutsIn<Layout>(
  sink: Sink,
  lines: Query,
  { sections, records, first, isRecord, most = mostLayouts }: Sectioned<Layout>,
): Promise<{ layout: Layout; rows: Query; records: number }[]> {
  if (records === 0) return []
  const used = sections.filter((_, i) => (sections[i + 1]?.from ?? Number.POSITIVE_INFINITY) > first)
  const { groups, number } = grouped(used)
  const [only] = groups
  if (groups.length === 1 && only && (used[0]?.from ?? 0) <= first) return [{ ...only, records }]
  const counts = await sink.rows<{ number: number; n: number }>(
    sql`SELECT toFloat64(${number}) AS number, toFloat64(count()) AS n FROM ${lines}
        WHERE ${isRecord} GROUP BY number ORDER BY number`,
  )

  const byRecords = counts.filter((each) => each.number > 0).sort((a, b) => b.n - a.n || a.number - b.number)
  const found = byRecords.slice(0, most).sort((a, b) => a.number - b.number)
  if (byRecords.length > most) {
    const others = ids(byRecords.slice(most).map((each) => String(each.number)))
    const left = sql`${isRecord} AND has(${others}, ${number})`
    await leaveOut(sink, sql`(SELECT row, line, 'unsupported' AS reason FROM ${lines} WHERE ${left})`)
  }

  return found.map((each) => ({ ...groups[each.number - 1]!, records: each.n }))
}

/**
 * Different layouts of one file, or of one bundle of small files, that are read, those with most records. Each is
 * statements of its own, of 80 ms: without a bound a file whose header changes at each line would take days.
 */
const mostLayouts = 250

interface Sectioned<Layout> {
  readonly sections: readonly Section<Layout>[]
  readonly records: number
  readonly first: number
  readonly isRecord: Query
  /** Layouts that are read; records under others are rejected. */
  readonly most?: number
}

/** Text of our own as an SQL literal. @throws RangeError for anything that would need escaping. */
export function literal(text: string): Query {
  if (!/^[\w .:-]*$/.test(text)) throw new RangeError(`not a plain literal: ${text}`)
  return raw(`'${text}'`)
}
