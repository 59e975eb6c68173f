/**
 * Tables of ranges that are searched by halving. The range with the fewest addresses wins where several
 * hold one.
 */
import { type KeyRange, keyOf } from './addresses.ts'

interface RangeTable<T> {
  /**
   * What the narrowest range that holds the address stands for; undefined for none, and for what is no
   * address.
   */
  find(address: string): T | undefined
  readonly size: number
}

/** Starts ascending; `values[i]` stands from `starts[i]` up to the next start, undefined for a gap. */
interface Side<T> {
  readonly starts: Float64Array
  readonly values: readonly (T | undefined)[]
}

export function rangeTable<T>(ranges: Iterable<readonly [range: KeyRange, value: T]>): RangeTable<T> {
  const all = [...ranges]
  const side = (version: 4 | 6) => flattened(all.filter(([range]) => range.version === version))
  const four = side(4)
  const six = side(6)

  const find = (address: string): T | undefined => {
    const at = keyOf(address)
    if (at === null) return undefined
    const { starts, values } = at.version === 4 ? four : six
    return values[placeIn(starts, at.key)]
  }
  return { find, size: all.length }
}

/** Index of the last start at or below the key; -1 for none. */
export function placeIn(starts: Float64Array | Uint32Array, key: number): number {
  let low = 0
  let high = starts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((starts[middle] ?? 0) <= key) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** Nested ranges as stretches without overlap: the wider continues behind the narrower. */
function flattened<T>(ranges: readonly (readonly [KeyRange, T])[]): Side<T> {
  const sorted = ranges.toSorted(([a], [b]) => a.first - b.first || b.last - a.last)
  const starts: number[] = []
  const values: (T | undefined)[] = []
  const put = (start: number, value: T | undefined): void => {
    if (starts.at(-1) === start) values[values.length - 1] = value
    else {
      starts.push(start)
      values.push(value)
    }
  }

  const open: (readonly [KeyRange, T])[] = []
  const closeBefore = (key: number): void => {
    for (let top = open.at(-1); top && top[0].last < key; top = open.at(-1)) {
      open.pop()
      put(top[0].last + 1, open.at(-1)?.[1])
    }
  }
  for (const each of sorted) {
    closeBefore(each[0].first)
    put(each[0].first, each[1])
    open.push(each)
  }
  closeBefore(Number.POSITIVE_INFINITY)
  return { starts: Float64Array.from(starts), values }
}
