/** A profile over the fields of one input, as a mapping. Fields reach the SQL as places, never as text. */

import type { Query } from '../../model/query.ts'
import { join, raw, sql } from '../../store/sql.ts'
import { type Cells, fixed, latest, type Mapping, type Reading, text } from '../logs/mapping.ts'
import { fieldsOf, type Profile } from './profile.ts'
import { addressIn, portIn, portNumber, protoOf, type Value, wholeOf } from './profile-ends.ts'
import { outcomeOf } from './table-outcome.ts'

type Fields = Readonly<Record<string, readonly string[]>>
export type Unit = 'auto' | 's' | 'ms' | 'us' | 'ns' | 'mdy' | 'content'

/** What is known of a table beside its profile: see `table-content.ts`. */
export interface Known {
  /** The unit of durations where the profile leaves it to the content. */
  readonly unit: Unit
  /** How dates of two numbers and a year are written. */
  readonly dates: 'auto' | 'mdy'
  /** The columns of the server's counts are not filled: they are 0 where nothing is known. */
  readonly unfilled: boolean
  /** Whether counts of a sample are multiplied by the rate; else such records are left out. */
  readonly scale: boolean
}

export const nothingKnown: Known = { unit: 'auto', dates: 'auto', unfilled: false, scale: false }

const perMicro: Readonly<Record<string, string>> = { s: '* 1000000', ms: '* 1000', us: '* 1', ns: '/ 1000' }

/** @throws RangeError when the input lacks a field that is needed. */
export function mappingOf(
  profile: Profile,
  inputFields: readonly string[],
  { known, value }: { readonly known: Known; readonly value: Value },
): Mapping {
  const fields: Fields = fieldsOf(profile, inputFields)
  const unit = (column: string): Unit => unitIn(profile, column, known)
  const given = (column: string): Reading => ({ fields: [], doc: '', value: value(column) })
  const instantIn = (column: string) => (cells: Cells) => instantOf(value(column)(cells), unit(column))
  const span = (cells: Cells) => spanOf(value('duration')(cells), unit('duration'))

  // What is written when a flow ends has its start before that by the duration.
  const at = (column: string) => (cells: Cells) =>
    column === 'start' && !('start' in fields) && profile.fixed?.['start'] === undefined
      ? sql`(${instantIn('end')(cells)} - ifNull(${span(cells)}, 0))`
      : instantIn(column)(cells)
  const proto = (cells: Cells) => protoOf(value('proto')(cells))
  const rate = known.scale && 'samplingRate' in fields ? rateIn(value) : null
  const tells = profile.totalsTell === undefined || profile.totalsTell in fields
  const counts = countReadings({ value, rate, tells })

  return {
    start: {
      fields: [],
      doc: '',
      value: (cells) => sql`ifNull(${at('start')(cells)}, 0)`,
      reject: {
        reason: 'bad-time',
        when: (cells) =>
          sql`NOT ifNull(${at('start')(cells)} >= 0 AND ${at('start')(cells)} < ${raw(`${latest}000000`)}, 0)`,
      },
    },
    duration: durationOf({ value, at, unit: unit('duration'), has: (column) => column in fields }),
    proto: { fields: [], doc: '', value: proto },
    client: addressIn(value('client')),
    clientPort: portIn(value('clientPort'), (cells, port) => sql`if(${proto(cells)} = 'icmp', 0, ${port})`),
    server: addressIn(value('server')),
    serverPort: portIn(value('serverPort'), (cells, port) => {
      const icmp = icmpPort({ profile, value, has: 'icmpType' in fields })?.(cells, port)
      return icmp ? sql`if(${proto(cells)} = 'icmp', ${icmp}, ${port})` : port
    }),
    ...counts,
    outcome: {
      fields: [],
      doc: '',
      value: (cells) => outcomeOf({ cells, value, counts, proto, rate, hasFlags: 'flags' in fields }),
    },
    state: rate
      ? { fields: [], doc: '', value: (cells) => stateOf(rate(cells), value('state')(cells)) }
      : given('state'),
    service: given('service'),
    uid: given('uid'),
    label: given('label'),
    tunnel: given('tunnel'),
  }
}

/** The text of a column: the first of its fields that says something. */
function readingOf({ fixed: values }: Profile, fields: Fields, column: string): Reading {
  const found = fields[column]
  if (!found) return fixed(values?.[column] ?? '')
  const reading = text(...found)
  const says = isTime(column) ? timeOrNull : textOrNull
  // Of an array in a cell the first member counts.
  const value = (cells: Cells) => {
    const given = firstOf(found.map((field) => says(cells.text(field))))
    const first = sql`trimBoth(JSONExtractRaw(${given}, 1), '"')`
    return sql`if(startsWith(${given}, '[') AND isValidJSON(${given}), ${first}, ${given})`
  }
  return { ...reading, value }
}

const isTime = (column: string): boolean => column === 'start' || column === 'end'

/** The first that is not null; each is written once, because it may be long. */
const firstOf = (given: readonly Query[]): Query => sql`ifNull(coalesce(${join(given, ', ')}), '')`
const textOrNull = (given: Query): Query => sql`nullIf(${given}, '')`
/** Exporters write 0 where they do not know a time. */
const timeOrNull = (given: Query): Query => sql`nullIf(nullIf(nullIf(${given}, ''), '0'), '0.000000')`

function unitIn(profile: Profile, column: string, known: Known): Unit {
  const unit = profile.columns[column]?.unit ?? 'auto'
  if (isTime(column) && unit === 'auto') return known.dates
  return unit === 'content' ? known.unit : unit
}

/** The values of all columns of a profile, as the table says them. */
export function valuesOf(profile: Profile, inputFields: readonly string[]): Value {
  const fields = fieldsOf(profile, inputFields)
  return (column) => (cells) => readingOf(profile, fields, column).value(cells)
}

/** How many packets on the wire stand behind each that was looked at; 1 where not said. */
const rateIn = (value: Value) => (cells: Cells) =>
  sql`greatest(ifNull(${wholeOf(value('samplingRate')(cells))}, 1), 1)`

/** Whether a row is of a sample of the packets. */
export const isSample = (value: Value) => (cells: Cells) =>
  sql`(ifNull(${wholeOf(value('samplingRate')(cells))}, 1) > 1 OR ${isTrue(value('sampled')(cells))})`

/** Text that says yes. */
export const isTrue = (given: Query): Query =>
  sql`lower(${given}) IN ('true', 't', 'yes', '1', 'delete', 'deleted')`

/** Of a sample, `1:N`. */
const stateOf = (rate: Query, state: Query): Query =>
  sql`if(${rate} > 1, concat('1:', toString(${rate})), ${state})`

/** `Nov 14, 2023 @ 22:13:20.123` of Kibana, and fractions behind a comma, as others write them. */
function plainDate(given: Query): Query {
  const inWords = sql`replaceRegexpOne(${given}, '^([A-Za-z]{3,9} [0-9]{1,2}), ([0-9]{4}) @ ', '\\\\1 \\\\2 ')`
  const fraction = sql`replaceRegexpOne(${inWords}, '(:[0-9]{2}),([0-9]+)', '\\\\1.\\\\2')`
  return sql`if(position(${given}, ',') > 0, ${fraction}, ${given})`
}

/** Numbers by their size: seconds up to the year 5138, then milliseconds, microseconds, nanoseconds. */
export function instantOf(given: Query, unit: Unit): Query {
  const number = sql`toFloat64OrNull(${given})`
  const micros = (factor: string) => sql`accurateCastOrNull(round(${number} ${raw(factor)}), 'Int64')`
  const date = raw(unit === 'mdy' ? 'parseDateTime64BestEffortUSOrNull' : 'parseDateTime64BestEffortOrNull')
  const words = sql`toUnixTimestamp64Micro(${date}(${plainDate(given)}, 6, 'UTC'))`
  if (perMicro[unit]) return micros(perMicro[unit])
  return sql`multiIf(
    isNull(${number}), if(${given} = '', NULL, ${words}),
    abs(${number}) < 1e11, ${micros('* 1000000')},
    abs(${number}) < 1e14, ${micros('* 1000')},
    abs(${number}) < 1e17, ${micros('* 1')},
    ${micros('/ 1000')})`
}

/** A number of units, `hh:mm:ss.sss`, or an ISO 8601 duration such as PT1M2.5S. */
function spanOf(given: Query, unit: Unit): Query {
  const number = sql`toFloat64OrNull(${given}) ${raw(perMicro[unit === 'auto' ? 's' : unit] ?? '')}`
  const isClock = sql`match(${given}, '^\\d+(:\\d{1,2}){1,2}(\\.\\d+)?$')`
  const parts = sql`arrayReverse(splitByChar(':', ${given}))`
  const seconds = sql`arraySum((x, i) -> toFloat64OrZero(x) * pow(60, i - 1), ${parts}, arrayEnumerate(${parts}))`
  const clock = sql`if(${isClock}, ${seconds}, NULL)`
  const iso = sql`extractGroups(${given}, '^P(?:(\\\\d+)D)?T?(?:(\\\\d+)H)?(?:(\\\\d+)M)?(?:([0-9.]+)S)?$')`
  const part = (i: number, seconds: number) =>
    sql`toFloat64OrZero(arrayElement(${iso}, ${raw(String(i))})) * ${raw(String(seconds))}`
  const isoSeconds = sql`${part(1, 86_400)} + ${part(2, 3600)} + ${part(3, 60)} + ${part(4, 1)}`
  const micros = sql`multiIf(position(${given}, ':') > 0, ${clock} * 1e6,
    startsWith(${given}, 'P'), if(empty(${iso}), NULL, (${isoSeconds}) * 1e6), ${number})`
  return sql`accurateCastOrNull(round(${micros}), 'Int64')`
}

interface Duration {
  readonly value: Value
  readonly at: Value
  readonly unit: Unit
  readonly has: (column: string) => boolean
}

function durationOf({ value, at, unit, has }: Duration): Reading {
  const span = (cells: Cells) => spanOf(value('duration')(cells), unit)
  const between = (cells: Cells) => sql`greatest(${at('end')(cells)} - ${at('start')(cells)}, 0)`

  const found = (cells: Cells) =>
    has('duration') && has('end')
      ? sql`coalesce(${span(cells)}, ${between(cells)})`
      : has('duration')
        ? span(cells)
        : has('end')
          ? between(cells)
          : raw('NULL')

  return {
    fields: [],
    doc: '',
    // Clocks of one exporter may disagree by milliseconds.
    value: (cells) => sql`greatest(ifNull(${found(cells)}, 0), 0)`,
    reject: {
      reason: 'bad-time',
      when: (cells) => {
        const given = value('duration')(cells)
        const isSpan = sql`${span(cells)} >= -1000000 AND ${span(cells)} < ${raw(`${latest}000000`)}`
        return sql`${given} != '' AND NOT ifNull(${isSpan}, 0)`
      },
    },
  }
}

/** Type × 256 + code of ICMP, by columns of their own or by the ports; null where nothing tells it. */
function icmpPort({ profile, value, has }: { profile: Profile; value: Value; has: boolean }) {
  const number = (column: string, cells: Cells) => ifZero(portNumber(value(column)(cells)))
  const byte = (given: Query) => sql`bitAnd(${given}, 255)`

  if (has)
    return (cells: Cells, port: Query) => {
      const [type, code] = ['icmpType', 'icmpCode'].map((each) =>
        byte(sql`toUInt64OrZero(${value(each)(cells)})`),
      )
      return sql`if(${port} = 0, toUInt64(${type!} * 256 + ${code!}), ${port})`
    }
  if (profile.icmp === 'type-code')
    return (cells: Cells) =>
      sql`toUInt64(${byte(number('clientPort', cells))} * 256 + ${byte(number('serverPort', cells))})`
  if (profile.icmp === 'argus')
    return (cells: Cells) => {
      const given = number('clientPort', cells)
      return sql`toUInt64(${byte(given)} * 256 + bitShiftRight(${given}, 8))`
    }
  return null
}

const ifZero = (given: Query): Query => sql`ifNull(${given}, 0)`

const sides = ['client', 'server'] as const

interface Counted {
  readonly value: Value
  readonly rate: ((cells: Cells) => Query) | null
  /** Whether a total tells of the side that is not given. */
  readonly tells: boolean
}

function countReadings({ value, rate, tells }: Counted): Mapping {
  const number = (column: string) => (cells: Cells) =>
    rate ? sql`${wholeOf(value(column)(cells))} * ${rate(cells)}` : wholeOf(value(column)(cells))
  const reject = (column: string): NonNullable<Reading['reject']> => ({
    reason: 'bad-field',
    when: (cells) => sql`${value(column)(cells)} != '' AND isNull(${number(column)(cells)})`,
  })
  const total = (what: 'Packets' | 'Bytes') => (cells: Cells) => {
    const both = sql`${number(`client${what}`)(cells)} + ${number(`server${what}`)(cells)}`
    return tells ? sql`coalesce(${number(what.toLowerCase())(cells)}, ${both})` : both
  }
  const other = { client: 'server', server: 'client' } as const
  const side = (each: 'client' | 'server', what: 'Packets' | 'Bytes') => (cells: Cells) => {
    const own = number(`${each}${what}`)(cells)
    const rest = sql`${number(what.toLowerCase())(cells)} - ${number(`${other[each]}${what}`)(cells)}`
    return tells ? sql`coalesce(${own}, accurateCastOrNull(${rest}, 'UInt64'))` : own
  }

  return Object.fromEntries(
    (['Packets', 'Bytes'] as const).flatMap((what) => [
      [what.toLowerCase(), { fields: [], doc: '', value: total(what), reject: reject(what.toLowerCase()) }],
      ...sides.map((each) => [
        `${each}${what}`,
        { fields: [], doc: '', value: side(each, what), reject: reject(`${each}${what}`) },
      ]),
    ]),
  )
}
