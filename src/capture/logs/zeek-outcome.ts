/** `outcome` of a Zeek connection, from conn_state, history and counts. */
import { outcomes } from '../../model/flow.ts'
import { raw, sql } from '../../store/sql.ts'
import { type Cells, countOf, type Reading } from './mapping.ts'

/**
 * What a state means by itself, in Zeek's words (scripts/base/protocols/conn/main.zeek). States that are not
 * here are decided by what was seen each way.
 */
export const zeekStates = {
  SF: 'established',
  S1: 'established',
  S2: 'established',
  S3: 'established',
  S0: 'unanswered',
  SH: 'unanswered',
  RSTOS0: 'unanswered',
  SHR: 'reversed',
  REJ: 'refused',
} as const

const of = (outcome: string) =>
  Object.entries(zeekStates)
    .filter(([, each]) => each === outcome)
    .map(([state]) => state)

/** ICMP types that ask for an answer: echo, router solicitation, time stamp, mask; of ICMPv6 echo and solicitations. */
const asking = [8, 10, 13, 15, 17, 128, 133, 135]

export const zeekOutcome: Reading = {
  fields: ['conn_state', 'history', 'orig_pkts', 'resp_pkts', 'orig_bytes', 'resp_bytes', 'proto', 'outcome'],
  doc: 'see the table of outcomes',
  value: (cells) => {
    const state = cells.plain('conn_state')
    const pkts = (side: string) => countOf(cells.plain(`${side}_pkts`))
    const data = (side: string) => sql`ifNull(${countOf(cells.plain(`${side}_bytes`))}, 0) > 0`
    const talked = sql`(${data('orig')} AND ${data('resp')})`
    const shook = handshakeIn(cells)
    const oneWayIcmp = sql`${cells.plain('proto')} = 'icmp'
      AND NOT has(${asking}, toFloat64OrZero(${cells.plain('id.orig_p')}))`
    // What gannet flows wrote says it in our words.
    const given = cells.plain('outcome')
    return sql`multiIf(
      ${given} IN (${raw(outcomes.map((each) => `'${each}'`).join(', '))}), ${given},
      ${state} = 'S0' AND ${oneWayIcmp}, 'unknown',
      has(${of('established')}, ${state}), 'established',
      has(${of('unanswered')}, ${state}), 'unanswered',
      ${state} = 'SHR', 'reversed',
      ${state} = 'REJ', 'refused',
      ${state} = 'RSTRH', if(ifNull(${pkts('orig')} = 0, 1), 'reversed', 'refused'),
      ${state} IN ('RSTO', 'RSTR') AND (${shook} OR ${talked}), 'established',
      ${state} = 'RSTR', 'refused',
      isNull(${pkts('orig')}) OR isNull(${pkts('resp')}), if(${talked}, 'established', 'unknown'),
      ${pkts('orig')} = 0 AND ${pkts('resp')} = 0, 'unknown',
      ${oneWayIcmp}, 'unknown',
      ${pkts('resp')} = 0, 'unanswered',
      ${pkts('orig')} = 0, 'reversed',
      ${cells.plain('proto')} != 'tcp' OR ${talked}, 'established',
      'unknown')`
  },
}

/** Whether the SYN-ACK was seen; where there is no history, Zeek's state is believed. */
function handshakeIn(cells: Cells) {
  if (!cells.has('history')) return sql`1`
  const history = cells.plain('history')
  return sql`(${history} = '' OR position(lower(${history}), 'h') > 0)`
}
