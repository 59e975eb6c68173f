/** Fields of EVE events -> columns. */
import type { Query } from '../../model/query.ts'
import { raw, sql } from '../../store/sql.ts'
import type { JsonCells } from './json.ts'
import {
  address,
  badCount,
  badPort,
  bare,
  type Cells,
  count,
  countOf,
  fixed,
  instant,
  lower,
  type Mapping,
  noCounts,
  port,
  portOf,
  type Reading,
  text,
  time,
} from './mapping.ts'

const base = { start: time('timestamp'), uid: text('flow_id') }
const client = address('src_ip')
const server = address('dest_ip')

const isIcmp = (cells: Cells) => sql`position(lower(${cells.plain('proto')}), 'icmp') > 0`

const proto: Reading = {
  fields: ['proto'],
  doc: 'lower case; `ipv6-icmp` is icmp',
  value: (cells) => sql`if(${isIcmp(cells)}, 'icmp', lower(${cells.plain('proto')}))`,
}

const serverPort: Reading = {
  fields: ['dest_port', 'icmp_type', 'icmp_code'],
  doc: 'ICMP: type × 256 + code',
  value: (cells) => {
    const of = (field: string) => portOf(cells.plain(field))
    return sql`if(${isIcmp(cells)}, bitAnd(${of('icmp_type')}, 255) * 256 + bitAnd(${of('icmp_code')}, 255), ${of('dest_port')})`
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
  value: (cells) =>
    sql`transform(${cells.plain('app_proto')}, ['tls', 'failed', 'unknown'], ['ssl', '', ''], ${cells.plain('app_proto')})`,
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

export const isAnswer = (cells: Cells): Query => sql`${cells.plain('dns.type')} IN ('answer', 'response')`

/** Answers are logged as seen by the flow or by the packet, by version; the side with port 53 is the server. */
const dnsSide = (side: 'src_ip' | 'dest_ip'): Reading => {
  const other = side === 'src_ip' ? 'dest_ip' : 'src_ip'
  const value = (cells: Cells) =>
    sql`toIPv6OrNull(if(${cells.plain('src_port')} = '53' AND ${cells.plain('dest_port')} != '53', ${cells.plain(other)}, ${cells.plain(side)}))`
  return {
    fields: [side],
    doc: 'the other way round where `src_port` is 53',
    value: (cells) => sql`assumeNotNull(${value(cells)})`,
    reject: { reason: 'bad-address', when: (cells) => sql`isNull(${value(cells)})` },
  }
}

const answersOf = (cells: Cells) =>
  (cells as JsonCells).typed('dns.answers', 'Array(Tuple(rdata String, ttl String))')
const queriesOf = (cells: Cells) =>
  (cells as JsonCells).typed('dns.queries', 'Array(Tuple(rrname String, rrtype String))')

/** `dns.rrname` before version 3, the first of `dns.queries` from it on. */
const asked = (cells: Cells, what: 'rrname' | 'rrtype') =>
  sql`if(${cells.plain(`dns.${what}`)} != '', ${cells.plain(`dns.${what}`)}, tupleElement(arrayElement(${queriesOf(cells)}, 1), ${raw(`'${what}'`)}))`

/** Members of `dns.answers`; one in version 1, which logs each answer apart. */
const answered = (cells: Cells, what: 'rdata' | 'ttl') =>
  sql`if(empty(${answersOf(cells)}) AND ${cells.plain(`dns.${what}`)} != '', [${cells.plain(`dns.${what}`)}], arrayMap(x -> tupleElement(x, ${raw(`'${what}'`)}), ${answersOf(cells)}))`

/** What records of these types say, in a section that is a list of records. */
const typedRecords = (cells: Cells, section: string, types: readonly string[]): Query => {
  const all = (cells as JsonCells).typed(section, 'Array(Tuple(rdata String, rrtype String))')
  return sql`arrayMap(x -> tupleElement(x, 'rdata'), arrayFilter(x -> has(${types}, tupleElement(x, 'rrtype')), ${all}))`
}

export const eveDns: Mapping = {
  ...base,
  client: dnsSide('src_ip'),
  server: dnsSide('dest_ip'),
  query: {
    fields: ['dns.rrname', 'dns.queries'],
    doc: 'lower case, without the last dot',
    value: (cells) => sql`trimRight(lower(${asked(cells, 'rrname')}), '.')`,
  },
  queryType: { fields: ['dns.rrtype', 'dns.queries'], doc: '', value: (cells) => asked(cells, 'rrtype') },
  responseCode: text('dns.rcode'),
  answers: { fields: ['dns.answers', 'dns.rdata'], doc: '', value: (cells) => answered(cells, 'rdata') },
  ttls: {
    fields: ['dns.answers', 'dns.ttl'],
    doc: '',
    value: (cells) => sql`arrayMap(x -> toFloat64OrZero(x), ${answered(cells, 'ttl')})`,
  },
  answerBytes: { fields: [], doc: 'unknown', value: () => raw('NULL') },
  nameServers: {
    fields: ['dns.authorities'],
    doc: 'of type NS',
    value: (cells) => typedRecords(cells, 'dns.authorities', ['NS']),
  },
  nameServerAddresses: {
    fields: ['dns.additionals'],
    doc: 'of type A and AAAA',
    value: (cells) => typedRecords(cells, 'dns.additionals', ['A', 'AAAA']),
  },
}

export const eveHttp: Mapping = {
  ...base,
  client,
  server,
  serverPort: port('dest_port'),
  method: text('http.http_method'),
  host: {
    fields: ['http.hostname'],
    doc: 'lower case, without the port',
    value: (cells) => sql`replaceRegexpOne(lower(${cells.text('http.hostname')}), ':[0-9]+$', '')`,
  },
  uri: text('http.url'),
  userAgent: text('http.http_user_agent'),
  status: count('http.status'),
  mimeType: text('http.http_content_type'),
  requestBytes: { fields: [], doc: 'unknown', value: () => raw('NULL') },
  responseBytes: count('http.length'),
}

export const eveTls: Mapping = {
  ...base,
  client,
  server,
  serverPort: port('dest_port'),
  serverName: lower('tls.sni'),
  version: text('tls.version'),
  fingerprint: text('tls.ja4', 'tls.ja3.hash'),
  subject: text('tls.subject'),
  issuer: text('tls.issuerdn'),
}

/** The event stands under the direction of the file: `src_ip` is who sent it. */
export const eveFile: Mapping = {
  ...base,
  client: server,
  server: client,
  name: text('fileinfo.filename'),
  mimeType: text('fileinfo.mimetype', 'http.http_content_type'),
  bytes: count('fileinfo.size'),
  hash: {
    fields: ['fileinfo.sha256', 'fileinfo.sha1', 'fileinfo.md5'],
    doc: 'the strongest, as algorithm:hex',
    value: (cells) => {
      const of = (algorithm: string) => cells.plain(`fileinfo.${algorithm}`)
      return sql`multiIf(${of('sha256')} != '', concat('sha256:', ${of('sha256')}), ${of('sha1')} != '', concat('sha1:', ${of('sha1')}), ${of('md5')} != '', concat('md5:', ${of('md5')}), '')`
    },
  },
  sketch: noCounts,
  protocol: lower('app_proto'),
}

/** The event is written when the transaction ends; it does not say what the server replied. */
export const eveMail: Mapping = {
  ...base,
  client,
  server,
  serverPort: port('dest_port'),
  helo: text('smtp.helo'),
  sender: {
    fields: ['smtp.mail_from', 'email.from'],
    doc: 'the first that is said, lower case, without brackets',
    value: (cells) => {
      const [envelope, header] = [cells.text('smtp.mail_from'), cells.text('email.from')]
      return bare(sql`if(${envelope} != '', ${envelope}, ${header})`)
    },
  },
  recipients: {
    fields: ['smtp.rcpt_to', 'email.to'],
    doc: 'the first that is said, lower case, without brackets',
    value: (cells) => {
      const [envelope, header] = [cells.list('smtp.rcpt_to'), cells.list('email.to')]
      return sql`arrayMap(x -> ${bare(raw('x'))}, if(empty(${envelope}), ${header}, ${envelope}))`
    },
  },
  subject: text('email.subject'),
  reply: fixed(''),
}

export const eveAlert: Mapping = {
  ...base,
  client,
  server,
  serverPort: port('dest_port'),
  proto,
  engine: fixed('suricata'),
  signature: text('alert.signature_id'),
  message: text('alert.signature'),
  category: text('alert.category'),
  severity: count('alert.severity'),
}

/** Acknowledgements only; `dhcp.assigned_ip` is 0.0.0.0 where a client renews what it has. */
export const eveLease: Mapping = {
  ...base,
  client: {
    fields: ['dhcp.assigned_ip', 'dhcp.client_ip'],
    doc: 'the first that is an address; acknowledgements only',
    value: (cells) => leasedIn(cells),
    reject: {
      reason: 'not-used',
      when: (cells) =>
        sql`${cells.plain('dhcp.dhcp_type')} != 'ack' OR ${leasedIn(cells)} = toIPv6('::')
          OR ${cells.plain('dhcp.client_mac')} = ''`,
    },
  },
  server: {
    fields: ['src_ip'],
    doc: 'who acknowledged',
    value: (cells) => sql`toIPv6OrDefault(${cells.plain('src_ip')})`,
  },
  mac: lower('dhcp.client_mac'),
  name: text('dhcp.hostname'),
  seconds: count('dhcp.lease_time'),
}

const leasedIn = (cells: Cells): Query => {
  const of = (field: string) =>
    sql`toIPv6OrDefault(if(${cells.plain(field)} = '0.0.0.0', '', ${cells.plain(field)}))`
  return sql`if(${of('dhcp.assigned_ip')} = toIPv6('::'), ${of('dhcp.client_ip')}, ${of('dhcp.assigned_ip')})`
}
