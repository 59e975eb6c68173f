/** EVE events other than flows: DNS, HTTP, TLS, files, mail, alerts, leases. */
import type { Query } from '../../model/query.ts'
import { raw, sql } from '../../store/sql.ts'
import type { JsonCells } from './json.ts'
import {
  address,
  bare,
  type Cells,
  count,
  fixed,
  lower,
  type Mapping,
  noCounts,
  port,
  type Reading,
  text,
} from './mapping.ts'
import { base } from './suricata-mappings.ts'
import { client, proto, server } from './suricata-sides.ts'

export const isAnswer = (cells: Cells): Query => sql`${cells.plain('dns.type')} IN ('answer', 'response')`

/** Answers are logged as seen by the flow or by the packet, by version; the side with port 53 is the server. */
const dnsSide = (side: 'src_ip' | 'dest_ip'): Reading => {
  const other = side === 'src_ip' ? 'dest_ip' : 'src_ip'
  const value = (cells: Cells) =>
    sql`toIPv6OrNull(if(${cells.plain('src_port')} = '53'
      AND ${cells.plain('dest_port')} != '53', ${cells.plain(other)}, ${cells.plain(side)}))`
  return {
    fields: [side],
    doc: 'reversed if `src_port` is 53',
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
  sql`if(
    ${cells.plain(`dns.${what}`)} != '',
    ${cells.plain(`dns.${what}`)},
    tupleElement(arrayElement(${queriesOf(cells)}, 1), ${raw(`'${what}'`)}))`

/** Members of `dns.answers`; one in version 1, which logs each answer apart. */
const answered = (cells: Cells, what: 'rdata' | 'ttl') =>
  sql`if(empty(${answersOf(cells)}) AND ${cells.plain(`dns.${what}`)} != '', [${cells.plain(`dns.${what}`)}],
    arrayMap(x -> tupleElement(x, ${raw(`'${what}'`)}), ${answersOf(cells)}))`

/** What records of these types say, in a section that is a list of records. */
const typedRecords = (cells: Cells, section: string, types: readonly string[]): Query => {
  const all = (cells as JsonCells).typed(section, 'Array(Tuple(rdata String, rrtype String))')
  const ofTypes = sql`arrayFilter(x -> has(${types}, tupleElement(x, 'rrtype')), ${all})`
  return sql`arrayMap(x -> tupleElement(x, 'rdata'), ${ofTypes})`
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
      return sql`multiIf(${of('sha256')} != '', concat('sha256:', ${of('sha256')}), ${of('sha1')} != '',
        concat('sha1:', ${of('sha1')}), ${of('md5')} != '', concat('md5:', ${of('md5')}), '')`
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
    doc: 'the first that is given, lower case, without brackets',
    value: (cells) => {
      const [envelope, header] = [cells.text('smtp.mail_from'), cells.text('email.from')]
      return bare(sql`if(${envelope} != '', ${envelope}, ${header})`)
    },
  },
  recipients: {
    fields: ['smtp.rcpt_to', 'email.to'],
    doc: 'the first that is given, lower case, without brackets',
    value: (cells) => {
      const [envelope, header] = [cells.list('smtp.rcpt_to'), cells.list('email.to')]
      return sql`arrayMap(x -> ${bare(raw('x'))}, if(empty(${envelope}), ${header}, ${envelope}))`
    },
  },
  subject: text('email.subject'),
  reply: fixed(''),
}

/** An alert has the ends of its packet; version 7 has those of the flow beside, under `flow`. */
const ofFlow = (
  reading: (...fields: string[]) => Reading,
  field: 'src_ip' | 'dest_ip' | 'dest_port',
): Reading => ({ ...reading(`flow.${field}`, field), doc: 'of the flow if given, otherwise of the packet' })

export const eveAlert: Mapping = {
  ...base,
  client: ofFlow(address, 'src_ip'),
  server: ofFlow(address, 'dest_ip'),
  serverPort: ofFlow(port, 'dest_port'),
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
