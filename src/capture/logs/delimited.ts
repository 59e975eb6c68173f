/** Lines of cells with a separator between, split by the engine. */
import type { Query } from '../../model/query.ts'
import { bound, join, raw, sql } from '../../store/sql.ts'
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
  /** CSV: cells may be in quotes and have blanks around, further texts say nothing, and nothing is escaped. */
  readonly quoted?: { readonly silent: readonly string[] }
  /** Nothing is escaped in these lines: to plan for it takes a sixth of the time of a small file. */
  readonly isUnescaped?: boolean
}

/** Bytes of an input as an SQL constant, without their text in the statement. */
const bytesText = (text: string): Query =>
  raw(text === '' ? `''` : `char(${[...Buffer.from(text)].join(', ')})`)

/** Texts for nothing that no number, time or address is written as. */
const noValues: ReadonlySet<string> = new Set(['-', '(empty)'])

export interface DelimitedCells extends Cells {
  /** A table of lines (`row`, `line`) with their cells as `c`, and with every cell that was asked for until now. */
  over(lines: Query): Query
}

/**
 * Cells of a line, split by the engine.
 *
 * Zeek escapes what would break a line: `\xHH` for a byte, `\\` for a backslash.
 */
export function delimitedCells(layout: Delimited): DelimitedCells {
  const { fields, separator, setSeparator } = layout
  const asked = new Map<string, Query>()
  const worked = new Map<string, string>()

  // Each cell is written once into the statement: the engine takes most of its time for a small file to parse it.
  const column = (name: string, value: Query): Query => {
    asked.set(name, value)
    return raw(name)
  }

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

  const numberOf = (field: string): number => [...places.keys()].indexOf(field)
  const written = (field: string): Query | null => places.get(field) ?? null
  const silent = [layout.unset, layout.empty, ...(layout.quoted?.silent ?? [])].filter((each) => each !== '')
  const nothing = join([...new Set(silent)].map(bytesText), ', ')
  const ifLogged = (place: Query, then: Query) =>
    silent.length === 0 ? then : sql`if(${place} IN (${nothing}), '', ${then})`
  const isPlain = silent.every((each) => noValues.has(each))
  const undone = layout.quoted || layout.isUnescaped ? (place: Query) => place : unescaped
  const numeric = layout.quoted ? withoutCommas(separator) : (place: Query) => place

  return {
    over: (lines) => {
      const splitter = raw(separator.length === 1 ? 'splitByChar' : 'splitByString')
      const bare = sql`${splitter}(${bytesText(separator)}, line)`
      const split = sql`(SELECT row, line, ${layout.quoted ? inQuotes(bare, separator) : bare} AS c FROM ${lines})`
      const columns = [...asked].map(([name, value]) => sql`${value} AS ${raw(name)}`)
      return sql`(SELECT row, line, c${raw(columns.length > 0 ? ', ' : '')}${join(columns, ', ')} FROM ${split})`
    },
    has: (field) => places.has(field),
    plain: (field) => {
      const place = written(field)
      return place ? column(`plain_${numberOf(field)}`, ifLogged(place, numeric(place))) : raw(`''`)
    },
    asWritten: (field) => {
      const place = written(field)
      if (!place) return raw(`''`)
      return isPlain
        ? column(`cell_${numberOf(field)}`, numeric(place))
        : column(`plain_${numberOf(field)}`, ifLogged(place, numeric(place)))
    },
    once: (value) => {
      const { text, params } = bound(value)
      const key = `${text} ${JSON.stringify(params)}`
      const found = worked.get(key) ?? `once_${worked.size}`
      worked.set(key, found)
      return column(found, value)
    },
    text: (field) => {
      const place = written(field)
      return place ? column(`text_${numberOf(field)}`, ifLogged(place, numeric(undone(place)))) : raw(`''`)
    },
    list: (field) => {
      const place = written(field)
      if (!place) return raw('emptyArrayString()')
      const members = sql`splitByString(${bytesText(setSeparator)}, ${place})`
      const value = sql`if(
        ${place} IN (${bytesText(layout.unset)}, ${bytesText(layout.empty)}, ''),
        emptyArrayString(),
        arrayMap(x -> ${undone(raw('x'))}, ${members}))`
      return column(`list_${numberOf(field)}`, value)
    },
  }
}

/**
 * SQL over `c`: whether a line has fewer cells than fields, or more that hold something: separators at its end do not
 * count.
 */
export const wrongLength = ({ fields }: Pick<Delimited, 'fields'>): Query => {
  const length = raw(String(fields.length))
  const more = sql`arrayExists(x -> x NOT IN ('', '\\r'), arraySlice(c, ${length} + 1))`
  return sql`(length(c) != ${length} AND (length(c) < ${length} OR ${more}))`
}

/**
 * Cells without blanks around and without their quotes, `""` inside of which is a quote. `bare` splits a line
 * without any.
 */
function inQuotes(bare: Query, separator: string): Query {
  const mark = separator === '|' ? '[|]' : separator
  const pattern = `("(?:[^"]|"")*"|[^${separator}]*)${mark}`
  const cells = sql`extractAll(concat(line, ${bytesText(separator)}), ${pattern})`
  const inner = sql`replaceAll(substring(x, 2, length(x) - 2), '""', '"')`
  const cell = sql`if(length(x) > 1 AND startsWith(x, '"') AND endsWith(x, '"'), ${inner}, x)`
  return sql`arrayMap(x -> trimBoth(x), if(position(line, '"') = 0, ${bare}, arrayMap(x -> ${cell}, ${cells})))`
}

/**
 * Numbers as spreadsheets of some languages write them: `1,5` is 1.5 where a comma separates no cells, and where it
 * does, `1,234,567` (in quotes) is 1234567.
 */
const withoutCommas =
  (separator: string) =>
  (place: Query): Query =>
    separator === ','
      ? sql`if(match(${place}, '^[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?$'), replaceAll(${place}, ',', ''), ${place})`
      : sql`if(match(${place}, '^-?[0-9]+,[0-9]+$'), replaceOne(${place}, ',', '.'), ${place})`

/** A doubled backslash is written as `\x5c` first, so that every backslash left begins a byte. */
function unescaped(place: Query): Query {
  const pieces = sql`splitByString('\\\\x', replaceAll(${place}, '\\\\\\\\', '\\\\x5c'))`
  const byte = sql`if(match(p, '^[0-9a-fA-F]{2}'), concat(unhex(substring(p, 1, 2)), substring(p, 3)),
    concat('\\\\x', p))`
  const rest = sql`arrayStringConcat(arrayMap(p -> ${byte}, arraySlice(${pieces}, 2)))`
  return sql`if(position(${place}, '\\\\') = 0, ${place}, concat(arrayElement(${pieces}, 1), ${rest}))`
}
