/**
 * Tables that are no known format: delimited text with a header line, JSON lines, Parquet. A profile says what their
 * columns mean (`profile.ts`); without one that is given, the first built-in one that fits is taken.
 */
import { UserError } from '../../errors.ts'
import type { Query } from '../../model/query.ts'
import { join, raw, sql } from '../../store/sql.ts'
import { type Delimited, delimitedCells, wrongLength } from '../logs/delimited.ts'
import { firstObject } from '../logs/json.ts'
import { layoutsIn, survey, withLines } from '../logs/lines.ts'
import type { Cells } from '../logs/mapping.ts'
import type { Section } from '../logs/sections.ts'
import type { Input, Reader, ReadingChoices, Sink } from '../reader.ts'
import { foreignJsonCells, jsonFields, quotedName, silent } from './json-fields.ts'
import { fieldsOf, fitOf, isGiven, needed, type Profile, profileFor } from './profile.ts'
import { profiles } from './profiles.ts'
import { takeTable } from './take-table.ts'

const separators = ['\t', ',', ';', '|', ' '] as const

/** The header line of delimited text, taken apart. */
export function headerOf(line: string): Delimited {
  const text = line
    .replace(/^\u00ef\u00bb\u00bf|^\ufeff/, '')
    .replace(/^#\s*/, '')
    .trimEnd()
  const counts = separators.map((each) => [each, text.split(each).length] as const)
  const [separator] = counts.slice(0, 4).reduce((best, each) => (each[1] > best[1] ? each : best))
  const chosen = counts.slice(0, 4).some(([, n]) => n > 1) ? separator : ' '
  const cells = cellsIn(text, chosen).map((each) => each.trim())
  // Some programs end each line with a separator.
  const fields = cells.slice(0, cells.findLastIndex((each) => each !== '') + 1)
  return { fields, separator: chosen, setSeparator: '', unset: '', empty: '', quoted: { silent } }
}

/** Cells of a line, in quotes or not. */
function cellsIn(line: string, separator: string): string[] {
  if (!line.includes('"')) return line.split(separator)
  const cell = separator === '|' ? '\\|' : separator
  const found = `${line}${separator}`.matchAll(new RegExp(`("(?:[^"]|"")*"|[^${cell}]*)${cell}`, 'g'))
  return [...found].map(([, each = '']) =>
    each.startsWith('"') ? each.slice(1, -1).replaceAll('""', '"') : each,
  )
}

const firstLine = (head: string): string => {
  const end = head.indexOf('\n')
  return Buffer.from(end < 0 ? head : head.slice(0, end), 'latin1').toString('utf8')
}

/** Fields of a header line that looks like one; [] where it does not. */
export function tableFields(head: string): readonly string[] {
  const line = firstLine(head)
  if (!looksLikeText(line)) return []
  const { fields, separator } = headerOf(line)
  const isName = (field: string) => /^[\p{L}_@#][\p{L}\p{N}_ ./@()%-]{0,60}$/u.test(field)
  return separator !== ' ' && fields.filter(isName).length > fields.length * 0.8 ? fields : []
}

const looksLikeText = (line: string): boolean =>
  line.length < 65_536 && !/\p{Cc}/u.test(line.replace(/[\t\r]/g, ''))

/**
 * Delimited text under this profile, or under the built-in one that fits; `choices` are those that `read` is not
 * given.
 */
export const csvReader = (given: Profile | null, choices: ReadingChoices = {}): Reader => ({
  name: 'csv',
  lines: 'first',
  doc: 'flows as delimited text with a header line (CSV, TSV), by a profile',
  gives: ['flow'],
  accepts: (head) => {
    const line = firstLine(head)
    if (!looksLikeText(line) || /^\s*[{[]|^#(separator|fields)/.test(line)) return false
    const { fields } = headerOf(line)
    return fields.length > 2 && !isArgus(fields) && profileFor(given ? [given] : profiles, fields) !== null
  },
  read: (input, sink, { sampled } = choices) =>
    withLines(input, sink, (lines) => readCsv({ input, sink, given, scale: sampled === 'scale' }, lines)),
})

/** Argus files have a reader of their own. */
const isArgus = (fields: readonly string[]): boolean =>
  ['StartTime', 'Proto', 'SrcAddr', 'DstAddr'].every((each) => fields.includes(each))

interface Reading {
  readonly input: Input
  readonly sink: Sink
  readonly given: Profile | null
  /** Whether counts of sampled packets are multiplied by the rate. */
  readonly scale: boolean
}

async function readCsv({ input, sink, given, scale }: Reading, lines: Query): Promise<void> {
  const starts = sink.bundle?.starts ?? [1]
  const isHeader = sql`row IN ${starts}`
  const isRecord = sql`line != '' AND row NOT IN ${starts}`
  const { headers, ...found } = await survey(sink, lines, { isHeader, isRecord })
  const sections: Section<Delimited & { readonly line: string }>[] = headers.map(({ row, line }) => ({
    from: row,
    layout: { ...headerOf(line), line },
  }))

  for (const { layout, rows, records } of await layoutsIn(sink, lines, { sections, isRecord, ...found })) {
    const table = sql`(SELECT row, line FROM ${lines} WHERE ${isRecord} AND ${rows})`
    const profile = profileOver(given, layout.fields, input.name)
    await takeTable(
      { sink, profile, fields: layout.fields, scale, records, key: layout.fields.join(',') },
      () => {
        const cells = delimitedCells(layout)
        return {
          cells,
          over: (where) => cells.over(sql`(SELECT row, line FROM ${table} WHERE ${where})`),
          first: [
            [isNfdumpSummary, 'not-used'],
            // Of files that were put one after the other.
            [sql`line = ${layout.line}`, 'not-used'],
            [wrongLength(layout), 'truncated'],
          ],
        }
      },
    )
  }
}

/** The three lines that nfdump prints below its records. */
const summary = raw(`'^(Summary|flows,bytes,packets,avg_bps,avg_pps,avg_bpp|\\\\d+(,\\\\d+){5})$'`)
const isNfdumpSummary = sql`match(line, ${summary}) AND length(c) < 7`

/** @throws UserError input-unknown-format when no profile fits the fields. */
function profileOver(given: Profile | null, fields: readonly string[], name: string): Profile {
  const profile = given ?? profileFor(profiles, fields)
  if (profile && (!given || fitOf(given, fields) > 0 || hasNeeded(given, fields))) return profile
  const shown = fields.slice(0, 30).join(', ')
  throw new UserError(
    'input-unknown-format',
    `${name} is a table that ` +
      `${given ? `profile ${given.name} does not match` : 'no profile matches'}; its columns are ${shown}`,
    'Map the columns: --map THEIRS=start,THEIRS=client,THEIRS=server,… (docs/reference/inputs-generic.md).',
  )
}

const hasNeeded = (profile: Profile, fields: readonly string[]): boolean => {
  const found = fieldsOf(profile, fields)
  const given = (column: string) => column in found || profile.fixed?.[column] !== undefined
  return needed.every((each) => isGiven(each, given))
}

/** JSON lines under this profile, or under the built-in one that fits. */
export const jsonlReader = (given: Profile | null, choices: ReadingChoices = {}): Reader => ({
  name: 'jsonl',
  lines: 'none',
  compares: true,
  doc: 'flows as JSON lines, by a profile',
  gives: ['flow'],
  accepts: (head) => {
    const first = firstObject(head)
    if (
      !first ||
      ('event_type' in first && 'timestamp' in first) ||
      ('ts' in first && ('_path' in first || 'id.orig_h' in first))
    )
      return false
    return profileFor(given ? [given] : profiles, keysOf(first)) !== null
  },
  read: (input, sink, { sampled } = choices) =>
    withLines(input, sink, (lines) => readJsonl({ input, sink, given, scale: sampled === 'scale' }, lines)),
})

/** Keys of an object, those of objects in it after a dot. */
export function keysOf(object: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(object).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? [key, ...keysOf(value as Record<string, unknown>).map((inner) => `${key}.${inner}`)]
      : [key],
  )
}

async function readJsonl({ input, sink, given, scale }: Reading, lines: Query): Promise<void> {
  const { first, fields, pathOf } = await jsonFields(sink, lines)
  // As the file was told by: lines of another program in it must not choose for all.
  const profile = profileOver(given ?? profileFor(profiles, first), fields, input.name)
  const isRecord = sql`line != ''`
  const { records } = await survey(sink, lines, { isHeader: raw('false'), isRecord })
  await takeTable({ sink, profile, fields, scale, records, key: '' }, () => {
    const cells = foreignJsonCells(pathOf)
    return {
      cells,
      over: (where) =>
        sql`(SELECT row, line, ${cells.extracted()} AS j FROM ${lines} WHERE ${isRecord} AND ${where})`,
      first: [[sql`NOT (isValidJSON(line) AND startsWith(trimLeft(line), '{'))`, 'truncated']],
    }
  })
}

/** Parquet under this profile, or under the built-in one that fits. */
export const parquetReader = (given: Profile | null, choices: ReadingChoices = {}): Reader => ({
  name: 'parquet',
  doc: 'flows as Parquet, by a profile',
  gives: ['flow'],
  accepts: (head) => head.startsWith('PAR1'),
  read: (input, sink, { sampled } = choices) =>
    readParquet({ input, sink, given, scale: sampled === 'scale' }),
})

async function readParquet({ input, sink, given, scale }: Reading): Promise<void> {
  const columns = await describedBy(sink, input)
  const names = columns.map(({ name }) => name)
  const profile = profileOver(given, names, input.name)
  const used = Object.values(fieldsOf(profile, names)).flat()
  const read = columns.filter(({ name }) => used.includes(name))

  await sink.parse(
    {
      path: input.path,
      gzip: false,
      format: 'Parquet',
      structure: read.map(({ name, type }) => `${quotedName(name)} ${type}`).join(', '),
      columns: read.length,
    },
    async (source) => {
      const line = sql`arrayStringConcat([${join(
        read.map((_, i) => sql`ifNull(tupleElement(t, ${raw(String(i + 1))}), '')`),
        ', ',
      )}], ',')`
      const table = sql`(SELECT row, t, ${line} AS line FROM ${source})`
      const [counted] = await sink.rows<{ n: number }>(sql`SELECT toFloat64(count()) AS n FROM ${source}`)
      const cells = tupleCells(read.map(({ name }) => name))
      await takeTable({ sink, profile, fields: names, scale, records: counted?.n ?? 0, key: '' }, () => ({
        cells,
        over: (where) => sql`(SELECT * FROM ${table} WHERE ${where})`,
        first: [],
      }))
    },
  )

  sink.progress(input.size)
}

async function describedBy(sink: Sink, { path, compression, name }: Input) {
  if (compression !== 'none') {
    throw new UserError(
      'input-unsupported',
      `${name} is a compressed Parquet file; Parquet is already compressed inside`,
      'Unpack it first.',
    )
  }
  if (!sink.describe) throw new RangeError('this sink cannot describe files')
  return sink.describe(path, 'Parquet')
}

/** Cells of `t`, a tuple of texts that may be null. */
function tupleCells(names: readonly string[]): Cells {
  const place = (field: string): Query => {
    const i = names.indexOf(field)
    if (i < 0) return raw(`''`)
    const value = sql`ifNull(tupleElement(t, ${raw(String(i + 1))}), '')`
    return sql`if(${value} IN ${[...silent]}, '', ${value})`
  }
  return {
    has: (field) => names.includes(field),
    plain: place,
    asWritten: place,
    once: (value) => value,
    text: place,
    list: () => raw('emptyArrayString()'),
  }
}
