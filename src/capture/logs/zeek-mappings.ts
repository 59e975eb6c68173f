/**
 * The Zeek logs that are read, and how: path -> record, fields -> columns.
 *
 * Field meanings are those of Zeek's own scripts (the main.zeek of each protocol, and of the frameworks files,
 * notice and weird).
 */
import type { Query } from '../../model/query.ts'
import type { RecordName } from '../../model/records.ts'
import { raw, sql } from '../../store/sql.ts'
import {
  address,
  badCount,
  badPort,
  bare,
  type Cells,
  count,
  countOf,
  firstSaid,
  fixed,
  lower,
  type Mapping,
  noCounts,
  numbers,
  port,
  portOf,
  type Reading,
  span,
  text,
  texts,
  time,
} from './mapping.ts'
import { zeekOutcome } from './zeek-outcome.ts'
import { zeekProto } from './zeek-proto.ts'

export interface ZeekLog {
  /** As `#path` and `_path` name it. */
  readonly path: string
  readonly record: RecordName
  /** Fields without which the log is of no use. */
  readonly needs: readonly string[]
  /** Fields that only this log always has, by which JSON without `_path` is told; and fields that it never has. */
  readonly marks: readonly string[]
  readonly never: readonly string[]
  readonly mapping: Mapping
  /** Fields that name one record, of which an `open_` log holds several snapshots. */
  readonly snapshotOf?: readonly string[]
}

const isIcmp = (cells: Cells) => sql`${cells.plain('proto')} = 'icmp'`

const clientPort: Reading = {
  fields: ['id.orig_p'],
  doc: '0 for ICMP',
  value: (cells) => sql`if(${isIcmp(cells)}, 0, ${portOf(cells.plain('id.orig_p'))})`,
  reject: badPort('id.orig_p'),
}

/** Zeek puts the ICMP type and code where ports are. */
const serverPort: Reading = {
  fields: ['id.resp_p', 'id.orig_p'],
  doc: 'ICMP: type × 256 + code',
  value: (cells) => {
    const [type, code] = [portOf(cells.plain('id.orig_p')), portOf(cells.plain('id.resp_p'))]
    return sql`if(${isIcmp(cells)}, bitAnd(${type}, 255) * 256 + bitAnd(${code}, 255), ${code})`
  },
  reject: badPort('id.resp_p'),
}

const ofSide = (cells: Cells, side: 'orig' | 'resp', what: 'pkts' | 'bytes'): Query => {
  if (what === 'pkts') return countOf(cells.plain(`${side}_pkts`))
  return sql`coalesce(${countOf(cells.plain(`${side}_ip_bytes`))}, ${countOf(cells.plain(`${side}_bytes`))})`
}

const counted = (side: 'orig' | 'resp', what: 'pkts' | 'bytes'): Reading => {
  const fields = what === 'pkts' ? [`${side}_pkts`] : [`${side}_ip_bytes`, `${side}_bytes`]
  return {
    fields,
    doc: what === 'pkts' ? '' : 'IP bytes where said, else payload bytes',
    value: (cells) => ofSide(cells, side, what),
    reject: badCount(fields),
  }
}

const both = (what: 'pkts' | 'bytes'): Reading => ({
  fields: what === 'pkts' ? ['orig_pkts', 'resp_pkts'] : ['orig_ip_bytes', 'resp_ip_bytes'],
  doc: 'sum; unknown unless both are given',
  value: (cells) => sql`${ofSide(cells, 'orig', what)} + ${ofSide(cells, 'resp', what)}`,
})

/** `label` and `detailedlabel` as tools add them; older sets put both inside the last cell, after spaces. */
const label: Reading = {
  fields: ['label', 'detailedlabel', 'detailed-label'],
  doc: 'both, with a blank between',
  value: (cells) => {
    const said = (field: string) => sql`if(${cells.text(field)} = '-', '', ${cells.text(field)})`
    const detailed = cells.has('detailed-label') ? 'detailed-label' : 'detailedlabel'
    return sql`trimBoth(concat(${said('label')}, ' ', ${said(detailed)}))`
  },
}

const id = { start: time('ts'), uid: text('uid') }
const client = address('id.orig_h')
const server = address('id.resp_h')

const flow: Mapping = {
  ...id,
  duration: span('duration'),
  proto: zeekProto,
  client,
  clientPort,
  server,
  serverPort,
  packets: both('pkts'),
  bytes: both('bytes'),
  clientPackets: counted('orig', 'pkts'),
  clientBytes: counted('orig', 'bytes'),
  serverPackets: counted('resp', 'pkts'),
  serverBytes: counted('resp', 'bytes'),
  outcome: zeekOutcome,
  state: text('conn_state'),
  service: text('service'),
  label,
  tunnel: fixed(''),
}

const dns: Mapping = {
  ...id,
  client,
  server,
  query: {
    fields: ['query'],
    doc: 'lower case, without the last dot',
    value: (cells) => sql`trimRight(lower(${cells.text('query')}), '.')`,
  },
  queryType: text('qtype_name'),
  responseCode: text('rcode_name'),
  answers: texts('answers'),
  ttls: numbers('TTLs'),
  answerBytes: { fields: [], doc: 'unknown', value: () => raw('NULL') },
  nameServers: {
    fields: ['auth'],
    doc: 'with the script `auth-addl`; what is no address',
    value: (cells) =>
      sql`arrayFilter(x -> NOT isIPv4String(x) AND NOT isIPv6String(x), ${cells.list('auth')})`,
  },
  nameServerAddresses: {
    fields: ['addl'],
    doc: 'with the script `auth-addl`; what is an address',
    value: (cells) => sql`arrayFilter(x -> isIPv4String(x) OR isIPv6String(x), ${cells.list('addl')})`,
  },
}

const http: Mapping = {
  ...id,
  client,
  server,
  serverPort: port('id.resp_p'),
  method: text('method'),
  host: {
    fields: ['host'],
    doc: 'lower case, without the port',
    value: (cells) => sql`replaceRegexpOne(lower(${cells.text('host')}), ':[0-9]+$', '')`,
  },
  uri: text('uri'),
  userAgent: text('user_agent'),
  status: count('status_code'),
  mimeType: {
    fields: ['resp_mime_types'],
    doc: 'the first',
    value: (cells) => sql`arrayElement(${cells.list('resp_mime_types')}, 1)`,
  },
  requestBytes: count('request_body_len'),
  responseBytes: count('response_body_len'),
}

const tls: Mapping = {
  ...id,
  client,
  server,
  serverPort: port('id.resp_p'),
  serverName: lower('server_name'),
  version: text('version'),
  fingerprint: text('ja4', 'ja3'),
  subject: text('subject'),
  issuer: text('issuer'),
}

/** Zeek before 5.1 lists hosts and connections as sets; later versions have `id.*`, and `is_orig` for who sent. */
const fileSide = (old: 'rx_hosts' | 'tx_hosts'): Reading => {
  const value = (cells: Cells) => {
    const whenOrig = old === 'tx_hosts'
    const [ifOrig, ifResp] = whenOrig ? ['id.orig_h', 'id.resp_h'] : ['id.resp_h', 'id.orig_h']
    const byId = sql`if(${cells.plain('is_orig')} IN ('T', 'true'), ${cells.plain(ifOrig as string)}, ${cells.plain(ifResp as string)})`
    return sql`toIPv6OrNull(if(empty(${cells.list(old)}), ${byId}, arrayElement(${cells.list(old)}, 1)))`
  }
  return {
    fields: [old, 'id.orig_h', 'id.resp_h', 'is_orig'],
    doc: 'the first; newer logs: by `is_orig`',
    value: (cells) => sql`assumeNotNull(${value(cells)})`,
    reject: { reason: 'bad-address', when: (cells) => sql`isNull(${value(cells)})` },
  }
}

const file: Mapping = {
  start: time('ts'),
  client: fileSide('rx_hosts'),
  server: fileSide('tx_hosts'),
  uid: {
    fields: ['conn_uids', 'uid'],
    doc: 'the first',
    value: (cells) =>
      sql`if(empty(${cells.list('conn_uids')}), ${cells.text('uid')}, arrayElement(${cells.list('conn_uids')}, 1))`,
  },
  name: text('filename'),
  mimeType: text('mime_type'),
  bytes: count('seen_bytes'),
  hash: {
    fields: ['sha256', 'sha1', 'md5'],
    doc: 'the strongest, as algorithm:hex',
    value: (cells) =>
      sql`multiIf(${cells.plain('sha256')} != '', concat('sha256:', ${cells.plain('sha256')}), ${cells.plain('sha1')} != '', concat('sha1:', ${cells.plain('sha1')}), ${cells.plain('md5')} != '', concat('md5:', ${cells.plain('md5')}), '')`,
  },
  sketch: noCounts,
  protocol: lower('source'),
}

/** A notice about no host at all (a capture loss, say) cannot be an alert about one. */
const noticeSide = (fields: readonly [string, string]): Reading => {
  const value = (cells: Cells) =>
    sql`toIPv6OrNull(if(${cells.plain(fields[0])} != '', ${cells.plain(fields[0])}, ${cells.plain(fields[1])}))`
  return {
    fields,
    doc: 'the first that is said; `::` where only the other side is',
    value: (cells) => sql`ifNull(${value(cells)}, toIPv6('::'))`,
  }
}

const alert: Mapping = {
  ...id,
  client: {
    ...noticeSide(['src', 'id.orig_h']),
    reject: {
      reason: 'unsupported',
      when: (cells) =>
        sql`isNull(toIPv6OrNull(${cells.plain('src')})) AND isNull(toIPv6OrNull(${cells.plain('id.orig_h')}))`,
    },
  },
  server: noticeSide(['dst', 'id.resp_h']),
  serverPort: port('p', 'id.resp_p'),
  proto: lower('proto'),
  engine: fixed('zeek'),
  signature: text('note'),
  message: text('msg'),
  category: text('sub'),
  severity: { fields: [], doc: 'unknown', value: () => raw('NULL') },
}

const mail: Mapping = {
  ...id,
  client,
  server,
  serverPort: port('id.resp_p'),
  helo: text('helo'),
  sender: {
    fields: ['mailfrom'],
    doc: 'lower case, without brackets',
    value: (cells) => bare(cells.text('mailfrom')),
  },
  recipients: {
    fields: ['rcptto'],
    doc: 'lower case, without brackets',
    value: (cells) => sql`arrayMap(x -> ${bare(raw('x'))}, ${cells.list('rcptto')})`,
  },
  subject: text('subject'),
  reply: text('last_reply'),
}

/** Oddities of a protocol: for looking up. No rule accuses for them; which side was odd is not said. */
const weird: Mapping = {
  ...alert,
  client: {
    ...noticeSide(['id.orig_h', 'id.orig_h']),
    fields: ['id.orig_h'],
    doc: '',
    reject: {
      reason: 'not-used',
      when: (cells) => sql`isNull(toIPv6OrNull(${cells.plain('id.orig_h')}))`,
    },
  },
  server: { ...noticeSide(['id.resp_h', 'id.resp_h']), fields: ['id.resp_h'], doc: '`::` if unknown' },
  serverPort: port('id.resp_p'),
  proto: fixed(''),
  engine: fixed('zeek-weird'),
  signature: text('name'),
  message: text('addl'),
  category: text('source'),
}

/** The address that was given; of a renewal that names none, the one that the client had. */
const leased = ['assigned_addr', 'assigned_ip', 'client_addr']

const lease: Mapping = {
  start: time('ts'),
  client: {
    ...address(...leased),
    reject: {
      reason: 'not-used',
      when: (cells) =>
        sql`isNull(toIPv6OrNull(${firstSaid(cells, leased, 'plain')})) OR ${cells.plain('mac')} = ''`,
    },
  },
  server: noticeSide(['server_addr', 'id.resp_h']),
  uid: {
    fields: ['uids', 'uid'],
    doc: 'the first',
    value: (cells) =>
      sql`if(empty(${cells.list('uids')}), ${cells.text('uid')}, arrayElement(${cells.list('uids')}, 1))`,
  },
  mac: lower('mac'),
  name: text('host_name', 'client_fqdn'),
  seconds: {
    fields: ['lease_time'],
    doc: 'whole seconds',
    value: (cells) =>
      sql`toUInt64OrNull(toString(toUInt64(ifNull(toFloat64OrNull(${cells.plain('lease_time')}), 0))))`,
  },
}

const endpoints = ['ts', 'id.orig_h', 'id.resp_h']

export const zeekLogs: readonly ZeekLog[] = [
  {
    path: 'conn',
    record: 'flow',
    needs: endpoints,
    marks: ['conn_state'],
    never: [],
    mapping: flow,
    snapshotOf: ['uid'],
  },
  { path: 'dns', record: 'dns', needs: endpoints, marks: ['RD', 'RA'], never: [], mapping: dns },
  {
    path: 'http',
    record: 'http',
    needs: endpoints,
    marks: ['trans_depth', 'response_body_len'],
    never: ['call_id', 'helo'],
    mapping: http,
    snapshotOf: ['uid', 'ts', 'trans_depth'],
  },
  {
    path: 'ssl',
    record: 'tls',
    needs: endpoints,
    marks: ['established', 'resumed'],
    never: [],
    mapping: tls,
    snapshotOf: ['uid', 'ts'],
  },
  { path: 'files', record: 'file', needs: ['ts', 'fuid'], marks: ['seen_bytes'], never: [], mapping: file },
  { path: 'notice', record: 'alert', needs: ['ts', 'note'], marks: ['note'], never: [], mapping: alert },
  {
    path: 'smtp',
    record: 'mail',
    needs: endpoints,
    marks: ['helo', 'trans_depth'],
    never: [],
    mapping: mail,
  },
  {
    path: 'weird',
    record: 'alert',
    needs: ['ts', 'name'],
    marks: ['name', 'notice', 'peer'],
    never: [],
    mapping: weird,
  },
  {
    path: 'dhcp',
    record: 'lease',
    needs: ['ts', 'mac'],
    marks: ['mac', 'msg_types'],
    never: [],
    mapping: lease,
  },
]

/** The log of this path; `open_` logs have the form of the logs that they become. */
export const zeekLog = (path: string): ZeekLog | null =>
  zeekLogs.find((log) => log.path === path.replace(/^open_/, '')) ?? null
