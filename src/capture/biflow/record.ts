/** What one record of an exporter says of one flow. The same object is used again for the next record. */
import { Packet, protocol } from '../packets/packet.ts'
import { counterpart } from '../packets/transport.ts'

export const initiator = { unknown: 0, source: 1, target: 2 } as const

/** Since when a record counts; `netflow/counters.ts` tells it of each field. */
export const counter = {
  /** Since the record before: to be added up. */
  delta: 0,
  /** Since the flow began, and it goes on: the greatest counts. */
  running: 1,
  /** Since the flow began, and it is over: replaces all that was counted. */
  total: 2,
} as const

export class ExportRecord {
  /**
   * Addresses, transport and ports; ICMP as `readTransport` has it: the type, and the type of its answer or the
   * code.
   */
  readonly ends = new Packet()
  /** Microseconds since the Unix epoch. */
  start = 0
  end = 0
  /** When the exporter sent it; NaN where that is not known. */
  exported = Number.NaN
  /** From the source, scaled by `rate`; NaN where not said. */
  packets = Number.NaN
  bytes = Number.NaN
  /** Union of the source's TCP flags; -1 where not said. */
  flags = -1
  /** Whether the record tells of the other direction too (RFC 5103 and the like). */
  both = false
  reversePackets = Number.NaN
  reverseBytes = Number.NaN
  reverseFlags = -1
  /** When the other side was first heard. */
  reverseStart = 0
  /** The counts of the other direction are of fields that some exporters use for this one again: see `counters.ts`. */
  claimed = false
  /** Since when it counts: see `counter`. */
  counter = 0
  /** A later record of the same flow is announced. */
  more = false
  /** Which side the exporter says began it: see `initiator`. */
  began = 0
  /** IPFIX flowEndReason; 0 if unknown. */
  endReason = 0
  /** A firewall refused it. */
  denied = false
  /** Packets on the wire for each that was looked at. */
  rate = 1
  /** What measured it: a number of exporter, domain and metering direction. */
  meter = 0
  /** Number of the record in its input, from 1. */
  position = 0

  clear(): void {
    const { ends } = this
    ends.family = 4
    ends.s0 = ends.s1 = ends.s2 = ends.s3 = ends.d0 = ends.d1 = ends.d2 = ends.d3 = 0
    ends.proto = ends.sourcePort = ends.targetPort = 0
    this.start = this.end = this.reverseStart = 0
    this.exported = Number.NaN
    this.packets = this.bytes = this.reversePackets = this.reverseBytes = Number.NaN
    this.flags = this.reverseFlags = -1
    this.both = this.claimed = this.more = this.denied = false
    this.counter = this.began = this.endReason = 0
    this.rate = 1
  }

  /** Sets the ports of an ICMP record from type and code. */
  icmp(type: number, code: number): void {
    const { ends } = this
    const answer = counterpart(ends.proto, type)
    ends.sourcePort = type
    ends.targetPort = answer < 0 ? code : answer
  }

  /** Multiplies the counts by the sampling rate. */
  scale(rate: number): void {
    this.rate = rate
    if (rate === 1) return
    this.packets = Math.round(this.packets * rate)
    this.bytes = Math.round(this.bytes * rate)
    this.reversePackets = Math.round(this.reversePackets * rate)
    this.reverseBytes = Math.round(this.reverseBytes * rate)
  }
}

export const isIcmp = (proto: number): boolean => proto === protocol.icmp || proto === protocol.icmp6

/** Microseconds by which a flow may end before it began: clocks of one exporter that disagree. */
const mostBackwards = 10e6

/** Has a flow that ends shortly before it began end where it began. @returns whether it did. */
export function settleTimes(record: ExportRecord): boolean {
  const { start, end } = record
  if (!(end < start && start - end <= mostBackwards)) return false
  record.end = start
  return true
}

/** Why a record cannot be a flow, or null: counts and times that no flow has. */
export function implausible({ start, end, packets, bytes }: ExportRecord): 'bad-time' | 'bad-field' | null {
  if (!(start >= earliest && end >= start && end < latest)) return 'bad-time'
  return packets >= mostCount || bytes >= mostCount ? 'bad-field' : null
}

/** NetFlow is of the nineties: what is before is the uptime of an exporter whose clock was never set. */
const earliest = Date.UTC(1990, 0, 1) * 1000
/** Microseconds from 1970 to the end of what a time may be (model/units.ts). */
const latest = 2 ** 33 * 1e6
/** Sums of such counts stay exact in a double. */
const mostCount = 1e15
