/** Fields of EVE events -> columns. */
import type { Query } from '../../model/query.ts'
import { raw, sql } from '../../store/sql.ts'
import {
  address,
  badCount,
  badPort,
  type Cells,
  count,
  countOf,
  fixed,
  instant,
  type Mapping,
  port,
  portOf,
  type Reading,
  text,
  time,
} from './mapping.ts'

export const base = { start: time('timestamp'), uid: text('flow_id') }
export const client = address('src_ip')
export const server = address('dest_ip')

const isIcmp = (cells: Cells) => sql`position(lower(${cells.plain('proto')}), 'icmp') > 0`

export const proto: Reading = {
  fields: ['proto'],
  doc: 'lower case; `ipv6-icmp` is icmp',
  value: (cells) => sql`if(${isIcmp(cells)}, 'icmp', lower(${cells.plain('proto')}))`,
}

export const serverPort: Reading = {
  fields: ['dest_port', 'icmp_type', 'icmp_code'],
  doc: 'ICMP: type × 256 + code',
  value: (cells) => {
    const of = (field: string) => portOf(cells.plain(field))
    const typeAndCode = sql`bitAnd(${of('icmp_type')}, 255) * 256 + bitAnd(${of('icmp_code')}, 255)`
    return sql`if(${isIcmp(cells)}, ${typeAndCode}, ${of('dest_port')})`
  },
  reject: badPort('dest_port'),
}

const number = (cells: Cells, field: string) => countOf(cells.plain(field))

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
    sql`greatest(ifNull(${instant(cells.plain('flow.end'))} - ${instant(cells.plain('flow.start'))}, 0), 0)`,
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

/** ICMP types that ask for an answer, of both versions. */
const asking = [8, 10, 13, 15, 17, 128, 133, 135]

/** Packets and TCP flags (as numbers) each way, and the state where it is said. */
interface Ways {
  readonly to: Query
  readonly from: Query
  readonly flagsTo: Query
  readonly flagsFrom: Query
  readonly state: Query
}

function outcomeOf(cells: Cells, { to, from, flagsTo, flagsFrom, state }: Ways): Query {
  const has = (flags: Query, bit: number) => sql`bitAnd(${flags}, ${raw(String(bit))}) > 0`
  const isTcp = sql`lower(${cells.plain('proto')}) = 'tcp'`
  const oneWayIcmp = sql`${isIcmp(cells)} AND NOT has(${asking}, toFloat64(${portOf(cells.plain('icmp_type'))}))`
  return sql`multiIf(
      isNull(${to}) OR isNull(${from}) OR (${to} = 0 AND ${from} = 0), 'unknown',
      (${to} = 0 OR ${from} = 0) AND ${oneWayIcmp}, 'unknown',
      ${from} = 0, 'unanswered',
      ${to} = 0, 'reversed',
      NOT ${isTcp}, 'established',
      ${has(flagsTo, 2)} AND ${has(flagsFrom, 2)}, 'established',
      ${has(flagsTo, 8)} AND ${has(flagsFrom, 8)}, 'established',
      ${has(flagsTo, 2)} AND ${has(flagsFrom, 4)}, 'refused',
      ${state} = 'established', 'established',
      'unknown')`
}

const flagsIn = (cells: Cells, field: string) => sql`reinterpretAsUInt8(unhex(${cells.plain(field)}))`

const outcome: Reading = {
  fields: ['flow.pkts_toserver', 'flow.pkts_toclient', 'flow.state', 'tcp.tcp_flags_ts', 'tcp.tcp_flags_tc'],
  doc: 'see the table of outcomes',
  value: (cells) =>
    outcomeOf(cells, {
      to: number(cells, 'flow.pkts_toserver'),
      from: number(cells, 'flow.pkts_toclient'),
      flagsTo: flagsIn(cells, 'tcp.tcp_flags_ts'),
      flagsFrom: flagsIn(cells, 'tcp.tcp_flags_tc'),
      state: cells.plain('flow.state'),
    }),
}

export const eveFlow: Mapping = {
  start: time('flow.start', 'timestamp'),
  uid: base.uid,
  duration,
  proto,
  client,
  clientPort: {
    ...port('src_port'),
    doc: '0 for ICMP',
    value: (cells) => sql`if(${isIcmp(cells)}, 0, ${portOf(cells.plain('src_port'))})`,
  },
  server,
  serverPort,
  packets: both('pkts'),
  bytes: both('bytes'),
  clientPackets: count('flow.pkts_toserver'),
  clientBytes: count('flow.bytes_toserver'),
  serverPackets: count('flow.pkts_toclient'),
  serverBytes: count('flow.bytes_toclient'),
  outcome,
  state: text('flow.state'),
  service,
  label: fixed(''),
  tunnel: fixed(''),
}

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
  return sql`(SELECT *, row = firstRow AS isFirst,
      ${sum(packets, mine)} AS toPackets, ${sum(packets, sql`NOT (${mine})`)} AS fromPackets,
      ${sum(bytes, mine)} AS toBytes, ${sum(bytes, sql`NOT (${mine})`)} AS fromBytes,
      groupBitOr(if(${mine}, ${flags}, toUInt8(0))) OVER (${same}) AS toFlags,
      groupBitOr(if(${mine}, toUInt8(0), ${flags})) OVER (${same}) AS fromFlags
    FROM (SELECT *, min(row) OVER (${same}) AS firstRow, argMin(${side}, row) OVER (${same}) AS clientSide
          FROM ${table()}))`
}

const summed = (
  column: 'packets' | 'bytes' | 'clientPackets' | 'clientBytes' | 'serverPackets' | 'serverBytes',
): Reading => {
  const bytes = column.toLowerCase().endsWith('bytes')
  const field = bytes ? 'netflow.bytes' : 'netflow.pkts'
  const [to, from] = bytes ? ['toBytes', 'fromBytes'] : ['toPackets', 'fromPackets']
  const all = column === 'packets' || column === 'bytes'
  const text = all
    ? `ifNull(${to}, 0) + ifNull(${from}, 0)`
    : `ifNull(${column.startsWith('client') ? to : from}, 0)`
  return {
    fields: [field],
    doc: all
      ? 'sum of both halves'
      : `of the ${column.startsWith('client') ? 'first' : 'other'} half; 0 without one`,
    value: () => raw(text),
    reject: badCount([field]),
  }
}

/** Over the table of `netflowHalves`: one row for both halves. */
export const eveNetflow: Mapping = {
  ...eveFlow,
  start: time('netflow.start', 'timestamp'),
  duration: {
    fields: ['netflow.start', 'netflow.end'],
    doc: 'from start to end; 0 if unknown',
    value: (cells) =>
      sql`greatest(ifNull(${instant(cells.plain('netflow.end'))} - ${instant(cells.plain('netflow.start'))}, 0), 0)`,
  },
  packets: summed('packets'),
  bytes: summed('bytes'),
  clientPackets: summed('clientPackets'),
  clientBytes: summed('clientBytes'),
  serverPackets: summed('serverPackets'),
  serverBytes: summed('serverBytes'),
  outcome: {
    fields: ['netflow.pkts', 'tcp.tcp_flags'],
    doc: 'see the table of outcomes',
    value: (cells) =>
      outcomeOf(cells, {
        to: raw('ifNull(toPackets, 0)'),
        from: raw('ifNull(fromPackets, 0)'),
        flagsTo: raw('toFlags'),
        flagsFrom: raw('fromFlags'),
        state: raw(`''`),
      }),
  },
  state: fixed(''),
}
