/**
 * Where a frame of a link type begins, by the LINKTYPE_ numbers of tcpdump.org/linktypes.html.
 *
 * Families of addresses have other numbers on each system that captures, in its byte order.
 */
import { marvell } from './ether-types.ts'
import { goTo, goToLink, goToType, type Layer, layer, notRead, skip, typeAt, unread } from './place.ts'
import { verdict as is } from './verdict.ts'
import { monitored, radiotap } from './wireless.ts'

const inet = 2
/** AF_INET6 of Linux, BSDs, Windows, Solaris and macOS. */
const inet6 = [10, 23, 24, 26, 28, 30]
const isIpFamily = (family: number): boolean => family === inet || inet6.includes(family)

const version = (view: DataView, at: number): number => view.getUint8(at) >>> 4
const isIpVersion = (view: DataView, at: number): boolean =>
  version(view, at) === 4 || version(view, at) === 6

/** BSD loopback: the address family of the machine that captured, in its byte order. */
const loopback: Layer = ({ view, end }, place) => {
  const { at } = place
  if (end - at < 4) return is.truncated
  const big = view.getUint32(at)
  const family = big < 65_536 ? big : view.getUint32(at, true)
  if (isIpFamily(family)) return goTo(place, layer.ip, at + 4)
  return notRead(place, unread.family, family)
}

/** Bare IP; on OpenBSD 12 is loopback, whose first byte is never a version. */
const rawIp: Layer = (span, place) =>
  span.end - place.at >= 5 && span.view.getUint8(place.at) === 0 && isIpVersion(span.view, place.at + 4)
    ? loopback(span, place)
    : goTo(place, layer.ip, place.at)

/** Linux's cooked headers: of a device of GRE, radiotap or netlink the number is no EtherType. */
const device = { netlink: 824, wireless: 801, prism: 802, radiotap: 803, frameRelay: 770 } as const
const cooked =
  (protocol: number, hardware: number, length: number): Layer =>
  ({ view, end }, place) => {
    const { at } = place
    if (end - at < length) return is.truncated
    const next = at + length
    switch (view.getUint16(at + hardware)) {
      case device.netlink:
        return notRead(place, unread.link, 253)
      case device.wireless:
        return goTo(place, layer.wireless, next)
      case device.prism:
        return goToLink(place, 119, next)
      case device.radiotap:
        return goToLink(place, 127, next)
      case device.frameRelay:
        return goToLink(place, 107, next)
      default:
        return goToType(place, view.getUint16(at + protocol), next)
    }
  }

/** A tag between the addresses and the type of an Ethernet frame. */
const behindAddresses =
  (tag: Layer): Layer =>
  (span, place) => {
    place.at += 12
    return span.end < place.at ? is.truncated : tag(span, place)
  }

/** RFC 2427: an address of two to four bytes, UI and the network's identifier; Cisco: an EtherType. */
const frameRelay: Layer = ({ view, end }, place) => {
  let { at } = place
  const last = at + 3
  while (at < end && at < last && (view.getUint8(at) & 1) === 0) at++
  at++
  if (end - at < 3) return is.truncated
  if (view.getUint8(at) !== 3) return goToType(place, view.getUint16(at), at + 2)
  at++
  if (view.getUint8(at) === 0) at++
  if (end - at < 2) return is.truncated
  const network = view.getUint8(at)
  if (network === 0xcc || network === 0x8e) return goTo(place, layer.ip, at + 1)
  // SNAP without the three bytes of 802.2.
  if (network === 0x80) return goTo(place, layer.snap, at + 1)
  if (network === 0xcf) return goTo(place, layer.ppp, at + 1)
  return is.notIp
}

/** NFLOG of Linux: family, then attributes, of which one is the packet. */
const attribute = { header: 1, payload: 9 } as const
const bridgeFamily = 7
const netfilterLog: Layer = ({ view, end }, place) => {
  const { at } = place
  if (end - at < 8) return is.truncated
  const family = view.getUint8(at)

  if (view.getUint8(at + 1) !== 0) return notRead(place, unread.link, 239)

  // In the order of the machine: the length of an attribute is less than 256 in most.
  const little = view.getUint16(at + 4, true) <= end - at - 4
  let type = 0

  for (let next = at + 4; end - next >= 4; ) {
    const length = view.getUint16(next, little)
    const what = view.getUint16(next + 2, little) & 0x7fff
    if (length < 4) return is.badField
    if (what === attribute.header && end - next >= 6) type = view.getUint16(next + 4)
    if (what === attribute.payload) {
      if (isIpFamily(family) || family === 1) return goTo(place, layer.ip, next + 4)
      return family === bridgeFamily || type !== 0
        ? goToType(place, type, next + 4)
        : notRead(place, unread.family, family)
    }
    next += (length + 3) & ~3
  }

  return is.notIp
}

/** OpenBSD's packet filter log: its length first, padded to words. Other systems have longer headers. */
const filterLog: Layer = ({ view, end }, place) => {
  const { at } = place
  if (end - at < 4) return is.truncated
  const length = view.getUint8(at)
  const family = view.getUint8(at + 1)
  if (length < 45) return is.badField
  if (!isIpFamily(family)) return notRead(place, unread.family, family)
  const wanted = family === inet ? 4 : 6
  const padded = at + ((length + 3) & ~3)
  const bare = at + length
  const start = padded < end && version(view, padded) === wanted ? padded : bare < end ? bare : padded
  return goTo(place, layer.ip, start)
}

/** PPI: its length, and the link type behind it, little-endian. */
const perPacket: Layer = ({ view, end }, place) => {
  const { at } = place
  if (end - at < 8) return is.truncated
  const length = view.getUint16(at + 2, true)
  return length < 8 ? is.badField : goToLink(place, view.getUint32(at + 4, true) & 0xffff, at + length)
}

/** Apple's packet tap: its length, and the link type behind it, in the order of the machine. */
const packetTap: Layer = ({ view, end }, place) => {
  const { at } = place
  if (end - at < 12) return is.truncated
  const little = view.getUint32(at, true) < 65_536
  const length = view.getUint32(at, little)
  if (length < 12 || view.getUint32(at + 4, little) !== 1) return notRead(place, unread.link, place.type)
  return goToLink(place, view.getUint32(at + 8, little) & 0xffff, at + length)
}

/** OpenBSD's encapsulating interface: the family in the order of the machine, index and flags. */
const encapsulated: Layer = ({ view, end }, place) => {
  const { at } = place
  if (end - at < 12) return is.truncated
  const big = view.getUint32(at)
  const family = big < 65_536 ? big : view.getUint32(at, true)
  return isIpFamily(family) ? goTo(place, layer.ip, at + 12) : notRead(place, unread.family, family)
}

/** Classical IP over ATM: 802.2, or bare IP. */
const llcOrIp: Layer = ({ view, end }, place) =>
  end - place.at >= 3 && view.getUint16(place.at) === 0xaaaa
    ? goTo(place, layer.llc, place.at)
    : goTo(place, layer.ip, place.at)

/** Token Ring: the route, where the first bit of the source says that there is one, has its length in it. */
const tokenRing: Layer = ({ view, end }, place) => {
  const { at } = place
  if (end - at < 16) return is.truncated
  const routed = view.getUint8(at + 8) & 0x80 ? view.getUint8(at + 14) & 0x1f : 0
  return goTo(place, layer.llc, at + 14 + routed)
}

/** FDDI: only frames of LLC have anything behind them. */
const fddi: Layer = ({ view, end }, place) => {
  const { at } = place
  if (end - at < 13) return is.truncated
  return (view.getUint8(at) & 0x30) === 0x10 ? goTo(place, layer.llc, at + 13) : is.notIp
}

const juniperMagic = 0x4d4743
/** Juniper's: magic number, flags, sometimes attributes; then a frame of the interface, or the kind of a packet. */
const juniper =
  (kind: number): Layer =>
  ({ view, end }, place) => {
    let { at } = place
    if (end - at < 8) return is.truncated
    if (view.getUint32(at) >>> 8 !== juniperMagic) return notRead(place, unread.link, place.type)
    const flags = view.getUint8(at + 3)
    at += 4
    if (flags & 0x80) at += 2 + view.getUint16(at)
    if (!(flags & 0x02)) return goTo(place, kind, at)
    if (end - at < 5) return is.truncated
    return isIpVersion(view, at + 4) ? goTo(place, layer.ip, at + 4) : is.notIp
  }

const hdlc = typeAt(2, 4)
const arcnetIp = 212

const links: ReadonlyMap<number, Layer> = new Map<number, Layer>([
  [0, loopback],
  [1, skip(layer.ethernet, 0)],
  [6, tokenRing],
  [8, skip(layer.ip, 16)],
  [9, skip(layer.ppp, 0)],
  [10, fddi],
  [12, rawIp],
  [14, rawIp],
  [50, skip(layer.ppp, 0)],
  [51, (_span, place) => goToType(place, 0x8864, place.at)],
  [100, llcOrIp],
  [101, rawIp],
  [104, hdlc],
  [105, skip(layer.wireless, 0)],
  [106, llcOrIp],
  [107, frameRelay],
  [108, loopback],
  [109, encapsulated],
  [113, cooked(14, 2, 16)],
  [117, filterLog],
  [119, monitored],
  [122, skip(layer.llc, 16)],
  [123, skip(layer.llc, 4)],
  [127, radiotap],
  [
    129,
    (span, place) =>
      span.end - place.at >= 8 && span.view.getUint8(place.at + 4) === arcnetIp
        ? goTo(place, layer.ip, place.at + 8)
        : is.notIp,
  ],
  [138, typeAt(16, 18)],
  [178, juniper(layer.ethernet)],
  [179, juniper(layer.ppp)],
  [149, packetTap],
  [163, monitored],
  [166, skip(layer.ppp, 2)],
  [192, perPacket],
  [204, skip(layer.ppp, 1)],
  [205, typeAt(3, 5)],
  [206, (_span, place) => goToLink(place, 107, place.at + 1)],
  [226, skip(layer.ip, 24)],
  [228, skip(layer.ip, 0)],
  [229, skip(layer.ip, 0)],
  [239, netfilterLog],
  [240, skip(layer.ethernet, 4)],
  [241, skip(layer.ethernet, 12)],
  [242, typeAt(40, 44)],
  [258, packetTap],
  [259, skip(layer.ethernet, 8)],
  [274, skip(layer.ethernet, 8)],
  [276, cooked(0, 8, 20)],
  [281, behindAddresses(typeAt(4, 6))],
  [282, skip(layer.ethernet, 4)],
  [284, behindAddresses(marvell)],
  [285, behindAddresses(typeAt(0, 2))],
])

/** Goes to the first layer of a frame of link type `link` at `place.at`. */
export const enterLink: (
  span: Parameters<Layer>[0],
  link: number,
  place: Parameters<Layer>[1],
) => ReturnType<Layer> = (span, link, place) => {
  place.type = link
  return links.get(link)?.(span, place) ?? notRead(place, unread.link, link)
}
