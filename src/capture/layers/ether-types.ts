/**
 * What comes next behind an EtherType: the table of those with a packet behind them, and of those without.
 *
 * Sources: the registries of IEEE and IANA; Linux (`if_ether.h`, `net/dsa/tag_*.c`) for what is not registered; the
 * vendors' pages for Cisco's, Arista's and Realtek's. A number in neither table is said to be not read.
 */

import { leastType } from './llc.ts'
import { labels } from './mpls.ts'
import { goTo, goToType, type Layer, layer, notRead, skip, typeAt, unread } from './place.ts'
import { verdict as is } from './verdict.ts'

const ip = skip(layer.ip, 0)
/** 802.1Q and its kin: two bytes, and the next type. */
const vlan = typeAt(2, 4)

/** Cisco MetaData (security group tags): version, count of options of four bytes, options. */
const ciscoMetadata: Layer = ({ view, end }, place) => {
  const { at } = place
  if (end - at < 4) return is.truncated
  return typeAt(2 + view.getUint8(at + 1) * 4, 4 + view.getUint8(at + 1) * 4)({ view, end }, place)
}

/** RFC 8300: a base header with the length of all in words, and the kind of what comes next. */
const serviceHeader: Layer = ({ view, end }, place) => {
  const { at } = place
  if (end - at < 8) return is.truncated
  const length = (view.getUint8(at + 1) & 0x3f) * 4
  if (length < 8) return is.badField

  switch (view.getUint8(at + 3)) {
    case 1:
    case 2:
      return goTo(place, layer.ip, at + length)
    case 3:
      return goTo(place, layer.ethernet, at + length)
    case 4:
      return goToType(place, 0x894f, at + length)
    case 5:
      return goToType(place, 0x8847, at + length)
    default:
      return notRead(place, unread.etherType, 0x894f)
  }
}

/** RFC 6325: hops, nicknames of the bridges, options; an Ethernet frame. */
const trill: Layer = ({ view, end }, place) => {
  const { at } = place
  if (end - at < 6) return is.truncated
  return goTo(place, layer.ethernet, at + 6 + ((view.getUint16(at) >>> 6) & 0x1f) * 4)
}

/** Marvell's tag of four bytes, of eight where it says that it is extended. */
export const marvell: Layer = ({ view, end }, place) => {
  const { at } = place
  if (end - at < 4) return is.truncated
  const length = view.getUint8(at + 2) & 0x10 ? 8 : 4
  return typeAt(length, length + 2)({ view, end }, place)
}

/** The same under an EtherType, behind two bytes of nothing. */
const marvellTyped: Layer = (span, place) => {
  place.at += 2
  return marvell(span, place)
}

/** Realtek's: its kind in the first byte or the first four bits. Others of this number are control messages. */
const realtek: Layer = ({ view, end }, place) => {
  const { at } = place
  if (end - at < 4) return is.truncated
  const kind = view.getUint8(at)
  if (kind === 4) return typeAt(6, 8)({ view, end }, place)
  return kind >>> 4 === 9 || kind >>> 4 === 10 ? typeAt(2, 4)({ view, end }, place) : is.notIp
}

/** Arista's time stamps: kind, version, then a stamp of eight bytes or of six. */
const arista: Layer = ({ view, end }, place) => {
  const { at } = place
  if (end - at < 4) return is.truncated
  if (view.getUint16(at) !== 1) return notRead(place, unread.etherType, 0xd28b)
  const stamp = view.getUint8(at + 3) >>> 4 === 2 ? 6 : 8
  return typeAt(4 + stamp, 6 + stamp)({ view, end }, place)
}

/** IEEE 802.1AE: read where it signs and does not encrypt. */
const macsec: Layer = ({ view, end }, place) => {
  const { at } = place
  if (end - at < 6) return is.truncated
  const control = view.getUint8(at)
  if (control & 0x0c) return notRead(place, unread.etherType, 0x88e5)
  const length = control & 0x20 ? 14 : 6
  return typeAt(length, length + 2)({ view, end }, place)
}

/** B.A.T.M.A.N. advanced: frames to one node, through four addresses, and to all. */
const batman: Layer = (span, place) => {
  const { view, end } = span
  if (end - place.at < 1) return is.truncated
  const kind = view.getUint8(place.at)
  if (kind === 0x40) return skip(layer.ethernet, 10)(span, place)
  if (kind === 0x42) return skip(layer.ethernet, 18)(span, place)
  return kind === 1 ? skip(layer.ethernet, 14)(span, place) : is.notIp
}

/** Novell's frame without 802.2, an 802.2 frame, and what else Linux gives a number below those of types. */
const linuxTypes: Readonly<Record<number, Layer>> = {
  1: () => is.notIp,
  4: skip(layer.llc, 0),
  17: skip(layer.llc, 0),
  245: ip,
}

const carrying: ReadonlyMap<number, Layer> = new Map<number, Layer>([
  [0x0800, ip],
  [0x86dd, ip],
  [0x8100, vlan],
  [0x88a8, vlan],
  [0x9100, vlan],
  [0x9200, vlan],
  [0x9300, vlan],
  [0xdadb, vlan],
  [0x8847, labels],
  [0x8848, labels],
  [0x8864, skip(layer.ppp, 6)],
  [0x880b, skip(layer.ppp, 0)],
  [0x8926, typeAt(4, 6)],
  [0x893f, typeAt(6, 8)],
  [0x892f, typeAt(4, 6)],
  [0x88e7, skip(layer.ethernet, 4)],
  [0x8903, skip(layer.ethernet, 2)],
  [0x22f3, trill],
  [0x6558, skip(layer.ethernet, 0)],
  [0x8870, skip(layer.llc, 0)],
  [0x894f, serviceHeader],
  [0x8909, ciscoMetadata],
  [0x8988, typeAt(6, 8)],
  [0xd28b, arista],
  [0xdada, marvellTyped],
  [0xdadc, typeAt(6, 8)],
  [0x8874, typeAt(4, 6)],
  [0x8899, realtek],
  [0x88e5, macsec],
  [0x4305, batman],
])

/** Of links, of their control and of other networks: there is no IP behind them. */
const withoutIp: ReadonlySet<number> = new Set([
  0x0600, 0x0806, 0x0842, 0x0bad, 0x2000, 0x2003, 0x2004, 0x22ea, 0x22f0, 0x22f4, 0x6001, 0x6002, 0x6003,
  0x6004, 0x6005, 0x6006, 0x6007, 0x6008, 0x6009, 0x8035, 0x809b, 0x80d5, 0x80f3, 0x8137, 0x8138, 0x8204,
  0x8808, 0x8809, 0x8819, 0x8863, 0x886d, 0x8873, 0x887b, 0x888e, 0x8892, 0x889a, 0x88a2, 0x88a4, 0x88ab,
  0x88b8, 0x88b9, 0x88ba, 0x88bf, 0x88c7, 0x88ca, 0x88cc, 0x88cd, 0x88d9, 0x88e1, 0x88e3, 0x88f5, 0x88f6,
  0x88f7, 0x88f8, 0x88fb, 0x8902, 0x8906, 0x890d, 0x8912, 0x8914, 0x8915, 0x8919, 0x8929, 0x8937, 0x893a,
  0x8940, 0x8946, 0x9000, 0x9003, 0xfefe,
])

export const behindType: Layer = (span, place) => {
  const { type } = place
  const next = carrying.get(type)
  if (next) return next(span, place)
  if (withoutIp.has(type)) return is.notIp
  if (type >= leastType) return notRead(place, unread.etherType, type)
  // A length, behind a tag; or a number of Linux, behind its own header.
  const { at } = place
  const isLlc = span.end - at >= 3 && span.view.getUint8(at) === 0xaa
  if (isLlc) return goTo(place, layer.llc, at)
  return linuxTypes[type]?.(span, place) ?? is.notIp
}
