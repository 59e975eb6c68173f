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

/** A heading and a table of column, fields and what is done with them. */
function mappingTable(title: string, record: RecordName, mapping: Mapping): string {
  const columns = writtenColumns(records[record].columns).map((column) => {
    const reading = mapping[column]
    if (!reading) throw new RangeError(`no reading for ${record}.${column}`)
    return { column, ...reading }
  })
  const isUnknown = ({ fields, doc }: (typeof columns)[number]) => fields.length === 0 && doc === 'unknown'
  const lines = columns
    .filter((each) => !isUnknown(each))
    .map(
      ({ column, fields, doc }) =>
        `| ${column} | ${fields.map((field) => `\`${field}\``).join(', ')} | ${doc} |`,
    )
  const unknown = columns.filter(isUnknown).map(({ column }) => `\`${column}\``)
  return [
    `### ${title} → ${record}`,
    '',
    '| Column | From | How |',
    '| --- | --- | --- |',
    ...lines,
    ...(unknown.length > 0 ? ['', `Unknown: ${unknown.join(', ')}.`] : []),
  ].join('\n')
}

const states = [
  '| `conn_state` | Outcome |',
  '| --- | --- |',
  ...Object.entries(zeekStates).map(([state, outcome]) => `| ${state} | ${outcome} |`),
].join('\n')

const tables: Readonly<Record<string, () => string>> = {
  zeek: () =>
    zeekLogs.map(({ path, record, mapping }) => mappingTable(`${path}.log`, record, mapping)).join('\n\n'),
  'zeek-states': () => states,
  argus: () => mappingTable('binetflow', 'flow', argusFlow),
  suricata: () =>
    Object.entries(eveEvents)
      .map(([type, { record, mapping }]) => mappingTable(`${type} events`, record, mapping))
      .join('\n\n'),
  snort: () =>
    [
      mappingTable('alert_fast, fast.log', 'alert', alertFast),
      mappingTable('alert_json', 'alert', snortAlert(new Date(0))),
    ].join('\n\n'),
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
