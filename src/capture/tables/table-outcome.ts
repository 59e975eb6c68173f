/** How the flow of a row went, by what the row says. */

import { outcomes } from '../../model/flow.ts'
import type { Query } from '../../model/query.ts'
import { join, raw, sql, texts } from '../../store/sql.ts'
import type { Cells, Mapping } from '../logs/mapping.ts'
import { asking, outcomeOfZeek, zeekStates } from '../logs/zeek-outcome.ts'
import type { Value } from './profile-ends.ts'

export interface Outcomes {
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
export function lettersOf(given: Query): Query {
  const hex = sql`reinterpretAsUInt64(reverse(unhex(substring(${given}, 3))))`
  const number = sql`toUInt64(if(startsWith(${given}, '0x'), ${hex}, toUInt64OrZero(${given})))`
  const letters = flagBits.map(
    ([letter, bit]) => sql`if(bitTest(${number}, ${raw(String(bit))}), ${raw(`'${letter}'`)}, '')`,
  )
  return sql`if(match(${given}, '^(0x[0-9a-fA-F]{1,4}|[0-9]{1,5})$'), concat(${join(letters, ', ')}), upper(${given}))`
}

/** All states of Zeek. */
export const zeekLetters = [...Object.keys(zeekStates), 'RSTRH', 'RSTO', 'RSTR', 'OTH']

const sides = ['client', 'server'] as const

/**
 * The outcome that the input says in our words; else Zeek's letters; else from what each side sent. TCP is
 * established where both sides sent more than headers (78 bytes a packet, see docs/reference/inputs-argus.md), or
 * where flags show an end or data after a handshake.
 */
export function outcomeOf({ cells, value, counts, proto, rate, hasFlags }: Outcomes): Query {
  const given = sql`lower(${value('outcome')(cells)})`
  const state = value('state')(cells)
  const flags = lettersOf(value('flags')(cells))
  const has = (flag: string) => (hasFlags ? sql`position(${flags}, ${raw(`'${flag}'`)}) > 0` : raw('false'))
  const [to, from] = sides.map((side) => counts[`${side}Packets`]!.value(cells)) as [Query, Query]

  // Of a sample, a side that was not looked at may have spoken.
  const silent = rate ? sql`${rate(cells)} > 1 AND (${to} = 0 OR ${from} = 0)` : raw('false')
  const [sent, got] = sides.map((side) => counts[`${side}Bytes`]!.value(cells)) as [Query, Query]
  const data = sql`ifNull(${sent} > 78 * ${to} AND ${got} > 78 * ${from}, 0)`
  const isTcp = sql`${proto(cells)} = 'tcp'`
  const byZeek = outcomeOfZeek({
    state,
    history: value('history')(cells),
    isTcp,
    oneWayIcmp: sql`${proto(cells)} = 'icmp' AND NOT has(${asking}, toFloat64OrZero(${value('clientPort')(cells)}))`,
    sent: to,
    received: from,
    talked: data,
  })
  // Flags are of the client then, and nobody goes on sending after a SYN that was not answered.
  const goesOn = sql`${isTcp} AND ${has('S')} AND ${has('A')}`
  const heard = sql`multiIf(NOT (${goesOn}), 'unanswered', ${to} > 2 AND ${has('P')}, 'established', 'unknown')`

  return sql`multiIf(
    ${given} IN ${texts(outcomes)}, ${given},
    ${state} IN ${texts(zeekLetters)}, ${byZeek},
    isNull(${to}) OR isNull(${from}) OR (${to} = 0 AND ${from} = 0), 'unknown',
    ${silent}, 'unknown',
    ${from} = 0, ${heard},
    ${to} = 0, 'reversed',
    NOT (${isTcp}), 'established',
    ${has('S')} AND ${has('A')} AND (${has('F')} OR ${has('P')}), 'established',
    ${has('S')} AND ${has('R')} AND NOT (${has('P')} OR ${has('F')}), 'refused',
    ${data}, 'established',
    'unknown')`
}
