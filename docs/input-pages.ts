/**
 * Writes the reference pages of the text inputs, their tables from the mappings: `node docs/input-pages.ts`. A test
 * holds the pages to it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { alertFast } from '../src/capture/logs/alert-fast.ts'
import { argusFlow } from '../src/capture/logs/argus-mappings.ts'
import type { Mapping } from '../src/capture/logs/mapping.ts'
import { snortAlert } from '../src/capture/logs/snort-json.ts'
import { eveEvents } from '../src/capture/logs/suricata.ts'
import { zeekLogs } from '../src/capture/logs/zeek-mappings.ts'
import { zeekStates } from '../src/capture/logs/zeek-outcome.ts'
import { writtenColumns } from '../src/model/record.ts'
import { type RecordName, records } from '../src/model/records.ts'

interface MappedRecord {
  readonly title: string
  readonly record: RecordName
  readonly mapping: Mapping
}

interface ColumnRow {
  readonly column: string
  readonly row: string
  readonly isUnknown: boolean
}

function rowsOf({ record, mapping }: MappedRecord): ColumnRow[] {
  return writtenColumns(records[record].columns).map((column) => {
    const reading = mapping[column]
    if (!reading) throw new RangeError(`no reading for ${record}.${column}`)
    const { fields, doc } = reading
    return {
      column,
      row: `| ${column} | ${fields.map((field) => `\`${field}\``).join(', ')} | ${doc} |`,
      isUnknown: fields.length === 0 && doc === 'unknown',
    }
  })
}

/** Tables that must have a row, alike, before it is listed once for all. */
const sharedBy = 4

const columnTable = (rows: readonly string[]): string =>
  ['| Column | From | How |', '| --- | --- | --- |', ...rows].join('\n')

/** A table of column, fields and what is done with them for each record; what most have alike comes first. */
function mappingTables(mapped: readonly MappedRecord[]): string {
  const all = mapped.map((each) => ({ ...each, rows: rowsOf(each) }))
  const counts = Map.groupBy(
    all.flatMap(({ rows }) => rows.filter(({ isUnknown }) => !isUnknown)),
    ({ row }) => row,
  )
  const common = [...counts].filter(([, alike]) => alike.length >= sharedBy).map(([row]) => row)

  const tables = all.map(({ title, record, rows }) => {
    const own = rows.filter(({ row, isUnknown }) => !isUnknown && !common.includes(row))
    const named = (some: readonly ColumnRow[]) => some.map(({ column }) => `\`${column}\``).join(', ')
    const above = rows.filter(({ row }) => common.includes(row))
    const unknown = rows.filter(({ isUnknown }) => isUnknown)
    const remarks = [
      ...(above.length > 0 ? [`As in most: ${named(above)}.`] : []),
      ...(unknown.length > 0 ? [`Unknown: ${named(unknown)}.`] : []),
    ]
    const table = columnTable(own.map(({ row }) => row))
    return [`### ${title} → ${record}`, table, ...(remarks.length > 0 ? [remarks.join(' ')] : [])].join(
      '\n\n',
    )
  })
  return [...(common.length > 0 ? [`### In most\n\n${columnTable(common)}`] : []), ...tables].join('\n\n')
}

const states = [
  '| `conn_state` | Outcome |',
  '| --- | --- |',
  ...Object.entries(zeekStates).map(([state, outcome]) => `| ${state} | ${outcome} |`),
].join('\n')

const tables: Readonly<Record<string, () => string>> = {
  zeek: () =>
    mappingTables(zeekLogs.map(({ path, record, mapping }) => ({ title: `${path}.log`, record, mapping }))),
  'zeek-states': () => states,
  argus: () => mappingTables([{ title: 'binetflow', record: 'flow', mapping: argusFlow }]),
  suricata: () =>
    mappingTables(
      Object.entries(eveEvents).map(([type, { record, mapping }]) => ({
        title: `${type} events`,
        record,
        mapping,
      })),
    ),
  snort: () =>
    mappingTables([
      { title: 'alert_fast, fast.log', record: 'alert', mapping: alertFast },
      { title: 'alert_json', record: 'alert', mapping: snortAlert(new Date(0)) },
    ]),
}

export const inputPages = ['inputs-snort', 'inputs-zeek', 'inputs-argus', 'inputs-suricata'] as const

export const pathOf = (page: (typeof inputPages)[number]): string =>
  fileURLToPath(new URL(`reference/${page}.md`, import.meta.url))

/** The page with what stands between `<!-- table: NAME -->` and `<!-- end -->` made anew. */
export const withTables = (page: string): string =>
  page.replace(/(<!-- table: ([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g, (_, open, name, close) => {
    const table = tables[name as string]
    if (!table) throw new RangeError(`no table ${name}`)
    return `${open}\n${table()}\n\n${close}`
  })

if (import.meta.main)
  for (const page of inputPages) writeFileSync(pathOf(page), withTables(readFileSync(pathOf(page), 'utf8')))
