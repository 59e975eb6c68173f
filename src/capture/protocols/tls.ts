/** The hellos of a TLS connection. */
import { micros } from '../../model/units.ts'
import type { Frame } from '../packets/frame.ts'
import type { Packet } from '../packets/packet.ts'
import type { AppLayerParser, Endpoints } from './parser.ts'
import { Gathered, StreamHead } from './stream-head.ts'
import { helloLength, readClientHello, readServerVersion } from './tls-hello.ts'

const mostBytes = 4096

export class TlsParser implements AppLayerParser {
  private readonly ends: Endpoints
  private readonly client = new HelloSide()
  private readonly server = new HelloSide()
  private time = -1
  private position = 0

  constructor(ends: Endpoints) {
    this.ends = ends
  }

  onPacket(packet: Packet, frame: Frame, fromClient: boolean): boolean {
    if (this.time < 0) {
      this.time = frame.time
      this.position = frame.position
    }
    const side = fromClient === this.ends.sameDirection ? this.client : this.server
    side.add(frame.bytes, packet)
    return !this.client.isDone || !this.server.isDone
  }

  end(): void {
    const { client, server, serverPort, uid, sink } = this.ends
    const hello = readClientHello(this.client.bytes)
    const version = readServerVersion(this.server.bytes)
    if (!hello && !version) return
    sink.record('tls', {
      position: this.position,
      start: micros(this.time),
      client,
      server,
      serverPort,
      uid,
      serverName: hello?.serverName ?? '',
      version,
      fingerprint: hello?.fingerprint ?? '',
      subject: '',
      issuer: '',
    })
  }
}

class HelloSide {
  private readonly head = new StreamHead()
  private readonly gathered = new Gathered(mostBytes)
  private lost = false

  add(bytes: Uint8Array, packet: Packet): void {
    const place = this.head.place(packet)
    if (place === 'gap') this.lost = true
    if (place === 'next' && !this.isDone) this.gathered.add(bytes, packet)
  }

  get bytes(): Uint8Array {
    return this.gathered.bytes
  }

  get isDone(): boolean {
    const { bytes, full } = this.gathered
    return this.lost || full || (bytes.length > 0 && bytes.length >= helloLength(bytes))
  }
}
