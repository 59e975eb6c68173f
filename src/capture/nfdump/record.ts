/** What both layouts of nfdump share. Numbers are in the byte order of the machine that wrote the file. */

import { counter, ExportRecord, implausible, initiator, isIcmp, settleTimes } from '../biflow/record.ts'
import type { ExportIntake } from '../netflow/intake.ts'
import { type Packet, setSource, setTarget } from '../packets/packet.ts'
import type { RejectReason } from '../rejects.ts'

export interface BlockOf {
  readonly records: number
  readonly type: number
}

export const wide = (view: DataView, at: number, little: boolean): number =>
  view.getUint32(little ? at + 4 : at, little) * 2 ** 32 + view.getUint32(little ? at : at + 4, little)

export function addresses4(ends: Packet, view: DataView, at: number, little: boolean): number {
  ends.family = 4
  ends.s0 = ends.s1 = ends.s2 = ends.d0 = ends.d1 = ends.d2 = 0
  ends.s3 = view.getInt32(at, little)
  ends.d3 = view.getInt32(at + 4, little)
  return at + 8
}

/** Each address is two words of 64 bits. */
export function addresses6(ends: Packet, view: DataView, at: number, little: boolean): number {
  const word = (i: number) => view.getInt32(at + (i & ~1) * 4 + (little === ((i & 1) === 0) ? 4 : 0), little)
  ends.family = 6
  setSource(ends, [word(0), word(1), word(2), word(3)])
  setTarget(ends, [word(4), word(5), word(6), word(7)])
  return at + 32
}

/** Sets the ports; nfdump keeps type and code of ICMP in the target's. */
export function portsOf(record: ExportRecord, source: number, target: number): void {
  if (isIcmp(record.ends.proto)) record.icmp(target >>> 8, target & 255)
  else {
    record.ends.sourcePort = source
    record.ends.targetPort = target
  }
}

/** Events of a firewall, as NSEL numbers them. */
const firewallEvent = { created: 1, deleted: 2, denied: 3, alert: 4, update: 5 } as const

/**
 * Takes the event of a firewall into a record: updates count since the one before, the teardown counts all. `time` is
 * when it happened, in microseconds; such records have no end. @returns why it is no flow, or null.
 */
export function firewall(record: ExportRecord, event: number, time: number): RejectReason | null {
  if (event === 0) return null
  if (record.end === 0) record.end = time
  record.began = initiator.source
  record.denied = event === firewallEvent.denied
  record.more = event === firewallEvent.update
  if (event === firewallEvent.deleted) record.counter = counter.total
  if (event === firewallEvent.alert) return 'not-used'
  const counts =
    record.packets > 0 || record.bytes > 0 || record.reversePackets > 0 || record.reverseBytes > 0
  return event === firewallEvent.created && !counts ? 'superseded' : null
}

/** Addresses and ports after translation, as `undoTranslation` takes them; made anew for each record. */
export interface Translation {
  readonly ends: Packet
  family: number
  given: number
  sourcePort: number
  targetPort: number
}

export function noTranslation(to: Translation): void {
  to.family = to.given = to.sourcePort = to.targetPort = 0
}

/** Microseconds after which an uptime of 32 bits runs over, less an hour. */
const almostWrapped = (2 ** 32 - 3_600_000) * 1e3

/**
 * Undoes what nfcapd makes of a flow that ends milliseconds before it begins: it takes the uptime to have run over, so
 * that the flow seems to last 49.7 days.
 */
function undoWrap(record: ExportRecord): void {
  if (record.end - record.start < almostWrapped) return
  record.start += 2 ** 32 * 1e3
  record.reverseStart = record.start
}

/** The way of records to the intake. */
export class Giving {
  private readonly intake: ExportIntake
  private readonly record = new ExportRecord()

  constructor(intake: ExportIntake) {
    this.intake = intake
  }

  /** Steps through the records of a block; what is not there is a reject. */
  each(
    view: DataView,
    records: number,
    little: boolean,
    take: (at: number, id: number, size: number) => void,
  ): void {
    let at = 0
    for (let i = 0; i < records; i++) {
      const size = at + 4 <= view.byteLength ? view.getUint16(at + 2, little) : 0
      if (size < 4 || at + size > view.byteLength) {
        this.intake.skip('truncated', `record ${i + 1} of ${records} of a block goes beyond it`)
        return
      }
      take(at, view.getUint16(at, little), size)
      at += size
    }
  }

  give(fill: (record: ExportRecord) => RejectReason | null, view: DataView, at: number, size: number): void {
    const { intake, record } = this
    record.clear()
    const filled = fill(record)
    undoWrap(record)
    if (settleTimes(record)) intake.backwards++
    const why = filled ?? implausible(record)
    if (why)
      intake.skip(why, Buffer.from(view.buffer, view.byteOffset + at, Math.min(size, 48)).toString('hex'))
    else if (record.rate > 1 && intake.refusesSamples)
      intake.skip('sampled', 'nfdump has scaled a record of sampled packets')
    else intake.put(record)
  }
}
