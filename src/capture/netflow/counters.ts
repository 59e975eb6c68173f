/**
 * What the counters of a record mean: since when they count, and which direction. The one place that decides it.
 *
 * - `octetDeltaCount` 1 and `packetDeltaCount` 2: since the record before (delta), source to destination. Their reverse
 *   (RFC 5103): the same, destination to source.
 * - `initiatorOctets` 231, `responderOctets` 232, `initiatorPackets` 298 and `responderPackets` 299: delta, the
 *   initiator being the source; with the event "deleted" of the whole connection (total).
 * - `octetTotalCount` 85 and `packetTotalCount` 86, where no delta is there: since the flow began (running).
 * - `layer2OctetDeltaCount` 352 and `layer2OctetTotalCount` 353, where no bytes are there: as 1 and 85. They count
 *   frames, so an Ethernet header per packet is taken off, where the packets are known.
 * - `postOctetDeltaCount` 23 and `postPacketDeltaCount` 24 alone: delta, source to destination, after a middlebox.
 * - The same beside 1 and 2: in IPFIX 1 and 2 again, after a middlebox, and not used. In NetFlow v9, where they are
 *   called OUT_BYTES and OUT_PKTS, *claimed* for destination to source: some exporters mean that, others repeat 1
 *   and 2; `biflow/meters.ts` finds out which.
 *
 * Cisco's ASA sends updates (event 5), which are deltas, and at the teardown (event 2) the total: IANA calls both
 * "since the previous report". So a total replaces what was summed up.
 */

import { counter, type ExportRecord, initiator } from '../biflow/record.ts'
import { slot } from './fields.ts'

/** Cisco's and IPFIX's firewallEvent. */
export const firewall = { created: 1, deleted: 2, denied: 3, alert: 4, update: 5 } as const

/** natEvent: creation and end of sessions (RFC 8158, section 5). */
const isNatEnd = (event: number): boolean => event === 2 || event === 5 || event === 7

/** Whether a record counts anything. */
export const counted = (n: Float64Array): boolean =>
  (n[slot.bytes] as number) > 0 ||
  (n[slot.packets] as number) > 0 ||
  (n[slot.initiatorBytes] as number) > 0 ||
  (n[slot.responderBytes] as number) > 0 ||
  (n[slot.initiatorPackets] as number) > 0 ||
  (n[slot.responderPackets] as number) > 0 ||
  (n[slot.totalBytes] as number) > 0 ||
  (n[slot.frameSum] as number) > 0 ||
  (n[slot.frameTotal] as number) > 0

/** Fills the counts of a record. `isNine`: NetFlow v9, and not IPFIX. */
export function readCounters(record: ExportRecord, n: Float64Array, isNine: boolean): void {
  record.bytes = first(n[slot.initiatorBytes], n[slot.bytes])
  record.packets = first(n[slot.initiatorPackets], n[slot.packets])
  record.reverseBytes = first(n[slot.responderBytes], n[slot.reverseBytes])
  record.reversePackets = first(n[slot.responderPackets], n[slot.reversePackets])

  const bySession = (n[slot.initiatorBytes] as number) >= 0 || (n[slot.initiatorPackets] as number) >= 0
  if (bySession) record.began = initiator.source
  const isOver = n[slot.event] === firewall.deleted || isNatEnd(n[slot.natEvent] as number)
  if (bySession && isOver) record.counter = counter.total
  record.more = n[slot.event] === firewall.update

  readOut(record, n, isNine)
  if (!(record.bytes >= 0) && !(record.packets >= 0)) {
    record.bytes = n[slot.totalBytes] as number
    record.packets = n[slot.totalPackets] as number
    if (record.bytes >= 0 || record.packets >= 0) record.counter = counter.running
  }
  if (!(record.bytes >= 0)) readFrames(record, n)
  record.both = record.reverseBytes >= 0 || record.reversePackets >= 0
}

/** Bytes of an Ethernet header without tags. */
const ethernetHeader = 14

/** Takes the bytes of frames for those of packets, where both count since the same time. */
function readFrames(record: ExportRecord, n: Float64Array): void {
  const [sum, total] = [n[slot.frameSum] as number, n[slot.frameTotal] as number]
  if (record.packets >= 0) {
    const frames = record.counter === counter.running ? total : sum
    record.bytes = Math.max(0, frames - ethernetHeader * record.packets)
  } else {
    record.bytes = first(sum, total)
    if (!(sum >= 0) && total >= 0) record.counter = counter.running
  }
}

/** Takes the counts behind a middlebox. */
function readOut(record: ExportRecord, n: Float64Array, isNine: boolean): void {
  const [bytes, packets] = [n[slot.outBytes] as number, n[slot.outPackets] as number]
  if (!(bytes >= 0) && !(packets >= 0)) return
  if (!(record.bytes >= 0) && !(record.packets >= 0)) {
    record.bytes = bytes
    record.packets = packets
  } else if (isNine && !(record.reverseBytes >= 0) && !(record.reversePackets >= 0)) {
    record.reverseBytes = bytes
    record.reversePackets = packets
    record.claimed = true
  }
}

/** The first that is said. Called several times a record: of two, without a list. */
export const first = (one: number | undefined, other: number | undefined): number =>
  one !== undefined && !Number.isNaN(one) ? one : (other ?? Number.NaN)
