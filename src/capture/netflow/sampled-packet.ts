/** One packet that an exporter picked out, of which the first bytes came. */

import type { ExportRecord } from '../biflow/record.ts'
import { Decoder } from '../packets/decoder.ts'
import { Frame } from '../packets/frame.ts'
import { type Verdict, verdict } from '../packets/packet.ts'
import type { RejectReason } from '../rejects.ts'

const reasons: Readonly<Record<Verdict, RejectReason | null>> = {
  [verdict.packet]: null,
  [verdict.notIp]: 'not-ip',
  [verdict.truncated]: 'truncated',
  [verdict.badField]: 'bad-field',
  [verdict.unsupported]: 'unsupported',
  [verdict.badTime]: 'bad-time',
  [verdict.counted]: 'superseded',
}

const link = { ethernet: 1, ip: 101 } as const

interface Cut {
  readonly at: number
  readonly end: number
  /** Bytes on the wire. */
  readonly original: number
  /** Whether it begins with its IP header, and not with Ethernet. */
  readonly isIp: boolean
}

export class PacketSample {
  private readonly decoder = new Decoder()
  private readonly frame = new Frame()

  /** Makes `record` a flow of this packet, without its time. @returns why it is none, or null. */
  read(view: DataView, { at, end, original, isIp }: Cut, record: ExportRecord): RejectReason | null {
    const { frame, decoder } = this

    if (frame.view !== view) {
      frame.view = view
      frame.bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
    }

    frame.at = at
    frame.end = end
    frame.original = Math.max(original, end - at)
    frame.link = isIp ? link.ip : link.ethernet
    const found = decoder.decode(frame)
    if (found !== verdict.packet) return reasons[found]
    const { packet } = decoder
    const { ends } = record
    ends.family = packet.family
    ends.s0 = packet.s0
    ends.s1 = packet.s1
    ends.s2 = packet.s2
    ends.s3 = packet.s3
    ends.d0 = packet.d0
    ends.d1 = packet.d1
    ends.d2 = packet.d2
    ends.d3 = packet.d3
    ends.proto = packet.proto
    ends.sourcePort = packet.sourcePort
    ends.targetPort = packet.targetPort
    record.packets = 1
    record.bytes = packet.ipBytes
    record.flags = packet.fragment === 2 ? -1 : packet.tcpFlags & 255

    return null
  }
}
