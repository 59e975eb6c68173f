/** Arrow results as plain columns. */
import { isAscii } from 'node:buffer'
import { createRequire } from 'node:module'
import type { ResultColumns } from './store.ts'

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
export function arrowColumns(bytes: Uint8Array): ResultColumns {
  const arrow = library().tableFromIPC(bytes) as unknown as ArrowTable
  return Object.fromEntries(
    arrow.schema.fields.map(({ name, type }) => {
      const vector = arrow.getChild(name)
      return [name, vector ? columnValues(name, String(type), vector) : []]
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
    const parts = vector.data.map(cellsOf)
    return parts.length === 1 ? parts[0]! : parts.flat()
  }

  const list = type.startsWith('List')
  return Array.from({ length: vector.length }, (_, i) => {
    const value = vector.get(i)
    return list && value !== null ? Array.from(value as Iterable<unknown>, plain) : plain(value)
  })
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

function cellsOf(batch: ArrowBatch): unknown[] {
  if (String(batch.type) === 'Utf8') return textsOf(batch)
  const inner = batch.children[0]
  if (!inner || batch.length === 0) return []
  return String(inner.type) === 'Utf8' ? listsOf(batch, textsOf(inner)) : numberLists(batch, inner)
}

/** Texts of a batch; null where there is none. */
function textsOf(batch: ArrowBatch): (string | null)[] {
  const { length, valueOffsets, values } = batch
  if (length === 0) return []
  const bytes = Buffer.from(values.buffer, values.byteOffset, valueOffsets[length]!)
  const all = isAscii(bytes) ? bytes.toString('latin1') : null
  const isThere = presence(batch)

  return Array.from({ length }, (_, i) => {
    if (!isThere(i)) return null
    const [from, to] = [valueOffsets[i]!, valueOffsets[i + 1]!]
    return all === null ? bytes.toString('utf8', from, to) : all.slice(from, to)
  })
}

function listsOf<T>(batch: ArrowBatch, inner: readonly T[]): (T[] | null)[] {
  const { length, valueOffsets } = batch
  const isThere = presence(batch)
  return Array.from({ length }, (_, i) =>
    isThere(i) ? inner.slice(valueOffsets[i]!, valueOffsets[i + 1]!) : null,
  )
}

/** Lists of numbers, each a copy: what is kept of a few rows must not hold the buffers of all. */
function numberLists({ length, valueOffsets }: ArrowBatch, inner: ArrowBatch): Float64Array[] {
  if (inner.nullCount > 0) throw new RangeError('a list of numbers holds a null')
  const all: unknown = inner.values
  const values = all instanceof Float64Array ? all : Float64Array.from(inner.values, Number)
  return Array.from({ length }, (_, row) => values.slice(valueOffsets[row]!, valueOffsets[row + 1]!))
}

/** Whether a batch has a value in a row: a bit a row, least first. */
const presence = ({ nullCount, nullBitmap }: ArrowBatch): ((row: number) => boolean) =>
  nullCount === 0 ? () => true : (row) => ((nullBitmap[row >> 3]! >> (row & 7)) & 1) === 1
