/**
 * IEEE 802.11, and what is put before it by those that listen: radiotap, AVS, Prism.
 *
 * Data frames that are not encrypted, with 802.2 and SNAP. Frames of management and control carry no packet. A frame
 * that is marked as encrypted is read where the driver has decrypted it in place, and is otherwise said to be not read.
 */

import { goTo, type Layer, layer, notRead, type Place, type Span, unread } from './place.ts'
import { verdict as is, type Verdict } from './verdict.ts'

const frameControl = { version: 0x03, type: 0x0c, data: 0x08, empty: 0x40, quality: 0x80 } as const
const flag = { toBoth: 3, encrypted: 0x40, order: 0x80 } as const
const header = { three: 24, four: 30 } as const
/** What CCMP and TKIP put before the payload, and what WEP does. */
const vectors = [8, 4] as const

/** A frame without anything before it. */
export const wireless: Layer = (span, place) => wirelessFrame(span, place, false)

/** `isPadded`: the header is padded to four bytes. */
function wirelessFrame({ view, end }: Span, place: Place, isPadded: boolean): Verdict {
  const { at } = place

  // Frames of control are shorter than all others.
  if (end - at >= 2 && (controlOf(view, at) & frameControl.type) !== frameControl.data) return is.notIp
  if (end - at < header.three) return is.truncated
  const control = controlOf(view, at)
  const flags = view.getUint8(control === view.getUint8(at) ? at + 1 : at)
  if (control & frameControl.empty) return is.notIp
  let length: number = (flags & flag.toBoth) === flag.toBoth ? header.four : header.three
  let isAggregate = false

  if (control & frameControl.quality) {
    if (end - at < length + 2) return is.truncated
    isAggregate = (view.getUint8(at + length) & 0x80) !== 0
    length += flags & flag.order ? 6 : 2
  }

  let payload = at + length + (isPadded ? -length & 3 : 0)

  // A header that is padded and not said to be: what comes is aligned where it is.
  if (!isPadded && !isSnap(view, payload, end) && isSnap(view, payload + (-length & 3), end))
    payload += -length & 3

  if (flags & flag.encrypted) {
    const behind = vectors.find((bytes) => isSnap(view, payload + bytes, end))
    if (behind === undefined) return notRead(place, unread.encrypted, 0)
    payload += behind
  }

  if (isAggregate && !isSnap(view, payload, end)) return firstOf({ view, end }, place, payload)

  return goTo(place, layer.llc, payload)
}

/** The byte that holds the type: the first, or the second of controllers that exchange them (Cisco's in CAPWAP). */
function controlOf(view: DataView, at: number): number {
  const first = view.getUint8(at)
  const second = view.getUint8(at + 1)
  const isData = (control: number) => (control & 0x4f) === frameControl.data
  return !isData(first) && isData(second) && first < 4 ? second : first
}

const isSnap = (view: DataView, at: number, end: number): boolean =>
  end - at >= 8 &&
  view.getUint32(at) === 0xaaaa0300 &&
  (view.getUint16(at + 4) === 0 || view.getUint16(at + 4) === 0xf8)

/** Several packets in one frame (A-MSDU), each behind addresses and a length, each but the last padded to four. */
export function firstOf({ view, end }: Span, place: Place, at: number): Verdict {
  if (end - at < 14) return is.truncated
  const next = at + ((14 + view.getUint16(at + 12) + 3) & ~3)
  place.more = end - next >= 14 ? next : 0
  place.moreEnd = end
  return goTo(place, layer.llc, at + 14)
}

/** A header whose length is in it, little-endian, at 2; flags, where its bits say so, after an age of eight bytes. */
export const radiotap: Layer = ({ view, end }, place) => {
  const { at } = place
  if (end - at < 8) return is.truncated
  const length = view.getUint16(at + 2, true)
  if (length < 8) return is.badField
  place.at = at + length
  return wirelessFrame(
    { view, end },
    place,
    (radiotapFlags(view, at, Math.min(end, at + length)) & 0x20) !== 0,
  )
}

/** The field of flags (bit 1), behind the words of bits and the clock (bit 0), which is aligned to eight. */
function radiotapFlags(view: DataView, start: number, end: number): number {
  const present = view.getUint32(start + 4, true)
  if (!(present & 2)) return 0
  let at = start + 4
  do {
    if (end - at < 8) return 0
    at += 4
  } while (view.getUint32(at - 4, true) & 0x80000000)
  if (present & 1) at += ((-(at - start) & 7) + 8) | 0
  return at < end ? view.getUint8(at) : 0
}

const avsMagic = 0x80211000
const prismHeader = 144

/** AVS says its length; Prism's is always the same; Prism's number is also given to AVS and to bare frames. */
export const monitored: Layer = ({ view, end }, place) => {
  const { at } = place
  if (end - at < 8) return is.truncated
  if ((view.getUint32(at) & ~15) >>> 0 === avsMagic) {
    place.at = at + view.getUint32(at + 4)
    return place.at > end ? is.truncated : wireless({ view, end }, place)
  }
  const little = view.getUint32(at + 4, true)
  const length = little === prismHeader ? little : view.getUint32(at + 4)
  if (length === prismHeader) place.at = at + length
  return place.at > end ? is.truncated : wireless({ view, end }, place)
}
