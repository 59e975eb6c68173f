/**
 * Rows of flows in a form, made here and not by the engine: the same bytes, for inputs that the engine did not parse
 * either. The engine takes some 300 MB by itself. A test compares the two.
 */
import { createReadStream } from 'node:fs'
import { writtenColumns } from '../../model/record.ts'
import { records } from '../../model/records.ts'
import { addressIn, ipv6Text } from '../packets/address-text.ts'
import { type CsvForm, csvRows } from './csv-rows.ts'
import type { FlowForm } from './flow-formats.ts'

/** A row, of the cells of the engine's tab-separated text in the order of the columns, without the position. */
type RowForm = (cells: readonly string[]) => string

const names = writtenColumns(records.flow.columns)
const place = Object.fromEntries(names.map((name, i) => [name, i])) as Readonly<Record<string, number>>

/** Columns in the order of the forms, and how their cells are read. */
const columns: readonly (readonly [string, 'time' | 'seconds' | 'text' | 'address' | 'number'])[] = [
  ['start', 'time'],
  ['duration', 'seconds'],
  ['proto', 'text'],
  ['client', 'address'],
  ['clientPort', 'number'],
  ['server', 'address'],
  ['serverPort', 'number'],
  ['packets', 'number'],
  ['bytes', 'number'],
  ['clientPackets', 'number'],
  ['clientBytes', 'number'],
  ['serverPackets', 'number'],
  ['serverBytes', 'number'],
  ['outcome', 'text'],
  ['state', 'text'],
  ['service', 'text'],
  ['uid', 'text'],
  ['label', 'text'],
  ['tunnel', 'text'],
]

const forms: Readonly<Partial<Record<FlowForm['name'], RowForm>>> = {
  csv: (cells) =>
    `${columns.map(([name, kind]) => csvCell(cells[place[name] as number] as string, kind)).join(',')}\n`,
  jsonl: (cells) => {
    const members = columns.map(([name, kind]) =>
      jsonMember(name, cells[place[name] as number] as string, kind),
    )
    return `{${members.join(',')}}\n`
  },
}

/** Whether rows can be put into a form here. */
export const hasRowForm = ({ name }: FlowForm): boolean => name in forms

/** The rows of a spool in a form, piece by piece. */
export const inForm = ({ name }: FlowForm, spool: string): AsyncIterable<Buffer> =>
  name === 'csv' ? inCsv(spool) : inText(forms[name] as RowForm, spool)

const cellsOf = (row: string): string[] => row.split('\t').slice(1)

const csvForm: CsvForm = {
  columns: columns.map(([name, kind]) => ({ place: 1 + (place[name] as number), kind })),
  cells: 1 + names.length,
  slowly: (row) => Buffer.from((forms.csv as RowForm)(cellsOf(row.toString('latin1'))), 'latin1'),
}

async function* inCsv(spool: string): AsyncIterable<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(spool, { highWaterMark: 1 << 18 })) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk as Buffer]) : (chunk as Buffer)
    const end = bytes.lastIndexOf(10) + 1
    rest = bytes.subarray(end)
    if (end > 0) yield csvRows(bytes.subarray(0, end), csvForm)
  }
}

async function* inText(form: RowForm, spool: string): AsyncIterable<Buffer> {
  let rest = ''
  // Bytes as they are, whatever text they are meant to be.
  for await (const chunk of createReadStream(spool, { encoding: 'latin1', highWaterMark: 1 << 18 })) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() as string
    let text = ''
    for (const line of lines) text += form(cellsOf(line))
    if (text) yield Buffer.from(text, 'latin1')
  }
}

type Kind = (typeof columns)[number][1]

function csvCell(cell: string, kind: Kind): string {
  if (kind === 'number') return cell === '\\N' ? '' : cell
  if (kind === 'seconds') return String(Number(cell) / 1e6)
  return `"${textOf(cell, kind).replaceAll('"', '""')}"`
}

const jsonMember = (name: string, cell: string, kind: Kind): string => `"${name}":${jsonCell(cell, kind)}`

function jsonCell(cell: string, kind: Kind): string {
  if (kind === 'number') return cell === '\\N' ? 'null' : cell
  if (kind === 'seconds') return String(Number(cell) / 1e6)
  return jsonText(textOf(cell, kind))
}

const textOf = (cell: string, kind: Kind): string =>
  kind === 'time' ? timeText(Number(cell)) : kind === 'address' ? addressText(cell) : unescaped(cell)

/** RFC 3339, with microseconds. */
function timeText(micros: number): string {
  const seconds = Math.floor(micros / 1e6)
  const fraction = String(micros - seconds * 1e6).padStart(6, '0')
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}Z`
}

const mapped = '::ffff:'
const known = new Map<string, string>()

function addressText(cell: string): string {
  if (cell.startsWith(mapped) && cell.includes('.')) return cell.slice(mapped.length)
  const found = known.get(cell)
  if (found !== undefined) return found
  const words = addressIn(cell)?.words
  const text = words ? ipv6Text(Int32Array.from(words), 0) : cell
  if (known.size >= 65_536) known.clear()
  known.set(cell, text)
  return text
}

const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', 0: '\0', b: '\b', f: '\f' }
const unescaped = (cell: string): string =>
  cell.includes('\\') ? cell.replace(/\\(.)/gs, (_, letter: string) => escapes[letter] ?? letter) : cell

/** As the engine writes it: `/` escaped, hexadecimal digits in capitals, and the two line ends of Unicode. */
function jsonText(text: string): string {
  if (!/[^\x20\x21\x23-\x2e\x30-\x5b\x5d-\xe1\xe3-\xff]/.test(text)) return `"${text}"`
  return JSON.stringify(text)
    .replaceAll('/', '\\/')
    .replace(/\\u00[01][a-f]/g, (code) => `\\u${code.slice(2).toUpperCase()}`)
    .replaceAll('\xe2\x80\xa8', '\\u2028')
    .replaceAll('\xe2\x80\xa9', '\\u2029')
}
