/** Rows of `model/` records as the engine's tab-separated text. */
import type { Column, Columns } from '../model/record.ts'
import { asIpv6 } from './sql.ts'

/** Turns rows into bytes, in the order of `names`; `first` is the text of cells before them, with its tab. */
export function encoder(
  columns: Columns,
  names: readonly string[],
): (rows: readonly object[], first?: string) => Buffer {
  const encoders = names.map((name) => [name, cellOf(columns[name] as Column)] as const)

  return (rows, first = '') => {
    let text = ''
    for (const row of rows) {
      let separator = first
      for (const [name, cell] of encoders) {
        text += separator + cell((row as Record<string, unknown>)[name])
        separator = '\t'
      }
      text += '\n'
    }
    return Buffer.from(text)
  }
}

type Cell = (value: unknown) => string

function cellOf({ kind, optional }: Column): Cell {
  const cell = cells[kind]
  return optional ? (value) => (value === null || value === undefined ? '\\N' : cell(value)) : cell
}

const plain: Cell = (value) => String(value)
const text: Cell = (value) => escaped(value as string)
const list =
  (one: (value: never) => string): Cell =>
  (value) =>
    `[${(value as readonly never[]).map(one).join(',')}]`
/** Text in a list is escaped once, as text by itself is, and its quotes too. */
const quoted = (value: string) => `'${escaped(value).replaceAll("'", "\\'")}'`

const cells: Readonly<Record<Column['kind'], Cell>> = {
  id: plain,
  time: plain,
  span: plain,
  port: plain,
  count: plain,
  number: plain,
  flag: (value) => (value ? '1' : '0'),
  text,
  word: text,
  address: (value) => asIpv6(value as string),
  texts: list(quoted),
  addresses: list((value: string) => quoted(asIpv6(value))),
  counts: list((value: number) => String(value)),
  numbers: list((value: number) => String(value)),
}

/** A bound value as the engine reads it from a request. */
export function parameterText(value: unknown): string {
  if (value === null || value === undefined) return '\\N'
  if (Array.isArray(value)) return list(memberText)(value as never[])
  return typeof value === 'string' ? escaped(value) : String(value)
}

/** A member of a bound list: text is quoted, numbers are not, and a list may hold lists. */
function memberText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (Array.isArray(value)) return list(memberText)(value as never[])
  return typeof value === 'string' ? quoted(value) : String(value)
}

const special = /[\\\t\n\r\0]/
function escaped(value: string): string {
  if (!special.test(value)) return value
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\0', '\\0')
}
