/** L2TP, version 2 (RFC 2661) and version 3 (RFC 3931), whose cookie and sublayer only the two ends know. */
import { isIpv4Header, isIpv6Header } from '../layers/inner-ip.ts'
import { layer, type Place } from '../layers/place.ts'
import { carried, enter } from './tunnel-kinds.ts'

interface Bytes {
  readonly at: number
  readonly end: number
}

const bit = { control: 0x8000, length: 0x4000, sequence: 0x0800, offset: 0x0200 } as const
/** Bits that are 0 in a data message, and the version. */
const fixed = 0x30ff

export function l2tp(view: DataView, { at, end }: Bytes, place: Place): boolean {
  if (end - at < 8) return false
  const flags = view.getUint16(at)
  if ((flags & (bit.control | 0x0f)) === 3) return l2tpSession(view, { at: at + 4, end }, place)
  if (flags & bit.control || (flags & fixed) !== 2) return false
  let next = at + (flags & bit.length ? 4 : 2) + 4
  if (flags & bit.sequence) next += 4
  if (flags & bit.offset) {
    if (end - next < 2) return false
    next += 2 + view.getUint16(next)
  }
  return enter(place, layer.ppp, next, carried.l2tp)
}

/** A session, and what comes behind none or eight bytes of cookie and none or four of sublayer. */
export function l2tpSession(view: DataView, { at, end }: Bytes, place: Place): boolean {
  if (end - at < 4 || view.getUint32(at) === 0) return false
  for (let next = at + 4; next <= at + 16; next += 4) {
    if (isEthernetOfIp(view, next, end)) return enter(place, layer.ethernet, next, carried.l2tp)
    if (end - next >= 4 && view.getUint32(next) === 0xff030021)
      return enter(place, layer.ppp, next, carried.l2tp)
    const begin = next < end ? view.getUint8(next) >>> 4 : 0
    if (begin === 4 && isIpv4Header(view, next, end)) return enter(place, layer.ip, next, carried.l2tp)
  }
  return false
}

function isEthernetOfIp(view: DataView, at: number, end: number): boolean {
  let top = at + 12
  while (end - top >= 4 && (view.getUint16(top) === 0x8100 || view.getUint16(top) === 0x88a8)) top += 4
  if (end - top < 22) return false
  const type = view.getUint16(top)
  const version = view.getUint8(top + 2) >>> 4
  if (type === 0x0800 && version === 4)
    return isIpv4Header(view, top + 2, end) || view.getUint16(top + 12) === 0
  return type === 0x86dd && version === 6 && isIpv6Header(view, top + 2, end)
}
