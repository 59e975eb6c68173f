/** Protocols, addresses, ports and counts as tables write them. */
import type { Query } from '../../model/query.ts'
import { raw, sql, texts } from '../../store/sql.ts'
import type { Cells, Reading } from '../logs/mapping.ts'
import { protoNames } from '../protocols/proto-names.ts'

/** What a row says of a column of its profile. */
export type Value = (column: string) => (cells: Cells) => Query

/** Names in the words of Zeek, for names and numbers of IANA. */
export function protoOf(given: Query): Query {
  const numbers = Object.entries(protoNames)
  const [keys, names] = [0, 1].map((i) => texts(numbers.map((each) => each[i] as string)))
  const known = sql`transform(${given}, ${keys!}, ${names!}, lower(${given}))`
  return sql`if(${known} IN ('ipv6-icmp', 'icmp6', 'icmpv6', 'icmp'), 'icmp', ${known})`
}

export function addressIn(given: (cells: Cells) => Query): Reading {
  // Brackets around, and behind the interface of a local address, or the length of the prefix of one host.
  const value = (cells: Cells) => {
    const text = given(cells)
    const bare = sql`replaceRegexpOne(trimBoth(${text}, '[]'), '(%.*|/32|/128)$', '')`
    return sql`toIPv6OrNull(if(match(${text}, '[%/\\[]'), ${bare}, ${text}))`
  }
  return {
    fields: [],
    doc: '',
    value: (cells) => sql`assumeNotNull(${value(cells)})`,
    reject: { reason: 'bad-address', when: (cells) => sql`isNull(${value(cells)})` },
  }
}

/**
 * A whole number, or one that is written with a point: 443.0. ICMP's `type.code`, as nfdump has it, is
 * distinguished.
 */
export function portIn(given: (cells: Cells) => Query, use: (cells: Cells, port: Query) => Query): Reading {
  const port = (cells: Cells) => portNumber(given(cells))
  const icmp = (cells: Cells) => sql`extractGroups(${given(cells)}, '^(\\\\d{1,3})\\\\.([1-9]\\\\d{0,2})$')`
  const byte = (cells: Cells, i: 1 | 2) =>
    sql`toUInt64OrZero(arrayElement(${icmp(cells)}, ${raw(String(i))}))`
  const value = (cells: Cells) =>
    sql`if(empty(${icmp(cells)}), ifNull(${port(cells)}, 0), ${byte(cells, 1)} * 256 + ${byte(cells, 2)})`

  return {
    fields: [],
    doc: '',
    value: (cells) => use(cells, value(cells)),
    reject: {
      reason: 'bad-field',
      when: (cells) =>
        sql`${given(cells)} != '' AND ((isNull(${port(cells)}) AND empty(${icmp(cells)})) OR ${value(cells)} > 65535)`,
    },
  }
}

/** A port as a number: decimal, or hexadecimal after 0x, as Argus prints those without a name. */
export const portNumber = (given: Query): Query =>
  sql`if(match(${given}, '^0[xX][0-9a-fA-F]{1,4}$'),
    toUInt64(reinterpretAsUInt16(reverse(unhex(leftPad(substring(${given}, 3), 4, '0'))))), ${wholeOf(given)})`

/** Counts below 10^15, as everywhere; `12.0` is 12, and `4.2391152E7`, as Java writes it, 42391152. */
export const wholeOf = (given: Query): Query => {
  const scientific = sql`accurateCastOrNull(toFloat64OrNull(${given}), 'UInt64')`
  const whole = sql`toUInt64OrNull(if(length(${given}) < 19, replaceRegexpOne(${given}, '\\\\.0+$', ''), 'x'))`
  return sql`if(match(${given}, '^[0-9]([.][0-9]+)?[eE][+]?(0?[0-9]|1[0-4])$'), ${scientific}, ${whole})`
}
