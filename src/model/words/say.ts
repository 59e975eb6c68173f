/** Numbers as an analyst says them. Every report, on paper or on screen, uses these and no others. */
import type { Endpoint } from '../endpoint.ts'
import type { Micros } from '../units.ts'

/** Sets thousands apart; a space that no line is broken at. */
const THIN = '\u202f'

/** A format that is made when it is first used: to make one of them takes up to 10 ms. */
function lazyFormat(options: Intl.NumberFormatOptions): { format(value: number): string } {
  let made: Intl.NumberFormat | undefined
  return {
    format(value) {
      made ??= new Intl.NumberFormat('en', options)
      return made.format(value)
    },
  }
}

const whole = lazyFormat({ maximumFractionDigits: 0 })
const oneDigit = lazyFormat({ maximumFractionDigits: 1 })
const threeDigits = lazyFormat({ maximumSignificantDigits: 3 })
const compact = lazyFormat({ notation: 'compact', maximumSignificantDigits: 3 })

const grouped = (text: string): string => text.replaceAll(',', THIN).replace('NaN', 'unknown')

/** A count: `120 314`. */
export const sayCount = (value: number): string =>
  Number.isSafeInteger(value)
    ? String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, THIN)
    : grouped(whole.format(value))

/** A measured number, to three digits: `0.0123`, `4.57`, `12 300`. */
export const sayNumber = (value: number): string => grouped(threeDigits.format(value))

/** A number for a place with no room, such as an axis: `12.3K`. */
export const sayShort = (value: number): string => grouped(compact.format(value))

/** A count with its noun: `1 flow`, `12 flows`. */
export const sayMany = (value: number, noun: string, plural = `${noun}s`): string =>
  `${sayCount(value)} ${value === 1 ? noun : plural}`

/** Records of a kind: `1 flow`, `12 DNS records`. */
export function sayRecords(value: number, kind: string): string {
  const name = ['dns', 'http', 'tls'].includes(kind) ? kind.toUpperCase() : kind
  return sayMany(value, kind === 'flow' || kind === 'indicator' ? kind : `${name} record`)
}

/** A share from 0 to 1: `93%`. Never 100% or 0% unless it is exactly that. */
export function sayShare(share: number): string {
  if (!(share >= 0 && share <= 1)) return 'an unknown share'
  const percent = Math.round(share * 100)
  if (percent === 100 && share < 1) return `${oneDigit.format(Math.min(99.9, share * 100))}%`
  if (percent === 0 && share > 0) return share < 0.001 ? 'below 0.1%' : `${oneDigit.format(share * 100)}%`
  return `${percent}%`
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** A size in decimal units, two digits at least: `87 B`, `1.3 kB`, `14 MB`. */
export function sayBytes(bytes: number): string {
  let value = bytes
  let step = 0
  while (Math.abs(value) >= 999.5 && step < BYTE_UNITS.length - 1) {
    value /= 1000
    step++
  }
  const number =
    Math.abs(value) < 9.95 && step > 0 ? grouped(oneDigit.format(value)) : grouped(whole.format(value))
  return `${number} ${BYTE_UNITS[step] ?? 'B'}`
}

const SPANS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const

/** A span in its two largest units: `420 ms`, `4.2 s`, `5 min 2 s`, `1 d 3 h`. */
export function saySpan(span: Micros): string {
  const elapsed = span / 1e6
  if (!Number.isFinite(elapsed)) return 'an unknown time'
  if (elapsed < 0) return `−${saySpan(-span as Micros)}`
  if (elapsed === 0) return '0 s'

  if (elapsed < 0.9995)
    return elapsed < 0.001 ? `${sayCount(span)} µs` : `${threeDigits.format(elapsed * 1e3)} ms`

  if (elapsed < 9.95) return `${oneDigit.format(elapsed)} s`
  const largest = SPANS.findIndex(([, length]) => Math.round(elapsed) >= length)
  const [unit, length] = SPANS[largest] ?? (['s', 1] as const)
  const [lower, step] = SPANS[largest + 1] ?? (['', 0] as const)
  if (step === 0) return `${sayCount(elapsed)} ${unit}`
  const rounded = Math.round(elapsed / step) * step
  const above = SPANS[largest - 1]
  if (above && rounded >= above[1]) return `1 ${above[0]}`
  const rest = Math.round((rounded % length) / step)
  const most = Math.floor(rounded / length)

  return rest === 0 ? `${sayCount(most)} ${unit}` : `${sayCount(most)} ${unit} ${rest} ${lower}`
}

/** An instant in UTC: `2026-03-04 09:15:02`. The caller says that it is UTC, once. */
export function sayInstant(instant: Micros): string {
  const date = new Date(instant / 1000)
  if (Number.isNaN(date.getTime())) return 'an unknown time'
  return date
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, '')
}

/** `203.0.113.9:443/tcp (cdn.example.net)`; IPv6 in brackets. */
export function sayEndpoint({ address, port, protocol, name }: Endpoint): string {
  const called = name === null || name === address ? '' : ` (${name})`
  // No call was seen, only an answer of the DNS.
  if (port === 0 && protocol === '') return `${address}${called}`
  if (protocol === 'icmp') return `${address}/icmp${called}`
  const host = address.includes(':') ? `[${address}]` : address
  return `${host}:${port}/${protocol}${called}`
}

/** `a, b and c`, or `a, b and 5 others` where there are more than `most`. */
export function sayList(items: readonly string[], most = 4, noun = 'other'): string {
  const shown = items.length > most ? items.slice(0, most - 1) : items
  const rest = items.length - shown.length
  const parts = rest > 0 ? [...shown, sayMany(rest, noun)] : shown
  if (parts.length < 2) return parts.join('')
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`
}

/** Words for a confidence, as US Intelligence Community Directive 203 (2015) sets them; each from its share on. */
const confidenceWords = [
  [0.95, 'almost certain'],
  [0.8, 'very likely'],
  [0.55, 'likely'],
  [0.45, 'even chance'],
  [0.2, 'unlikely'],
  [0.05, 'very unlikely'],
  [0, 'remote'],
] as const

/** A confidence from 0 to 1 with two decimals. Never 1.00: no finding is certain. */
export const sayConfidence = (confidence: number): string => Math.min(confidence, 0.99).toFixed(2)

/** The word for a confidence from 0 to 1: `very likely`. */
export const confidenceWord = (confidence: number): string =>
  confidenceWords.find(([from]) => confidence >= from)?.[1] ?? 'unknown'
