/**
 * Zeek's tab-separated logs: conn, dns, http, ssl and files, with the headers of Zeek 6.
 *
 * Lines of conn.log stand in the order in which connections end. Zeek itself writes a little later, when its timers
 * run out; the other logs stand in the order of the connections that carried them.
 */
import { hash } from 'node:crypto'
import type { DnsNote, Exchange, HttpNote } from '../exchange.ts'

export interface Log {
  readonly file: string
  readonly header: string
  lines(exchange: Exchange): string
}

const seconds = (micros: number) => `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, '0')}`

function header(path: string, columns: readonly (readonly [string, string])[], opened: string): string {
  return [
    '#separator \\x09',
    '#set_separator\t,',
    '#empty_field\t(empty)',
    '#unset_field\t-',
    `#path\t${path}`,
    `#open\t${opened}`,
    `#fields\t${columns.map(([name]) => name).join('\t')}`,
    `#types\t${columns.map(([, type]) => type).join('\t')}`,
    '',
  ].join('\n')
}

const endpoints = [
  ['ts', 'time'],
  ['uid', 'string'],
  ['id.orig_h', 'addr'],
  ['id.orig_p', 'port'],
  ['id.resp_h', 'addr'],
  ['id.resp_p', 'port'],
] as const

const named = (type: string, names: string) => names.split(' ').map((name) => [name, type] as const)

const connColumns = [
  ...endpoints,
  ['proto', 'enum'],
  ['service', 'string'],
  ['duration', 'interval'],
  ...named('count', 'orig_bytes resp_bytes'),
  ['conn_state', 'string'],
  ...named('bool', 'local_orig local_resp'),
  ['missed_bytes', 'count'],
  ['history', 'string'],
  ...named('count', 'orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes'),
  ['tunnel_parents', 'set[string]'],
] as const

const dnsColumns = [
  ...endpoints,
  ['proto', 'enum'],
  ['trans_id', 'count'],
  ['rtt', 'interval'],
  ['query', 'string'],
  ['qclass', 'count'],
  ['qclass_name', 'string'],
  ['qtype', 'count'],
  ['qtype_name', 'string'],
  ['rcode', 'count'],
  ['rcode_name', 'string'],
  ...named('bool', 'AA TC RD RA'),
  ['Z', 'count'],
  ['answers', 'vector[string]'],
  ['TTLs', 'vector[interval]'],
  ['rejected', 'bool'],
] as const

/** What the script policy/protocols/dns/auth-addl adds. */
const authorityColumns = [
  ['auth', 'set[string]'],
  ['addl', 'set[string]'],
] as const

const httpColumns = [
  ...endpoints,
  ['trans_depth', 'count'],
  ...named('string', 'method host uri referrer version user_agent origin'),
  ...named('count', 'request_body_len response_body_len status_code'),
  ['status_msg', 'string'],
  ['info_code', 'count'],
  ['info_msg', 'string'],
  ['tags', 'set[enum]'],
  ...named('string', 'username password'),
  ['proxied', 'set[string]'],
  ...named(
    'vector[string]',
    'orig_fuids orig_filenames orig_mime_types resp_fuids resp_filenames resp_mime_types',
  ),
] as const

const sslColumns = [
  ...endpoints,
  ...named('string', 'version cipher curve server_name'),
  ['resumed', 'bool'],
  ...named('string', 'last_alert next_protocol'),
  ['established', 'bool'],
  ['ssl_history', 'string'],
  ...named('vector[string]', 'cert_chain_fps client_cert_chain_fps'),
  ...named('string', 'subject issuer client_subject client_issuer'),
  ['sni_matches_cert', 'bool'],
  ['ja3', 'string'],
] as const

const filesColumns = [
  ['ts', 'time'],
  ['fuid', 'string'],
  ['uid', 'string'],
  ['id.orig_h', 'addr'],
  ['id.orig_p', 'port'],
  ['id.resp_h', 'addr'],
  ['id.resp_p', 'port'],
  ['source', 'string'],
  ['depth', 'count'],
  ['analyzers', 'set[string]'],
  ...named('string', 'mime_type filename'),
  ['duration', 'interval'],
  ...named('bool', 'local_orig is_orig'),
  ...named('count', 'seen_bytes total_bytes missing_bytes overflow_bytes'),
  ['timedout', 'bool'],
  ...named('string', 'parent_fuid md5 sha1 sha256 extracted'),
  ['extracted_cutoff', 'bool'],
  ['extracted_size', 'count'],
] as const

const typeNumbers: Readonly<Record<string, number>> = { A: 1, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33 }
const codeNumbers: Readonly<Record<string, number>> = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3 }
const statusWords: Readonly<Record<number, string>> = {
  200: 'OK',
  302: 'Found',
  304: 'Not Modified',
  404: 'Not Found',
}

const orUnset = (value: string | number | null) => (value === null || value === '' ? '-' : value)

const place = (each: Exchange) =>
  `${each.uid}\t${each.client}\t${each.clientPort}\t${each.server}\t${each.serverPort}`

function connLine(each: Exchange, isLocal: (address: string) => boolean): string {
  const lone = each.clientPayload === null
  const duration = lone ? '-' : seconds(each.end - each.start)
  return `${seconds(each.start)}\t${place(each)}\t${each.proto}\t${orUnset(each.service)}\t${duration}\t${orUnset(each.clientPayload)}\t${orUnset(each.serverPayload)}\t${each.state}\t${isLocal(each.client) ? 'T' : 'F'}\t${isLocal(each.server) ? 'T' : 'F'}\t0\t${orUnset(each.history)}\t${each.clientPackets}\t${each.clientIpBytes}\t${each.serverPackets}\t${each.serverIpBytes}\t-\n`
}

function dnsLine(each: Exchange, authorities: boolean): string {
  const { dns } = each
  if (!dns) return ''
  const answered = dns.code !== null
  const code = dns.code === null ? '-\t-' : `${codeNumbers[dns.code] ?? 0}\t${dns.code}`
  const answers = dns.answers.length > 0 ? dns.answers.join(',') : '-'
  const ttls = dns.ttls.length > 0 ? dns.ttls.map((ttl) => `${ttl}.000000`).join(',') : '-'
  // The transaction number is a hash of the id: any 16 bits do.
  const transaction = Number.parseInt(each.uid.slice(1, 5), 36) % 65_536
  return `${seconds(each.start)}\t${place(each)}\tudp\t${transaction}\t${answered ? seconds(each.end - each.start) : '-'}\t${dns.query}\t1\tC_INTERNET\t${typeNumbers[dns.type] ?? 0}\t${dns.type}\t${code}\tF\tF\tT\t${answered ? 'T' : 'F'}\t0\t${answers}\t${ttls}\tF${authorities ? authorityOf(dns) : ''}\n`
}

const authorityOf = ({ authority }: DnsNote): string =>
  [authority?.names ?? [], authority?.addresses ?? []]
    .map((set) => `\t${set.length > 0 ? set.join(',') : '-'}`)
    .join('')

const fileId = (each: Exchange, number: number) => `F${each.uid.slice(1)}${number}`

/** Files are looked at where a body passed. */
const hasFile = (note: HttpNote) => note.responseBody > 0 && note.status === 200

function httpLines(each: Exchange): string {
  return (each.http ?? [])
    .map((note, i) => {
      const file = hasFile(note)
      return `${seconds(each.start + Math.round(note.after * 1e6))}\t${place(each)}\t${i + 1}\t${note.method}\t${note.host}\t${note.uri}\t-\t1.1\t${note.userAgent}\t-\t${note.requestBody}\t${note.responseBody}\t${note.status}\t${statusWords[note.status] ?? 'OK'}\t-\t-\t(empty)\t-\t-\t-\t-\t-\t-\t${file ? fileId(each, i) : '-'}\t-\t${file ? note.mime : '-'}\n`
    })
    .join('')
}

function sslLine(each: Exchange): string {
  const { tls } = each
  if (!tls) return ''
  const open = tls.version === 'TLSv12' && !tls.resumed
  const certificate = open
    ? `${hash('sha256', `certificate ${tls.name}`)}\t-\tCN=${tls.name}\tCN=Example Issuing CA ${tls.name.length % 4},O=Example Trust`
    : '-\t-\t-\t-'
  return `${seconds(each.start + 60_000)}\t${place(each)}\t${tls.version}\t${open ? 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256' : 'TLS_AES_128_GCM_SHA256'}\tx25519\t${orUnset(tls.name)}\t${tls.resumed ? 'T' : 'F'}\t-\th2\tT\t-\t${certificate}\t-\t-\t${open ? 'T' : '-'}\t${hash('md5', `stack ${tls.stack}`)}\n`
}

function filesLines(each: Exchange, isLocal: (address: string) => boolean): string {
  return (each.http ?? [])
    .map((note, i) => {
      if (!hasFile(note)) return ''
      const took = Math.max(0, each.end - each.start - Math.round(note.after * 1e6))
      return `${seconds(each.start + Math.round(note.after * 1e6))}\t${fileId(each, i)}\t${place(each)}\tHTTP\t0\tMD5,SHA1\t${note.mime}\t-\t${seconds(took)}\t${isLocal(each.server) ? 'T' : 'F'}\tF\t${note.responseBody}\t${note.responseBody}\t0\t0\tF\t-\t${hash('md5', note.content)}\t${hash('sha1', note.content)}\t-\t-\t-\t-\n`
    })
    .join('')
}

/** The logs of one capture; `isLocal` is Zeek's `Site::local_nets`, `authorities` its script `auth-addl`. */
export function zeekLogs(
  from: number,
  isLocal: (address: string) => boolean,
  authorities = false,
): readonly Log[] {
  const opened = new Date(from / 1000).toISOString().slice(0, 19).replace(/[T:]/g, '-')

  const log = (
    path: string,
    columns: readonly (readonly [string, string])[],
    lines: (each: Exchange) => string,
  ): Log => ({
    file: `${path}.log`,
    header: header(path, columns, opened),
    lines,
  })

  return [
    log('conn', connColumns, (each) => connLine(each, isLocal)),
    log('dns', authorities ? [...dnsColumns, ...authorityColumns] : dnsColumns, (each) =>
      dnsLine(each, authorities),
    ),
    log('http', httpColumns, httpLines),
    log('ssl', sslColumns, sslLine),
    log('files', filesColumns, (each) => filesLines(each, isLocal)),
  ]
}

export function zeekFooter(to: number): string {
  return `#close\t${new Date(to / 1000).toISOString().slice(0, 19).replace(/[T:]/g, '-')}\n`
}
