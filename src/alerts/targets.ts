/** Where alerts go: a webhook, syslog, e-mail, a file of JSON lines. */
import { createHash } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import { UserError } from '../errors.ts'
import { plainJson } from '../reports/plain-json.ts'
import { printable } from '../reports/printable.ts'
import { type AlertMessage, alertLine } from './alert.ts'
import { type SyslogPlace, sendSyslog } from './syslog.ts'

export interface Target {
  /** Hash of the whole text: what the buffer keeps instead of it, since it may hold a password. */
  readonly id: string
  /** To be shown: without passwords and queries. */
  readonly shown: string
  /** Delivers all or throws. */
  send(alerts: readonly AlertMessage[], now: Date): Promise<void>
}

const timeout = 10_000

const invalid = (text: string) =>
  new UserError(
    'option-invalid',
    `--alert ${printable(text).slice(0, 80)} is not a target for alerts`,
    'Give https://…, syslog://host[:514], syslog+tcp://…, syslog+tls://…, mailto:NAME@DOMAIN?smtp=…, or file:PATH.',
  )

/** @throws UserError option-invalid. */
export function targetOf(text: string): Target {
  if (!URL.canParse(text)) throw invalid(text)
  const url = new URL(text)
  const id = createHash('sha256').update(text).digest('hex').slice(0, 16)
  const path = url.host === '' || url.protocol.startsWith('http') ? url.pathname : ''
  const shown = `${url.protocol}${url.host === '' ? '' : `//${url.host}`}${path}`
  const send = senderOf(url, text)
  return { id, shown, send }
}

function senderOf(url: URL, text: string): Target['send'] {
  switch (url.protocol) {
    case 'http:':
    case 'https:':
      return (alerts) => postTo(url, alerts)
    case 'syslog:':
    case 'syslog+udp:':
      return syslogTo(url, 'udp', 514, text)
    case 'syslog+tcp:':
      return syslogTo(url, 'tcp', 514, text)
    case 'syslog+tls:':
      return syslogTo(url, 'tls', 6514, text)
    case 'mailto:':
      return mailTo(url, text)
    case 'file:':
      return (alerts) => appendTo(decodeURIComponent(text.replace(/^file:(?:\/\/(?=\/))?/, '')), alerts)
    default:
      throw invalid(text)
  }
}

/** One request with all alerts; the name and password of the address become a header of basic authentication. */
async function postTo(url: URL, alerts: readonly AlertMessage[]): Promise<void> {
  const { username, password } = url
  const bare = new URL(url)
  bare.username = ''
  bare.password = ''
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`

  const response = await fetch(bare, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(timeout),
    headers: {
      'content-type': 'application/json',
      ...(username === '' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
    },
    body: JSON.stringify({ tool: 'gannet', alerts, text: alerts.map(alertLine).join('\n') }),
  })

  await response.body?.cancel()
  if (!response.ok) throw new Error(`it answered ${response.status}`)
}

function syslogTo(
  url: URL,
  transport: SyslogPlace['transport'],
  usual: number,
  text: string,
): Target['send'] {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (host === '') throw invalid(text)
  const port = url.port === '' ? usual : Number(url.port)
  const place = { transport, host, port, ca: url.searchParams.get('ca') }
  return (alerts, now) => sendSyslog(place, alerts, now)
}

/** One message with all alerts. */
function mailTo(url: URL, text: string): Target['send'] {
  const to = decodeURIComponent(url.pathname)
  const server = url.searchParams.get('smtp') ?? 'smtp://127.0.0.1:25'

  if (!/^[^\s@<>,]+@[^\s@<>,]+$/.test(to) || !/^smtps?:\/\//.test(server) || !URL.canParse(server))
    throw invalid(text)

  const from = url.searchParams.get('from') ?? `gannet@${to.split('@')[1]}`

  return async (alerts) => {
    const { createTransport } = await import('nodemailer')
    const mailer = createTransport(server, { from })
    try {
      const [first] = alerts
      const subject =
        alerts.length === 1 && first
          ? alertLine(first).slice(0, 150)
          : `Gannet: ${alerts.length} alerts, worst ${first?.severity}`
      await mailer.sendMail({
        to,
        subject: printable(subject),
        text: `${alerts.map((each) => printable(alertLine(each))).join('\n\n')}\n`,
        headers: { 'Auto-Submitted': 'auto-generated' },
      })
    } finally {
      mailer.close()
    }
  }
}

const appendTo = (path: string, alerts: readonly AlertMessage[]): Promise<void> =>
  appendFile(path, alerts.map((each) => `${plainJson(each)}\n`).join(''))
