/**
 * Zeek's tab-separated logs: conn, dns, http, ssl and files, with the headers of Zeek 6.
 *
 * Lines of conn.log stand in the order in which connections end. Zeek itself writes a little later, when its timers
 * run out; the other logs stand in the order of the connections that carried them.
 */
import { hash } from 'node:crypto'
import type { DnsNote, Exchange, HttpNote } from '../exchange.ts'
import {
  authorityColumns,
  connColumns,
  dnsColumns,
  filesColumns,
  httpColumns,
  sslColumns,
} from './zeek-columns.ts'

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

const typeNumbers: Readonly<Record<string, number>> = { A: 1, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33 }
const codeNumbers: Readonly<Record<string, number>> = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3 }
const statusWords: Readonly<Record<number, string>> = {
  200: 'OK',
  302: 'Found',
  304: 'Not Modified',
  404: 'Not Found',
}

/** One line of a log from its cells. */
const lineOf = (...cells: readonly (string | number)[]): string => `${cells.join('\t')}\n`

const truth = (value: boolean) => (value ? 'T' : 'F')

const orUnset = (value: string | number | null) => (value === null || value === '' ? '-' : value)

const place = (each: Exchange) =>
  `${each.uid}\t${each.client}\t${each.clientPort}\t${each.server}\t${each.serverPort}`

function connLine(each: Exchange, isLocal: (address: string) => boolean): string {
  const lone = each.clientPayload === null
  const duration = lone ? '-' : seconds(each.end - each.start)

  return lineOf(
    seconds(each.start),
    place(each),
    each.proto,
    orUnset(each.service),
    duration,
    orUnset(each.clientPayload),
    orUnset(each.serverPayload),
    each.state,
    truth(isLocal(each.client)),
    truth(isLocal(each.server)),
    0,
    orUnset(each.history),
    each.clientPackets,
    each.clientIpBytes,
    each.serverPackets,
    each.serverIpBytes,
    '-',
  )
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

  return lineOf(
    seconds(each.start),
    place(each),
    'udp',
    transaction,
    answered ? seconds(each.end - each.start) : '-',
    dns.query,
    '1\tC_INTERNET',
    typeNumbers[dns.type] ?? 0,
    dns.type,
    code,
    'F\tF\tT',
    truth(answered),
    0,
    answers,
    ttls,
    `F${authorities ? authorityOf(dns) : ''}`,
  )
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
      return lineOf(
        seconds(each.start + Math.round(note.after * 1e6)),
        place(each),
        i + 1,
        note.method,
        note.host,
        note.uri,
        '-\t1.1',
        note.userAgent,
        '-',
        note.requestBody,
        note.responseBody,
        note.status,
        statusWords[note.status] ?? 'OK',
        '-\t-\t(empty)\t-\t-\t-\t-\t-\t-',
        file ? fileId(each, i) : '-',
        '-',
        file ? note.mime : '-',
      )
    })
    .join('')
}

function sslLine(each: Exchange): string {
  const { tls } = each
  if (!tls) return ''
  const open = tls.version === 'TLSv12' && !tls.resumed
  const issuer = `CN=Example Issuing CA ${tls.name.length % 4},O=Example Trust`
  const certificate = open
    ? `${hash('sha256', `certificate ${tls.name}`)}\t-\tCN=${tls.name}\t${issuer}`
    : '-\t-\t-\t-'

  return lineOf(
    seconds(each.start + 60_000),
    place(each),
    tls.version,
    open ? 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256' : 'TLS_AES_128_GCM_SHA256',
    'x25519',
    orUnset(tls.name),
    truth(tls.resumed),
    '-\th2\tT\t-',
    certificate,
    '-\t-',
    open ? 'T' : '-',
    hash('md5', `stack ${tls.stack}`),
  )
}

function filesLines(each: Exchange, isLocal: (address: string) => boolean): string {
  return (each.http ?? [])
    .map((note, i) => {
      if (!hasFile(note)) return ''
      const took = Math.max(0, each.end - each.start - Math.round(note.after * 1e6))
      return lineOf(
        seconds(each.start + Math.round(note.after * 1e6)),
        fileId(each, i),
        place(each),
        'HTTP\t0\tMD5,SHA1',
        note.mime,
        '-',
        seconds(took),
        truth(isLocal(each.server)),
        'F',
        note.responseBody,
        note.responseBody,
        '0\t0\tF\t-',
        hash('md5', note.content),
        hash('sha1', note.content),
        '-\t-\t-\t-',
      )
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
