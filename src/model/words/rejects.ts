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
export const listFormat = 'threat list, '

/** Logs with a record on each line. */
const ofLines = new Set(['zeek', 'zeek-json', 'suricata', 'argus', 'alert-fast', 'snort-json', 'nfdump-text'])

/** What positions in an input of this format count. */
export function countedIn(format: string): 'packet' | 'line' | 'entry' | 'record' {
  if (format.startsWith(listFormat)) return /plain|CSV/.test(format) ? 'line' : 'entry'
  if (format === 'pcap' || format === 'pcapng') return 'packet'
  return ofLines.has(format) ? 'line' : 'record'
}
