/** Packets in packets. */

import { layer, type Place } from './link.ts'
import type { Packet } from './packet.ts'
import * as packets from './packet.ts'

const { protocol } = packets

/** The number of a kind is its place here. */
export const tunnelKinds = [
  '',
  'ipip',
  'ipv6',
  'gre',
  'erspan',
  'pptp',
  'vxlan',
  'geneve',
  'teredo',
  'gtp',
] as const
const kindOf = (name: (typeof tunnelKinds)[number]): number => tunnelKinds.indexOf(name)
const carried = {
  ipip: kindOf('ipip'),
  ipv6: kindOf('ipv6'),
  gre: kindOf('gre'),
  erspan: kindOf('erspan'),
  pptp: kindOf('pptp'),
  vxlan: kindOf('vxlan'),
  geneve: kindOf('geneve'),
  teredo: kindOf('teredo'),
  gtp: kindOf('gtp'),
} as const

/** Whether `outer` is a tunnel; then `place` is where its first inner layer begins. */
export function enterTunnel(view: DataView, outer: Packet, place: Place): boolean {
  if (outer.proto === protocol.udp) return datagram(view, outer, place)
  if (outer.proto === protocol.gre) return gre(view, outer, place)
  if (outer.proto === protocol.ipip || outer.proto === protocol.ipv6)
    return goTo(
      place,
      layer.ip,
      outer.transportAt,
      0,
      outer.proto === protocol.ipip ? carried.ipip : carried.ipv6,
    )
  return false
}

function goTo(place: Place, kind: number, at: number, type: number, tunnel: number): boolean {
  place.kind = kind
  place.at = at
  place.type = type
  place.tunnel = tunnel
  return true
}

const port = { gtp: 2152, teredo: 3544, gre: 4754, vxlan: 4789, geneve: 6081 } as const

/** Whether UDP between these ports may carry packets. Nearly none does. */
export const mayBeTunnel = (sourcePort: number, targetPort: number): boolean =>
  sourcePort === port.gtp ||
  sourcePort === port.teredo ||
  (targetPort >= port.gtp &&
    (targetPort === port.gtp ||
      targetPort === port.teredo ||
      targetPort === port.gre ||
      targetPort === port.vxlan ||
      targetPort === port.geneve))

function datagram(view: DataView, outer: Packet, place: Place): boolean {
  const { sourcePort, targetPort, payloadAt: at, capturedEnd } = outer
  if (!mayBeTunnel(sourcePort, targetPort)) return false
  const room = capturedEnd - at
  if (targetPort === port.vxlan)
    return room >= 8 && (view.getUint8(at) & 8) !== 0 && goTo(place, layer.ethernet, at + 8, 0, carried.vxlan)
  if (targetPort === port.geneve) {
    if (room < 8 || view.getUint8(at) >>> 6 !== 0) return false
    const options = (view.getUint8(at) & 0x3f) * 4
    return goTo(place, layer.etherType, at + 8 + options, view.getUint16(at + 2), carried.geneve)
  }
  if (targetPort === port.teredo || sourcePort === port.teredo) return teredo(view, outer, place)
  if (targetPort === port.gtp || sourcePort === port.gtp) return gtp(view, outer, place)
  if (targetPort === port.gre) return gre(view, { ...outer, transportAt: at }, place)
  return false
}

/** RFC 4380: authentication and origin come before the IPv6 packet. A bubble, which carries nothing, is the outer flow. */
function teredo(view: DataView, { payloadAt, capturedEnd }: Packet, place: Place): boolean {
  let at = payloadAt
  if (capturedEnd - at >= 13 && view.getUint16(at) === 1)
    at += 13 + view.getUint8(at + 2) + view.getUint8(at + 3)
  if (capturedEnd - at >= 8 && view.getUint16(at) === 0) at += 8
  if (capturedEnd - at < 40 || view.getUint8(at) >>> 4 !== 6 || view.getUint8(at + 6) === 59) return false
  return goTo(place, layer.ip, at, 0, carried.teredo)
}

/** GTPv1-U, G-PDU only. */
function gtp(view: DataView, { payloadAt, capturedEnd }: Packet, place: Place): boolean {
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
  if (capturedEnd - at < 20) return false
  const version = view.getUint8(at) >>> 4
  return (version === 4 || version === 6) && goTo(place, layer.ip, at, 0, carried.gtp)
}

/** RFC 2784 and 2890, and version 1 (PPTP); ERSPAN of types I to III inside. */
function gre(view: DataView, outer: Packet, place: Place): boolean {
  const { transportAt, capturedEnd } = outer
  let at = transportAt
  if (capturedEnd - at < 4) return false
  const flags = view.getUint16(at)
  const type = view.getUint16(at + 2)
  const version = flags & 7
  if (version > 1) return false
  at += 4
  if (version === 0) {
    if (flags & 0xc000) at += 4
    if (flags & 0x4000) return false
  }
  if (flags & 0x2000) at += 4
  if (flags & 0x1000) at += 4
  if (version === 1 && flags & 0x80) at += 4
  if (type === 0x880b) return goTo(place, layer.ppp, at, 0, carried.pptp)
  if (type === 0x88be) return goTo(place, layer.ethernet, flags & 0x1000 ? at + 8 : at, 0, carried.erspan)
  if (type === 0x22eb) {
    if (capturedEnd - at < 12) return false
    return goTo(place, layer.ethernet, at + 12 + (view.getUint8(at + 11) & 1) * 8, 0, carried.erspan)
  }
  return goTo(place, layer.etherType, at, type, carried.gre)
}
