/** Questions to the DNS, over UDP or TCP, with their answers. */
import type { Dns } from '../../model/application-records.ts'
import { micros } from '../../model/units.ts'
import type { Frame } from '../packets/frame.ts'
import type { Packet } from '../packets/packet.ts'
import { type DnsMessage, readDns } from './dns-message.ts'
import type { AppLayerParser, Endpoints } from './parser.ts'
import { Gathered, StreamHead } from './stream-head.ts'

export const dnsPort = 53
const mostWaiting = 64
const mostBytes = 4096

interface Asked {
  readonly message: DnsMessage
  readonly time: number
  readonly position: number
}

/** Questions of one conversation, each given with its answer, or without where none comes. */
export class Questions {
  private readonly ends: Endpoints
  private readonly asked = new Map<number, Asked>()

  constructor(ends: Endpoints) {
    this.ends = ends
  }

  take(message: DnsMessage | null, { time, position }: Pick<Frame, 'time' | 'position'>): void {
    if (!message) return
    const before = this.asked.get(message.id)
    const isSame = before?.message.query === message.query && before.message.queryType === message.queryType

    if (message.isAnswer) {
      if (before && isSame) this.asked.delete(message.id)
      this.give(before && isSame ? before : { message, time, position }, message)
      return
    }

    // Asked again: the same question.
    if (isSame) return
    if (before) this.give(before, null)
    this.asked.set(message.id, { message, time, position })
    if (this.asked.size <= mostWaiting) return
    const [oldest, asked] = this.asked.entries().next().value as [number, Asked]
    this.asked.delete(oldest)
    this.give(asked, null)
  }

  private give({ message, time, position }: Asked, answer: DnsMessage | null): void {
    const { client, server, uid, sink } = this.ends

    const row: Dns = {
      start: micros(time),
      client,
      server,
      uid,
      query: message.query,
      queryType: message.queryType,
      responseCode: answer?.responseCode ?? '',
      answers: answer?.answers ?? [],
      ttls: answer?.ttls ?? [],
      answerBytes: answer?.answerBytes ?? null,
      nameServers: answer?.nameServers ?? [],
      nameServerAddresses: answer?.nameServerAddresses ?? [],
    }

    sink.record('dns', { ...row, position })
  }

  end(): void {
    for (const asked of this.asked.values()) this.give(asked, null)
    this.asked.clear()
  }
}

export class DnsParser implements AppLayerParser {
  private readonly questions: Questions
  private readonly streams: readonly [Side, Side] | null

  constructor(ends: Endpoints, isStream: boolean) {
    this.questions = new Questions(ends)
    this.streams = isStream ? [new Side(), new Side()] : null
  }

  onPacket(packet: Packet, frame: Frame, fromClient: boolean): boolean {
    if (!this.streams) {
      const { payloadAt: at, capturedEnd: end, payloadBytes } = packet
      this.questions.take(readDns(frame.bytes, { at, end, length: payloadBytes }), frame)
      return true
    }
    const side = this.streams[fromClient ? 0 : 1]
    side.add(frame.bytes, packet)
    for (let found = side.message(); found; found = side.message())
      this.questions.take(
        readDns(found.bytes, { at: 0, end: found.bytes.length, length: found.length }),
        frame,
      )
    return !this.streams[0].isDone || !this.streams[1].isDone
  }

  end(): void {
    this.questions.end()
  }
}

/** One direction of DNS over TCP: each message has its length before it. */
class Side {
  private readonly head = new StreamHead()
  private readonly gathered = new Gathered(mostBytes)
  private at = 0
  private lost = false

  add(bytes: Uint8Array, packet: Packet): void {
    const place = this.head.place(packet)
    if (place === 'gap') this.lost = true
    if (place === 'next' && !this.lost) this.gathered.add(bytes, packet)
  }

  get isDone(): boolean {
    return this.lost || this.gathered.full
  }

  /** The next message as far as it was kept, and its length on the wire. */
  message(): { bytes: Uint8Array; length: number } | null {
    const { bytes } = this.gathered
    if (bytes.length - this.at < 2) return null
    const length = bytes.readUInt16BE(this.at)
    const end = this.at + 2 + length
    if (end > bytes.length && !this.gathered.full) return null
    const message = bytes.subarray(this.at + 2, end)
    this.at = end
    return { bytes: message, length }
  }
}
