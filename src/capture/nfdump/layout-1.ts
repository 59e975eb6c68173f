/** Records of nfdump's layout 1 (nffile.h of nfdump 1.6): a common part, then extensions that a map lists. */

import { type ExportRecord, isIcmp } from '../biflow/record.ts'
import type { ExportIntake } from '../netflow/intake.ts'
import { undoTranslation } from '../netflow/nat.ts'
import { Packet } from '../packets/packet.ts'
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

const type = { commonBefore: 1, map: 2, common: 10 } as const
const flag = { six: 1, widePackets: 2, wideBytes: 4, event: 64, sampled: 128 } as const

/** Bytes of each extension, by its number; 1 to 3 are in every record. */
const sizes: Readonly<Record<number, number>> = {
  4: 4,
  5: 8,
  6: 4,
  7: 8,
  8: 4,
  9: 4,
  10: 16,
  11: 4,
  12: 16,
  13: 4,
  14: 4,
  15: 8,
  16: 4,
  17: 8,
  18: 4,
  19: 8,
  20: 16,
  21: 16,
  22: 40,
  23: 4,
  24: 16,
  25: 4,
  26: 8,
  27: 8,
  37: 20,
  38: 4,
  39: 8,
  40: 32,
  41: 24,
  42: 24,
  43: 72,
  45: 24,
  46: 12,
  47: 8,
  48: 8,
}
const extension = {
  outPackets4: 14,
  outPackets8: 15,
  outBytes4: 16,
  outBytes8: 17,
  firewall: 37,
  translatedPorts: 38,
  translated4: 39,
  translated6: 40,
} as const

const translation: Translation = { ends: new Packet(), family: 0, given: 0, sourcePort: 0, targetPort: 0 }

export function recordsOfLayout1(intake: ExportIntake, { little }: { little: boolean }) {
  const maps = new Map<number, number[]>()
  const giving = new Giving(intake)
  return (view: DataView, { records, type: kind }: BlockOf): void => {
    if (kind !== 2) {
      if (kind === 1) intake.skip('unsupported', `a block of ${records} records of nfdump 1.5`)
      return
    }
    giving.each(view, records, little, (at, id, size) => {
      if (id === type.map) learn(maps, view, at, size, little)
      else if (id === type.common || id === type.commonBefore) {
        const head = id === type.common ? 32 : 28
        giving.give((record) => fill(record, view, { at, size, head, little, maps }), view, at, size)
      }
    })
  }
}

function learn(maps: Map<number, number[]>, view: DataView, at: number, size: number, little: boolean): void {
  const ids: number[] = []
  for (let next = at + 8; next + 2 <= at + size; next += 2) {
    const id = view.getUint16(next, little)
    if (id === 0) break
    ids.push(id)
  }
  if (size >= 8) maps.set(view.getUint16(at + 4, little), ids)
}

interface Place {
  readonly at: number
  readonly size: number
  /** Bytes of the common part. */
  readonly head: number
  readonly little: boolean
  readonly maps: ReadonlyMap<number, readonly number[]>
}

function fill(record: ExportRecord, view: DataView, { at, size, head, little, maps }: Place) {
  if (size < head) return 'truncated'
  const flags = head === 32 ? view.getUint16(at + 4, little) : view.getUint8(at + 4)
  const end = at + size
  let next = at + head
  const { ends } = record
  const [packets, bytes] = [flags & flag.widePackets ? 8 : 4, flags & flag.wideBytes ? 8 : 4]
  if (next + (flags & flag.six ? 32 : 8) + packets + bytes > end) return 'truncated'
  next = flags & flag.six ? addresses6(ends, view, next, little) : addresses4(ends, view, next, little)
  ends.proto = view.getUint8(at + 22)
  portsOf(record, view.getUint16(at + 24, little), view.getUint16(at + 26, little))
  record.flags = view.getUint8(at + 21)
  const time = (seconds: number, millis: number) =>
    view.getUint32(at + seconds, little) * 1e6 + view.getUint16(at + millis, little) * 1e3
  record.start = record.reverseStart = time(12, 8)
  record.end = time(16, 10)
  record.packets = packets === 8 ? wide(view, next, little) : view.getUint32(next, little)
  next += packets
  record.bytes = bytes === 8 ? wide(view, next, little) : view.getUint32(next, little)
  next += bytes
  if (head === 32) record.endReason = view.getUint8(at + 31)

  const { event, time: eventTime } = extensions(record, view, {
    next,
    end,
    little,
    ids: maps.get(view.getUint16(at + 6, little)) ?? [],
  })

  if (isIcmp(ends.proto)) translation.sourcePort = translation.targetPort = 0
  undoTranslation(ends, translation)
  record.claimed = event === 0
  if (flags & flag.sampled) record.rate = Number.POSITIVE_INFINITY
  if (flags & flag.event && event === 0) return 'superseded'

  return firewall(record, event, eventTime)
}

/** Takes the extensions that are used: counts of the other direction, translation, and the event of a firewall. */
function extensions(
  record: ExportRecord,
  view: DataView,
  { next, end, little, ids }: { next: number; end: number; little: boolean; ids: readonly number[] },
): { event: number; time: number } {
  const found = { event: 0, time: 0 }
  noTranslation(translation)
  let at = next

  for (const id of ids) {
    if (id <= 3) continue
    const size = sizes[id]
    // What stands behind an extension of unknown size cannot be found.
    if (size === undefined || at + size > end) break
    const value = size === 8 ? wide(view, at, little) : size === 4 ? view.getUint32(at, little) : 0
    if (id === extension.outPackets4 || id === extension.outPackets8) record.reversePackets = value
    else if (id === extension.outBytes4 || id === extension.outBytes8) record.reverseBytes = value
    else if (id === extension.firewall) {
      found.time = wide(view, at, little) * 1e3
      found.event = view.getUint8(at + 14)
    } else translated(view, id, at, little)
    at += size
  }

  record.both = record.reversePackets > 0 || record.reverseBytes > 0

  return found
}

/** Takes an extension of translated addresses or ports. */
function translated(view: DataView, id: number, at: number, little: boolean): void {
  if (id === extension.translatedPorts) {
    translation.sourcePort = view.getUint16(at, little)
    translation.targetPort = view.getUint16(at + 2, little)
    return
  }
  if (id !== extension.translated4 && id !== extension.translated6) return
  const isFour = id === extension.translated4
  if (isFour) addresses4(translation.ends, view, at, little)
  else addresses6(translation.ends, view, at, little)
  translation.family = isFour ? 4 : 6
  translation.given = 3
}
