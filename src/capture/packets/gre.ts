/** GRE (RFC 2784, 2890), PPTP's version of it (RFC 2637), and what is carried in it. */

import { layer, type Place } from '../layers/place.ts'
import type { Packet } from './packet.ts'
import { carried, enter } from './tunnel-kinds.ts'

const type = {
  ppp: 0x880b,
  wccp: 0x883e,
  erspan: 0x88be,
  erspan3: 0x22eb,
  mikrotik: 0x6400,
  transparent: 0x6558,
} as const
/** Aruba's controllers: 802.11 frames, under a number for each kind of tunnel. */
const isAruba = (number: number): boolean => number >= 0x8200 && number < 0x8400
/** What MikroTik puts into the flags of EoIP: a key that is none, in version 1. */
const mikrotikFlags = 0x2001

export function gre(view: DataView, { transportAt, capturedEnd }: Packet, place: Place): boolean {
  return greAt(view, { at: transportAt, end: capturedEnd }, place)
}

/** The same from `at` on. */
export function greAt(
  view: DataView,
  { at: start, end }: { at: number; end: number },
  place: Place,
): boolean {
  let at = start
  if (end - at < 8) return false
  const flags = view.getUint16(at)
  const next = view.getUint16(at + 2)
  const version = flags & 7
  if (version > 1) return false

  if (flags === mikrotikFlags && next === type.mikrotik)
    return enter(place, layer.ethernet, at + 8, carried.eoip)

  at += 4

  if (version === 0) {
    if (flags & 0xc000) at += 4
    if (flags & 0x4000) return false
  }

  if (flags & 0x2000) at += 4
  if (flags & 0x1000) at += 4
  if (version === 1 && flags & 0x80) at += 4

  return payload(view, { at, end }, { flags, next }, place)
}

function payload(
  view: DataView,
  { at, end }: { at: number; end: number },
  { flags, next }: { flags: number; next: number },
  place: Place,
): boolean {
  switch (next) {
    case type.ppp:
      return enter(place, layer.ppp, at, carried.pptp)
    case type.erspan:
      return enter(place, layer.ethernet, flags & 0x1000 ? at + 8 : at, carried.erspan)
    case type.erspan3:
      if (end - at < 12) return false
      return enter(place, layer.ethernet, at + 12 + (view.getUint8(at + 11) & 1) * 8, carried.erspan)
    case type.wccp: {
      // Version 2 puts four bytes before the packet, the first of which is no version of IP.
      if (end - at < 5) return false
      const isFirst = view.getUint8(at) >>> 4 === 4 || view.getUint8(at) >>> 4 === 6
      return enter(place, layer.ip, isFirst ? at : at + 4, carried.gre)
    }
    default:
      if (isAruba(next)) return enter(place, layer.wireless, at, carried.gre)
      place.type = next
      return enter(place, layer.etherType, at, carried.gre)
  }
}
