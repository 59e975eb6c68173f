/** A profile over the fields of one input, as a mapping. Fields reach the SQL as places, never as text. */

import { outcomes } from '../../model/flow.ts'
import type { Query } from '../../model/query.ts'
import { join, raw, sql, texts } from '../../store/sql.ts'
import { type Cells, fixed, latest, type Mapping, type Reading, text } from '../logs/mapping.ts'
import { zeekStates } from '../logs/zeek-outcome.ts'
import { fieldsOf, type Profile } from './profile.ts'
import { addressIn, portIn, protoOf, wholeOf } from './profile-ends.ts'

type Fields = Readonly<Record<string, readonly string[]>>
export type Unit = 'auto' | 's' | 'ms' | 'us' | 'ns' | 'mdy' | 'content'

/** What is known of a table beside its profile: see `table-content.ts`. */
export interface Known {
  /** The unit of durations where the profile leaves it to the content. */
  readonly unit: Unit
  /** The columns of the server's counts are not filled: they are 0 where nothing is known. */
  readonly unfilled: boolean
  /** Whether counts of a sample are multiplied by the rate; else such records are left out. */
  readonly scale: boolean
}

export const nothingKnown: Known = { unit: 'auto', unfilled: false, scale: false }

const perMicro: Readonly<Record<string, string>> = { s: '* 1000000', ms: '* 1000', us: '* 1', ns: '/ 1000' }

/** @throws RangeError when the input lacks a field that is needed. */
export function mappingOf(profile: Profile, inputFields: readonly string[], known: Known): Mapping {
  const fields: Fields = fieldsOf(profile, inputFields)
  const unit = (column: string): Unit => unitIn(profile, column, known)
  const given = (column: string): Reading => readingOf(profile, fields, column)
  const notFilled = (column: string) => known.unfilled && /^server(?:Packets|Bytes)$/.test(column)
  const value = (column: string) => (cells: Cells) =>
    notFilled(column) ? raw(`''`) : given(column).value(cells)
  const instantIn = (column: string) => (cells: Cells) => instantOf(value(column)(cells), unit(column))
  const span = (cells: Cells) => spanOf(value('duration')(cells), unit('duration'))

  // What is written when a flow ends has its start before that by the duration.
  const at = (column: string) => (cells: Cells) =>
    column === 'start' && !('start' in fields) && profile.fixed?.['start'] === undefined
      ? sql`(${instantIn('end')(cells)} - ifNull(${span(cells)}, 0))`
      : instantIn(column)(cells)
  const proto = (cells: Cells) => protoOf(value('proto')(cells))
  const rate = known.scale && 'samplingRate' in fields ? rateIn(value) : null
  const counts = countReadings(value, rate)

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
    serverPort: portIn(value('serverPort'), (cells, port) =>
      'icmpType' in fields
        ? sql`if(${proto(cells)} = 'icmp' AND ${port} = 0, ${icmpPort(value)(cells)}, ${port})`
        : port,
    ),
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
  // Of an array in a cell the first member counts.
  const value = (cells: Cells) => {
    const given = reading.value(cells)
    const first = sql`trimBoth(JSONExtractRaw(${given}, 1), '"')`
    return sql`if(startsWith(${given}, '[') AND isValidJSON(${given}), ${first}, ${given})`
  }
  return { ...reading, value }
}

function unitIn(profile: Profile, column: string, known: Known): Unit {
  const unit = profile.columns[column]?.unit ?? 'auto'
  return unit === 'content' ? known.unit : unit
}

export type Value = (column: string) => (cells: Cells) => Query

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

/** Numbers by their size: seconds up to the year 5138, then milliseconds, microseconds, nanoseconds. */
export function instantOf(given: Query, unit: Unit): Query {
  const number = sql`toFloat64OrNull(${given})`
  const micros = (factor: string) => sql`accurateCastOrNull(round(${number} ${raw(factor)}), 'Int64')`
  const date = raw(unit === 'mdy' ? 'parseDateTime64BestEffortUSOrNull' : 'parseDateTime64BestEffortOrNull')
  const words = sql`toUnixTimestamp64Micro(${date}(${given}, 6, 'UTC'))`
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

/** Type × 256 + code of ICMP. */
const icmpPort = (value: Value) => (cells: Cells) => {
  const byte = (column: string) => sql`bitAnd(toUInt64OrZero(${value(column)(cells)}), 255)`
  return sql`toUInt64(${byte('icmpType')} * 256 + ${byte('icmpCode')})`
}

const sides = ['client', 'server'] as const

function countReadings(value: Value, rate: ((cells: Cells) => Query) | null): Mapping {
  const number = (column: string) => (cells: Cells) =>
    rate ? sql`${wholeOf(value(column)(cells))} * ${rate(cells)}` : wholeOf(value(column)(cells))
  const reject = (column: string): NonNullable<Reading['reject']> => ({
    reason: 'bad-field',
    when: (cells) => sql`${value(column)(cells)} != '' AND isNull(${number(column)(cells)})`,
  })
  const total = (what: 'Packets' | 'Bytes') => (cells: Cells) =>
    sql`coalesce(
      ${number(what.toLowerCase())(cells)},
      ${number(`client${what}`)(cells)} + ${number(`server${what}`)(cells)})`
  const other = { client: 'server', server: 'client' } as const
  const side = (each: 'client' | 'server', what: 'Packets' | 'Bytes') => (cells: Cells) =>
    sql`coalesce(
      ${number(`${each}${what}`)(cells)},
      accurateCastOrNull(${number(what.toLowerCase())(cells)} - ${number(`${other[each]}${what}`)(cells)}, 'UInt64'))`

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

interface Outcomes {
  readonly cells: Cells
  readonly value: Value
  readonly counts: Mapping
  readonly proto: (cells: Cells) => Query
  readonly hasFlags: boolean
  /** Null where counts are of all packets. */
  readonly rate: ((cells: Cells) => Query) | null
}

const flagBits = [
  ['F', 0],
  ['S', 1],
  ['R', 2],
  ['P', 3],
  ['A', 4],
] as const

/** TCP flags as letters: `...AP.SF` as it is, 27 and 0x1b as APSF. */
function lettersOf(given: Query): Query {
  const hex = sql`reinterpretAsUInt64(reverse(unhex(substring(${given}, 3))))`
  const number = sql`toUInt64(if(startsWith(${given}, '0x'), ${hex}, toUInt64OrZero(${given})))`
  const letters = flagBits.map(
    ([letter, bit]) => sql`if(bitTest(${number}, ${raw(String(bit))}), ${raw(`'${letter}'`)}, '')`,
  )
  return sql`if(match(${given}, '^(0x[0-9a-fA-F]{1,4}|[0-9]{1,5})$'), concat(${join(letters, ', ')}), upper(${given}))`
}

/**
 * The outcome that the input says in our words; else Zeek's letters; else from what each side sent. TCP is
 * established where both sides sent more than headers (78 bytes a packet, see docs/reference/inputs-argus.md), or
 * where flags show an end or data after a handshake.
 */
function outcomeOf({ cells, value, counts, proto, rate, hasFlags }: Outcomes): Query {
  const given = sql`lower(${value('outcome')(cells)})`
  const state = value('state')(cells)
  const flags = lettersOf(value('flags')(cells))
  const has = (flag: string) => (hasFlags ? sql`position(${flags}, ${raw(`'${flag}'`)}) > 0` : raw('false'))
  const [to, from] = sides.map((side) => counts[`${side}Packets`]!.value(cells)) as [Query, Query]

  // Of a sample, a side that was not looked at may have spoken.
  const silent = rate ? sql`${rate(cells)} > 1 AND (${to} = 0 OR ${from} = 0)` : raw('false')
  const [sent, got] = sides.map((side) => counts[`${side}Bytes`]!.value(cells)) as [Query, Query]
  const data = sql`ifNull(${sent} > 78 * ${to} AND ${got} > 78 * ${from}, 0)`
  const letters = Object.entries(zeekStates)
  const zeek = texts(letters.map(([letter]) => letter))

  return sql`multiIf(
    ${given} IN ${texts(outcomes)}, ${given},
    ${state} IN ${zeek}, transform(${state}, ${zeek}, ${texts(letters.map(([, word]) => word))}, 'unknown'),
    isNull(${to}) OR isNull(${from}) OR (${to} = 0 AND ${from} = 0), 'unknown',
    ${silent}, 'unknown',
    ${from} = 0, 'unanswered',
    ${to} = 0, 'reversed',
    ${proto(cells)} != 'tcp', 'established',
    ${has('S')} AND ${has('A')} AND (${has('F')} OR ${has('P')}), 'established',
    ${has('S')} AND ${has('R')} AND NOT (${has('P')} OR ${has('F')}), 'refused',
    ${data}, 'established',
    'unknown')`
}
