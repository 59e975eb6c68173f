/**
 * Zeek logs in their default form: lines of tab-separated cells under `#` headers.
 *
 * A file may hold several logs one after the other (rotated and concatenated); each stretch of lines is read by
 * the headers above it. The engine splits and types the cells; this file only looks at headers.
 */
import type { Query } from '../../model/query.ts'
import { raw, sql } from '../../store/sql.ts'
import type { Input, Reader, Sink } from '../reader.ts'
import { type Delimited, delimitedCells, wrongLength } from './delimited.ts'
import { layoutsIn, leaveOut, pieceOf, survey, take, withLines } from './lines.ts'
import { compile, rejectFirst } from './mapping.ts'
import { isOpenLog, notLast } from './open-logs.ts'
import type { Section } from './sections.ts'
import { type ZeekLog, zeekLog, zeekLogs } from './zeek-mappings.ts'
import { zeekNames } from './zeek-names.ts'

/** What the headers in force say. */
interface Layout extends Delimited {
  readonly path: string
}

/** Understood by RE2 and by JavaScript alike. */
const header = /^#(separator|set_separator|empty_field|unset_field|path|fields)/

export const zeek = {
  name: 'zeek',
  lines: 'hash',
  header: (line) => header.test(line),
  doc: 'Zeek logs (conn, dns, http, ssl, files, notice, smtp, weird, dhcp), tab-separated',
  gives: [...new Set(zeekLogs.map(({ record }) => record))],
  accepts: (head) => {
    // Comments of three signs stand above the baselines of Zeek’s own tests; tools leave headers out.
    if (!/^(?:#[^\n]*\n)*#(separator|fields)/.test(head)) return false
    const path = /^#path.(?:open_)?([a-z]+)\s*$/m.exec(head)?.[1]
    if (path) return zeekLogs.some((log) => log.path === path)
    return /^#fields.ts.uid.id[^\w]?[^A-Za-z0-9]{0,2}orig_h/m.test(head)
  },
  read: (input, sink) => withLines(input, sink, (lines) => readLines(input, sink, lines)),
} as const satisfies Reader

async function readLines(input: Input, sink: Sink, lines: Query): Promise<void> {
  const isHeader = sql`startsWith(line, '#') AND match(line, ${header.source})`
  const isRecord = sql`line != '' AND NOT startsWith(line, '#')`
  const { headers, isUnescaped = false, ...found } = await survey(sink, lines, { isHeader, isRecord })
  const sections = sectionsOf(headers, sink.bundle?.starts)
  for (const { layout, rows, records } of await layoutsIn(sink, lines, { sections, isRecord, ...found })) {
    const table = sql`(SELECT row, line FROM ${lines} WHERE ${isRecord} AND ${rows})`
    await readLayout({ input, sink, layout: { ...layout, isUnescaped }, table, records })
  }
}

/**
 * Header lines to stretches; a header that does not say keeps what was said before it in its file. `starts` are the
 * first lines of the files.
 */
function sectionsOf(
  headers: readonly { row: number; line: string }[],
  starts: readonly number[] = [1],
): Section<Layout>[] {
  const files = starts.map((from, i) => {
    const end = starts[i + 1] ?? Number.POSITIVE_INFINITY
    return { from, headers: headers.filter(({ row }) => row >= from && row < end) }
  })
  return files.flatMap((file) => sectionsIn(file))
}

function sectionsIn({ from, headers }: { from: number; headers: readonly { row: number; line: string }[] }) {
  const sections: Section<Layout>[] = []
  // Lines before the first header are under none; headers at the very top have no line before them.
  if (headers[0]?.row !== from) sections.push({ from, layout: start })
  let now: Layout = start
  for (const { row, line } of headers) {
    now = { ...now, ...layoutFrom(line, now) }
    if (line.startsWith('#fields')) sections.push({ from: sections.length === 0 ? from : row, layout: now })
  }
  return sections.length > 0 ? sections : [{ from, layout: start }]
}

const start: Layout = {
  path: '',
  fields: [],
  separator: '\t',
  setSeparator: ',',
  unset: '-',
  empty: '(empty)',
}

function layoutFrom(line: string, now: Layout): Partial<Layout> {
  if (line.startsWith('#separator ')) return { separator: unescaped(line.slice(11).trimEnd()) || '\t' }
  const [key = '', ...rest] = line.split(now.separator)
  const value = rest[0] ?? ''
  if (key === '#set_separator') return { setSeparator: unescaped(rest.join(now.separator)) || ',' }
  if (key === '#unset_field') return { unset: unescaped(value) }
  if (key === '#empty_field') return { empty: unescaped(value) }
  if (key === '#path') return { path: value }
  if (key === '#fields') return { fields: fieldsIn(rest) }
  return {}
}

/** Names that the mappings ask for; of others only the place counts, so that layouts that differ in them are one. */
const asked: ReadonlySet<string> = new Set(
  zeekLogs.flatMap(({ mapping, needs, marks, snapshotOf = [] }) => [
    ...needs,
    ...marks,
    ...snapshotOf,
    ...Object.values(mapping).flatMap(({ fields }) => fields),
  ]),
)

/** The fields of a log by Zeek's names, without what tabs at the end of the line make. */
function fieldsIn(cells: readonly string[]): string[] {
  const end = cells.findLastIndex((cell) => cell.trim() !== '') + 1
  const names = zeekNames(cells.slice(0, end).map((cell) => cell.trim()))
  return names.map((name) => (name.split(/ {2,}/).some((each) => asked.has(each)) ? name : ''))
}

const unescaped = (text: string) =>
  text.replace(/\\x([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))

interface Part {
  readonly input: Input
  readonly sink: Sink
  readonly layout: Layout
  readonly table: Query
  readonly records: number
}

async function readLayout({ input, sink, layout, table, records }: Part): Promise<void> {
  const log = logOf(layout)

  if (!log) {
    await leaveOut(
      sink,
      sql`(SELECT row, line, ${raw(zeekLog(layout.path) ? "'unsupported'" : "'not-used'")} AS reason FROM ${table})`,
    )
    return
  }

  const cells = delimitedCells(layout)
  const compiled = rejectFirst([[wrongLength(layout), 'truncated']], compile(log.record, log.mapping, cells))
  const open = log.snapshotOf && (isOpenLog(input.name) || layout.path.startsWith('open_'))
  const key = open ? [pieceOf(sink), ...log.snapshotOf.map(cells.plain)] : []
  const split = cells.over(table)
  await take(sink, {
    record: log.record,
    compiled: open ? rejectFirst([[notLast(split, key), 'superseded']], compiled) : compiled,
    table: split,
    records,
  })
}

function logOf({ path, fields }: Layout): ZeekLog | null {
  const log =
    path === ''
      ? (zeekLogs.find(({ marks }) => marks.every((mark) => fields.includes(mark))) ?? null)
      : zeekLog(path)
  return log?.needs.every((field) => fields.includes(field)) ? log : null
}
