/** sFlow version 5 (sflow.org, "sFlow Version 5", 2004): sampled packets and interface counters. */

import type { ExportRecord } from '../biflow/record.ts'
import { ipv4Text, ipv6Text } from '../packets/address-text.ts'
import type { RejectReason } from '../rejects.ts'
import type { ExportStream } from './exporter.ts'
import { PacketSample } from './sampled-packet.ts'

export interface Area {
  readonly at: number
  readonly end: number
}

interface SflowSink {
  /** Names the agent; null to leave the datagram. */
  begin(agent: string, subAgent: number, sequence: number): ExportStream | null
  /** Filled before each `sample`. */
  readonly record: ExportRecord
  sample(stream: ExportStream, why: RejectReason | null, rate: number, at: number): void
  reject(why: RejectReason, what: string, times?: number): void
}

const sampleKind = { flow: 1, counters: 2, wideFlow: 3, wideCounters: 4, discarded: 5 } as const
const recordKind = { rawHeader: 1, ethernet: 2, ipv4: 3, ipv6: 4 } as const
const headerKind = { ethernet: 1, ipv4: 11, ipv6: 12 } as const

const packets = new PacketSample()

/**
 * Reads the datagram; each flow sample is given once, counters are rejected as not used.
 * @returns where it ends: behind its last sample, or at `end` where that cannot be told.
 */
export function readSflow({ view, at, end }: Area & { view: DataView }, sink: SflowSink): number {
  const wide = end - at >= 8 && view.getUint32(at + 4) === 2
  const header = at + 8 + (wide ? 16 : 4)

  if (header + 16 > end) {
    sink.reject('truncated', 'an sFlow header cut short')
    return end
  }

  const agent = wide ? ipv6Text(words(view, at + 8), 0) : ipv4Text(view.getInt32(at + 8))
  const stream = sink.begin(agent, view.getUint32(header), view.getUint32(header + 4))
  if (!stream) return end
  const count = view.getUint32(header + 12)
  let next = header + 16

  for (let i = 0; i < count; i++) {
    const length = next + 8 <= end ? view.getUint32(next + 4) : -1
    if (length < 0 || next + 8 + length > end) {
      // A count is only a claim: it is believed as far as bytes for it could have been there.
      const claimed = Math.min(count - i, Math.max(1, Math.ceil((end - next) / 8)))
      sink.reject('truncated', `sample ${i + 1} of ${count} goes beyond the datagram`, claimed)
      return end
    }
    one({ view, at: next + 8, end: next + 8 + length }, { type: view.getUint32(next), stream, sink })
    next += 8 + length
  }

  return next
}

const words = (view: DataView, at: number): Int32Array =>
  Int32Array.from([0, 4, 8, 12], (each) => view.getInt32(at + each))

interface Given {
  readonly type: number
  readonly stream: ExportStream
  readonly sink: SflowSink
}

function one(area: Area & { view: DataView }, { type, stream, sink }: Given) {
  const { view, at, end } = area
  if (type === sampleKind.counters || type === sampleKind.wideCounters)
    return sink.reject('not-used', 'counters')
  if (type === sampleKind.discarded) return sink.reject('not-used', 'a packet that the agent dropped')
  if (type !== sampleKind.flow && type !== sampleKind.wideFlow)
    return sink.reject('unsupported', `a sample of kind ${type}`)
  const isWide = type === sampleKind.wideFlow
  const fixed = isWide ? 44 : 32
  if (at + fixed > end) return sink.reject('truncated', 'a flow sample cut short')
  const rate = Math.max(1, view.getUint32(at + (isWide ? 12 : 8)))
  const records = view.getUint32(at + fixed - 4)
  const found = inRecords({ view, at: at + fixed, end }, records, sink.record)
  sink.sample(stream, found, rate, at)
}

/** Looks for the packet in the records of a sample. @returns why there is none, or null. */
function inRecords(
  { view, at, end }: Area & { view: DataView },
  count: number,
  record: ExportRecord,
): RejectReason | null {
  let next = at
  let found: RejectReason | null = 'not-used'

  for (let i = 0; i < count; i++) {
    if (next + 8 > end) return found === null ? null : 'truncated'
    const kind = view.getUint32(next)
    const length = view.getUint32(next + 4)
    const from = next + 8
    if (from + length > end) return found === null ? null : 'truncated'
    if (found !== null && kind <= recordKind.ipv6) {
      record.clear()
      const given = readRecord({ view, at: from, end: from + length }, kind, record)
      if (given !== 'not-used') found = given
    }
    next = from + length + (length % 4 === 0 ? 0 : 4 - (length % 4))
  }

  return found
}

function readRecord(
  area: Area & { view: DataView },
  kind: number,
  record: ExportRecord,
): RejectReason | null {
  if (kind === recordKind.rawHeader) return rawHeader(area, record)
  if (kind === recordKind.ipv4) return addresses(area, { wide: false, record })
  if (kind === recordKind.ipv6) return addresses(area, { wide: true, record })
  return 'not-used'
}

function rawHeader({ view, at, end }: Area & { view: DataView }, record: ExportRecord): RejectReason | null {
  if (at + 16 > end) return 'truncated'
  const kind = view.getUint32(at)
  const original = view.getUint32(at + 4)
  const length = view.getUint32(at + 12)
  if (at + 16 + length > end) return 'truncated'
  const isIp = kind === headerKind.ipv4 || kind === headerKind.ipv6
  if (!isIp && kind !== headerKind.ethernet) return 'unsupported'
  return packets.read(view, { at: at + 16, end: at + 16 + length, original, isIp }, record)
}

/** The agent took the header apart: length, protocol, addresses, ports, flags. */
function addresses(
  { view, at, end }: Area & { view: DataView },
  { wide, record }: { wide: boolean; record: ExportRecord },
): RejectReason | null {
  const size = wide ? 16 : 4
  const ports = at + 8 + 2 * size
  if (ports + 16 > end) return 'truncated'
  const { ends } = record
  const proto = view.getUint32(at + 4)
  const [source, target] = [view.getUint32(ports), view.getUint32(ports + 4)]
  if (proto > 255 || source > 65_535 || target > 65_535) return 'bad-field'
  ends.family = wide ? 6 : 4
  ends.proto = proto
  ends.s3 = view.getInt32(at + 8 + size - 4)
  ends.d3 = view.getInt32(ports - 4)

  if (wide) {
    ends.s0 = view.getInt32(at + 8)
    ends.s1 = view.getInt32(at + 12)
    ends.s2 = view.getInt32(at + 16)
    ends.d0 = view.getInt32(at + 24)
    ends.d1 = view.getInt32(at + 28)
    ends.d2 = view.getInt32(at + 32)
  }

  ends.sourcePort = source
  ends.targetPort = target
  record.packets = 1
  record.bytes = view.getUint32(at)
  record.flags = view.getUint32(ports + 8) & 255

  return null
}
