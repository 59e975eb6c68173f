/** PPP (RFC 1661): the protocol, by its number. */

import { goTo, goToType, layer, notRead, type Place, type Span, unread } from './place.ts'
import { verdict as is, type Verdict } from './verdict.ts'

const carries = {
  ipv4: 0x0021,
  ipv6: 0x0057,
  bridged: 0x0031,
  multilink: 0x003d,
  mpls: 0x0281,
  mplsMulticast: 0x0283,
} as const
/** From here on numbers are of protocols that set a network or a link up. */
const control = 0x4000

export function ppp({ view, end }: Span, place: Place): Verdict {
  let { at } = place
  if (end - at < 4) return is.truncated
  const head = view.getUint16(at)

  if (head === 0xff03 || head === 0x0f00 || head === 0x8f00) at += 2

  // A protocol field of one byte is odd.
  const first = view.getUint8(at)
  const isShort = (first & 1) === 1
  if (end - at < 2) return is.truncated
  const type = isShort ? first : view.getUint16(at)
  at += isShort ? 1 : 2

  if (type === carries.ipv4 || type === carries.ipv6 || type === 0x0800 || type === 0x86dd)
    return goTo(place, layer.ip, at)

  if (type === carries.mpls || type === carries.mplsMulticast) return goToType(place, 0x8847, at)
  if (type === carries.bridged) return bridged({ view, end }, place, at)
  if (type === carries.multilink) return multilink({ view, end }, place, at)

  return type >= control ? is.notIp : notRead(place, unread.ppp, type)
}

/** RFC 3518: flags, the kind of network, sometimes an identifier, then a frame. */
function bridged({ view, end }: Span, place: Place, at: number): Verdict {
  if (end - at < 2) return is.truncated
  if (view.getUint8(at + 1) !== 1) return notRead(place, unread.ppp, carries.bridged)
  const identified = (view.getUint8(at) & 0x40) !== 0 ? 4 : 0
  return goTo(place, layer.ethernet, at + 2 + identified)
}

/** RFC 1990: read where one fragment is the whole packet, of the long header. */
function multilink({ view, end }: Span, place: Place, at: number): Verdict {
  if (end - at < 4) return is.truncated
  if (view.getUint8(at) !== 0xc0) return notRead(place, unread.ppp, carries.multilink)
  return goTo(place, layer.ppp, at + 4)
}
