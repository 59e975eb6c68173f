/** Records of nfdump's layout 2 (nfxV3.h of nfdump 1.7): a header, then elements that say their kind and length. */

import { type ExportRecord, isIcmp } from '../biflow/record.ts'
import type { ExportIntake } from '../netflow/intake.ts'
import { undoTranslation } from '../netflow/nat.ts'
import { Packet } from '../packets/packet.ts'
import type { RejectReason } from '../rejects.ts'
import {
  addresses4,
  addresses6,
  type BlockOf,
  firewall,
  Giving,
  noTranslation,
  portsOf,
  type Translation,
  wide,
} from './record.ts'

const type = { flow: 11 } as const
const flag = { event: 1, sampled: 2 } as const
const element = {
  generic: 1,
  four: 2,
  six: 3,
  misc: 4,
  counts: 5,
  firewall: 19,
  translated4: 20,
  translated6: 21,
  translatedPorts: 22,
} as const
/** Bytes that each has at least. */
const least: Readonly<Record<number, number>> = {
  1: 48,
  2: 8,
  3: 32,
  4: 12,
  5: 24,
  19: 15,
  20: 8,
  21: 32,
  22: 4,
}

const translation: Translation = { ends: new Packet(), family: 0, given: 0, sourcePort: 0, targetPort: 0 }

export function recordsOfLayout2(intake: ExportIntake, { little }: { little: boolean }) {
  const giving = new Giving(intake)
  return (view: DataView, { records, type: kind }: BlockOf): void => {
    if (kind !== 3 && kind !== 4) return
    giving.each(view, records, little, (at, id, size) => {
      if (id === type.flow) giving.give((record) => fill(record, view, { at, size, little }), view, at, size)
    })
  }
}

interface Place {
  readonly at: number
  readonly size: number
  readonly little: boolean
}

function fill(record: ExportRecord, view: DataView, { at, size, little }: Place): RejectReason | null {
  if (size < 12) return 'truncated'
  const flags = view.getUint8(at + 10)
  const end = at + size
  let [next, seen, event, eventTime] = [at + 12, 0, 0, 0]
  noTranslation(translation)
  for (let i = view.getUint16(at + 4, little); i > 0; i--) {
    if (next + 4 > end) return 'truncated'
    const id = view.getUint16(next, little)
    const length = view.getUint16(next + 2, little)
    if (length < 4 || next + length > end) return 'truncated'
    if (length - 4 < (least[id] ?? 0)) return 'bad-field'
    const from = next + 4
    if (id === element.generic) generic(record, view, from, little)
    else if (id === element.four) addresses4(record.ends, view, from, little)
    else if (id === element.six) addresses6(record.ends, view, from, little)
    else if (id === element.misc && length >= 20) misc(record, view, from)
    else if (id === element.counts) {
      record.reversePackets = wide(view, from + 8, little)
      record.reverseBytes = wide(view, from + 16, little)
    } else if (id === element.firewall) {
      eventTime = wide(view, from, little) * 1e3
      event = view.getUint8(from + 14)
    } else translated(view, id, from, little)
    seen |= id === element.generic ? 1 : id === element.four || id === element.six ? 2 : 0
    next += length
  }

  if (seen !== 3) return 'not-used'
  portsOf(record, record.ends.sourcePort, record.ends.targetPort)
  if (isIcmp(record.ends.proto)) translation.sourcePort = translation.targetPort = 0
  undoTranslation(record.ends, translation)
  record.both = record.reversePackets > 0 || record.reverseBytes > 0
  record.claimed = event === 0
  if (flags & flag.sampled) record.rate = Number.POSITIVE_INFINITY
  if (flags & flag.event && event === 0) return 'superseded'
  return firewall(record, event, eventTime)
}

/** Takes an element of translated addresses or ports. */
function translated(view: DataView, id: number, from: number, little: boolean): void {
  if (id === element.translatedPorts) {
    translation.sourcePort = view.getUint16(from, little)
    translation.targetPort = view.getUint16(from + 2, little)
    return
  }
  if (id !== element.translated4 && id !== element.translated6) return
  const isFour = id === element.translated4
  if (isFour) addresses4(translation.ends, view, from, little)
  else addresses6(translation.ends, view, from, little)
  translation.family = isFour ? 4 : 6
  translation.given = 3
}

function generic(record: ExportRecord, view: DataView, at: number, little: boolean): void {
  record.start = record.reverseStart = wide(view, at, little) * 1e3
  record.end = wide(view, at + 8, little) * 1e3
  const received = wide(view, at + 16, little) * 1e3
  record.exported = received > 0 ? received : Number.NaN
  record.packets = wide(view, at + 24, little)
  record.bytes = wide(view, at + 32, little)
  record.ends.sourcePort = view.getUint16(at + 40, little)
  record.ends.targetPort = view.getUint16(at + 42, little)
  record.ends.proto = view.getUint8(at + 44)
  record.flags = view.getUint8(at + 45)
}

function misc(record: ExportRecord, view: DataView, at: number): void {
  const began = view.getUint8(at + 12)
  record.began = began === 1 || began === 2 ? began : 0
  record.endReason = view.getUint8(at + 13)
  const flags = view.getUint8(at + 14)
  if (flags > 0) record.reverseFlags = flags
}
