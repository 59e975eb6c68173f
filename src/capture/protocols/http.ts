/**
 * Requests and responses of HTTP/1 (RFC 9112).
 *
 * A message is looked for where a segment begins with one, as senders in practice start each in a segment of
 * its own; bodies are passed over, but for the first KiB of a response, which may show that it is a program, and
 * then for the first 4 KiB.
 */
import { micros } from '../../model/units.ts'
import type { Frame } from '../packets/frame.ts'
import type { Packet } from '../packets/packet.ts'
import { fileIn, wantedOf } from './file-magic.ts'
import { type Head, type RequestLine, readHead, requestOf, statusOf } from './http-head.ts'
import type { AppLayerParser, Endpoints } from './parser.ts'
import { Gathered, StreamHead } from './stream-head.ts'

const mostBytes = 4096
const mostWaiting = 32
/** Bytes of a response: a head, and the beginning of a program. */
const mostOfResponse = 2 * mostBytes + 80

export const methods = ['GET ', 'POST', 'HEAD', 'PUT ', 'DELE', 'OPTI', 'CONN', 'PATC', 'TRAC', 'PROP']

const starts = (bytes: Uint8Array, at: number, text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false
  return true
}

export function isRequest(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at >= 4 && methods.some((method) => starts(bytes, at, method))
}

export const isResponse = (bytes: Uint8Array, at: number, end: number): boolean =>
  end - at >= 7 && starts(bytes, at, 'HTTP/1.')

interface Request extends RequestLine {
  readonly time: number
  readonly position: number
}

interface Open {
  readonly gathered: Gathered
  readonly time: number
  readonly position: number
}

export class HttpParser implements AppLayerParser {
  private readonly ends: Endpoints
  private readonly client = new StreamHead()
  private readonly server = new StreamHead()
  private request: Open | null = null
  private response: Open | null = null
  private waiting: Request[] = []

  constructor(ends: Endpoints) {
    this.ends = ends
  }

  onPacket(packet: Packet, frame: Frame, fromClient: boolean): boolean {
    if (fromClient === this.ends.sameDirection) this.asks(packet, frame)
    else this.answers(packet, frame)
    return true
  }

  private asks(packet: Packet, frame: Frame): void {
    const place = this.client.place(packet)
    if (place === 'old') return
    if (place === 'gap') this.endRequest()
    if (!this.request && isRequest(frame.bytes, packet.payloadAt, packet.capturedEnd))
      this.request = opened(frame)
    if (!this.request) return
    this.request.gathered.add(frame.bytes, packet)
    const { gathered } = this.request
    if (gathered.full || readHead(gathered.bytes).whole) this.endRequest()
  }

  private endRequest(): void {
    if (!this.request) return
    const { gathered, time, position } = this.request
    this.request = null
    const line = requestOf(readHead(gathered.bytes))
    if (!line) return
    this.waiting.push({ ...line, time, position })
    if (this.waiting.length > mostWaiting) this.give(this.waiting.shift(), null)
  }

  private answers(packet: Packet, frame: Frame): void {
    const place = this.server.place(packet)
    if (place === 'old') return
    if (place === 'gap') this.endResponse()
    if (isResponse(frame.bytes, packet.payloadAt, packet.capturedEnd)) {
      this.endResponse()
      // The answer can only be to what has been asked.
      this.endRequest()
      this.response = opened(frame, mostOfResponse)
    }
    if (!this.response) return
    const { gathered } = this.response
    gathered.add(frame.bytes, packet)
    if (gathered.full || hasEnough(gathered.bytes)) this.endResponse()
  }

  private endResponse(): void {
    if (!this.response) return
    const { gathered, time, position } = this.response
    this.response = null
    const head = readHead(gathered.bytes)
    const status = statusOf(head)
    if (status >= 100 && status < 200) return
    const body = head.whole ? gathered.bytes.subarray(head.bodyAt) : Buffer.alloc(0)
    this.give(this.waiting.shift(), { head, status, body, time, position })
  }

  private give(
    request: Request | undefined,
    response: { head: Head; status: number; body: Buffer; time: number; position: number } | null,
  ): void {
    const { client, server, serverPort, uid, sink } = this.ends
    const file = response ? fileIn(response.body, response.head.isChunked) : null
    const length = response ? response.head.length : null
    sink.record('http', {
      position: request?.position ?? response?.position ?? 0,
      start: micros(request?.time ?? response?.time ?? 0),
      client,
      server,
      serverPort,
      uid,
      method: request?.method ?? '',
      host: request?.host ?? '',
      uri: request?.uri ?? '',
      userAgent: request?.userAgent ?? '',
      status: response && response.status > 0 ? response.status : null,
      mimeType: file?.mimeType ?? response?.head.contentType ?? '',
      requestBytes: request ? request.bytes : null,
      responseBytes: length,
    })
    if (!file || !response) return
    sink.record('file', {
      position: response.position,
      start: micros(response.time),
      client,
      server,
      uid,
      name: fileName(request?.uri ?? ''),
      mimeType: file.mimeType,
      bytes: length,
      hash: file.hash,
      sketch: file.sketch,
      protocol: 'http',
    })
  }

  end(): void {
    this.endRequest()
    this.endResponse()
    for (const request of this.waiting) this.give(request, null)
    this.waiting = []
  }
}

const opened = ({ time, position }: Frame, most = mostBytes): Open => ({
  gathered: new Gathered(most),
  time,
  position,
})

function hasEnough(bytes: Buffer): boolean {
  const head = readHead(bytes)
  if (!head.whole) return bytes.length >= mostBytes
  const wanted = wantedOf(bytes.subarray(head.bodyAt), head.isChunked)
  return bytes.length - head.bodyAt >= Math.min(wanted, head.length ?? wanted)
}

const fileName = (uri: string): string => /([^/?#]+)(?:[?#]|$)/.exec(uri)?.[1]?.slice(0, 255) ?? ''
