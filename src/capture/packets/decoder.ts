/**
 * Frames to packets: through the link layer, IP with its options and extension headers, and tunnels.
 *
 * Of a tunnel the innermost packet is given (GRE, ERSPAN, IP in IP, VXLAN, Geneve, GTP-U, Teredo); the outer
 * one is given when no packet can be found in it. Lengths come from the IP header, so that frames cut by a
 * snapshot length count in full.
 */

import type { Frame } from './frame.ts'
import { type Room, readIpv4, readIpv6 } from './ip.ts'
import { enterLink, layer, Place, passLayer } from './link.ts'
import * as packets from './packet.ts'
import { Packet, type Verdict } from './packet.ts'
import { readTransport } from './transport.ts'
import { enterTunnel } from './tunnel.ts'

const { latest, protocol, verdict } = packets

const mostTunnels = 4
const mostLayers = 16

export class Decoder {
  /** The packet of the last frame whose verdict was `packet`. */
  packet = new Packet()
  private readonly packets = Array.from({ length: mostTunnels + 1 }, () => new Packet())
  private readonly place = new Place()
  private readonly room: Room = { at: 0, end: 0, wire: 0 }

  /** Reads a frame. @returns `packet`, or why there is none; `badTime` for a packet without a time. */
  decode(frame: Frame): Verdict {
    const found = this.innermost(frame)
    if (found !== verdict.packet) return found
    return frame.time >= 0 && frame.time < latest ? verdict.packet : verdict.badTime
  }

  private innermost(frame: Frame): Verdict {
    const { place, packets } = this
    place.at = frame.at
    place.kind = layer.ethernet
    let found = frame.link === 1 ? verdict.packet : enterLink(frame, frame.link, place)
    if (found === verdict.packet) found = this.descend(frame, frame.end)
    if (found !== verdict.packet) return found
    let packet = packets[0] as Packet
    found = this.read(frame, packet)
    if (found !== verdict.packet) return found
    packet.tunnel = 0
    for (let depth = 1; depth <= mostTunnels; depth++) {
      const inner = packets[depth] as Packet
      if (!this.tunnelled(frame, packet, inner)) break
      packet = inner
    }
    this.packet = packet
    return verdict.packet
  }

  /** Passes layers until `place` is at an IP header. */
  private descend(frame: Frame, end: number): Verdict {
    const { place } = this
    const { view } = frame
    if (place.kind === layer.ethernet && end - place.at >= 34 && view.getUint16(place.at + 12) === 0x0800) {
      place.at += 14
      place.kind = layer.ip
      return verdict.packet
    }
    for (let depth = 0; place.kind !== layer.ip; depth++) {
      if (depth === mostLayers) return verdict.unsupported
      const found = passLayer({ view, end }, place)
      if (found !== verdict.packet) return found
    }
    return verdict.packet
  }

  private read(frame: Frame, packet: Packet, end = frame.end): Verdict {
    const { at } = this.place
    if (end - at < 1) return verdict.truncated
    const version = frame.bytes[at]! >>> 4
    const { room } = this
    room.at = at
    room.end = end
    packet.headerAt = at
    room.wire = frame.original - (at - frame.at)
    const found =
      version === 4
        ? readIpv4(frame.view, room, packet)
        : version === 6
          ? readIpv6(frame.view, room, packet)
          : verdict.badField
    return found === verdict.packet ? readTransport(frame.view, packet) : found
  }

  /** Whether `outer` carries a packet that can be read, which is then in `inner`. */
  private tunnelled(frame: Frame, outer: Packet, inner: Packet): boolean {
    if (outer.fragment !== 0 || outer.proto === protocol.tcp) return false
    if (!enterTunnel(frame.view, outer, this.place)) return false
    const end = outer.capturedEnd
    inner.tunnel = outer.tunnel || (this.place.tunnel << 24) | outer.headerAt
    return this.descend(frame, end) === verdict.packet && this.read(frame, inner, end) === verdict.packet
  }
}
