/** The values of a data record as a flow: whose, when, how much. */

import { type ExportRecord, implausible, initiator, isIcmp, settleTimes } from '../biflow/record.ts'
import { Packet } from '../packets/packet.ts'
import type { RejectReason } from '../rejects.ts'
import { counted, firewall, first, readCounters } from './counters.ts'
import type { ExportStream } from './exporter.ts'
import { millisAgo, neverSet } from './exporter-clock.ts'
import { slot } from './fields.ts'
import { undoTranslation } from './nat.ts'
import { PacketSample } from './sampled-packet.ts'
import type { Values } from './values.ts'

/** What the datagram's header says beside its stream. */
export interface Exported {
  readonly stream: ExportStream
  /** Microseconds since the Unix epoch, as the exporter says. */
  readonly time: number
  /** The datagram came before: its records are counted already. */
  readonly repeated?: boolean
}

const sample = new PacketSample()

/** Fills the record. @returns why it is no flow, or null. */
export function flowFrom(
  record: ExportRecord,
  values: Values,
  exported: Exported,
  view: DataView,
): RejectReason | null {
  const n = values.numbers
  if (values.own.given !== 3) return packetFrom(record, values, exported, view)
  const { ends } = record
  ends.family = values.own.family
  const proto = n[slot.proto] as number

  // NAT bindings, and sums over prefixes or systems, are no conversations.
  if (!(proto >= 0) || ((n[slot.natEvent] as number) >= 0 && !counted(n))) return 'not-used'
  if (proto > 255) return 'bad-field'
  ends.proto = proto
  const event = n[slot.event] as number

  // Most firewalls count at the end of a connection; some send a single event, with counts, as its creation.
  if (event === firewall.created && !counted(n)) return 'superseded'
  if (event === firewall.alert) return 'not-used'
  record.denied = event === firewall.denied
  if (values.odd || !ports(record, n)) return 'bad-field'
  if (values.translated.given !== 0) inner(record, values)
  readCounters(record, n, exported.stream.protocol === 'netflow-v9')
  flags(record, n)
  times(record, n, exported)
  const biflow = n[slot.biflow] as number
  record.began = biflow === 1 ? initiator.source : biflow === 2 ? initiator.target : record.began
  record.endReason = orZero(n[slot.endReason])
  record.meter = meterOf(exported.stream, n[slot.direction] === 1)

  return checkedTimes(record, exported.stream)
}

/** Keeps a flow that ends milliseconds before it begins. @returns why the record is no flow, or null. */
export function checkedTimes(record: ExportRecord, stream: ExportStream): RejectReason | null {
  if (settleTimes(record)) stream.backwards++
  return implausible(record)
}

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

const after = { ends: new Packet(), family: 0, given: 0, sourcePort: 0, targetPort: 0 }

/** Has the record be of the hosts behind a translation of addresses. */
function inner(record: ExportRecord, { translated, numbers }: Values): void {
  const hasPorts = !isIcmp(record.ends.proto)
  after.ends = translated.ends
  after.family = translated.family
  after.given = translated.given
  after.sourcePort = hasPorts ? orZero(numbers[slot.natSourcePort]) & 0xffff : 0
  after.targetPort = hasPorts ? orZero(numbers[slot.natTargetPort]) & 0xffff : 0
  undoTranslation(record.ends, after)
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
  const { shift } = stream.skew
  const absolute = shiftOfAbsolute(n, exported)
  const seen = known(n[slot.seenTime]) + absolute
  let start = first(
    known(n[slot.start]) + absolute,
    first(fromUptime(n[slot.firstUp], n, exported), time - (n[slot.startDelta] as number)) + shift,
  )
  let end = first(
    known(n[slot.end]) + absolute,
    first(first(fromUptime(n[slot.lastUp], n, exported), time - (n[slot.endDelta] as number)) + shift, seen),
  )

  const lasted = ((n[slot.lastUp] as number) - (n[slot.firstUp] as number)) | 0
  const spanned = first((n[slot.durationMillis] as number) * 1e3, first(n[slot.durationMicros], lasted * 1e3))
  if (Number.isNaN(end)) end = Number.isNaN(start) ? first(seen, time + shift) : start + first(spanned, 0)
  if (Number.isNaN(start)) start = end - first(spanned, 0)

  record.exported = time + shift
  record.start = Math.round(start)
  record.end = Math.round(end)
  record.reverseStart = Math.round(first(known(n[slot.reverseStart]) + absolute, start))
}

/**
 * What is added to times that the record itself says: as to the header's, unless the header has the uptime in place
 * of the time and the record does not.
 */
function shiftOfAbsolute(n: Float64Array, { time, stream }: Exported): number {
  const given = first(known(n[slot.end]), first(known(n[slot.start]), known(n[slot.seenTime])))
  return time < neverSet && given >= neverSet ? 0 : stream.skew.shift
}

/** A time in milliseconds of uptime; NaN where it is not known when the exporter began. */
function fromUptime(millis: number | undefined, n: Float64Array, { stream, time }: Exported): number {
  if (millis === undefined || Number.isNaN(millis)) return Number.NaN
  if (stream.protocol === 'netflow-v9') return stream.boot.at(millis)
  const boot = first(known(n[slot.bootTime]), first(stream.device.bootTime, stream.latestBoot))
  if (Number.isNaN(boot)) return Number.NaN
  const uptime = (time - boot) / 1e3
  return time - millisAgo(uptime, millis) * 1e3
}

/** Whether a record has uptimes and nobody said yet when the exporter began. */
export const lacksBoot = (n: Float64Array, { stream: { protocol, device } }: Exported): boolean =>
  protocol === 'ipfix' &&
  Number.isNaN(device.bootTime) &&
  !((n[slot.bootTime] as number) > 0) &&
  (hasOnlyUptime(n[slot.firstUp], n[slot.start]) || hasOnlyUptime(n[slot.lastUp], n[slot.end]))

const hasOnlyUptime = (uptime: number | undefined, absolute: number | undefined): boolean =>
  Number.isNaN(known(absolute)) && (uptime as number) >= 0

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
