/**
 * What programs put around the records of others: a syslog header, `@cee:`, the `message` of a shipper, an array. Each
 * is recognised by what a head looks like, and taken off line by line; what is not in the envelope is passed as it is.
 */
import { objectsAsLines } from './json-values.ts'
import { type LineMap, mapLines } from './line-filter.ts'

export interface Opened {
  /** For the report, such as `syslog lines`. */
  readonly what: string
  /** Whether more of the same at the end extends what was made of it. */
  readonly grows: boolean
  through(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer>
}

/** Gives how a content that begins with `head` (latin1) is opened; null where it is not in this envelope. */
export type Envelope = (head: string) => Opened | null

const byLine = (what: string, map: () => LineMap): Opened => ({
  what,
  grows: true,
  through: (chunks) => mapLines(chunks, map()),
})

/** The first lines that say something, whole ones where there are. */
export function firstLines(head: string, most = 20): string[] {
  const lines = head.split('\n')
  const whole = lines.length > 1 ? lines.slice(0, -1) : lines
  return whole
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line.trim() !== '')
    .slice(0, most)
}

/** Whether most of the first lines are so. */
const most = (head: string, isSo: (line: string) => boolean): boolean => {
  const lines = firstLines(head)
  return lines.length > 0 && lines.filter(isSo).length * 2 > lines.length
}

/** Characters that may stand before an object in its line. */
const longestPrefix = 512

/** Where the object of a line begins; -1 where there is none, or where the line is one. */
const objectAt = (line: string): number => {
  const at = line.search(/\{\s*"/)
  return at > 0 && at <= longestPrefix && line.slice(0, at).trim() !== '' ? at : -1
}

/** Anything before an object in each line: a syslog header, `@cee:`, time and stream of a container, a file name. */
const beforeObject: Envelope = (head) =>
  most(head, (line) => {
    const at = objectAt(line)
    return at > 0 && line.trimEnd().endsWith('}') && !/[{}]/.test(line.slice(0, at))
  })
    ? byLine('lines with a header before each object', () => (line) => {
        const at = objectAt(line.toString('latin1', 0, longestPrefix + 64))
        return at > 0 ? line.subarray(at) : line
      })
    : null

/** Keys under which shippers of logs keep the line that they ship. */
const keys = [
  ['message'],
  ['log'],
  ['event', 'original'],
  ['MESSAGE'],
  ['full_log'],
  ['full_message'],
  ['short_message'],
  ['_raw'],
  ['result', '_raw'],
  ['raw'],
  ['line'],
  ['textPayload'],
  ['jsonPayload'],
  ['_source'],
  ['_source', 'message'],
  ['_source', 'event', 'original'],
  ['result'],
  ['data'],
] as const

const valueAt = (object: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inside, key) =>
      typeof inside === 'object' && inside !== null ? (inside as Record<string, unknown>)[key] : undefined,
    object,
  )

/** A number as it is written, where reading it would change it: ids of 64 bits. */
function exactly(_: string, value: unknown, context?: { readonly source?: string }): unknown {
  const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }
  return typeof value === 'number' && context?.source !== undefined && !Number.isSafeInteger(value)
    ? rawJSON(context.source)
    : value
}

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line, exactly)
  } catch {
    return undefined
  }
}

const isBytes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'number')

/** The line that is shipped under one key of each object. */
function shipped(path: readonly string[]): Envelope {
  const inner = (line: string): string | null => {
    if (!line.trimStart().startsWith('{')) return null
    const value = valueAt(parse(line), path)
    if (typeof value === 'string') return value.trim() === '' ? null : value.trimEnd()
    // journald gives bytes where a text is not all characters, such as a carriage return at its end.
    if (isBytes(value)) return Buffer.from(value).toString().trimEnd()
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? JSON.stringify(value) : null
  }
  return (head) =>
    firstLines(head, 3).some((line) => inner(line) !== null)
      ? byLine(
          `records under ${path.join('.')} of JSON objects`,
          () => (line) => inner(line.toString()) ?? line,
        )
      : null
}

const isObjectLine = (line: string): boolean => parse(line) !== undefined && line.trimStart().startsWith('{')

/** Objects that are not one a line. */
const objects =
  (wrapped: boolean): Envelope =>
  (head) => {
    const begin = head.trimStart().slice(0, 1)
    if (begin !== '{' && begin !== '[') return null
    if (begin === '[' && wrapped) return null
    if (begin === '[' && !/^\s*\[\s*[{[\]]/.test(head)) return null
    const [first = ''] = firstLines(head, 1)
    // A line that is longer than the head cannot be seen to its end.
    if (begin === '{' && !wrapped && (isObjectLine(first) || !head.includes('\n'))) return sideBySide(first)
    return {
      what: wrapped ? 'JSON objects in an array of an object' : 'JSON objects that are not one a line',
      grows: false,
      through: (chunks) => objectsAsLines(chunks, wrapped),
    }
  }

/** Several objects in one line. */
const sideBySide = (line: string): Opened | null =>
  /\}[\s,]*\{\s*"/.test(line) && !isObjectLine(line)
    ? {
        what: 'JSON objects side by side',
        grows: false,
        through: (chunks) => objectsAsLines(chunks, false),
      }
    : null

const monthStamp = String.raw`[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?`
const isoStamp = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?`
const stamp = `(?:${monthStamp}|${isoStamp})`

/** RFC 3164 with either stamp, RFC 5424, journalctl, and a container's log (CRI). */
const syslogHeader = new RegExp(
  [
    String.raw`^(?:\d+ )?(?:<\d{1,3}>)?(?:`,
    String.raw`1 ${stamp} \S+ \S+ \S+ \S+ (?:-|(?:\[[^\]]*\])+)(?: \u00ef\u00bb\u00bf| )?`,
    String.raw`|${stamp} (?:stdout|stderr) [FP] `,
    String.raw`|${stamp} (?:\S+ )??[\w./()-]+(?:\[\d+\])?: ?`,
    // barnyard2 names the host and no program.
    String.raw`|${stamp} \S+ (?=\[\d+:\d+:\d+\] )`,
    ')',
  ].join(''),
)

/** Control characters as rsyslog writes them. */
const unescaped = (text: string): string =>
  text.includes('#')
    ? text.replace(/#(0[0-3][0-7])/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))
    : text

/** A syslog header before a line that is no object. */
const syslog: Envelope = (head) =>
  most(head, (line) => syslogHeader.test(line))
    ? byLine('syslog lines', () => (line) => {
        const text = line.toString('latin1')
        const header = syslogHeader.exec(text)?.[0]
        if (header === undefined) return line
        const rest = text.slice(header.length)
        return Buffer.from(unescaped(withStamp(rest, header)), 'latin1')
      })
    : null

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** An alert of Snort that syslog gave its time to, as Snort writes it to a file. */
function withStamp(rest: string, header: string): string {
  if (!/^\[\d+:\d+:\d+\] /.test(rest)) return rest
  const [, name = '', day = '', year, clock = ''] =
    /([A-Z][a-z]{2}) ([ \d]\d) (?:(\d{4}) )?(\d\d:\d\d:\d\d(?:\.\d+)?)/.exec(header) ?? []
  const month = months.indexOf(name) + 1
  const two = (part: number | string) => String(part).trim().padStart(2, '0')
  if (month > 0) return `${two(month)}/${two(day)}${year ? `/${year.slice(2)}` : ''}-${clock}  ${rest}`
  const iso = /(\d{4})-(\d\d)-(\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?)/.exec(header)
  return iso ? `${iso[2]}/${iso[3]}/${iso[1]!.slice(2)}-${iso[4]}  ${rest}` : rest
}

/** Those that are tried, in this order. */
export const envelopes: readonly Envelope[] = [
  beforeObject,
  objects(false),
  ...keys.map(shipped),
  objects(true),
  syslog,
]
