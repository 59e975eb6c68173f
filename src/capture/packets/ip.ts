/** IPv4 and IPv6 headers. */

import type { Packet, Verdict } from './packet.ts'
import * as packets from './packet.ts'

const { protocol, verdict } = packets

/** Where an IP header begins. */
export interface Room {
  at: number
  /** Where the captured bytes end. */
  end: number
  /** Bytes from `at` that the frame had on the wire. */
  wire: number
}

export function readIpv4(view: DataView, { at, end, wire }: Room, packet: Packet): Verdict {
  if (end - at < 20) return verdict.truncated
  const header = (view.getUint8(at) & 15) * 4

  // Segmentation offload leaves the length 0 for the card to fill in.
  const total = view.getUint16(at + 2) || wire
  if (header < 20 || total < header) return verdict.badField
  if (header > end - at) return verdict.truncated
  packet.family = 4
  packet.s0 = packet.s1 = packet.s2 = packet.d0 = packet.d1 = packet.d2 = 0
  packet.s3 = view.getInt32(at + 12)
  packet.d3 = view.getInt32(at + 16)
  packet.proto = view.getUint8(at + 9)
  packet.ipBytes = total
  packet.transportAt = at + header
  packet.capturedEnd = Math.min(end, at + total)
  packet.payloadBytes = total - header
  const piece = view.getUint16(at + 6)
  packet.fragment = (piece & 0x1fff) !== 0 ? 2 : (piece & 0x2000) !== 0 ? 1 : 0
  packet.fragmentId = view.getUint16(at + 4)

  return verdict.packet
}

export function readIpv6(view: DataView, { at, end, wire }: Room, packet: Packet): Verdict {
  if (end - at < 40) return verdict.truncated
  const length = view.getUint16(at + 4)
  packet.family = 6
  packet.s0 = view.getInt32(at + 8)
  packet.s1 = view.getInt32(at + 12)
  packet.s2 = view.getInt32(at + 16)
  packet.s3 = view.getInt32(at + 20)
  packet.d0 = view.getInt32(at + 24)
  packet.d1 = view.getInt32(at + 28)
  packet.d2 = view.getInt32(at + 32)
  packet.d3 = view.getInt32(at + 36)

  // A length of 0 is a jumbogram (whose option comes first), or an offloaded segment, or nothing at all.
  const next = view.getUint8(at + 6)
  const isLong = length === 0 && (next === 0 || next === protocol.tcp || next === protocol.udp)
  packet.ipBytes = isLong ? Math.max(wire, 40) : length + 40
  packet.capturedEnd = Math.min(end, at + packet.ipBytes)
  packet.fragment = 0
  packet.fragmentId = 0

  return extensions(view, at, packet)
}

/** Passes extension headers (RFC 8200), each of which is at least 8 bytes, to the transport. */
function extensions(view: DataView, start: number, packet: Packet): Verdict {
  const end = packet.capturedEnd
  let next = view.getUint8(start + 6)
  let at = start + 40

  while (isExtension(next)) {
    if (end - at < 8) return verdict.truncated
    const here = next
    next = view.getUint8(at)
    if (here === 44) {
      const piece = view.getUint16(at + 2)
      packet.fragment = (piece & 0xfff8) !== 0 ? 2 : (piece & 1) !== 0 ? 1 : 0
      packet.fragmentId = view.getInt32(at + 4)
      at += 8
      if (packet.fragment === 2) break
    } else if (here === protocol.ah) at += (view.getUint8(at + 1) + 2) * 4
    else at += (view.getUint8(at + 1) + 1) * 8
    if (at > end) return at - start > packet.ipBytes ? verdict.badField : verdict.truncated
  }

  packet.proto = next
  packet.transportAt = at
  packet.payloadBytes = packet.ipBytes - (at - start)

  return verdict.packet
}

const isExtension = (next: number): boolean =>
  next === 0 ||
  next === 43 ||
  next === 44 ||
  next === protocol.ah ||
  next === 60 ||
  next === 135 ||
  next === 139 ||
  next === 140
