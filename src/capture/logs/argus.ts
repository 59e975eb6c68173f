/**
 * Argus flows as `ra` prints them with a header line: comma- or tab-separated, the "binetflow" files of the
 * CTU-13 and Stratosphere captures among them.
 *
 * Column meanings are those of ra(1). `Dir` and `State` are turned into orientation and outcome by the rules in
 * `argus-direction.ts`. Times have no zone and are read as UTC.
 */
import { UserError } from '../../errors.ts'
import type { Query } from '../../model/query.ts'
import { sql } from '../../store/sql.ts'
import type { Input, Reader, Sink } from '../reader.ts'
import { belowIp, turned } from './argus-direction.ts'
import { argusFlow, payloadFields, payloadRecords } from './argus-mappings.ts'
import { type Delimited, delimitedCells, wrongLength } from './delimited.ts'
import { layoutsIn, survey, take, withLines } from './lines.ts'
import { compile, rejectFirst } from './mapping.ts'

const needed = ['StartTime', 'Proto', 'SrcAddr', 'DstAddr']

export const argus = {
  name: 'argus',
  lines: 'first',
  again: 'SrcAddr',
  header: (line) => ['SrcAddr', 'DstAddr', 'Proto'].every((each) => line.includes(each)),
  doc: 'Argus flows with a header line (binetflow), comma- or tab-separated',
  gives: ['flow', ...payloadRecords],
  accepts: (head) => {
    const cells = cellsOf(head.slice(0, head.indexOf('\n') >>> 0))
    return needed.every((each) => cells.fields.includes(each))
  },
  read: (input, sink) => {
    refuseUndated(input)
    return withLines(input, sink, (lines) => readLines(sink, lines))
  },
} as const satisfies Reader

const separators = ['\t', ',', ';', '|'] as const

function cellsOf(header: string): Delimited {
  const separator = separators.find((each) => header.split(each).length >= needed.length) ?? ','
  const fields = header.trimEnd().split(separator)
  return { fields: fields.map((each) => each.trim()), separator, setSeparator: '', unset: '', empty: '' }
}

/** By default ra prints the time of day only. @throws UserError input-unsupported. */
function refuseUndated({ name, head }: Input): void {
  const [header = '', ...lines] = head.split('\n', 4)
  const { fields, separator } = cellsOf(header)
  const at = fields.indexOf('StartTime')
  const times = lines.map((line) => line.split(separator)[at]?.trim()).filter((time) => time)
  if (times.length === 0 || !times.every((time) => /^\d\d:\d\d:\d\d(?:\.\d+)?$/.test(time as string))) return
  throw new UserError(
    'input-unsupported',
    `${name}: the times that ra printed have no date`,
    'Let ra print seconds: add the option -u.',
  )
}

/** Of lines that no header stands above: they are broken. */
const none: Delimited = { fields: [], separator: ',', setSeparator: '', unset: '', empty: '' }

async function readLines(sink: Sink, lines: Query): Promise<void> {
  // A header may come again where files were put one after the other.
  const isHeader = sql`position(line, 'SrcAddr') > 0 AND position(line, 'DstAddr') > 0 AND position(line, 'Proto') > 0`
  const isRecord = sql`line != '' AND NOT (${isHeader})`
  const { headers, ...found } = await survey(sink, lines, { isHeader, isRecord })
  const under = headers.map(({ row, line }) => ({ from: row, layout: cellsOf(line) }))
  const before = (sink.bundle?.starts ?? [1]).map((from) => ({ from, layout: none }))
  const sections = [...before, ...under].sort((a, b) => a.from - b.from)
  for (const { layout, rows, records } of await layoutsIn(sink, lines, { sections, isRecord, ...found })) {
    const table = sql`(SELECT row, line FROM ${lines} WHERE ${isRecord} AND ${rows})`
    await readLayout(sink, { layout, table, records })
  }
}

async function readLayout(
  sink: Sink,
  { layout, table, records }: { layout: Delimited; table: Query; records: number },
): Promise<void> {
  const cells = delimitedCells(layout)
  const direction = turned(cells)
  const compiled = rejectFirst(
    [
      [wrongLength(layout), 'truncated'],
      [belowIp(cells), 'not-ip'],
    ],
    compile('flow', argusFlow, cells),
  )
  const oriented = sql`(SELECT *, ${direction} AS turned FROM ${cells.over(table)})`
  await take(sink, { record: 'flow', compiled, table: oriented, records })

  // What reads payload is loaded where there is some.
  if (!payloadFields.some((field) => cells.has(field)) || sink.only) return
  await (await import('./argus-payload.ts')).takePayloads(sink, { cells, compiled, table, direction })
}
