/**
 * Tables that are no format of ours: delimited text with a header line, JSON lines, Parquet. A profile says what their
 * columns mean (`profile.ts`); without one that is given, the first of ours that fits is taken.
 */
import { UserError } from '../../errors.ts'
import type { Query } from '../../model/query.ts'
import { join, raw, sql } from '../../store/sql.ts'
import { type Delimited, delimitedCells } from '../logs/delimited.ts'
import { firstObject } from '../logs/json.ts'
import { layoutsIn, survey, take, withLines } from '../logs/lines.ts'
import { type Cells, compile, rejectFirst } from '../logs/mapping.ts'
import type { Section } from '../logs/sections.ts'
import type { Input, Reader, Sink } from '../reader.ts'
import { fieldsOf, fitOf, type Profile, profileFor } from './profile.ts'
import { mappingOf } from './profile-mapping.ts'
import { profiles } from './profiles.ts'

/** What says nothing in tables that people pass on. */
const silent = ['', '-', 'NULL', 'null', 'NA', 'N/A', 'nan', 'NaN', 'None', '(empty)', '\\N']

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
  const fields = cellsIn(text, chosen).map((each) => each.trim())
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

/** Delimited text under this profile, or under the one of ours that fits. */
export const csvReader = (given: Profile | null): Reader => ({
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
  read: (input, sink) => withLines(input, sink, (lines) => readCsv({ input, sink, given }, lines)),
})

/** Argus files have a reader of their own. */
const isArgus = (fields: readonly string[]): boolean =>
  ['StartTime', 'Proto', 'SrcAddr', 'DstAddr'].every((each) => fields.includes(each))

interface Reading {
  readonly input: Input
  readonly sink: Sink
  readonly given: Profile | null
}

async function readCsv({ input, sink, given }: Reading, lines: Query): Promise<void> {
  const starts = sink.bundle?.starts ?? [1]
  const isHeader = sql`row IN ${starts}`
  const isRecord = sql`line != '' AND row NOT IN ${starts}`
  const { headers, ...found } = await survey(sink, lines, { isHeader, isRecord })
  const sections: Section<Delimited>[] = headers.map(({ row, line }) => ({
    from: row,
    layout: headerOf(line),
  }))
  for (const { layout, rows, records } of await layoutsIn(sink, lines, { sections, isRecord, ...found })) {
    const table = sql`(SELECT row, line FROM ${lines} WHERE ${isRecord} AND ${rows})`
    const profile = profileOver(given, layout.fields, input.name)
    const cells = delimitedCells(layout)
    const compiled = rejectFirst(
      [[sql`length(c) != ${layout.fields.length}`, 'truncated']],
      compile('flow', mappingOf(profile, layout.fields), cells),
    )
    await take(sink, { record: 'flow', compiled, table: cells.over(table), records })
  }
}

/** @throws UserError input-unknown-format when no profile fits the fields. */
function profileOver(given: Profile | null, fields: readonly string[], name: string): Profile {
  const profile = given ?? profileFor(profiles, fields)
  if (profile && (!given || fitOf(given, fields) > 0 || hasNeeded(given, fields))) return profile
  const shown = fields.slice(0, 30).join(', ')
  throw new UserError(
    'input-unknown-format',
    `${name} is a table that ${given ? `profile ${given.name}` : 'no profile'} fits; its columns are ${shown}`,
    'Say what they mean: --map FIELD=start,FIELD=client,FIELD=server,… (docs/reference/inputs-generic.md).',
  )
}

const hasNeeded = (profile: Profile, fields: readonly string[]): boolean => {
  const found = fieldsOf(profile, fields)
  return ['start', 'client', 'server'].every((each) => each in found || profile.fixed?.[each] !== undefined)
}

/** JSON lines under this profile, or under the one of ours that fits. */
export const jsonlReader = (given: Profile | null): Reader => ({
  name: 'jsonl',
  lines: 'none',
  doc: 'flows as JSON lines, by a profile',
  gives: ['flow'],
  accepts: (head) => {
    const first = firstObject(head)
    if (!first || 'event_type' in first || ('ts' in first && ('_path' in first || 'id.orig_h' in first)))
      return false
    return profileFor(given ? [given] : profiles, keysOf(first)) !== null
  },
  read: (input, sink) => withLines(input, sink, (lines) => readJsonl({ input, sink, given }, lines)),
})

/** Keys of an object, those of objects in it after a dot. */
export function keysOf(object: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(object).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? [key, ...keysOf(value as Record<string, unknown>).map((inner) => `${key}.${inner}`)]
      : [key],
  )
}

async function readJsonl({ input, sink, given }: Reading, lines: Query): Promise<void> {
  const { first, fields, pathOf } = await jsonFields(sink, lines)
  // As the file was told by: lines of another program in it must not choose for all.
  const profile = profileOver(given ?? profileFor(profiles, first), fields, input.name)
  const cells = foreignJsonCells(pathOf)
  const compiled = rejectFirst(
    [[sql`NOT (isValidJSON(line) AND startsWith(trimLeft(line), '{'))`, 'truncated']],
    compile('flow', mappingOf(profile, fields), cells),
  )
  const isRecord = sql`line != ''`
  const { records } = await survey(sink, lines, { isHeader: raw('false'), isRecord })
  const table = sql`(SELECT row, line, ${cells.extracted()} AS j FROM ${lines} WHERE ${isRecord})`
  await take(sink, { record: 'flow', compiled, table, records })
}

/** Lines of which the keys are looked at: a key that is not said in the first may be in another. */
const looked = 200

const headsOf = (sink: Sink, lines: Query): Promise<{ line: string }[]> =>
  sink.rows(
    sql`SELECT toValidUTF8(line) AS line FROM ${lines} WHERE startsWith(trimLeft(line), '{') ORDER BY row LIMIT ${looked}`,
  )

async function jsonFields(sink: Sink, lines: Query) {
  const memory = sink.bundle?.memory ?? new Map<string, unknown>()
  const heads = (memory.get('heads') ?? (await headsOf(sink, lines))) as readonly { line: string }[]
  memory.set('heads', heads)
  const paths = new Map<string, readonly string[]>()
  const objects = new Set<string>()
  // What a key is first, a value or an object, it is: a line where it is the other must not spoil those before it.
  const add = (object: Readonly<Record<string, unknown>>, above: readonly string[]) => {
    for (const [key, value] of Object.entries(object)) {
      const path = [...above, key]
      const name = path.join('.')
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        if (paths.has(name)) continue
        objects.add(name)
        add(value as Record<string, unknown>, path)
      } else if (!objects.has(name) && !paths.has(name)) paths.set(name, path)
    }
  }
  let first: readonly string[] = []
  for (const { line } of heads) {
    try {
      add(JSON.parse(line) as Record<string, unknown>, [])
      if (first.length === 0) first = [...paths.keys()]
    } catch {
      // A broken line is a reject when it is read.
    }
  }
  return { first, fields: [...paths.keys()], pathOf: (field: string) => paths.get(field) ?? null }
}

type Tree = Map<string, Tree | null>

/** Fields with names that an input brings: their names are in a type that is bound, and the SQL has their places. */
function foreignJsonCells(
  pathOf: (field: string) => readonly string[] | null,
): Cells & { extracted(): Query } {
  const tree: Tree = new Map()
  const place = (field: string): Query => {
    const path = pathOf(field)
    if (!path) return raw(`''`)
    let here = tree
    let value = raw('j')
    for (const [depth, key] of path.entries()) {
      const last = depth === path.length - 1
      if (!here.has(key)) here.set(key, last ? null : new Map())
      value = sql`tupleElement(${value}, ${raw(String([...here.keys()].indexOf(key) + 1))})`
      const next = here.get(key) ?? null
      // A key that is a value in one line and an object in another can be asked as one of them only.
      if (last !== (next === null)) return raw(`''`)
      if (next) here = next
    }
    return sql`if(${value} IN ${[...silent]}, '', ${value})`
  }
  return {
    has: (field) => pathOf(field) !== null,
    plain: place,
    text: place,
    list: () => raw('emptyArrayString()'),
    extracted: () => sql`JSONExtract(if(startsWith(trimLeft(line), '{'), line, ''), ${treeType(tree)})`,
  }
}

const treeType = (tree: Tree): string =>
  tree.size === 0
    ? 'Tuple(`-` String)'
    : `Tuple(${[...tree].map(([key, inner]) => `${quotedName(key)} ${inner ? treeType(inner) : 'String'}`).join(', ')})`

/** A name as an identifier of the engine, whatever is in it. */
const quotedName = (name: string): string =>
  `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('\0', '\\0')}\``

/** Parquet under this profile, or under the one of ours that fits. */
export const parquetReader = (given: Profile | null): Reader => ({
  name: 'parquet',
  doc: 'flows as Parquet, by a profile',
  gives: ['flow'],
  accepts: (head) => head.startsWith('PAR1'),
  read: (input, sink) => readParquet({ input, sink, given }),
})

async function readParquet({ input, sink, given }: Reading): Promise<void> {
  const columns = await describedBy(sink, input)
  const names = columns.map(({ name }) => name)
  const profile = profileOver(given, names, input.name)
  const used = Object.values(fieldsOf(profile, names))
  const read = columns.filter(({ name }) => used.includes(name))
  const cells = tupleCells(read.map(({ name }) => name))
  const compiled = compile('flow', mappingOf(profile, names), cells)
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
      await take(sink, { record: 'flow', compiled, table, records: counted?.n ?? 0 })
    },
  )
  sink.progress(input.size)
}

async function describedBy(sink: Sink, { path, compression, name }: Input) {
  if (compression !== 'none') {
    throw new UserError(
      'input-unsupported',
      `${name} is a compressed Parquet file, which is compressed inside already`,
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
    text: place,
    list: () => raw('emptyArrayString()'),
  }
}
