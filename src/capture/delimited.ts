/** Lines of cells with a separator between, split by the engine. */
import type { Query } from '../model/query.ts'
import { raw, sql } from '../store/sql.ts'
import type { Cells } from './mapping.ts'

export interface Delimited {
  /** Names of the cells, in order. */
  readonly fields: readonly string[]
  readonly separator: string
  /** What stands between the members of a set or vector. */
  readonly setSeparator: string
  /** A cell that says nothing, and one that is empty. */
  readonly unset: string
  readonly empty: string
}

/** Bytes of an input as an SQL constant, without their text in the statement. */
export const bytesText = (text: string): Query =>
  raw(text === '' ? `''` : `char(${[...Buffer.from(text)].join(', ')})`)

/**
 * Cells of `c`, an array of texts, which `split` makes of `line`.
 *
 * Zeek escapes what would break a line: `\xHH` for a byte, `\\` for a backslash.
 */
export function delimitedCells(layout: Delimited): Cells & { readonly split: Query } {
  const { fields, separator, setSeparator } = layout
  // Tools add labels behind the last cell, with blanks for tabs: "tunnel_parents   label   detailed-label".
  const places = new Map<string, Query>()
  for (const [i, cell] of fields.entries()) {
    const [name = '', ...inner] = cell.trim().split(/ {2,}/)
    const place = raw(`c[${i + 1}]`)
    if (inner.length === 0) places.set(name, place)
    else
      for (const [k, each] of [name, ...inner].entries())
        places.set(each, sql`arrayElement(splitByRegexp(' {2,}', ${place}), ${raw(String(k + 1))})`)
  }
  const written = (field: string): Query | null => places.get(field) ?? null
  const said = (place: Query, then: Query) =>
    sql`if(${place} IN (${bytesText(layout.unset)}, ${bytesText(layout.empty)}), '', ${then})`
  return {
    split: sql`${raw(separator.length === 1 ? 'splitByChar' : 'splitByString')}(${bytesText(separator)}, line)`,
    has: (field) => places.has(field),
    plain: (field) => {
      const place = written(field)
      return place ? said(place, place) : raw(`''`)
    },
    text: (field) => {
      const place = written(field)
      return place ? said(place, unescaped(place)) : raw(`''`)
    },
    list: (field) => {
      const place = written(field)
      if (!place) return raw('emptyArrayString()')
      const members = sql`splitByString(${bytesText(setSeparator)}, ${place})`
      return sql`if(${place} IN (${bytesText(layout.unset)}, ${bytesText(layout.empty)}, ''), emptyArrayString(), arrayMap(x -> ${unescaped(raw('x'))}, ${members}))`
    },
  }
}

/** A doubled backslash is written as `\x5c` first, so that every backslash left begins a byte. */
function unescaped(place: Query): Query {
  const pieces = sql`splitByString('\\\\x', replaceAll(${place}, '\\\\\\\\', '\\\\x5c'))`
  const byte = sql`if(match(p, '^[0-9a-fA-F]{2}'), concat(unhex(substring(p, 1, 2)), substring(p, 3)), concat('\\\\x', p))`
  const rest = sql`arrayStringConcat(arrayMap(p -> ${byte}, arraySlice(${pieces}, 2)))`
  return sql`if(position(${place}, '\\\\') = 0, ${place}, concat(arrayElement(${pieces}, 1), ${rest}))`
}
