/** Events for a SIEM as lines: ArcSight's Common Event Format (version 0) and IBM QRadar's LEEF 2.0. */
import { isIPv6 } from 'node:net'
import type { Answer } from '../model/answer.ts'
import type { OutputFormat } from '../reports/format.ts'
import { printable } from '../reports/printable.ts'
import { type Alert, alertsIn, milliseconds, severityOfTen } from './alerts.ts'

/** In a header a backslash and a bar are escaped; a line break has no place there and `printable` takes it away. */
const header = (text: string): string => printable(text).replace(/[\\|]/g, '\\$&')

/** In an extension a backslash and an equals sign are. */
const extension = (text: string): string => printable(text).replace(/[\\=]/g, '\\$&')

type Pair = readonly [key: string, value: string | number]

/** Labels of the two custom columns for addresses of IPv6: `src` and `dst` are of IPv4 alone. */
const addressPairs = (side: 'src' | 'dst', address: string): Pair[] => {
  if (!isIPv6(address)) return [[side, address]]
  return side === 'src'
    ? [
        ['c6a2', address],
        ['c6a2Label', 'Source IPv6 Address'],
      ]
    : [
        ['c6a3', address],
        ['c6a3Label', 'Destination IPv6 Address'],
      ]
}

export function cefLine(
  { finding, host, verdict, botnet, endpoint, techniques }: Alert,
  version: string,
): string {
  const ids = techniques.map(({ id }) => id).join(' ')

  const pairs: Pair[] = [
    ...addressPairs('src', host),
    ...(endpoint ? addressPairs('dst', endpoint.address) : []),
    ...(endpoint && endpoint.port > 0 ? ([['dpt', endpoint.port]] as const) : []),
    ...(endpoint?.protocol ? ([['proto', endpoint.protocol.toUpperCase()]] as const) : []),
    ...(endpoint?.name ? ([['dhost', endpoint.name]] as const) : []),
    ['start', milliseconds(finding.from)],
    ['end', milliseconds(finding.to)],
    ['externalId', finding.id],
    ['cat', finding.kind],
    ['msg', finding.claim],
    ['cfp1', finding.confidence],
    ['cfp1Label', 'confidence'],
    ['cfp2', verdict],
    ['cfp2Label', 'verdict'],
    ...(botnet === null
      ? []
      : ([
          ['cs1', botnet],
          ['cs1Label', 'botnet'],
        ] as const)),
    ...(ids === ''
      ? []
      : ([
          ['cs2', ids],
          ['cs2Label', 'ATT&CK'],
        ] as const)),
  ]

  const head = ['CEF:0', 'Gannet', 'gannet', version, finding.kind, nameOf(finding.kind)].map((each, i) =>
    i === 0 ? each : header(each),
  )

  return `${[...head, severityOfTen[finding.severity]].join('|')}|${pairs
    .map(([key, value]) => `${key}=${extension(String(value))}`)
    .join(' ')}`
}

const nameOf = (kind: string): string => `Bot suspected: ${kind}`

export function leefLine(
  { finding, host, verdict, botnet, endpoint, techniques }: Alert,
  version: string,
): string {
  const pairs: Pair[] = [
    ['cat', finding.kind],
    ['sev', severityOfTen[finding.severity]],
    ['devTime', milliseconds(finding.to)],
    ['src', host],
    ...(endpoint ? ([['dst', endpoint.address]] as const) : []),
    ...(endpoint && endpoint.port > 0 ? ([['dstPort', endpoint.port]] as const) : []),
    ...(endpoint?.protocol ? ([['proto', endpoint.protocol.toUpperCase()]] as const) : []),
    ...(endpoint?.name ? ([['dstHost', endpoint.name]] as const) : []),
    ['findingId', finding.id],
    ['confidence', finding.confidence],
    ['verdict', verdict],
    ...(botnet === null ? [] : ([['botnet', botnet]] as const)),
    ['attack', techniques.map(({ id }) => id).join(' ')],
    ['msg', finding.claim],
  ]

  const head = ['LEEF:2.0', 'Gannet', 'gannet', version, finding.kind, 'x09'].map((each, i) =>
    i === 0 ? each : printable(each).replaceAll('|', '/'),
  )

  return `${head.join('|')}|${pairs.map(([key, value]) => `${key}=${printable(String(value))}`).join('\t')}`
}

const linesOf = (answer: Answer, line: (alert: Alert, version: string) => string): string =>
  alertsIn(answer)
    .map((alert) => `${line(alert, answer.version)}\n`)
    .join('')

export const cef = {
  name: 'cef',
  doc: 'Common Event Format, an event for each accused host of a finding.',
  extension: 'cef',
  render: (answer: Answer) => linesOf(answer, cefLine),
} as const satisfies OutputFormat

export const leef = {
  name: 'leef',
  doc: 'LEEF 2.0, an event for each accused host of a finding.',
  extension: 'leef',
  render: (answer: Answer) => linesOf(answer, leefLine),
} as const satisfies OutputFormat
