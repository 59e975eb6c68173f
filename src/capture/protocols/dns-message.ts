/**
 * DNS messages (RFC 1035), read with bounds: no byte outside the message, no name longer than 255, no chain of
 * pointers that goes anywhere but back, no more answers than are there. A message that is cut, by a snapshot
 * length or on purpose, gives what came before the cut.
 */

import { ipv6Text } from '../packets/address-text.ts'

export interface DnsMessage {
  readonly id: number
  readonly isAnswer: boolean
  /** Name asked for, lower case, without the last dot. */
  readonly query: string
  readonly queryType: string
  readonly responseCode: string
  readonly answers: readonly string[]
  readonly ttls: readonly number[]
  /** Bytes after the question, on the wire; null of a question. */
  readonly answerBytes: number | null
  /** Name servers of the authority section, and their addresses of the additional one. */
  readonly nameServers: readonly string[]
  readonly nameServerAddresses: readonly string[]
}

/** Where a message stands, and how long it was on the wire: the capture may have cut it. */
interface Extent {
  readonly at: number
  readonly end: number
  readonly length: number
}

const mostAnswers = 64
const longestName = 255

const recordTypes: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  10: 'NULL',
  12: 'PTR',
  13: 'HINFO',
  15: 'MX',
  16: 'TXT',
  25: 'KEY',
  28: 'AAAA',
  33: 'SRV',
  35: 'NAPTR',
  39: 'DNAME',
  43: 'DS',
  46: 'RRSIG',
  48: 'DNSKEY',
  64: 'SVCB',
  65: 'HTTPS',
  99: 'SPF',
  252: 'AXFR',
  255: 'ANY',
  257: 'CAA',
}

const responseCodes = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
]

/** Reads the message in bytes[at, end). @returns null when it is none, or asks nothing. */
export function readDns(bytes: Uint8Array, { at, end, length }: Extent): DnsMessage | null {
  if (end - at < 17 || bytes[at + 4] !== 0 || bytes[at + 5] !== 1) return null
  const word = (offset: number) => ((bytes[at + offset] as number) << 8) | (bytes[at + offset + 1] as number)
  const flags = word(2)
  const opcode = (flags >>> 11) & 15
  if (opcode > 6 || (flags & 0x40) !== 0) return null
  const message = { bytes, start: at, end }
  const name = readName(message, at + 12)
  if (!name || end - name.next < 4) return null
  const isAnswer = (flags & 0x8000) !== 0
  const type = (bytes[name.next] as number) * 256 + (bytes[name.next + 1] as number)
  const code = flags & 15
  const found = isAnswer ? readSections(message, name.next + 4, [word(6), word(8), word(10)]) : nothing

  return {
    id: word(0),
    isAnswer,
    query: name.text.toLowerCase(),
    queryType: recordTypes[type] ?? `TYPE${type}`,
    responseCode: isAnswer ? (responseCodes[code] ?? `RCODE${code}`) : '',
    answerBytes: isAnswer ? Math.max(0, length - (name.next + 4 - at)) : null,
    ...found,
  }
}

/**
 * Messages one after the other, as whoever keeps the first bytes of a conversation keeps them; of a stream each has its
 * length before it. The last may be cut: then it is not known how long it was.
 */
export function dnsMessages(bytes: Uint8Array, isStream: boolean): DnsMessage[] {
  const messages: DnsMessage[] = []

  for (let at = 0; at < bytes.length && messages.length < mostMessages; ) {
    if (isStream) {
      if (bytes.length - at < 2) break
      const length = (bytes[at] as number) * 256 + (bytes[at + 1] as number)
      const end = Math.min(bytes.length, at + 2 + length)
      const message = readDns(bytes, { at: at + 2, end, length })
      if (message) messages.push(message)
      at += 2 + length
      continue
    }
    const next = endOf(bytes, at)
    const end = next ?? bytes.length
    const message = readDns(bytes, { at, end, length: end - at })
    if (!message) break
    messages.push(next === null ? { ...message, answerBytes: null } : message)
    at = end
  }

  return messages
}

const mostMessages = 16

/** Where the message at `start` ends; null where it is cut, or has more than a message may have. */
function endOf(bytes: Uint8Array, start: number): number | null {
  const message = { bytes, start, end: bytes.length }
  if (bytes.length - start < 17) return null
  const word = (offset: number) =>
    (bytes[start + offset] as number) * 256 + (bytes[start + offset + 1] as number)
  const name = readName(message, start + 12)
  if (!name || bytes.length - name.next < 4) return null
  let next = name.next + 4
  for (const count of [word(6), word(8), word(10)]) {
    const found = readRecords(message, next, count)
    if (!found.whole) return null
    next = found.next
  }
  return next
}

const nothing = { answers: [], ttls: [], nameServers: [], nameServerAddresses: [] }

interface Message {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

/** The name at `at`, and where what follows it begins. */
function readName({ bytes, start, end }: Message, from: number): { text: string; next: number } | null {
  const labels: string[] = []
  let at = from
  let next = -1
  let length = 0

  // A pointer may only go back, so that a chain of them ends.
  let limit = from

  for (;;) {
    if (at >= end) return null
    const size = bytes[at] as number
    if (size === 0) return { text: labels.join('.'), next: next < 0 ? at + 1 : next }
    if (size >= 0xc0) {
      if (at + 2 > end) return null
      if (next < 0) next = at + 2
      const target = start + (((size & 0x3f) << 8) | (bytes[at + 1] as number))
      if (target >= limit) return null
      limit = target
      at = target
      continue
    }
    length += size + 1
    if (size > 63 || length > longestName || at + 1 + size > end) return null
    labels.push(labelText(bytes, at + 1, at + 1 + size))
    at += size + 1
  }
}

/** Bytes that are no printable ASCII, and dots inside a label, are written \DDD (RFC 4343). */
function labelText(bytes: Uint8Array, from: number, to: number): string {
  let text = ''
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number
    text +=
      byte > 32 && byte < 127 && byte !== 46 && byte !== 92
        ? String.fromCharCode(byte)
        : `\\${String(byte).padStart(3, '0')}`
  }
  return text
}

/** Answers, then name servers, then their addresses; what was cut off is left out. */
function readSections(
  message: Message,
  from: number,
  [first, second, third]: readonly [number, number, number],
) {
  const answers = readRecords(message, from, first)
  const authority = readRecords(message, answers.next, answers.whole ? second : 0)
  const additional = readRecords(message, authority.next, authority.whole ? third : 0)
  const servers = new Set(authority.records.filter(({ type }) => type === 2).map(({ text }) => text))
  const addresses = additional.records.filter(
    ({ type, owner }) => (type === 1 || type === 28) && servers.has(owner),
  )

  return {
    answers: answers.records.map(({ text }) => text),
    ttls: answers.records.map(({ ttl }) => ttl),
    nameServers: [...servers],
    nameServerAddresses: addresses.map(({ text }) => text),
  }
}

interface Found {
  readonly owner: string
  readonly type: number
  readonly ttl: number
  readonly text: string
}

/** Up to `count` records from `from`; `whole` says that all were there. */
function readRecords(message: Message, from: number, count: number) {
  const { bytes, end } = message
  const records: Found[] = []
  let next = from
  for (let i = 0; i < Math.min(count, mostAnswers); i++) {
    const name = readName(message, next)
    if (!name || end - name.next < 10) return { records, next, whole: false }
    const view = new DataView(bytes.buffer, bytes.byteOffset + name.next, 10)
    const [type, value] = [view.getUint16(0), name.next + 10]
    const to = value + view.getUint16(8)
    if (to > end) return { records, next, whole: false }
    const text = answerText(message, { type, from: value, to })
    if (text !== null) records.push({ owner: name.text.toLowerCase(), type, ttl: view.getUint32(4), text })
    next = to
  }
  return { records, next, whole: count <= mostAnswers }
}

/** One answer as text; null where it says nothing that can be written. */
function answerText(
  message: Message,
  { type, from, to }: { type: number; from: number; to: number },
): string | null {
  const { bytes } = message
  const size = to - from

  switch (type) {
    case 1:
      return size === 4 ? bytes.subarray(from, to).join('.') : null
    case 28:
      return size === 16 ? address6(bytes, from) : null
    case 2:
    case 5:
    case 12:
    case 39:
      return readName(message, from)?.text.toLowerCase() ?? null
    case 15:
      return size > 2 ? (readName(message, from + 2)?.text.toLowerCase() ?? null) : null
    case 33:
      return size > 6 ? (readName(message, from + 6)?.text.toLowerCase() ?? null) : null
    case 16:
    case 99:
      return strings(bytes, from, to)
    case 10:
      return generic(bytes, from, to)
    default:
      return null
  }
}

const mostGeneric = 128

/** Bytes of a type that has no text, as RFC 3597 writes them; the length is true where the bytes are cut. */
const generic = (bytes: Uint8Array, from: number, to: number): string =>
  `\\# ${to - from} ${Buffer.from(bytes.subarray(from, Math.min(to, from + mostGeneric))).toString('hex')}`

function address6(bytes: Uint8Array, at: number): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 16)
  return ipv6Text(Int32Array.of(view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12)), 0)
}

function strings(bytes: Uint8Array, from: number, to: number): string {
  let text = ''
  for (let at = from; at < to; ) {
    const size = Math.min(bytes[at] as number, to - at - 1)
    for (let i = at + 1; i <= at + size; i++) text += String.fromCharCode(bytes[i] as number)
    at += size + 1
  }
  return text
}
