/** Syslog messages of RFC 5424, over UDP (RFC 5426), TCP (RFC 6587, octet counting) and TLS (RFC 5425). */
import { createSocket } from 'node:dgram'
import { readFile } from 'node:fs/promises'
import { connect as connectTcp, isIPv6, type Socket } from 'node:net'
import { hostname } from 'node:os'
import { connect as connectTls } from 'node:tls'
import type { Severity } from '../model/finding.ts'
import { printable } from '../reports/printable.ts'
import { type AlertMessage, alertLine } from './alert.ts'

/** Facility local0 (16); severities of section 6.2.1: alert 1, warning 4, notice 5, informational 6. */
const severityOf: Readonly<Record<Severity, number>> = { high: 1, medium: 4, low: 5, note: 6 }
const facility = 16

/** The private enterprise number that RFC 5612 keeps for examples and documents. */
const dataId = 'gannet@32473'

/** In a value a quote, a backslash and a closing bracket are escaped: section 6.3.3. */
const value = (text: string): string => printable(text).replace(/["\\\]]/g, '\\$&')

/** Printable ASCII without blanks, as a header column is; a dash for nothing. */
const column = (text: string, most: number): string => text.replace(/[^\x21-\x7e]/g, '').slice(0, most) || '-'

export function syslogMessage(alert: AlertMessage, now: Date, host = hostname()): string {
  const pairs: readonly (readonly [string, string])[] = [
    ['id', alert.id],
    ['change', alert.change],
    ['finding', alert.finding],
    ['kind', alert.kind],
    ['severity', alert.severity],
    ['confidence', alert.confidence.toFixed(2)],
    ['hosts', alert.hosts.slice(0, 20).join(' ')],
    ['attack', alert.techniques.join(' ')],
  ]

  const priority = facility * 8 + severityOf[alert.severity]
  const origin = `${column(host, 255)} gannet ${process.pid} ${column(alert.kind, 32)}`
  const head = `<${priority}>1 ${now.toISOString()} ${origin}`
  const data = `[${dataId} ${pairs.map(([key, text]) => `${key}="${value(text)}"`).join(' ')}]`

  // A byte order mark says that the text is UTF-8: section 6.4.
  return `${head} ${data} \ufeff${printable(alertLine(alert))}`
}

export interface SyslogPlace {
  readonly transport: 'udp' | 'tcp' | 'tls'
  readonly host: string
  readonly port: number
  /** File of the certificates that are trusted, over TLS. */
  readonly ca: string | null
}

const timeout = 10_000

export async function sendSyslog(
  place: SyslogPlace,
  alerts: readonly AlertMessage[],
  now: Date,
): Promise<void> {
  const messages = alerts.map((alert) => Buffer.from(syslogMessage(alert, now)))
  if (place.transport === 'udp') return sendDatagrams(place, messages)
  const framed = messages.map((each) => Buffer.concat([Buffer.from(`${each.length} `), each]))
  await sendStream(place, Buffer.concat(framed))
}

/** Datagrams of at most 8192 bytes: what RFC 5426 says receivers should take is 2048, what they do is more. */
async function sendDatagrams({ host, port }: SyslogPlace, messages: readonly Buffer[]): Promise<void> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  try {
    for (const each of messages)
      await new Promise<void>((done, fail) => {
        socket.send(each.subarray(0, 8192), port, host, (error) => (error ? fail(error) : done()))
      })
  } finally {
    socket.close()
  }
}

/** Written and ended; done when the other side has closed too, so that a refusal while writing is seen. */
async function sendStream({ transport, host, port, ca }: SyslogPlace, bytes: Buffer): Promise<void> {
  const trusted = ca === null ? {} : { ca: await readFile(ca) }
  const name = isIPv6(host) || /^[\d.]+$/.test(host) ? {} : { servername: host }
  await new Promise<void>((done, fail) => {
    const ready = transport === 'tls' ? 'secureConnect' : 'connect'
    const socket: Socket =
      transport === 'tls' ? connectTls({ host, port, ...trusted, ...name }) : connectTcp({ host, port })
    socket.setTimeout(timeout, () => socket.destroy(new Error(`no answer within ${timeout / 1000} s`)))
    socket.once(ready, () => socket.end(bytes))
    socket.once('error', fail)
    socket.once('close', (failed) => (failed ? fail(new Error('the connection broke')) : done()))
    socket.resume()
  })
}
