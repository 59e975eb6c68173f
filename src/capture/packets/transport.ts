/** Ports, flags and payload of the transport. */

import type { Packet, Verdict } from './packet.ts'
import * as packets from './packet.ts'

const { protocol, verdict } = packets

/**
 * Reads the transport header at `packet.transportAt`. A later fragment has none, and its ports stay 0. For
 * ICMP the ports are Zeek's: the type, and the type of the answer, or the code where there is none.
 */
export function readTransport(view: DataView, packet: Packet): Verdict {
  const { transportAt: at, capturedEnd, proto } = packet
  packet.sourcePort = 0
  packet.targetPort = 0
  packet.tcpFlags = 0
  packet.sequence = 0
  packet.acknowledged = 0
  packet.payloadAt = at
  if (packet.fragment === 2) return verdict.packet
  const room = capturedEnd - at
  if (proto === protocol.tcp) return tcp(view, packet, room)
  if (proto === protocol.udp || proto === protocol.udplite) return udp(view, packet, room)
  if (proto === protocol.icmp || proto === protocol.icmp6) return icmp(view, packet, room)
  if (proto === protocol.sctp || proto === protocol.dccp) return ports(view, packet, room)
  return verdict.packet
}

const short = (packet: Packet, needed: number): Verdict =>
  packet.payloadBytes < needed ? verdict.badField : verdict.truncated

function ports(view: DataView, packet: Packet, room: number): Verdict {
  if (room < 4) return short(packet, 4)
  packet.sourcePort = view.getUint16(packet.transportAt)
  packet.targetPort = view.getUint16(packet.transportAt + 2)
  return verdict.packet
}

function tcp(view: DataView, packet: Packet, room: number): Verdict {
  const at = packet.transportAt
  // A first fragment may be as short as 8 bytes; its flags are in the next one.
  if (room < 14 && packet.fragment === 1) return ports(view, packet, room)
  if (room < 14) return cutTcp(view, packet, room)
  packet.sourcePort = view.getUint16(at)
  packet.targetPort = view.getUint16(at + 2)
  packet.sequence = view.getInt32(at + 4)
  packet.acknowledged = view.getInt32(at + 8)
  const header = (view.getUint8(at + 12) >>> 4) * 4
  if (header < 20 || header > packet.payloadBytes) return verdict.badField
  packet.tcpFlags = view.getUint8(at + 13)
  packet.payloadAt = at + header
  packet.payloadBytes -= header
  return verdict.packet
}

/**
 * A header that the snapshot length cut behind its ports: what it says of the connection is not known, nor how long it
 * was, so that the packet counts and is thought to say nothing.
 */
function cutTcp(view: DataView, packet: Packet, room: number): Verdict {
  if (packet.payloadBytes < 20) return verdict.badField
  const found = ports(view, packet, room)
  packet.payloadBytes = 0
  return found
}

function udp(view: DataView, packet: Packet, room: number): Verdict {
  if (room < 4 || packet.payloadBytes < 8) return short(packet, 8)
  const at = packet.transportAt
  packet.sourcePort = view.getUint16(at)
  packet.targetPort = view.getUint16(at + 2)
  packet.payloadAt = at + 8
  packet.payloadBytes -= 8
  return verdict.packet
}

function icmp(view: DataView, packet: Packet, room: number): Verdict {
  if (room < 2) return short(packet, 2)
  const at = packet.transportAt
  const type = view.getUint8(at)
  packet.sourcePort = type
  const answer = counterpart(packet.proto, type)
  packet.targetPort = answer < 0 ? view.getUint8(at + 1) : answer
  packet.payloadAt = at + 8
  packet.payloadBytes = Math.max(0, packet.payloadBytes - 8)
  return verdict.packet
}

const pairs4 = [8, 0, 13, 14, 15, 16, 17, 18, 10, 9]
const pairs6 = [128, 129, 133, 134, 135, 136, 139, 140, 130, 131, 144, 145]

/** The type that answers this one, or that it answers: -1 where there is none. */
export function counterpart(proto: number, type: number): number {
  const pairs = proto === protocol.icmp ? pairs4 : pairs6
  const at = pairs.indexOf(type)
  return at < 0 ? -1 : (pairs[at ^ 1] as number)
}

/** Whether a message of this type answers one that must have come before it (an echo reply …). */
export const answers = (proto: number, type: number): boolean =>
  proto === protocol.icmp
    ? type === 0 || type === 14 || type === 16 || type === 18
    : type === 129 || type === 140
