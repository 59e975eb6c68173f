/** The two ends of an EVE event that tells of a flow: who called, who answered, and how that went. */
import type { Query } from '../../model/query.ts'
import { raw, sql, texts } from '../../store/sql.ts'
import { protoNames } from '../protocols/proto-names.ts'
import { isServerFirst } from '../protocols/unseen-start.ts'
import { address, badPort, type Cells, type Mapping, port, portIn, type Reading } from './mapping.ts'

export const client = address('src_ip')
export const server = address('dest_ip')

/** In lower case. */
const protoText = (cells: Cells) => cells.once(sql`lower(${cells.plain('proto')})`)

export const isIcmp = (cells: Cells) => cells.once(sql`position(${protoText(cells)}, 'icmp') > 0`)

export const proto: Reading = {
  fields: ['proto'],
  doc: 'lower case; `ipv6-icmp` is icmp, a number its IANA name',
  value: (cells) => {
    const given = protoText(cells)
    const [numbers, names] = [0, 1].map((i) =>
      texts(Object.entries(protoNames).map((each) => each[i] as string)),
    )
    const bare = sql`if(startsWith(${given}, '0'), replaceRegexpOne(${given}, '^0+([0-9])', '\\\\1'), ${given})`
    return sql`if(${isIcmp(cells)}, 'icmp', transform(${bare}, ${numbers!}, ${names!}, ${bare}))`
  },
}

export const serverPort: Reading = {
  fields: ['dest_port', 'icmp_type', 'icmp_code'],
  doc: 'ICMP: type × 256 + code',
  value: (cells) => {
    const of = (field: string) => portIn(cells, field)
    const typeAndCode = sql`bitAnd(${of('icmp_type')}, 255) * 256 + bitAnd(${of('icmp_code')}, 255)`
    return sql`if(${isIcmp(cells)}, ${typeAndCode}, ${of('dest_port')})`
  },
  reject: badPort('dest_port'),
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
  const isTcp = sql`${protoText(cells)} = 'tcp'`
  // Nobody goes on sending after a SYN that was not answered: then one direction was captured only.
  const goesOn = sql`${to} > 2 AND ${has(flagsTo, 2)} AND ${has(flagsTo, 16)} AND ${has(flagsTo, 8)}`
  const oneWayIcmp = sql`${isIcmp(cells)} AND NOT has(${asking}, toFloat64(${portIn(cells, 'icmp_type')}))`

  return sql`multiIf(
      isNull(${to}) OR isNull(${from}) OR (${to} = 0 AND ${from} = 0), 'unknown',
      (${to} = 0 OR ${from} = 0) AND ${oneWayIcmp}, 'unknown',
      ${from} = 0, if(${isTcp} AND ${goesOn}, 'established', 'unanswered'),
      ${to} = 0, 'reversed',
      NOT ${isTcp}, 'established',
      ${has(flagsTo, 2)} AND ${has(flagsFrom, 2)}, 'established',
      ${has(flagsTo, 8)} AND ${has(flagsFrom, 8)}, 'established',
      ${has(flagsTo, 2)} AND ${has(flagsFrom, 4)}, 'refused',
      ${state} = 'established', 'established',
      'unknown')`
}

export const flagsIn = (cells: Cells, field: string) =>
  cells.once(sql`reinterpretAsUInt8(unhex(${cells.plain(field)}))`)

/**
 * SQL: 1 where who Suricata saw first is the server: a SYN-ACK alone, or answered by a RST; or mid-stream and UDP, by
 * the ports.
 */
function isTurned(cells: Cells, { to, from, flagsTo, flagsFrom }: Ways): Query {
  const proto = protoText(cells)
  const flagged = (flags: Query) => sql`bitAnd(${flags}, 31)`
  const answer = sql`${flagged(flagsTo)} = 18
    AND ((${from} = 0 AND ${to} = 1) OR ${flagged(flagsFrom)} IN (4, 20))`
  const seen = sql`bitOr(${flagsTo}, ${flagsFrom})`
  return sql`ifNull((${proto} = 'tcp' AND ${answer}) OR ${isServerFirst({
    isTcp: sql`${proto} = 'tcp'`,
    isUdp: sql`${proto} = 'udp'`,
    source: portIn(cells, 'src_port'),
    target: portIn(cells, 'dest_port'),
    targetAddress: cells.plain('dest_ip'),
    noSyn: sql`if(${seen} = 0, NULL, bitAnd(${seen}, 2) = 0)`,
  })}, 0)`
}

/** Over a table with `turned`. */
const swap = (mine: Query, other: Query): Query => sql`if(turned = 1, ${other}, ${mine})`

/** The table with `turned`: whether the server was seen first. */
export function withTurned(cells: Cells, ways: WaysOf, table: () => Query): Query {
  // The table has what was asked for until it is made.
  const isOther = isTurned(cells, ways(cells))
  return sql`(SELECT *, ${isOther} AS turned FROM ${table()})`
}

export type WaysOf = (cells: Cells) => Ways

interface Told {
  readonly ways: WaysOf
  readonly bytes: (cells: Cells) => Pick<Ways, 'to' | 'from'>
  readonly fields: Readonly<Record<'to' | 'from', (what: 'pkts' | 'bytes') => Omit<Reading, 'value'>>>
  readonly outcome: Pick<Reading, 'fields' | 'doc'>
}

/** The columns that depend on who the client is. */
export function sidesOf({ ways, bytes, fields, outcome }: Told): Mapping {
  const end = (mine: Reading, other: Reading): Reading => ({
    ...mine,
    doc: turnedDoc,
    value: (cells) => swap(mine.value(cells), other.value(cells)),
  })
  const counts = (way: 'to' | 'from', what: 'pkts' | 'bytes'): Reading => ({
    ...fields[way](what),
    value: (cells) => {
      const { to, from } = what === 'pkts' ? ways(cells) : bytes(cells)
      return way === 'to' ? swap(to, from) : swap(from, to)
    },
  })

  return {
    client: end(client, server),
    server: end(server, client),
    clientPort: {
      ...port('src_port'),
      doc: '0 for ICMP',
      value: (cells) =>
        sql`if(${isIcmp(cells)}, 0, ${swap(portIn(cells, 'src_port'), portIn(cells, 'dest_port'))})`,
    },
    serverPort: {
      ...serverPort,
      value: (cells) => swap(serverPort.value(cells), portIn(cells, 'src_port')),
    },
    clientPackets: counts('to', 'pkts'),
    clientBytes: counts('to', 'bytes'),
    serverPackets: counts('from', 'pkts'),
    serverBytes: counts('from', 'bytes'),
    outcome: {
      ...outcome,
      value: (cells) => {
        const { to, from, flagsTo, flagsFrom, state } = ways(cells)
        return outcomeOf(cells, {
          to: swap(to, from),
          from: swap(from, to),
          flagsTo: swap(flagsTo, flagsFrom),
          flagsFrom: swap(flagsFrom, flagsTo),
          state,
        })
      },
    },
  }
}

const turnedDoc = 'reversed where the server was seen first'
