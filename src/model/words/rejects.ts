/** What was left out of an input, in words: reports, pages and errors say it alike. Programs read the codes. */
import { sayCount } from './say.ts'

/** Of each reason of `capture/rejects.ts`; they follow a count: "3 cut short or malformed". */
const plainReasons: ReadonlyMap<string, string> = new Map(
  Object.entries({
    truncated: 'cut short or malformed',
    'bad-field': 'with a bad field',
    'bad-time': 'without a valid time',
    'bad-address': 'with a bad address',
    'no-template': 'without their template',
    unsupported: 'of a kind that cannot be read',
    'not-used': 'of a kind that is not used',
    sampled: 'of a sample only',
    lost: 'lost before they were read',
    superseded: 'counted by another record',
    trailing: 'behind the end of the records',
    'not-ip': 'not IP (such as ARP)',
  }),
)

/** `cut short or malformed`; a reason without words as it is. */
export const sayReason = (reason: string): string => plainReasons.get(reason) ?? reason

/** `3 cut short or malformed, 1 without a valid time`: in the order given. */
export const sayRejects = (counts: readonly (readonly [reason: string, count: number])[]): string =>
  counts.map(([reason, count]) => `${sayCount(count)} ${sayReason(reason)}`).join(', ')

/** Formats of threat lists begin with it. */
const listFormat = 'threat list, '

/** What is left out of an input of this format, and counted. */
export function unitOf(format: string): 'packet' | 'entry' | 'record' {
  if (format.startsWith(listFormat)) return 'entry'
  return format === 'pcap' || format === 'pcapng' ? 'packet' : 'record'
}

/** Logs with a record on each line. */
const ofLines = new Set(['zeek', 'zeek-json', 'suricata', 'argus', 'alert-fast', 'snort-json', 'nfdump-text'])

/** `line 124`, `packet 124`: where a sample of what was left out stands in an input of this format. */
export function placeOf(format: string, position: number): string {
  const unit = unitOf(format)
  const isLine = unit === 'entry' ? /plain|CSV/.test(format) : ofLines.has(format)
  return `${isLine ? 'line' : unit} ${position}`
}
