/**
 * Frames to packets: through the link layer, IP with its options and extension headers, and tunnels.
 *
 * Of a tunnel the innermost packet is given; the outer one where no packet can be found in it. Lengths come from
 * the IP header, so that frames cut by a snapshot length count in full. A frame of 802.11 may hold several packets.
 */

import { frameSlack, seemsIp } from '../layers/inner-ip.ts'
import { passLayer } from '../layers/layers.ts'
import { enterLink } from '../layers/link-types.ts'
import { layer, notRead, Place, unread } from '../layers/place.ts'
import { unreadText } from '../layers/unread.ts'
import { firstOf } from '../layers/wireless.ts'
import { mostInFrame } from './batch.ts'
import { CarriedFragments } from './carried-fragments.ts'
import type { Frame } from './frame.ts'
import { type Room, readIpv4, readIpv6 } from './ip.ts'
import * as packets from './packet.ts'
import { Packet, type Verdict } from './packet.ts'
import { readTransport } from './transport.ts'
import { enterTunnel, isByContent } from './tunnel.ts'

const { latest, protocol, verdict } = packets

const mostTunnels = 4
const mostLayers = 16

export class Decoder {
  /** The packet of the last frame whose verdict was `packet`. */
  packet = new Packet()
  private readonly packets = Array.from({ length: mostTunnels + 1 }, () => new Packet())
  private readonly place = new Place()
  private readonly inside = new Place()
  private readonly carriedFragments = new CarriedFragments()
  /** The tunnel packet that carries a frame of several packets, and the depth of those. */
  private outer = new Packet()
  private outerDepth = 0
  /** Packets of the frame so far. */
  private inFrame = 0
  private readonly room: Room = { at: 0, end: 0, wire: 0 }

  /** Reads a frame. @returns `packet`, or why there is none; `badTime` for a packet without a time. */
  decode(frame: Frame): Verdict {
    const { place } = this
    place.at = frame.at
    place.kind = layer.ethernet
    place.more = 0
    this.inside.more = 0
    this.inFrame = 1
    const entered = frame.link === 1 ? verdict.packet : enterLink(frame, frame.link, place)
    return entered === verdict.packet ? this.fromHere(frame) : entered
  }

  /** Reads the next packet of the same frame. @returns null when there is none. */
  next(frame: Frame): Verdict | null {
    const { place, inside } = this
    if ((place.more === 0 && inside.more === 0) || this.inFrame++ >= mostInFrame) return null
    if (inside.more !== 0) return this.nextInside(frame)
    const entered = firstOf({ view: frame.view, end: place.moreEnd }, place, place.more)
    return entered === verdict.packet ? this.fromHere(frame) : entered
  }

  /** Of a frame that is `unsupported`: what in it is not read. */
  get unread(): string {
    return unreadText(this.place.unread, this.place.number)
  }

  private fromHere(frame: Frame): Verdict {
    const found = this.innermost(frame)
    return found === verdict.packet ? timed(frame) : found
  }

  private innermost(frame: Frame): Verdict {
    const { place, packets } = this
    let found = descend(frame, frame.end, place)
    if (found !== verdict.packet) return found
    const packet = packets[0] as Packet
    found = this.read(frame, place.at, packet)
    if (found !== verdict.packet) return found
    packet.tunnel = 0
    if (packet.fragment === 2 && this.carriedFragments.has(packet)) return verdict.counted
    this.packet = packet
    this.enterTunnels(frame, 1)
    if (packet.fragment === 1) {
      if (this.packet === packet) this.carriedFragments.forget(packet)
      else this.carriedFragments.add(packet)
    }
    return verdict.packet
  }

  /** Goes into the tunnels that `packet` is, the first of which is at this depth. */
  private enterTunnels(frame: Frame, from: number): void {
    this.inside.more = 0
    for (let depth = from; depth <= mostTunnels; depth++) {
      const inner = this.packets[depth] as Packet
      if (!this.tunnelled(frame, this.packet, inner)) break
      this.packet = inner
      if (this.inside.more === 0) continue
      this.outer = this.packets[depth - 1] as Packet
      this.outerDepth = depth
      break
    }
  }

  /** Reads the next packet of a frame of 802.11 that a tunnel carries. */
  private nextInside(frame: Frame): Verdict {
    const { inside, outer } = this
    const found = firstOf({ view: frame.view, end: inside.moreEnd }, inside, inside.more)
    const inner = this.packets[this.outerDepth] as Packet
    if (found !== verdict.packet || descend(frame, inside.moreEnd, inside) !== verdict.packet)
      return verdict.notIp
    const more = { slack: outer.ipBytes, mayBeCut: true, strict: false }
    const wire = outer.payloadAt + outer.payloadBytes - inside.at
    if (!seemsIp(frame.view, { at: inside.at, end: inside.moreEnd, wire, ...more })) return verdict.notIp
    const read = this.read(frame, inside.at, inner, inside.moreEnd)
    inner.tunnel = outer.tunnel || (inside.tunnel << 24) | outer.headerAt
    this.packet = inner
    return read === verdict.packet ? timed(frame) : read
  }

  private read(frame: Frame, at: number, packet: Packet, end = frame.end): Verdict {
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
    if (outer.fragment === 2 || outer.proto === protocol.tcp) return false
    const { view } = frame
    const { inside: place } = this
    const end = outer.capturedEnd

    for (let attempt = 1; ; attempt++) {
      attempt = enterTunnel(view, outer, place, attempt)
      if (attempt === 0) {
        place.more = 0
        return false
      }
      const strict = isByContent(attempt)
      place.isFramed = false
      place.more = 0
      if (descend(frame, end, place) !== verdict.packet) continue
      const { at } = place
      const wire = outer.payloadAt + outer.payloadBytes - at
      const slack = place.more > 0 ? wire : place.isFramed ? frameSlack : 0
      const mayBeCut = outer.fragment === 1 || (place.isFramed && !strict)
      if (!seemsIp(view, { at, end, wire, strict, slack, mayBeCut })) continue
      if (this.read(frame, at, inner, end) !== verdict.packet) continue
      inner.tunnel = outer.tunnel || (place.tunnel << 24) | outer.headerAt
      return true
    }
  }
}

const timed = ({ time }: Frame): Verdict => (time >= 0 && time < latest ? verdict.packet : verdict.badTime)

/** Passes layers until `place` is at an IP header. */
function descend({ view }: Frame, end: number, place: Place): Verdict {
  if (place.kind === layer.ethernet && end - place.at >= 34 && view.getUint16(place.at + 12) === 0x0800) {
    place.at += 14
    place.kind = layer.ip
    place.isFramed = true
    return verdict.packet
  }
  for (let depth = 0; place.kind !== layer.ip; depth++) {
    if (place.kind === layer.ethernet || place.kind === layer.wireless) place.isFramed = true
    if (depth === mostLayers) return notRead(place, unread.depth, 0)
    const found = passLayer({ view, end }, place)
    if (found !== verdict.packet) return found
  }
  return verdict.packet
}
