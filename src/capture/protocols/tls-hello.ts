/**
 * The first message of a TLS client and server (RFC 8446, RFC 5246).
 *
 * The client's fingerprint is JA4 (TLS client), which its authors publish under the BSD 3-clause licence; the
 * other members of that family are not, and are not here.
 */
import { createHash } from 'node:crypto'

interface ClientHello {
  /** Lower case; empty where none was sent. */
  readonly serverName: string
  readonly fingerprint: string
}

const handshake = 0x16
const extension = { serverName: 0, groups: 10, signatures: 13, protocols: 16, versions: 43 } as const

/** Whether the bytes begin like a TLS record that carries a hello of the given kind (1 client, 2 server). */
export const isHello = (bytes: Uint8Array, at: number, end: number, kind: number): boolean =>
  end - at >= 6 && bytes[at] === handshake && bytes[at + 1] === 3 && bytes[at + 5] === kind

/** Length of the TLS record that begins here, its header included. */
export const helloLength = (bytes: Uint8Array): number =>
  bytes.length < 5 ? 5 : 5 + (bytes[3] as number) * 256 + (bytes[4] as number)

/** Reads with bounds: beyond the end everything is 0 and `failed` is set. */
class Cursor {
  failed = false
  readonly bytes: Uint8Array
  at: number
  readonly end: number
  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes
    this.at = at
    this.end = Math.min(end, bytes.length)
  }
  number(size: number): number {
    if (this.at + size > this.end) {
      this.failed = true
      return 0
    }
    let value = 0
    for (let i = 0; i < size; i++) value = value * 256 + (this.bytes[this.at++] as number)
    return value
  }
  /** A part whose length comes before it, in `size` bytes; it may be cut at the end of what there is. */
  part(size: number): Cursor {
    const length = this.number(size)
    const part = new Cursor(this.bytes, this.at, Math.min(this.end, this.at + length))
    if (this.at + length > this.end) this.failed = true
    this.at = part.end
    return part
  }
  skip(size: number): void {
    if (this.at + size > this.end) this.failed = true
    this.at = Math.min(this.at + size, this.end)
  }
  get left(): number {
    return this.end - this.at
  }
}

const isGrease = (value: number): boolean => (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 255)

/** Values of two bytes until the end, without those that RFC 8701 sends to keep servers honest. */
function words(cursor: Cursor): number[] {
  const found: number[] = []
  while (cursor.left >= 2) {
    const value = cursor.number(2)
    if (!isGrease(value)) found.push(value)
  }
  return found
}

const hex = (value: number): string => value.toString(16).padStart(4, '0')

/** The client's hello in a record at the start of `bytes`, as much of it as there is. @returns null if none. */
export function readClientHello(bytes: Uint8Array): ClientHello | null {
  if (!isHello(bytes, 0, bytes.length, 1)) return null
  const hello = new Cursor(bytes, 9, bytes.length)
  const version = hello.number(2)
  hello.skip(32)
  hello.part(1)
  const ciphers = words(hello.part(2))
  hello.part(1)
  const fields = { serverName: '', protocols: '', version, hasName: false, signatures: [] as number[] }
  const types: number[] = []
  const extensions = hello.part(2)

  while (extensions.left >= 4) {
    const type = extensions.number(2)
    const body = extensions.part(2)
    if (isGrease(type)) continue
    types.push(type)
    onPacket(type, body, fields)
  }

  // A hello that is cut names the server perhaps, but its fingerprint would be another.
  const whole = !hello.failed && !extensions.failed

  return { serverName: fields.serverName, fingerprint: whole ? ja4(fields, { ciphers, types }) : '' }
}

interface Fields {
  serverName: string
  protocols: string
  version: number
  hasName: boolean
  signatures: number[]
}

function onPacket(type: number, body: Cursor, fields: Fields): void {
  if (type === extension.serverName) {
    fields.hasName = true
    const names = body.part(2)
    if (names.number(1) === 0) fields.serverName = text(names.part(2)).toLowerCase().replace(/\.$/, '')
  } else if (type === extension.protocols) fields.protocols = text(body.part(2).part(1))
  else if (type === extension.versions) fields.version = Math.max(0, ...words(body.part(1)))
  else if (type === extension.signatures) fields.signatures = words(body.part(2))
}

function text(cursor: Cursor): string {
  if (cursor.left > 255) return ''
  let value = ''
  while (cursor.left > 0) value += String.fromCharCode(cursor.number(1))
  return value
}

const versions: Readonly<Record<number, string>> = {
  768: 's3',
  769: '10',
  770: '11',
  771: '12',
  772: '13',
}

const digest = (value: string): string =>
  value === '' ? '000000000000' : createHash('sha256').update(value).digest('hex').slice(0, 12)

/** JA4 of a TLS client over TCP: what it offers, counted and hashed so that order does not matter. */
function ja4(fields: Fields, { ciphers, types }: { ciphers: number[]; types: number[] }): string {
  const count = (values: number[]) => String(Math.min(99, values.length)).padStart(2, '0')
  const first = fields.protocols.at(0) ?? '0'
  const last = fields.protocols.at(-1) ?? '0'
  const plain = /[0-9A-Za-z]/
  const edge =
    plain.test(first) && plain.test(last)
      ? first + last
      : (Buffer.from(first, 'latin1').toString('hex').at(0) ?? '0') +
        (Buffer.from(last, 'latin1').toString('hex').at(-1) ?? '0')
  const version = versions[fields.version] ?? '00'
  const head = `t${version}${fields.hasName ? 'd' : 'i'}${count(ciphers)}${count(types)}${edge}`
  const listed = types.filter((type) => type !== extension.serverName && type !== extension.protocols)
  const offered = ciphers.map(hex).sort().join(',')
  const extended = listed.map(hex).sort().join(',')
  const signed = fields.signatures.map(hex).join(',')

  return `${head}_${digest(offered)}_${digest(signed ? `${extended}_${signed}` : extended)}`
}

/** Version that the server chose, in Zeek's words; empty if the bytes are no server's hello. */
export function readServerVersion(bytes: Uint8Array): string {
  if (!isHello(bytes, 0, bytes.length, 2)) return ''
  const hello = new Cursor(bytes, 9, bytes.length)
  let version = hello.number(2)
  hello.skip(32)
  hello.part(1)
  hello.number(3)
  const extensions = hello.part(2)
  while (extensions.left >= 4) {
    const type = extensions.number(2)
    const body = extensions.part(2)
    if (type === extension.versions && body.left === 2) version = body.number(2)
  }
  return versionNames[version] ?? ''
}

const versionNames: Readonly<Record<number, string>> = {
  768: 'SSLv3',
  769: 'TLSv10',
  770: 'TLSv11',
  771: 'TLSv12',
  772: 'TLSv13',
}
