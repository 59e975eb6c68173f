/** Arrow results as plain columns. */
import type { ResultColumns } from './store.ts'

interface ArrowBatch {
  readonly offset: number
  readonly length: number
  readonly valueOffsets: ArrayLike<number>
  readonly children: readonly { readonly nullCount: number; readonly values: ArrayLike<number | bigint> }[]
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

/**
 * Columns of an Arrow table: numbers as Float64Array (no value is NaN), lists as arrays, text as strings.
 * @throws RangeError for a column that must be cast first, such as an address.
 */
export function arrowColumns(table: unknown): ResultColumns {
  const arrow = table as ArrowTable
  return Object.fromEntries(
    arrow.schema.fields.map(({ name, type }) => {
      const vector = arrow.getChild(name)
      return [name, vector ? columnValues(name, String(type), vector) : []]
    }),
  )
}

function columnValues(name: string, type: string, vector: ArrowVector) {
  if (/^(U?int|float)/i.test(type)) return numbersOf(vector)
  if (/^FixedSizeBinary/.test(type)) {
    throw new RangeError(`column ${name} is an address: select it with addressText`)
  }
  if (/^List<U?int|^List<float/i.test(type) && vector.nullCount === 0) return numberLists(vector)
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

/** Lists of numbers, read from the batches' own buffers: one row costs one array, not one vector. */
function numberLists(vector: ArrowVector): number[][] {
  const lists: number[][] = []
  for (const { length, valueOffsets, children } of vector.data) {
    if (length === 0) continue
    const inner = children[0]!
    if (inner.nullCount > 0) throw new RangeError('a list of numbers holds a null')
    for (let row = 0; row < length; row++) {
      const list: number[] = []
      for (let i = valueOffsets[row]!; i < valueOffsets[row + 1]!; i++) list.push(Number(inner.values[i]))
      lists.push(list)
    }
  }
  return lists
}
