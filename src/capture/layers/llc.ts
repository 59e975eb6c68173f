/** Ethernet, IEEE 802.2 and SNAP. */

import { goTo, goToType, layer, notRead, type Place, type Span, unread } from './place.ts'
import { verdict as is, type Verdict } from './verdict.ts'

/** The least value of the field after the addresses that is a type and not a length. */
export const leastType = 0x600
const ethernetHeader = 14
/** Cisco's Inter-Switch Link: a header of 26 bytes, whose first five are an address of its own. */
const isl = { header: 26, addresses: [0x01000c00, 0x03000c00] } as const

export function ethernet({ view, end }: Span, place: Place): Verdict {
  const { at } = place
  if (end - at < ethernetHeader) return is.truncated
  const type = view.getUint16(at + 12)
  if (type >= leastType) return goToType(place, type, at + ethernetHeader)
  if (isl.addresses.includes(view.getUint32(at) as never) && view.getUint8(at + 4) === 0)
    return end - at < isl.header ? is.truncated : goTo(place, layer.ethernet, at + isl.header)
  return goTo(place, layer.llc, at + ethernetHeader)
}

const organisation = { ethernet: 0, bridgeTunnel: 0xf8, bridged: 0x80c2 } as const

/** IEEE 802.2, mostly with SNAP. Other service access points are of control protocols, or not IP. */
export function llc({ view, end }: Span, place: Place): Verdict {
  const { at } = place
  if (end - at < 3) return is.truncated
  const points = view.getUint16(at)
  if (points === 0x0606) return goTo(place, layer.ip, at + 3)
  if ((points & 0xfffe) !== 0xaaaa) return is.notIp
  return snap({ view, end }, place, at + 3)
}

/** RFC 1042: three bytes for who gives the number, and the number. */
export function snap({ view, end }: Span, place: Place, at: number): Verdict {
  if (end - at < 5) return is.truncated
  const by = view.getUint32(at) >>> 8
  const number = view.getUint16(at + 3)
  const next = at + 5
  if (by === organisation.ethernet || by === organisation.bridgeTunnel) return goToType(place, number, next)
  if (by === organisation.bridged) return bridged(place, number, next)
  return is.notIp
}

/** RFC 2427 and 2684: an Ethernet frame, with its check sequence or without. */
function bridged(place: Place, number: number, at: number): Verdict {
  if (number === 1 || number === 7) return goTo(place, layer.ethernet, at)
  return number > 0x0d ? is.notIp : notRead(place, unread.etherType, number)
}
