/** Arrow results as plain columns. */
import { isAscii } from 'node:buffer'
import { createRequire } from 'node:module'
import type { Cells, ResultCells, ResultColumns } from './store.ts'

/** The buffers of one batch of a column. */
interface ArrowBatch {
  readonly type: unknown
  readonly length: number
  readonly nullCount: number
  readonly nullBitmap: Uint8Array
  readonly valueOffsets: Int32Array
  readonly values: ArrayLike<number | bigint> & Uint8Array
  readonly children: readonly ArrowBatch[]
}

interface ArrowVector {
  readonly length: number
  readonly nullCount: number
  readonly data: readonly ArrowBatch[]
  toArray(): ArrayLike<number | bigint>
  get(index: number): unknown
}

interface ArrowTable {
  readonly schema: { readonly fields: readonly { readonly name: string; readonly type: unknown }[] }
  getChild(name: string): ArrowVector | null
}

/** The library in one file, loaded when it is needed: its 146 modules take longer to load than a small analysis has. */
const library = (): typeof import('apache-arrow') =>
  createRequire(import.meta.url)('apache-arrow/Arrow.es2015.min')

/**
 * Columns of the bytes of an Arrow stream: numbers as Float64Array (no value is NaN), lists of numbers too, other lists
 * as arrays, text as strings.
 * @throws RangeError for a column that must be cast first, such as an address.
 */
export const arrowColumns = (bytes: Uint8Array): ResultColumns => columnsBy(bytes, columnValues)

/** The same with text and lists read from the bytes at each call, not before. Lists of numbers are views of them. */
export const arrowCells = (bytes: Uint8Array): ResultCells => columnsBy(bytes, columnCells)

function columnsBy<T>(
  bytes: Uint8Array,
  read: (name: string, type: string, vector: ArrowVector) => T,
): Readonly<Record<string, T>> {
  const arrow = library().tableFromIPC(bytes) as unknown as ArrowTable
  return Object.fromEntries(
    arrow.schema.fields.map(({ name, type }) => {
      const vector = arrow.getChild(name)
      if (!vector) throw new RangeError(`no values of column ${name}`)
      return [name, read(name, String(type), vector)]
    }),
  )
}

const isNumber = (type: string): boolean => /^(U?int|float)/i.test(type)

function columnValues(name: string, type: string, vector: ArrowVector) {
  if (isNumber(type)) return numbersOf(vector)
  if (/^FixedSizeBinary/.test(type)) {
    throw new RangeError(`column ${name} is an address: select it with addressText`)
  }
  if (vector.data.every(isPlain)) {
    const parts = vector.data.map((batch) => Array.from({ length: batch.length }, cellOf(batch)))
    return parts.length === 1 ? parts[0]! : parts.flat()
  }

  const list = type.startsWith('List')
  return Array.from({ length: vector.length }, (_, i) => {
    const value = vector.get(i)
    return list && value !== null ? Array.from(value as Iterable<unknown>, plain) : plain(value)
  })
}

function columnCells(name: string, type: string, vector: ArrowVector): Cells {
  if (isNumber(type) || !vector.data.every(isPlain)) return columnValues(name, type, vector)
  const batches = vector.data.filter(({ length }) => length > 0)
  const readers = batches.map(cellOf)
  let [batch, first] = [0, 0]

  return {
    length: vector.length,
    at(row) {
      // Rows are mostly read in turn.
      if (row < first) [batch, first] = [0, 0]
      for (let length = batches[batch]?.length; length !== undefined && row >= first + length; ) {
        first += length
        length = batches[++batch]?.length
      }
      return readers[batch]?.(undefined, row - first)
    },
  }
}

const plain = (value: unknown) => (typeof value === 'bigint' ? Number(value) : value)

function numbersOf(vector: ArrowVector): Float64Array {
  const source = vector.nullCount === 0 ? vector.toArray() : null
  if (source instanceof Float64Array) return source
  const values = new Float64Array(vector.length)
  for (let i = 0; i < values.length; i++) {
    const value = source ? source[i] : vector.get(i)
    values[i] = value === null ? Number.NaN : Number(value)
  }
  return values
}

/** Text, or a list of text or of numbers: what is read from the buffers, without a call a cell. */
function isPlain(batch: ArrowBatch): boolean {
  const type = String(batch.type)
  if (type === 'Utf8') return true
  const [inner] = batch.children
  if (!/^List</.test(type) || !inner) return false
  const within = String(inner.type)
  return within === 'Utf8' || (isNumber(within) && batch.nullCount === 0)
}

/** Gives the cell of a row; the first argument is that of `Array.from`. */
type Cell = (_: unknown, row: number) => unknown

function cellOf(batch: ArrowBatch): Cell {
  if (String(batch.type) === 'Utf8') return textOf(batch)
  const inner = batch.children[0]
  if (!inner || batch.length === 0) return () => []
  return String(inner.type) === 'Utf8' ? textsOf(batch, textOf(inner)) : numberList(batch, inner)
}

/** The text of a row; null where there is none. */
function textOf(batch: ArrowBatch): (_: unknown, row: number) => string | null {
  const { length, valueOffsets, values } = batch
  if (length === 0) return () => null
  const bytes = Buffer.from(values.buffer, values.byteOffset, valueOffsets[length]!)
  const all = isAscii(bytes) ? bytes.toString('latin1') : null
  const isThere = presence(batch)

  return (_, row) => {
    if (!isThere(row)) return null
    const [from, to] = [valueOffsets[row]!, valueOffsets[row + 1]!]
    return all === null ? bytes.toString('utf8', from, to) : all.slice(from, to)
  }
}

function textsOf(batch: ArrowBatch, text: Cell): Cell {
  const { valueOffsets } = batch
  const isThere = presence(batch)
  return (_, row) => {
    if (!isThere(row)) return null
    const from = valueOffsets[row]!
    return Array.from({ length: valueOffsets[row + 1]! - from }, (_, i) => text(undefined, from + i))
  }
}

/** The list of numbers of a row, a view of those of all. */
function numberList({ valueOffsets }: ArrowBatch, inner: ArrowBatch): Cell {
  if (inner.nullCount > 0) throw new RangeError('a list of numbers holds a null')
  const all: unknown = inner.values
  const values = all instanceof Float64Array ? all : Float64Array.from(inner.values, Number)
  const { buffer, byteOffset, BYTES_PER_ELEMENT: width } = values
  return (_, row) => {
    const from = valueOffsets[row]!
    return new Float64Array(buffer, byteOffset + width * from, valueOffsets[row + 1]! - from)
  }
}

/** Whether a batch has a value in a row: a bit a row, least first. */
const presence = ({ nullCount, nullBitmap }: ArrowBatch): ((row: number) => boolean) =>
  nullCount === 0 ? () => true : (row) => ((nullBitmap[row >> 3]! >> (row & 7)) & 1) === 1
