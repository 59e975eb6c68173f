/** Argus columns -> flow. */
import type { Query } from '../../model/query.ts'
import { raw, sql } from '../../store/sql.ts'
import { argusOutcome, hexIn } from './argus-direction.ts'
import {
  badCount,
  type Cells,
  countIn,
  fixed,
  type Mapping,
  type Reading,
  span,
  text,
  time,
} from './mapping.ts'

/** Columns with the first bytes of a conversation, and the records that these can give; see argus-payload.ts. */
export const payloadFields = ['srcUdata', 'dstUdata'] as const
export const payloadRecords = ['dns', 'http', 'tls'] as const

const number = (cells: Cells, field: string) => countIn(cells, field)

/** Of `what` (`Pkts`, `Bytes`): both ways, from the source, from the destination; null where not said. */
function amounts(cells: Cells, what: 'Pkts' | 'Bytes') {
  const given = number(cells, `Tot${what}`)
  const [from, to] = [number(cells, `Src${what}`), number(cells, `Dst${what}`)]
  const total = sql`coalesce(${given}, ${from} + ${to})`
  return {
    total,
    source: sql`coalesce(${from}, accurateCastOrNull(${given} - ${to}, 'UInt64'))`,
    destination: sql`coalesce(${to}, accurateCastOrNull(${given} - ${from}, 'UInt64'))`,
  }
}

const total = (what: 'Pkts' | 'Bytes'): Reading => ({
  fields: [`Tot${what}`],
  doc: `else \`Src${what}\` + \`Dst${what}\``,
  value: (cells) => amounts(cells, what).total,
  reject: {
    reason: 'bad-field',
    when: (cells) => {
      const fields = ['Tot', 'Src', 'Dst'].map((side) => `${side}${what}`)
      const more = sql`ifNull(${number(cells, `Src${what}`)} > ${number(cells, `Tot${what}`)}, 0)`
      return sql`${badCount(fields).when(cells)} OR ${more}`
    },
  },
})

const bySide = (side: 'client' | 'server', [source, destination]: readonly [Query, Query]): Query =>
  side === 'client'
    ? sql`if(turned = 1, ${destination}, ${source})`
    : sql`if(turned = 1, ${source}, ${destination})`

const amount = (side: 'client' | 'server', what: 'Pkts' | 'Bytes'): Reading => ({
  fields: side === 'client' ? [`Src${what}`] : [`Tot${what}`, `Src${what}`],
  doc: side === 'client' ? 'of the side that is the client' : 'the rest of the total',
  value: (cells) => {
    const { source, destination } = amounts(cells, what)
    return bySide(side, [source, destination])
  },
})

const addressOf = (side: 'client' | 'server'): Reading => {
  const of = (cells: Cells, field: string) => cells.once(sql`toIPv6OrNull(${cells.asWritten(field)})`)
  const value = (cells: Cells) => bySide(side, [of(cells, 'SrcAddr'), of(cells, 'DstAddr')])
  return {
    fields: [side === 'client' ? 'SrcAddr' : 'DstAddr'],
    doc: 'turned round where `Dir` or `State` says so',
    value: (cells) => sql`assumeNotNull(${value(cells)})`,
    reject: { reason: 'bad-address', when: (cells) => sql`isNull(${value(cells)})` },
  }
}

const isIcmp = (cells: Cells) => sql`lower(${cells.plain('Proto')}) IN ('icmp', 'ipv6-icmp')`
const isPort = (cells: Cells, field: string) =>
  sql`(ifNull(${countIn(cells, field)}, 65536) < 65536 OR ${cells.plain(field)} = ''
    OR match(${cells.plain(field)}, '^0x[0-9a-fA-F]{1,4}$'))`

const clientPort: Reading = {
  fields: ['Sport'],
  doc: '0 for ICMP',
  value: (cells) =>
    sql`if(${isIcmp(cells)}, 0, ${bySide('client', [hexIn(cells, 'Sport'), hexIn(cells, 'Dport')])})`,
  reject: { reason: 'bad-field', when: (cells) => sql`NOT ${isPort(cells, 'Sport')}` },
}

const serverPort: Reading = {
  fields: ['Dport'],
  doc: 'ICMP: type × 256 + code, from `Sport`; hexadecimal is understood',
  value: (cells) => {
    const sport = hexIn(cells, 'Sport')
    const icmp = sql`bitAnd(${sport}, 255) * 256 + bitShiftRight(${sport}, 8)`
    return sql`if(${isIcmp(cells)}, ${icmp}, ${bySide('server', [sport, hexIn(cells, 'Dport')])})`
  },
  reject: { reason: 'bad-field', when: (cells) => sql`NOT ${isPort(cells, 'Dport')}` },
}

/** Argus names what it recognises inside UDP as if it were a transport. */
const insideUdp = `('rtp', 'rtcp', 'udt')`

const proto: Reading = {
  fields: ['Proto'],
  doc: 'lower case; `ipv6-icmp` is icmp; `rtp`, `rtcp` and `udt` are udp',
  value: (cells) => {
    const given = sql`lower(${cells.plain('Proto')})`
    return sql`multiIf(${given} IN ${raw(insideUdp)}, 'udp', ${given} = 'ipv6-icmp', 'icmp', ${given})`
  },
}

const service: Reading = {
  fields: ['Proto'],
  doc: 'rtp, rtcp, udt; otherwise unknown',
  value: (cells) =>
    sql`if(lower(${cells.plain('Proto')}) IN ${raw(insideUdp)}, lower(${cells.plain('Proto')}), '')`,
}

export const argusFlow: Mapping = {
  start: time('StartTime'),
  duration: span('Dur'),
  proto,
  client: addressOf('client'),
  clientPort,
  server: addressOf('server'),
  serverPort,
  packets: total('Pkts'),
  bytes: total('Bytes'),
  clientPackets: amount('client', 'Pkts'),
  clientBytes: amount('client', 'Bytes'),
  serverPackets: amount('server', 'Pkts'),
  serverBytes: amount('server', 'Bytes'),
  outcome: {
    fields: ['State', 'Dir', 'TotPkts', 'TotBytes', 'SrcBytes'],
    doc: 'see the table of outcomes',
    value: argusOutcome,
  },
  state: text('State'),
  service,
  uid: fixed(''),
  label: text('Label', 'label'),
  tunnel: fixed(''),
}
