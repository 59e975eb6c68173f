/** MPLS (RFC 3032), whose labels do not say what lies under them. */
import { isIpv4Header, isIpv6Header } from './inner-ip.ts'
import { goTo, layer, type Place, type Span } from './place.ts'
import { verdict as is, type Verdict } from './verdict.ts'

/** The first four bits under the last label that begin a message about the path, of RFC 5586. */
const channel = 1

export function labels({ view, end }: Span, place: Place): Verdict {
  let { at } = place
  for (;;) {
    if (end - at < 5) return is.truncated
    const last = view.getUint8(at + 2) & 1
    at += 4
    if (last) break
  }
  return underLabels({ view, end }, place, at)
}

/**
 * IP by its first four bits, as routers do, and by its header, since an Ethernet address may begin with the same
 * bits; else Ethernet, with the control word of a pseudowire (RFC 4448) or without.
 */
function underLabels({ view, end }: Span, place: Place, at: number): Verdict {
  const nibble = view.getUint8(at) >>> 4
  if (nibble === 4 && (isIpv4Header(view, at, end) || !hasIpBehind(view, at, end)))
    return goTo(place, layer.ip, at)
  if (nibble === 6 && (isIpv6Header(view, at, end) || !hasIpBehind(view, at, end)))
    return goTo(place, layer.ip, at)
  if (nibble === channel && !hasIpBehind(view, at, end)) return is.notIp
  const isControlled = nibble === 0 && (!hasIpBehind(view, at, end) || hasIpBehind(view, at + 4, end))
  return goTo(place, layer.ethernet, isControlled ? at + 4 : at)
}

/** Whether an Ethernet header of IP or of a tag could begin here. */
function hasIpBehind(view: DataView, at: number, end: number): boolean {
  if (end - at < 15) return false
  const type = view.getUint16(at + 12)
  const version = view.getUint8(at + 14) >>> 4
  return (type === 0x0800 && version === 4) || (type === 0x86dd && version === 6) || type === 0x8100
}
