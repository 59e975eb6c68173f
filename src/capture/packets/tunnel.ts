/**
 * Packets in packets: where the first inner layer of a packet that may be a tunnel begins.
 *
 * A tunnel is thought possible by its protocol or port, or, over UDP, by its first bytes; that it is one is known only
 * when a packet is found in it (`inner-ip.ts`).
 */

import { layer, type Place } from '../layers/place.ts'
import { gre } from './gre.ts'
import { l2tpSession } from './l2tp.ts'
import { type Packet, protocol } from './packet.ts'
import { carried, enter } from './tunnel-kinds.ts'
import { byContent, byPort } from './udp-tunnels.ts'

export { tunnelKinds } from './tunnel-kinds.ts'

/** Whether an attempt went by the content of UDP alone. */
export const isByContent = (attempt: number): boolean => attempt > 1

/**
 * Puts into `place` where the first inner layer is, by the first way to read `outer` as a tunnel from `attempt` on.
 * @returns the attempt that it was, from 1; 0 when there is no further way.
 */
export function enterTunnel(view: DataView, outer: Packet, place: Place, attempt: number): number {
  if (outer.proto !== protocol.udp) return attempt === 1 && overIp(view, outer, place) ? 1 : 0
  if (attempt === 1 && byPort(view, outer, place)) return 1
  for (let next = Math.max(attempt, 2); next < byContent.length + 2; next++)
    if (byContent[next - 2]?.(view, outer, place)) return next
  return 0
}

function overIp(view: DataView, outer: Packet, place: Place): boolean {
  const { transportAt: at, capturedEnd: end } = outer

  switch (outer.proto) {
    case protocol.gre:
      return gre(view, outer, place)
    case protocol.ipip:
      return enter(place, layer.ip, at, carried.ipip)
    case protocol.ipv6:
      return enter(place, layer.ip, at, carried.ipv6)
    case protocol.etherip:
      return (
        end - at >= 2 &&
        view.getUint16(at) === 0x3000 &&
        enter(place, layer.ethernet, at + 2, carried.etherip)
      )
    case protocol.l2tp:
      return l2tpSession(view, { at, end }, place)
    case protocol.mpls:
      place.type = 0x8847
      return enter(place, layer.etherType, at, carried.mpls)
    default:
      return false
  }
}
