import { raw, sql } from '../../store/sql.ts'
import {
  address,
  bare,
  type Cells,
  count,
  firstGiven,
  fixed,
  lower,
  type Mapping,
  noCounts,
  numbers,
  port,
  type Reading,
  text,
  texts,
  time,
} from './mapping.ts'
import { client, id, server } from './zeek-fields.ts'

export const dns: Mapping = {
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

export const http: Mapping = {
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

export const tls: Mapping = {
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
    const byId = sql`if(
      ${cells.plain('is_orig')} IN ('T', 'true'),
      ${cells.plain(ifOrig as string)},
      ${cells.plain(ifResp as string)})`
    return sql`toIPv6OrNull(if(empty(${cells.list(old)}), ${byId}, arrayElement(${cells.list(old)}, 1)))`
  }
  return {
    fields: [old, 'id.orig_h', 'id.resp_h', 'is_orig'],
    doc: 'the first; newer logs: by `is_orig`',
    value: (cells) => sql`assumeNotNull(${value(cells)})`,
    reject: { reason: 'bad-address', when: (cells) => sql`isNull(${value(cells)})` },
  }
}

export const file: Mapping = {
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
      sql`multiIf(${cells.plain('sha256')} != '', concat('sha256:', ${cells.plain('sha256')}),
        ${cells.plain('sha1')} != '', concat('sha1:', ${cells.plain('sha1')}), ${cells.plain('md5')} != '',
          concat('md5:', ${cells.plain('md5')}), '')`,
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
    doc: 'the first that is given; `::` if only the other side is',
    value: (cells) => sql`ifNull(${value(cells)}, toIPv6('::'))`,
  }
}

export const alert: Mapping = {
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

export const mail: Mapping = {
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
export const weird: Mapping = {
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

export const lease: Mapping = {
  start: time('ts'),
  client: {
    ...address(...leased),
    reject: {
      reason: 'not-used',
      when: (cells) =>
        sql`isNull(toIPv6OrNull(${firstGiven(cells, leased, 'plain')})) OR ${cells.plain('mac')} = ''`,
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
