/** ICMP messages that say a host or port cannot be reached, and the packet they are about. */
import { Packet, protocol } from '../packets/packet.ts'

const fragmentationNeeded = 4

/** Whether a packet is a "destination unreachable" (RFC 792, RFC 4443) that ends an attempt. */
export function isRefusal({ proto, sourcePort, targetPort, fragment }: Packet): boolean {
  if (proto === protocol.icmp) return sourcePort === 3 && targetPort !== fragmentationNeeded && fragment !== 2
  return proto === protocol.icmp6 && sourcePort === 1 && fragment !== 2
}

const about = new Packet()

/** The addresses and ports of the packet inside an ICMP error, of which eight transport bytes are enough. */
export function embedded(view: DataView, { transportAt, capturedEnd, proto }: Packet): Packet | null {
  const at = transportAt + 8
  return proto === protocol.icmp ? inside4(view, at, capturedEnd) : inside6(view, at, capturedEnd)
}

function inside4(view: DataView, at: number, end: number): Packet | null {
  if (end - at < 20 || view.getUint8(at) >>> 4 !== 4) return null
  about.family = 4
  about.s0 = about.s1 = about.s2 = about.d0 = about.d1 = about.d2 = 0
  about.s3 = view.getInt32(at + 12)
  about.d3 = view.getInt32(at + 16)
  about.proto = view.getUint8(at + 9)
  return ports(view, at + (view.getUint8(at) & 15) * 4, end)
}

function inside6(view: DataView, at: number, end: number): Packet | null {
  if (end - at < 40 || view.getUint8(at) >>> 4 !== 6) return null
  about.family = 6
  about.s0 = view.getInt32(at + 8)
  about.s1 = view.getInt32(at + 12)
  about.s2 = view.getInt32(at + 16)
  about.s3 = view.getInt32(at + 20)
  about.d0 = view.getInt32(at + 24)
  about.d1 = view.getInt32(at + 28)
  about.d2 = view.getInt32(at + 32)
  about.d3 = view.getInt32(at + 36)
  about.proto = view.getUint8(at + 6)
  return ports(view, at + 40, end)
}

function ports(view: DataView, at: number, end: number): Packet | null {
  if (about.proto !== protocol.tcp && about.proto !== protocol.udp) return null
  if (end - at < 4) return null
  about.fragment = 0
  about.sourcePort = view.getUint16(at)
  about.targetPort = view.getUint16(at + 2)
  return about
}
