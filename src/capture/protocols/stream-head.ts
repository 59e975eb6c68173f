/** The first bytes of one direction of a TCP stream, in order and bounded. */
import type { Packet } from '../packets/packet.ts'

type Arrival = 'next' | 'old' | 'gap'

export class StreamHead {
  private expected = 0
  private begun = false

  /**
   * Where a segment stands. `next` moves the stream on past it; after `gap` it goes on from there, the bytes
   * between being lost.
   */
  place({ sequence, payloadBytes }: Packet): Arrival {
    const ahead = this.begun ? (sequence - this.expected) | 0 : 0
    if (ahead < 0) return 'old'
    this.begun = true
    this.expected = (sequence + payloadBytes) | 0
    return ahead === 0 ? 'next' : 'gap'
  }
}

/** Bytes gathered up to a limit. */
export class Gathered {
  bytes: Buffer = Buffer.alloc(0)
  /** Whether nothing more can be added: the limit is reached, or bytes were lost. */
  full = false
  private readonly limit: number

  constructor(limit: number) {
    this.limit = limit
  }

  /** Adds the captured part of a payload; one that was cut in capture is the last. */
  add(source: Uint8Array, { payloadAt, payloadBytes, capturedEnd }: Packet): void {
    if (this.full) return
    const captured = Math.max(0, Math.min(payloadBytes, capturedEnd - payloadAt))
    const room = Math.min(captured, this.limit - this.bytes.length)
    this.bytes = Buffer.concat([this.bytes, source.subarray(payloadAt, payloadAt + room)])
    this.full = captured < payloadBytes || this.bytes.length >= this.limit
  }
}
