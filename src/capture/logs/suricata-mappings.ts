/** Fields of EVE events -> columns. */
import type { Query } from '../../model/query.ts'
import { raw, sql } from '../../store/sql.ts'
import {
  badCount,
  type Cells,
  count,
  countIn,
  fixed,
  instantIn,
  type Mapping,
  type Reading,
  text,
  time,
} from './mapping.ts'
import { flagsIn, proto, sidesOf, type WaysOf, withTurned } from './suricata-sides.ts'

export const base = { start: time('timestamp'), uid: text('flow_id') }

const number = (cells: Cells, field: string) => countIn(cells, field)

const both = (what: 'pkts' | 'bytes'): Reading => ({
  fields: [`flow.${what}_toserver`, `flow.${what}_toclient`],
  doc: 'sum',
  value: (cells) =>
    sql`${number(cells, `flow.${what}_toserver`)} + ${number(cells, `flow.${what}_toclient`)}`,
  reject: badCount([`flow.${what}_toserver`, `flow.${what}_toclient`]),
})

const duration: Reading = {
  fields: ['flow.start', 'flow.end'],
  doc: 'from start to end; 0 if unknown',
  value: (cells) =>
    sql`greatest(ifNull(${instantIn(cells, 'flow.end')} - ${instantIn(cells, 'flow.start')}, 0), 0)`,
}

/** Zeek's word for Suricata's. */
const service: Reading = {
  fields: ['app_proto'],
  doc: 'tls is ssl; failed and unknown are left empty',
  value: (cells) => {
    const protocol = cells.plain('app_proto')
    return sql`transform(${protocol}, ['tls', 'failed', 'unknown'], ['ssl', '', ''], ${protocol})`
  },
}

const flowWays: WaysOf = (cells) => ({
  to: number(cells, 'flow.pkts_toserver'),
  from: number(cells, 'flow.pkts_toclient'),
  flagsTo: flagsIn(cells, 'tcp.tcp_flags_ts'),
  flagsFrom: flagsIn(cells, 'tcp.tcp_flags_tc'),
  state: cells.plain('flow.state'),
})

const flowSides = sidesOf({
  ways: flowWays,
  bytes: (cells) => ({
    to: number(cells, 'flow.bytes_toserver'),
    from: number(cells, 'flow.bytes_toclient'),
  }),
  fields: {
    to: (what) => count(`flow.${what}_toserver`),
    from: (what) => count(`flow.${what}_toclient`),
  },
  outcome: {
    fields: [
      'flow.pkts_toserver',
      'flow.pkts_toclient',
      'flow.state',
      'tcp.tcp_flags_ts',
      'tcp.tcp_flags_tc',
    ],
    doc: 'see the table of outcomes',
  },
})

export const eveFlow: Mapping = {
  start: time('flow.start', 'timestamp'),
  uid: base.uid,
  duration,
  proto,
  packets: both('pkts'),
  bytes: both('bytes'),
  ...flowSides,
  state: text('flow.state'),
  service,
  label: fixed(''),
  tunnel: fixed(''),
}

/** `flow` events with `turned`. */
export const flowTurned = (cells: Cells, table: () => Query): Query => withTurned(cells, flowWays, table)

/**
 * Both halves of a conversation as `netflow` events tell them: windows over the events of one flow_id and start. The
 * half that comes first is the client's (output-json-netflow.c logs it first).
 */
export function netflowHalves(cells: Cells, table: () => Query, piece: Query): Query {
  const [packets, bytes] = [number(cells, 'netflow.pkts'), number(cells, 'netflow.bytes')]
  const side = sql`(${cells.plain('src_ip')}, ${cells.plain('src_port')})`
  const flags = flagsIn(cells, 'tcp.tcp_flags')
  const same = sql`PARTITION BY ${piece}, ${cells.plain('flow_id')}, ${cells.plain('netflow.start')}`
  const mine = sql`${side} = clientSide`
  const sum = (what: Query, whose: Query) => sql`sumIf(${what}, ${whose}) OVER (${same})`
  const joined = () => sql`(SELECT *, row = firstRow AS isFirst,
      ${sum(packets, mine)} AS toPackets, ${sum(packets, sql`NOT (${mine})`)} AS fromPackets,
      ${sum(bytes, mine)} AS toBytes, ${sum(bytes, sql`NOT (${mine})`)} AS fromBytes,
      groupBitOr(if(${mine}, ${flags}, toUInt8(0))) OVER (${same}) AS toFlags,
      groupBitOr(if(${mine}, toUInt8(0), ${flags})) OVER (${same}) AS fromFlags
    FROM (SELECT *, min(row) OVER (${same}) AS firstRow, argMin(${side}, row) OVER (${same}) AS clientSide
          FROM ${table()}))`
  return withTurned(cells, netflowWays, joined)
}

const netflowWays: WaysOf = () => ({
  to: raw('ifNull(toPackets, 0)'),
  from: raw('ifNull(fromPackets, 0)'),
  flagsTo: raw('toFlags'),
  flagsFrom: raw('fromFlags'),
  state: raw(`''`),
})

const summed = (
  field: 'netflow.pkts' | 'netflow.bytes',
  [text, doc]: readonly [text: string, doc: string],
): Reading => ({ fields: [field], doc, value: () => raw(text), reject: badCount([field]) })

const halves = {
  all: (what: 'Packets' | 'Bytes') =>
    [`ifNull(to${what}, 0) + ifNull(from${what}, 0)`, 'sum of both halves'] as const,
  to: ['', 'of the first half; 0 without one'],
  from: ['', 'of the other half; 0 without one'],
} as const

/** Over the table of `netflowHalves`: one row for both halves. */
export const eveNetflow: Mapping = {
  ...eveFlow,
  start: time('netflow.start', 'timestamp'),
  duration: {
    fields: ['netflow.start', 'netflow.end'],
    doc: 'from start to end; 0 if unknown',
    value: (cells) =>
      sql`greatest(ifNull(${instantIn(cells, 'netflow.end')} - ${instantIn(cells, 'netflow.start')}, 0), 0)`,
  },
  packets: summed('netflow.pkts', halves.all('Packets')),
  bytes: summed('netflow.bytes', halves.all('Bytes')),
  ...sidesOf({
    ways: netflowWays,
    bytes: () => ({ to: raw('ifNull(toBytes, 0)'), from: raw('ifNull(fromBytes, 0)') }),
    fields: {
      to: (what) => summed(`netflow.${what}`, halves.to),
      from: (what) => summed(`netflow.${what}`, halves.from),
    },
    outcome: { fields: ['netflow.pkts', 'tcp.tcp_flags'], doc: 'see the table of outcomes' },
  }),
  state: fixed(''),
}
