/** The values of a data record as a flow: whose, when, how much. */

import type { RejectReason } from '../rejects.ts'
import type { ExportStream } from './exporter.ts'
import { millisAgo } from './exporter-clock.ts'
import { slot } from './fields.ts'
import { type ExportRecord, implausible, initiator, isIcmp } from './record.ts'
import { PacketSample } from './sampled-packet.ts'
import type { Values } from './values.ts'

/** What the datagram's header says beside its stream. */
export interface Exported {
  readonly stream: ExportStream
  /** Microseconds since the Unix epoch, as the exporter says. */
  readonly time: number
}

/** Cisco's and IPFIX's firewallEvent. */
const firewall = { created: 1, deleted: 2, denied: 3, alert: 4, update: 5 } as const

const sample = new PacketSample()

/** Fills the record. @returns why it is no flow, or null. */
export function flowFrom(
  record: ExportRecord,
  values: Values,
  exported: Exported,
  view: DataView,
): RejectReason | null {
  const n = values.numbers
  if (values.said !== 3) return packetFrom(record, values, exported, view)
  const { ends } = record
  ends.family = values.family
  const proto = n[slot.proto] as number
  // NAT bindings, and sums over prefixes or systems, are no conversations.
  if (!(proto >= 0) || (n[slot.natEvent] as number) >= 0) return 'not-used'
  if (proto > 255) return 'bad-field'
  ends.proto = proto
  const event = n[slot.event] as number
  // Most firewalls count at the end of a connection; some send a single event, with counts, as its creation.
  if (event === firewall.created && !counted(n)) return 'superseded'
  if (event === firewall.alert) return 'not-used'
  record.denied = event === firewall.denied
  if (values.odd || !ports(record, n)) return 'bad-field'
  counts(record, n, exported.stream.protocol)
  flags(record, n)
  times(record, n, exported)
  const biflow = n[slot.biflow] as number
  record.began = biflow === 1 ? initiator.source : biflow === 2 ? initiator.target : record.began
  record.endReason = orZero(n[slot.endReason])
  record.meter = meterOf(exported.stream, n[slot.direction] === 1)
  return implausible(record)
}

const counted = (n: Float64Array): boolean =>
  [slot.bytes, slot.packets, slot.initiatorBytes, slot.responderBytes, slot.totalBytes].some(
    (each) => (n[each] as number) > 0,
  )

/** A number for each exporter, domain and direction of metering. */
export const meterOf = ({ index }: ExportStream, egress = false): number => index * 2 + (egress ? 1 : 0)

const orZero = (value: number | undefined): number => (value !== undefined && value >= 0 ? value : 0)

function ports(record: ExportRecord, n: Float64Array): boolean {
  const { ends } = record
  const [source, target] = [orZero(n[slot.sourcePort]), orZero(n[slot.targetPort])]
  if (source > 65_535 || target > 65_535) return false
  if (!isIcmp(ends.proto)) {
    ends.sourcePort = source
    ends.targetPort = target
    return true
  }
  const type = n[slot.icmpType] as number
  const both = n[slot.icmp] as number
  if (type >= 0) record.icmp(type & 255, orZero(n[slot.icmpCode]) & 255)
  else if (both >= 0) record.icmp((both >>> 8) & 255, both & 255)
  else if ((n[slot.targetPort] as number) >= 0) record.icmp(target >>> 8, target & 255)
  return true
}

/** The first that is said. Called several times a record: of two, without a list. */
const first = (one: number | undefined, other: number | undefined): number =>
  one !== undefined && !Number.isNaN(one) ? one : (other ?? Number.NaN)

function counts(record: ExportRecord, n: Float64Array, protocol: ExportStream['protocol']): void {
  record.bytes = first(n[slot.initiatorBytes], n[slot.bytes])
  record.packets = first(n[slot.initiatorPackets], n[slot.packets])
  record.reverseBytes = first(n[slot.responderBytes], n[slot.reverseBytes])
  record.reversePackets = first(n[slot.responderPackets], n[slot.reversePackets])
  if ((n[slot.initiatorBytes] as number) >= 0) record.began = initiator.source
  const hasOut = (n[slot.outBytes] as number) >= 0 || (n[slot.outPackets] as number) >= 0
  const hasIn = record.bytes >= 0 || record.packets >= 0
  if (!hasIn && hasOut) {
    record.bytes = n[slot.outBytes] as number
    record.packets = n[slot.outPackets] as number
  } else if (hasOut && protocol === 'netflow-v9' && !(record.reverseBytes >= 0)) {
    // Probes and firewalls mean the other direction by it; in IPFIX it is the same one after a middlebox.
    record.reverseBytes = n[slot.outBytes] as number
    record.reversePackets = n[slot.outPackets] as number
  }
  if (!(record.bytes >= 0) && !(record.packets >= 0)) {
    record.bytes = n[slot.totalBytes] as number
    record.packets = n[slot.totalPackets] as number
    record.running = record.bytes >= 0 || record.packets >= 0
  }
  record.both = record.reverseBytes >= 0 || record.reversePackets >= 0
}

function flags(record: ExportRecord, n: Float64Array): void {
  record.flags = union(n[slot.flags], n[slot.firstFlags])
  record.reverseFlags = union(n[slot.reverseFlags], n[slot.reverseFirstFlags])
}

function union(one: number | undefined, other: number | undefined): number {
  const a = one !== undefined && one >= 0 ? one & 255 : -1
  const b = other !== undefined && other >= 0 ? other & 255 : -1
  return a < 0 ? b : b < 0 ? a : a | b
}

const known = (value: number | undefined): number => (value !== undefined && value > 0 ? value : Number.NaN)

/** Start and end, by whichever of the dozen ways the exporter says them; without any, the time of export. */
function times(record: ExportRecord, n: Float64Array, exported: Exported): void {
  const { time, stream } = exported
  const uptimes = n[slot.firstUp] as number
  const seen = known(n[slot.seenTime])
  let start = first(
    known(n[slot.start]),
    first(fromUptime(n[slot.firstUp], n, exported), time - (n[slot.startDelta] as number)),
  )
  let end = first(
    known(n[slot.end]),
    first(fromUptime(n[slot.lastUp], n, exported), first(time - (n[slot.endDelta] as number), seen)),
  )
  const spanned = first(
    (n[slot.durationMillis] as number) * 1e3,
    first(n[slot.durationMicros], (((n[slot.lastUp] as number) - uptimes) | 0) * 1e3),
  )
  if (Number.isNaN(end)) end = Number.isNaN(start) ? first(seen, time) : start + first(spanned, 0)
  if (Number.isNaN(start)) start = end - first(spanned, 0)
  const { shift } = stream.skew
  record.exported = time + shift
  record.start = Math.round(start + shift)
  record.end = Math.round(end + shift)
  record.reverseStart = Math.round(first(known(n[slot.reverseStart]), start) + shift)
}

/** A time in milliseconds of uptime; NaN where it is not known when the exporter began. */
function fromUptime(millis: number | undefined, n: Float64Array, { stream, time }: Exported): number {
  if (millis === undefined || Number.isNaN(millis)) return Number.NaN
  if (stream.protocol === 'netflow-v9') return stream.boot.at(millis)
  const boot = first(known(n[slot.bootTime]), stream.bootTime)
  if (Number.isNaN(boot)) return Number.NaN
  const uptime = (time - boot) / 1e3
  return time - millisAgo(uptime, millis) * 1e3
}

/** The beginning of a sampled packet that the record carries (PSAMP, and Cisco's and Juniper's inline monitoring). */
function packetFrom(
  record: ExportRecord,
  values: Values,
  exported: Exported,
  view: DataView,
): RejectReason | null {
  const n = values.numbers
  const frame = n[slot.cutFrame] as number
  const packet = n[slot.cutPacket] as number
  const at = first(frame, packet)
  if (Number.isNaN(at)) return 'not-used'
  const original = orZero(n[slot.frameBytes]) || values.placeEnd - at
  const found = sample.read(view, { at, end: values.placeEnd, original, isIp: Number.isNaN(frame) }, record)
  if (found) return found
  record.start =
    record.end =
    record.reverseStart =
      Math.round(
        first(known(n[slot.seenTime]), first(known(n[slot.start]), exported.time)) +
          exported.stream.skew.shift,
      )
  record.meter = meterOf(exported.stream, n[slot.direction] === 1)
  return implausible(record)
}
