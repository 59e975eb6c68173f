/**
 * Leases that a DHCP server gives (RFC 2131): replies that acknowledge, with the address and whose it is.
 *
 * A capture that cuts frames short has no options left. A reply that gives an address then counts without them:
 * what was offered is nearly always acknowledged.
 */
import { micros } from '../../model/units.ts'
import type { Frame } from '../packets/frame.ts'
import type { Packet } from '../packets/packet.ts'
import type { AppLayerParser, Endpoints } from './parser.ts'

/** Where the fields of a message lie, from its beginning. */
const place = { clientAddress: 12, yourAddress: 16, hardware: 28, cookie: 236, options: 240 } as const
const reply = 2
const ethernet = 1
const cookie = 0x63825363

/** Options: host name, lease time, message type, and the end. */
const option = { name: 12, seconds: 51, type: 53, end: 255 } as const
const acknowledged = 5

interface Leased {
  readonly address: string
  readonly mac: string
  readonly name: string
  readonly seconds: number | null
}

/** The lease in one message, of which `bytes` has what was captured; null for any other message. */
function leaseIn(bytes: Buffer): Leased | null {
  if (bytes.length < place.hardware + 6 || bytes[0] !== reply || bytes[1] !== ethernet || bytes[2] !== 6)
    return null

  const options = optionsIn(bytes)
  const type = options.get(option.type)?.[0]
  if (type !== undefined && type !== acknowledged) return null

  const [yours, own] = [textOf(bytes, place.yourAddress), textOf(bytes, place.clientAddress)]
  const address = yours === '0.0.0.0' ? own : yours
  if (address === '0.0.0.0') return null

  const seconds = options.get(option.seconds)
  return {
    address,
    mac: bytes.toString('hex', place.hardware, place.hardware + 6).replace(/(..)(?=.)/g, '$1:'),
    name: options.get(option.name)?.toString('latin1').replace(/\0+$/, '') ?? '',
    seconds: seconds?.length === 4 ? seconds.readUInt32BE(0) : null,
  }
}

const textOf = (bytes: Buffer, at: number): string => bytes.subarray(at, at + 4).join('.')

/** Options by their number, as far as they were captured whole. */
function optionsIn(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>()
  if (bytes.length < place.options || bytes.readUInt32BE(place.cookie) !== cookie) return found

  for (let at: number = place.options; at + 1 < bytes.length; ) {
    const [code = option.end, length = 0] = [bytes[at], bytes[at + 1]]
    if (code === option.end) break
    if (code === 0) {
      at += 1
      continue
    }
    if (at + 2 + length > bytes.length) break
    found.set(code, bytes.subarray(at + 2, at + 2 + length))
    at += 2 + length
  }
  return found
}

export class DhcpParser implements AppLayerParser {
  private readonly ends: Endpoints

  constructor(ends: Endpoints) {
    this.ends = ends
  }

  onPacket({ payloadAt, capturedEnd }: Packet, { bytes, time, position }: Frame): boolean {
    const message = Buffer.from(bytes.buffer, bytes.byteOffset + payloadAt, capturedEnd - payloadAt)
    const lease = leaseIn(message)
    if (lease) {
      const { address: client, ...given } = lease
      const { server, uid, sink } = this.ends
      sink.record('lease', { start: micros(time), client, server, uid, ...given, position })
    }
    return true
  }

  end(): void {
    // A message is whole by itself.
  }
}
