/** `outcome` of a Zeek connection, from conn_state, history and counts. */
import { outcomes } from '../../model/flow.ts'
import type { Query } from '../../model/query.ts'
import { raw, sql } from '../../store/sql.ts'
import { countIn, type Reading } from './mapping.ts'

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
export const asking = [8, 10, 13, 15, 17, 128, 133, 135]

/** What a log says of one connection; queries that are null where it does not say. */
interface ZeekSeen {
  readonly state: Query
  /** Empty where there is none. */
  readonly history: Query
  readonly isTcp: Query
  readonly oneWayIcmp: Query
  readonly sent: Query
  readonly received: Query
  /** Whether both sides sent data. */
  readonly talked: Query
}

export const zeekOutcome: Reading = {
  fields: ['conn_state', 'history', 'orig_pkts', 'resp_pkts', 'orig_bytes', 'resp_bytes', 'proto', 'outcome'],
  doc: 'see the table of outcomes',
  value: (cells) => {
    const pkts = (side: string) => countIn(cells, `${side}_pkts`)
    const data = (side: string) => sql`ifNull(${countIn(cells, `${side}_bytes`)}, 0) > 0`
    const proto = sql`lower(${cells.plain('proto')})`
    // What gannet flows wrote says it in our words.
    const given = cells.plain('outcome')
    const found = outcomeOfZeek({
      state: cells.plain('conn_state'),
      history: cells.plain('history'),
      isTcp: sql`${proto} = 'tcp'`,
      oneWayIcmp: sql`${proto} = 'icmp' AND NOT has(${asking}, toFloat64OrZero(${cells.plain('id.orig_p')}))`,
      sent: pkts('orig'),
      received: pkts('resp'),
      talked: sql`(${data('orig')} AND ${data('resp')})`,
    })
    return sql`if(${given} IN (${raw(outcomes.map((each) => `'${each}'`).join(', '))}), ${given}, ${found})`
  },
}

/** SQL: the outcome of a connection by Zeek's state, or by what was seen each way. */
export function outcomeOfZeek(seen: ZeekSeen): Query {
  const { state, history, isTcp, oneWayIcmp, sent, received, talked } = seen
  // Where there is no history, Zeek's state is believed.
  const shook = sql`(${history} = '' OR position(lower(${history}), 'h') > 0)`
  const silent = sql`if(${isTcp}, ${unheard(history)}, 'unanswered')`
  const back = sql`if(${miscounted(history, 'C')}, 'unknown', 'reversed')`

  return sql`multiIf(
    ${state} = 'S0' AND ${oneWayIcmp}, 'unknown',
    has(${of('established')}, ${state}), 'established',
    has(${of('unanswered')}, ${state}), ${silent},
    ${state} = 'SHR', ${back},
    ${state} = 'REJ', 'refused',
    ${state} = 'RSTRH', if(ifNull(${sent} = 0, 1), ${back}, 'refused'),
    ${state} IN ('RSTO', 'RSTR') AND (${shook} OR ${talked}), 'established',
    ${state} = 'RSTR', 'refused',
    isNull(${sent}) OR isNull(${received}), if(${talked}, 'established', 'unknown'),
    ${sent} = 0 AND ${received} = 0, 'unknown',
    ${oneWayIcmp}, 'unknown',
    ${received} = 0, ${silent},
    ${sent} = 0, ${back},
    NOT (${isTcp}) OR ${talked}, 'established',
    'unknown')`
}

/**
 * Of a server that was not heard. Nobody acknowledges what was not answered: then the sensor saw one direction only.
 * `c`: it answered in packets of a wrong checksum, as a capture on the server itself has them.
 */
const unheard = (history: Query): Query =>
  sql`multiIf(
    ${miscounted(history, 'c')}, 'unknown',
    NOT match(${history}, '^[A-Z^]*S[A-Z^]*$') OR position(${history}, 'A') = 0, 'unanswered',
    position(${history}, 'D') > 0, 'established',
    'unknown')`

/** SQL: whether packets of a side (`C` the client, `c` the server) had a wrong checksum, which Zeek does not count. */
export const miscounted = (history: Query, letter: 'C' | 'c'): Query =>
  sql`position(${history}, ${raw(`'${letter}'`)}) > 0`
