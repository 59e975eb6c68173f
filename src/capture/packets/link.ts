/**
 * From a frame to its IP packet, through whatever lies between.
 *
 * Link types by their LINKTYPE_ numbers. Tags and labels (802.1Q, QinQ, MPLS, PPPoE, PBB, VN-Tag, FabricPath)
 * are passed over: the same five-tuple in two VLANs is one flow, as in Zeek.
 */
import { verdict as is, type Verdict } from './packet.ts'

/** What a layer says comes next, at `at`. `kind` is one of `layer`, `type` an EtherType where that is next. */
export class Place {
  kind = 0
  type = 0
  at = 0
  /** Of what was entered last, one of `tunnelKinds`. */
  tunnel = 0
}

export const layer = { ip: 0, ethernet: 1, etherType: 2, ppp: 3, refused: 4 } as const

interface Span {
  readonly view: DataView
  readonly end: number
}

/** Where the first layer of a frame of this link type is. @returns a verdict; `packet` when there is one. */
export function enterLink({ view, end }: Span, link: number, place: Place): Verdict {
  const { at } = place
  const room = end - at
  switch (link) {
    case 1:
      return next(place, layer.ethernet, at)
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return next(place, layer.ip, at)
    case 0:
    case 108:
      return room < 4 ? is.truncated : loopback(view, place)
    case 113:
      if (room < 16) return is.truncated
      return etherType(place, view.getUint16(at + 14), at + 16)
    case 276:
      if (room < 20) return is.truncated
      return etherType(place, view.getUint16(at), at + 20)
    case 9:
    case 50:
      return next(place, layer.ppp, at)
    case 51:
      return etherType(place, 0x8864, at)
    case 104:
      if (room < 4) return is.truncated
      return etherType(place, view.getUint16(at + 2), at + 4)
    case 105:
      return wireless(view, place, end)
    case 127:
      if (room < 4) return is.truncated
      place.at = at + view.getUint16(at + 2, true)
      return wireless(view, place, end)
    default:
      return is.unsupported
  }
}

const next = (place: Place, kind: number, at: number): Verdict => {
  place.kind = kind
  place.at = at
  return is.packet
}

const etherType = (place: Place, type: number, at: number): Verdict => {
  place.type = type
  return next(place, layer.etherType, at)
}

/** BSD loopback: the address family of the machine that captured, in its byte order. */
function loopback(view: DataView, place: Place): Verdict {
  const big = view.getUint32(place.at)
  const family = big < 65_536 ? big : view.getUint32(place.at, true)
  const isIp = family === 2 || family === 10 || family === 24 || family === 28 || family === 30
  return isIp ? next(place, layer.ip, place.at + 4) : is.notIp
}

/** A data frame of IEEE 802.11, not encrypted, with a SNAP header. */
function wireless(view: DataView, place: Place, end: number): Verdict {
  const { at } = place
  if (end - at < 24) return is.truncated
  const control = view.getUint8(at)
  const flags = view.getUint8(at + 1)
  const isData = (control & 0x0c) === 0x08 && (control & 0x40) === 0
  if (!isData || flags & 0x40) return is.notIp
  const addresses = (flags & 3) === 3 ? 30 : 24
  const quality = control & 0x80 ? 2 : 0
  const control4 = quality && flags & 0x80 ? 4 : 0
  return snap(view, place, { at: at + addresses + quality + control4, end })
}

/** IEEE 802.2 with SNAP; anything else after 802.2 is not IP. */
function snap(view: DataView, place: Place, { at, end }: { at: number; end: number }): Verdict {
  if (end - at < 3) return is.truncated
  const points = view.getUint16(at)
  if (points === 0x0606) return next(place, layer.ip, at + 3)
  if (points !== 0xaaaa) return is.notIp
  if (end - at < 8) return is.truncated
  return etherType(place, view.getUint16(at + 6), at + 8)
}

/** One layer on. @returns `packet` when `place` is now further, and at IP when its kind is `ip`. */
export function passLayer(span: Span, place: Place): Verdict {
  if (place.kind === layer.ethernet) return ethernet(span, place)
  if (place.kind === layer.ppp) return ppp(span, place)
  return tag(span, place)
}

function ethernet({ view, end }: Span, place: Place): Verdict {
  const { at } = place
  if (end - at < 14) return is.truncated
  const type = view.getUint16(at + 12)
  if (type >= 0x600) return etherType(place, type, at + 14)
  return snap(view, place, { at: at + 14, end })
}

function ppp({ view, end }: Span, place: Place): Verdict {
  let { at } = place
  if (end - at < 4) return is.truncated
  if (view.getUint16(at) === 0xff03 || view.getUint16(at) === 0x0f00) at += 2
  // A protocol field of one byte is odd.
  const first = view.getUint8(at)
  const short = (first & 1) === 1
  if (end - at < 2) return is.truncated
  const type = short ? first : view.getUint16(at)
  at += short ? 1 : 2
  if (type === 0x0021 || type === 0x0057 || type === 0x0800 || type === 0x86dd)
    return next(place, layer.ip, at)
  if (type === 0x0281 || type === 0x0283) return etherType(place, 0x8847, at)
  return is.notIp
}

function tag({ view, end }: Span, place: Place): Verdict {
  const { at, type } = place
  switch (type) {
    case 0x0800:
    case 0x86dd:
      return next(place, layer.ip, at)
    case 0x8100:
    case 0x88a8:
    case 0x9100:
    case 0x9200:
    case 0x9300:
      if (end - at < 4) return is.truncated
      return etherType(place, view.getUint16(at + 2), at + 4)
    case 0x8847:
    case 0x8848:
      return labels({ view, end }, place)
    case 0x8864:
      return next(place, layer.ppp, at + 6)
    case 0x8926:
      if (end - at < 6) return is.truncated
      return etherType(place, view.getUint16(at + 4), at + 6)
    case 0x88e7:
      return next(place, layer.ethernet, at + 4)
    case 0x8903:
      return next(place, layer.ethernet, at + 2)
    case 0x6558:
      return next(place, layer.ethernet, at)
    case 0x0004:
      return snap(view, place, { at, end })
    default:
      return type < 0x600 && end - at >= 8 && view.getUint16(at) === 0xaaaa
        ? snap(view, place, { at, end })
        : is.notIp
  }
}

/** MPLS: what lies under the last label is told by its first four bits, as routers do. */
function labels({ view, end }: Span, place: Place): Verdict {
  let { at } = place
  for (;;) {
    if (end - at < 5) return is.truncated
    const last = view.getUint8(at + 2) & 1
    at += 4
    if (last) break
  }
  const nibble = view.getUint8(at) >>> 4
  if (nibble === 4 || nibble === 6) return next(place, layer.ip, at)
  // A pseudowire: a control word of zeros, then an Ethernet frame.
  return next(place, layer.ethernet, nibble === 0 ? at + 4 : at)
}
