/**
 * How the fields of an input become the columns of a record: SQL expressions that the engine evaluates.
 *
 * A mapping is data, one entry a column, and the tables in docs/reference are made from it. Names that an
 * input brings never reach the SQL: `Cells` turns a name in this code into a position.
 */
import type { Query } from '../../model/query.ts'
import { writtenColumns } from '../../model/record.ts'
import { type RecordName, records } from '../../model/records.ts'
import { join, raw, sql } from '../../store/sql.ts'
import type { RejectReason } from '../rejects.ts'

/** The fields of one line, as SQL over the line's table. */
export interface Cells {
  /** Whether the input has the field at all. */
  has(field: string): boolean
  /** Text of the field, escapes as written; `''` where the input does not say. Never null. */
  plain(field: string): Query
  /**
   * Text of the field for whoever makes a number, a time or an address of it: where the input does not say, it may be
   * a text that is none of these.
   */
  asWritten(field: string): Query
  /** The same value, worked out once a row however often it stands in a statement. */
  once(value: Query): Query
  /** Text of the field with its escapes undone; `''` where the input does not say. */
  text(field: string): Query
  /** Members of a set or vector; `[]` where the input does not say. */
  list(field: string): Query
}

/** How one column is read. */
export interface Reading {
  /** The input's fields that it uses; the first that the input has comes first. */
  readonly fields: readonly string[]
  /** What is done with them, for the reference page; empty for plain copying. */
  readonly doc: string
  value(cells: Cells): Query
  /** When the record must be left out. */
  readonly reject?: { readonly reason: RejectReason; when(cells: Cells): Query }
}

export type Mapping = Readonly<Record<string, Reading>>

/** A mapping over the fields of one input. */
export interface Compiled {
  readonly values: Readonly<Record<string, Query>>
  /** SQL text: the reason to leave the record out, or ''. */
  readonly reason: Query
}

/** @throws RangeError when a column of the record has no reading. */
export function compile(record: RecordName, mapping: Mapping, cells: Cells): Compiled {
  const readings = writtenColumns(records[record].columns).map((column) => {
    const reading = mapping[column]
    if (!reading) throw new RangeError(`no reading for ${record}.${column}`)
    return [column, reading] as const
  })
  const rejects = readings.flatMap(([, { reject }]) =>
    reject ? [sql`${reject.when(cells)}, ${raw(`'${reject.reason}'`)}`] : [],
  )
  return {
    values: { position: raw('row'), ...Object.fromEntries(readings.map(([c, r]) => [c, r.value(cells)])) },
    reason: rejects.length === 0 ? raw(`''`) : sql`multiIf(${join(rejects, ', ')}, '')`,
  }
}

/** The reason of `compiled` after other checks, in order. */
export function rejectFirst(
  first: readonly (readonly [Query, RejectReason])[],
  { values, reason }: Compiled,
): Compiled {
  const checks = first.map(([when, why]) => sql`${when}, ${raw(`'${why}'`)}`)
  return { values, reason: checks.length === 0 ? reason : sql`multiIf(${join(checks, ', ')}, ${reason})` }
}

/** The first of the fields that is said. */
export function firstGiven(cells: Cells, fields: readonly string[], form: 'plain' | 'text' = 'text'): Query {
  const [first, ...more] = fields.filter((field) => cells.has(field)).map((field) => cells[form](field))
  if (!first) return raw(`''`)
  return more.reduce((done, next) => sql`if(${done} != '', ${done}, ${next})`, first)
}

/** Latest time that is believed: the year 2242, in seconds. */
export const latest = 8_583_840_000

const secondsOf = (text: Query) => sql`toFloat64OrNull(${text})`

/**
 * A number since the epoch by its size: seconds up to the year 5138, then milliseconds (Zeek's JSON::TS_MILLIS),
 * microseconds, nanoseconds.
 */
const epochOf = (text: Query): Query => {
  const number = secondsOf(text)
  const factor = sql`multiIf(${number} < 1e11, 1e6, ${number} < 1e14, 1e3, ${number} < 1e17, 1, 1e-3)`
  return sql`accurateCastOrNull(round(${number} * ${factor}), 'Int64')`
}

/** A number since the epoch, or a date and time with or without a zone (UTC then). */
export const instant = (text: Query): Query =>
  sql`multiIf(position(${text}, ':') = 0, ${epochOf(text)},
              position(${text}, ':') = 14,
                toUnixTimestamp64Micro(parseDateTime64BestEffortOrNull(${text}, 6, 'UTC')), NULL)`

/** The field as a point in time; null where it is none. */
export const instantIn = (cells: Cells, field: string): Query =>
  cells.has(field) ? cells.once(instant(cells.asWritten(field))) : instant(raw(`''`))

/** The first of the fields that is said, as a point in time. */
function firstInstant(cells: Cells, fields: readonly string[]): Query {
  const [first, ...more] = fields.filter((field) => cells.has(field))
  if (!first) return instant(raw(`''`))
  if (more.length === 0) return instantIn(cells, first)
  const others = instant(firstGiven(cells, more, 'plain'))
  return cells.once(sql`if(${cells.plain(first)} != '', ${instantIn(cells, first)}, ${others})`)
}

export const time = (...fields: string[]): Reading => {
  const micros = (cells: Cells) => firstInstant(cells, fields)
  return {
    fields,
    doc: 'microseconds; a number is s, ms, µs or ns by its size',
    value: (cells) => sql`ifNull(${micros(cells)}, 0)`,
    reject: {
      reason: 'bad-time',
      when: (cells) =>
        sql`NOT ifNull(${micros(cells)} >= 0 AND ${micros(cells)} < ${raw(`${latest}000000`)}, 0)`,
    },
  }
}

/** Text of the first field that is said, as `asWritten` has it where it is the only one. */
function convertible(cells: Cells, fields: readonly string[]): Query {
  const [first, ...more] = fields.filter((field) => cells.has(field))
  return first && more.length === 0 ? cells.asWritten(first) : firstGiven(cells, fields, 'plain')
}

/** Seconds elapsed; 0 where the input does not say. */
export const span = (...fields: string[]): Reading => {
  const seconds = (cells: Cells) => cells.once(secondsOf(convertible(cells, fields)))
  return {
    fields,
    doc: 'to whole microseconds; 0 if unknown',
    value: (cells) => sql`ifNull(accurateCastOrNull(round(${seconds(cells)} * 1000000), 'Int64'), 0)`,
    reject: {
      reason: 'bad-time',
      when: (cells) =>
        sql`NOT ifNull(${seconds(cells)} >= 0 AND ${seconds(cells)} < ${raw(String(latest))}, 0)
          AND ${firstGiven(cells, fields, 'plain')} != ''`,
    },
  }
}

export const address = (...fields: string[]): Reading => {
  const value = (cells: Cells) => cells.once(sql`toIPv6OrNull(${convertible(cells, fields)})`)
  return {
    fields,
    doc: '',
    value: (cells) => sql`assumeNotNull(${value(cells)})`,
    reject: { reason: 'bad-address', when: (cells) => sql`isNull(${value(cells)})` },
  }
}

/** Counts are kept below 10^15, so that sums of them stay exact in a double for as long as anyone looks. */
export const countOf = (text: Query): Query => sql`if(length(${text}) < 16, toUInt64OrNull(${text}), NULL)`

/** The field as a count; null where it is none. */
export const countIn = (cells: Cells, field: string): Query =>
  cells.has(field) ? cells.once(countOf(cells.asWritten(field))) : countOf(raw(`''`))

/** A whole number; null where the input does not say. */
export const count = (...fields: string[]): Reading => ({
  fields,
  doc: '',
  value: (cells) => cells.once(countOf(convertible(cells, fields))),
  reject: badCount(fields),
})

/** Rejects where any of the fields holds something that is no count. */
export const badCount = (fields: readonly string[]): NonNullable<Reading['reject']> => ({
  reason: 'bad-field',
  when: (cells) =>
    join(
      fields.map((field) => sql`(isNull(${countIn(cells, field)}) AND ${cells.plain(field)} != '')`),
      ' OR ',
    ),
})

export const portOf = (text: Query): Query => sql`ifNull(${countOf(text)}, 0)`

/** The field as a port; 0 where it is none. */
export const portIn = (cells: Cells, field: string): Query => sql`ifNull(${countIn(cells, field)}, 0)`

export const badPort = (...fields: string[]): NonNullable<Reading['reject']> => ({
  reason: 'bad-field',
  when: (cells) =>
    join(
      fields.map(
        (field) => sql`(ifNull(${countIn(cells, field)}, 65536) > 65535 AND ${cells.plain(field)} != '')`,
      ),
      ' OR ',
    ),
})

/** A port; 0 where the input does not say. */
export const port = (...fields: string[]): Reading => ({
  fields,
  doc: '0 if unknown',
  value: (cells) => sql`ifNull(${cells.once(countOf(convertible(cells, fields)))}, 0)`,
  reject: badPort(...fields),
})

/** Text; the first of the fields that is said. */
export const text = (...fields: string[]): Reading => ({
  fields,
  doc: fields.length > 1 ? 'the first that is given' : '',
  value: (cells) => firstGiven(cells, fields),
})

export const lower = (...fields: string[]): Reading => ({
  fields,
  doc: 'lower case',
  value: (cells) => sql`lower(${firstGiven(cells, fields)})`,
})

export const fixed = (value: string): Reading => ({
  fields: [],
  doc: value === '' ? 'unknown' : `always \`${value}\``,
  value: () => sql`${value}`,
})

/** Counts that the input never has. */
export const noCounts: Reading = { fields: [], doc: 'unknown', value: () => raw('emptyArrayUInt64()') }

export const texts = (field: string): Reading => ({ fields: [field], doc: '', value: (c) => c.list(field) })

export const numbers = (field: string): Reading => ({
  fields: [field],
  doc: 'members that are no numbers are left out',
  value: (cells) =>
    sql`arrayMap(x -> assumeNotNull(x),
      arrayFilter(x -> ifNull(isFinite(x), 0), arrayMap(x -> toFloat64OrNull(x), ${cells.list(field)})))`,
})

/** An address of mail, lower case: envelopes have it in angle brackets, in some versions of an input. */
export const bare = (value: Query): Query => sql`lower(trimBoth(${value}, ' <>'))`
