/**
 * Tunnels over UDP, by port and by content.
 *
 * Ports are those of IANA and those that systems use by habit (VXLAN on 8472 in Linux). On any port a tunnel is
 * recognised by its first bytes, and then more is asked of the packet inside.
 */

import { layer, type Place } from '../layers/place.ts'
import { greAt } from './gre.ts'
import { l2tp } from './l2tp.ts'
import type { Packet } from './packet.ts'
import { carried, enter } from './tunnel-kinds.ts'

type Enter = (view: DataView, outer: Packet, place: Place) => boolean

const room = ({ payloadAt, capturedEnd }: Packet): number => capturedEnd - payloadAt

/** RFC 7348; the extensions for groups (0x80) and for the protocol inside (0x04) of draft-ietf-nvo3-vxlan-gpe. */
const vxlan: Enter = (view, outer, place) => {
  const { payloadAt: at } = outer
  if (room(outer) < 8) return false
  const flags = view.getUint8(at)
  if ((flags & 0x08) === 0 || view.getUint8(at + 7) !== 0 || flags & 0x30) return false
  return (flags & 0x04) === 0
    ? enter(place, layer.ethernet, at + 8, carried.vxlan)
    : ofProtocol(place, view.getUint8(at + 3), at + 8)
}

function ofProtocol(place: Place, next: number, at: number): boolean {
  if (next === 1 || next === 2) return enter(place, layer.ip, at, carried.vxlan)
  if (next === 3) return enter(place, layer.ethernet, at, carried.vxlan)
  place.type = next === 4 ? 0x894f : 0x8847
  return (next === 4 || next === 5) && enter(place, layer.etherType, at, carried.vxlan)
}

/** RFC 8926. */
const geneve: Enter = (view, outer, place) => {
  const { payloadAt: at } = outer
  if (room(outer) < 8 || view.getUint8(at) >>> 6 !== 0) return false
  if (view.getUint8(at + 1) & 0x3f || view.getUint8(at + 7) !== 0) return false
  place.type = view.getUint16(at + 2)
  return enter(place, layer.etherType, at + 8 + (view.getUint8(at) & 0x3f) * 4, carried.geneve)
}

/** RFC 4380: authentication and origin come before the IPv6 packet. A bubble without one is the outer flow. */
const teredo: Enter = (view, { payloadAt, capturedEnd }, place) => {
  let at = payloadAt
  if (capturedEnd - at >= 13 && view.getUint16(at) === 1)
    at += 13 + view.getUint8(at + 2) + view.getUint8(at + 3)
  if (capturedEnd - at >= 8 && view.getUint16(at) === 0) at += 8
  if (capturedEnd - at < 40 || view.getUint8(at) >>> 4 !== 6) return false
  if (view.getUint8(at + 6) === 59 && view.getUint16(at + 4) === 0) return false
  return enter(place, layer.ip, at, carried.teredo)
}

/** GTPv1-U (3GPP TS 29.281), G-PDU only, with its extension headers. */
const gtp: Enter = (view, { payloadAt, capturedEnd }, place) => {
  let at = payloadAt
  if (capturedEnd - at < 12) return false
  const flags = view.getUint8(at)
  if (flags >>> 5 !== 1 || (flags & 0x10) === 0 || view.getUint8(at + 1) !== 0xff) return false
  let more = (flags & 4) !== 0 ? view.getUint8(at + 11) : 0
  at += (flags & 7) !== 0 ? 12 : 8
  while (more !== 0) {
    if (capturedEnd - at < 4) return false
    const length = view.getUint8(at) * 4
    if (length === 0 || capturedEnd - at < length) return false
    more = view.getUint8(at + length - 1)
    at += length
  }
  return enter(place, layer.ip, at, carried.gtp)
}

const encapsulation: Readonly<Record<number, number>> = { 1: 1, 4: 9, 7: 101, 18: 105, 119: 119, 127: 163 }
const tag = { padding: 0, end: 1 } as const
/** A message of the sniffer of Aironet and MikroTik: version, kind, encapsulation, tags up to the last. */
const tzsp: Enter = (view, { payloadAt: start, capturedEnd: end }, place) => {
  if (end - start < 5 || view.getUint8(start) !== 1 || view.getUint8(start + 1) > 1) return false
  const link = encapsulation[view.getUint16(start + 2)]
  if (link === undefined) return false
  let at = start + 4
  while (at < end && view.getUint8(at) !== tag.end) {
    if (view.getUint8(at) !== tag.padding && at + 1 < end) at += 1 + view.getUint8(at + 1)
    at++
  }
  place.type = link
  return enter(place, layer.link, at + 1, carried.tzsp)
}

/** RFC 8086. */
const greInUdp: Enter = (view, { payloadAt: at, capturedEnd: end }, place) => greAt(view, { at, end }, place)

/** draft-ietf-intarea-gue: version 1 is bare IP, which begins with the same bits. */
const gue: Enter = (view, outer, place) => {
  const { payloadAt: at, capturedEnd: end } = outer
  if (end - at < 4) return false
  const head = view.getUint8(at)
  if (head >>> 6 === 1) return direct(view, outer, place)
  if (head & 0xe0) return false
  const inside = at + 4 + (head & 0x1f) * 4

  switch (view.getUint8(at + 1)) {
    case 4:
    case 41:
      return enter(place, layer.ip, inside, carried.gue)
    case 47:
      return greAt(view, { at: inside, end }, place) && enter(place, place.kind, place.at, carried.gue)
    case 97:
      return enter(place, layer.ethernet, inside + 2, carried.gue)
    case 137:
      place.type = 0x8847
      return enter(place, layer.etherType, inside, carried.gue)
    default:
      return false
  }
}

/** A bare packet: FOU of Linux, and Teredo between two clients, by the addresses that only it has. */
const direct: Enter = (view, { payloadAt: at, capturedEnd: end }, place) => {
  if (end - at < 20) return false
  const version = view.getUint8(at) >>> 4
  if (version !== 4 && (version !== 6 || end - at < 40)) return false
  const isTeredo =
    version === 6 && (view.getUint32(at + 8) === 0x20010000 || view.getUint32(at + 24) === 0x20010000)
  return enter(place, layer.ip, at, isTeredo ? carried.teredo : carried.fou)
}

const capwapWireless = 1
/** RFC 5415 and 5416: a header of words; an 802.11 frame, or an Ethernet frame; not encrypted, first fragments. */
const capwap: Enter = (view, { payloadAt: at, capturedEnd: end }, place) => {
  if (end - at < 8 || view.getUint8(at) !== 0) return false
  const bits = view.getUint32(at)
  const length = ((bits >>> 19) & 0x1f) * 4
  const isNative = (bits & 0x100) !== 0
  const isLater = (bits & 0x80) !== 0 && view.getUint16(at + 6) >>> 3 !== 0
  const isKeepAlive = (bits & 0x08) !== 0
  if (length < 8 || isLater || isKeepAlive || (isNative && ((bits >>> 9) & 0x1f) !== capwapWireless))
    return false
  return enter(place, isNative ? layer.wireless : layer.ethernet, at + length, carried.capwap)
}

/** draft-massar-v6ops-ayiya: identity and signature have their lengths in the first bytes. */
const ayiya: Enter = (view, { payloadAt: at, capturedEnd: end }, place) => {
  if (end - at < 8) return false
  const identity = 1 << (view.getUint8(at) >>> 4)
  const signature = (view.getUint8(at + 1) >>> 4) * 4
  const operation = view.getUint8(at + 2) & 15
  const next = view.getUint8(at + 3)
  if (operation !== 1 || (next !== 4 && next !== 41)) return false
  return enter(place, layer.ip, at + 8 + identity + signature, carried.ayiya)
}

/** Data of LISP (RFC 9300): eight bytes, a packet. */
const lisp: Enter = (_, outer, place) =>
  room(outer) >= 28 && enter(place, layer.ip, outer.payloadAt + 8, carried.lisp)

/** RFC 7510. */
const mplsInUdp: Enter = (_, outer, place) => {
  place.type = 0x8847
  return room(outer) >= 24 && enter(place, layer.etherType, outer.payloadAt, carried.mpls)
}

/** Mirrors of HP's and Juniper's switches: a header of their own, an Ethernet frame or a packet. */
const ethernetBehind =
  (bytes: number): Enter =>
  (_, outer, place) =>
    enter(place, layer.ethernet, outer.payloadAt + bytes, carried.mirror)
const packetBehind =
  (bytes: number): Enter =>
  (_, outer, place) =>
    enter(place, layer.ip, outer.payloadAt + bytes, carried.mirror)

const ports: ReadonlyMap<number, Enter> = new Map<number, Enter>([
  [1701, (view, { payloadAt: at, capturedEnd: end }, place) => l2tp(view, { at, end }, place)],
  [2152, gtp],
  [3544, teredo],
  [4341, lisp],
  [4754, greInUdp],
  [4789, vxlan],
  [4790, vxlan],
  [5072, ayiya],
  [5247, capwap],
  [5555, direct],
  [6080, gue],
  [6081, geneve],
  [6635, mplsInUdp],
  [7932, ethernetBehind(12)],
  [8472, vxlan],
  [30030, packetBehind(8)],
  [37008, tzsp],
])

const isPort = new Uint32Array(2048)
for (const port of ports.keys()) isPort[port >>> 5] = (isPort[port >>> 5] as number) | (1 << (port & 31))
const isTunnelPort = (port: number): boolean => (((isPort[port >>> 5] as number) >>> (port & 31)) & 1) !== 0

/** The tunnel that the ports speak of; that of the target first. */
export const byPort: Enter = (view, outer, place) =>
  (ports.get(outer.targetPort)?.(view, outer, place) ?? false) ||
  (ports.get(outer.sourcePort)?.(view, outer, place) ?? false)

/** Each way to read a datagram of any port. */
export const byContent: readonly Enter[] = [
  direct,
  vxlan,
  geneve,
  gtp,
  tzsp,
  greInUdp,
  gue,
  (view, { payloadAt: at, capturedEnd: end }, place) => l2tp(view, { at, end }, place),
  capwap,
]

const network = { ipv4: 0x0800, ipv6: 0x86dd, ethernet: 0x6558, erspan: 0x88be, erspan3: 0x22eb } as const

/**
 * Whether a datagram whose UDP header begins at `at` may carry a packet. Few do, and every datagram is asked.
 * `bytes`: of the payload on the wire. `captured`: of it, at hand.
 */
export function mayBeTunnel(view: DataView, at: number, bytes: number, captured: number): boolean {
  if (isTunnelPort(view.getUint16(at)) || isTunnelPort(view.getUint16(at + 2))) return true
  return captured >= 24 && looksLikeTunnel(view, at + 8, bytes)
}

function looksLikeTunnel(view: DataView, at: number, bytes: number): boolean {
  const head = view.getUint32(at)
  const low = head & 0xffff
  const top = head >>> 24

  // Geneve and GRE end their first word with what they carry.
  if (low === network.ipv4 || low === network.ipv6 || low === network.ethernet) return true
  if (low === network.erspan || low === network.erspan3) return true

  switch (top >>> 4) {
    case 0:
      // VXLAN, TZSP, GUE, L2TP, CAPWAP.
      if ((top === 8 || top === 12) && view.getUint8(at + 7) === 0) return true
      return top === 1 || isGue(head) || isL2tp(head) || isCapwap(head)
    case 1:
      return isGue(head)
    case 3:
      return ((head >>> 16) & 0xff) === 0xff && low === bytes - 8
    case 4:
      return low === bytes || isL2tp(head)
    case 6:
      return view.getUint16(at + 4) + 40 === bytes
    case 8:
      return top === 0x88 && view.getUint8(at + 7) === 0
    default:
      return false
  }
}

const isGue = (head: number): boolean => {
  const inside = (head >>> 16) & 0xff
  return inside === 4 || inside === 41 || inside === 47 || inside === 97 || inside === 137
}
const isL2tp = (head: number): boolean => ((head >>> 16) & 0xb0fe) === 2
const isCapwap = (head: number): boolean =>
  head >>> 24 === 0 && ((head >>> 19) & 0x1f) >= 2 && ((head & 0x100) === 0 || ((head >>> 9) & 0x1f) === 1)
