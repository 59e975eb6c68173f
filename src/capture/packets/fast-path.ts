/**
 * The direct way of nearly every frame: Ethernet, at most one VLAN tag, IPv4 without options or IPv6 without
 * extension headers, whole, TCP or UDP that is no tunnel. Each field is read once and put into the batch.
 *
 * What it puts is what `Decoder` and `PacketBatch.put` put, which take all other frames; a property test holds the
 * two together. Which end has the smaller address is as good as random, so ends are exchanged by masks and not by
 * branches, which a processor would foretell wrongly half the time.
 */

import type { PacketBatch } from './batch.ts'
import * as layout from './batch-layout.ts'
import { finished, hashOfEnds, hashOfNetworks } from './flow-key.ts'
import type { Frame } from './frame.ts'
import * as packets from './packet.ts'
import { mayBeTunnel } from './udp-tunnels.ts'

const { latest, protocol } = packets
const { word, packetWidth, timeColumn, packetDoubles, wideWord, wideWidth, packetBit } = layout

const etherType = { ipv4: 0x0800, ipv6: 0x86dd, vlan: 0x8100 } as const
/** Ethernet, a VLAN tag, IPv4 and UDP. A frame that has no tag and is shorter goes the other way. */
const leastBytes = 14 + 4 + 20 + 8

/** Puts the packet of a frame into a batch. @returns false, and nothing is put, where the frame is not plain. */
export function putPlain(batch: PacketBatch, frame: Frame): boolean {
  const { view, at, end, time } = frame
  if (frame.link !== 1 || end - at < leastBytes || !(time >= 0 && time < latest)) return false
  let type = view.getUint16(at + 12)
  let top = at + 14

  if (type === etherType.vlan) {
    type = view.getUint16(at + 16)
    top = at + 18
  }

  if (type !== etherType.ipv4 && type !== etherType.ipv6) return false
  const begin = view.getUint8(top)
  const isPut =
    begin === 0x45 ? putFour(batch, view, top, end) : begin >>> 4 === 6 && putSix(batch, view, top, end)
  if (!isPut) return false
  const row = batch.length++
  batch.doubles[row * packetDoubles + timeColumn] = time
  batch.ints[row * packetWidth + word.position] = frame.position - batch.first

  return true
}

/** The packet whose IPv4 header begins at `top`, in a frame that ends at `end`. */
function putFour(batch: PacketBatch, view: DataView, top: number, end: number): boolean {
  const ipBytes = view.getUint16(top + 2)

  // No piece of a packet: none follows, and none came before.
  if ((view.getUint16(top + 6) & 0x3fff) !== 0) return false
  const { ints, seed } = batch
  const row = batch.length * packetWidth
  const at = top + 20
  ints[row + word.kind] = view.getUint8(top + 9)
  ints[row + word.ipBytes] = ipBytes
  ints[row + word.payloadBytes] = ipBytes - 20
  ints[row + word.transportAt] = at
  ints[row + word.capturedEnd] = Math.min(end, top + ipBytes)
  if (!putTransport(ints, row, view)) return false
  const source = view.getInt32(top + 12)
  const target = view.getInt32(top + 16)
  const sent = view.getInt32(at)
  const fromLow = isAtMost(source, target, sent)
  ints[row + word.low] = either(target, source, fromLow)
  ints[row + word.high] = either(source, target, fromLow)
  ints[row + word.ports] = either(turned(sent), sent, fromLow)
  ints[row + word.bits] = (ints[row + word.bits] as number) | (fromLow & packetBit.fromLow)
  ints[row + word.hash] = finished(hashOfEnds(ints, row, seed))

  return true
}

/** The same of IPv6. */
function putSix(batch: PacketBatch, view: DataView, top: number, end: number): boolean {
  const bytes = view.getUint16(top + 4)
  const at = top + 40
  const { ints, wide, seed } = batch
  const row = batch.length * packetWidth
  ints[row + word.kind] = view.getUint8(top + 6)
  ints[row + word.ipBytes] = bytes + 40
  ints[row + word.payloadBytes] = bytes
  ints[row + word.transportAt] = at
  ints[row + word.capturedEnd] = Math.min(end, at + bytes)
  if (!putTransport(ints, row, view)) return false
  ints[row + word.kind] = (ints[row + word.kind] as number) | 256
  const sent = view.getInt32(at)
  const first = top + 8 + firstThatDiffers(view, top + 8)
  const fromLow = isAtMost(view.getInt32(first), view.getInt32(first + 16), sent)
  const source = view.getInt32(top + 20)
  const target = view.getInt32(top + 36)
  ints[row + word.low] = either(target, source, fromLow)
  ints[row + word.high] = either(source, target, fromLow)
  ints[row + word.ports] = either(turned(sent), sent, fromLow)
  ints[row + word.bits] = (ints[row + word.bits] as number) | (fromLow & packetBit.fromLow)
  const networks = batch.length * wideWidth

  for (let i = 0; i < 3; i++) {
    const from = view.getInt32(top + 8 + i * 4)
    const to = view.getInt32(top + 24 + i * 4)
    wide[networks + wideWord.low + i] = either(to, from, fromLow)
    wide[networks + wideWord.high + i] = either(from, to, fromLow)
  }

  ints[row + word.hash] = finished(hashOfEnds(ints, row, seed) ^ hashOfNetworks(wide, networks, seed))

  return true
}

/** Bytes from the start of two addresses of IPv6, one after the other, to the word that differs; else to the last. */
function firstThatDiffers(view: DataView, at: number): number {
  for (let i = 0; i < 12; i += 4) if (view.getInt32(at + i) !== view.getInt32(at + 16 + i)) return i
  return 12
}

/**
 * Ports are put in with the key. A length of IP of 0, which stands for another, leaves no room here.
 * @returns false for what is no TCP or UDP, or no whole header, or may be a tunnel.
 */
function putTransport(ints: Int32Array, row: number, view: DataView): boolean {
  const at = ints[row + word.transportAt] as number
  const room = (ints[row + word.capturedEnd] as number) - at
  const bytes = ints[row + word.payloadBytes] as number
  const proto = ints[row + word.kind]
  let header = 8

  if (proto === protocol.tcp) {
    if (room < 14) return false
    const begin = view.getUint16(at + 12)
    header = (begin >>> 12) * 4
    if (header < 20 || header > bytes) return false
    ints[row + word.bits] = begin & 255
    ints[row + word.sequence] = view.getInt32(at + 4)
    ints[row + word.acknowledged] = view.getInt32(at + 8)
  } else {
    if (proto !== protocol.udp || room < 8 || mayBeTunnel(view, at, bytes - 8, room - 8)) return false
    ints[row + word.bits] = 0
    ints[row + word.sequence] = 0
    ints[row + word.acknowledged] = 0
  }

  ints[row + word.payloadAt] = at + header
  ints[row + word.payloadBytes] = bytes - header

  return true
}

/** `other` where the mask is -1, `one` where it is 0. */
const either = (one: number, other: number, mask: number): number => one ^ ((one ^ other) & mask)

/** Ports with their ends exchanged. */
const turned = (ports: number): number => (ports << 16) | (ports >>> 16)

/** -1 where the end that sent is `low`: its word is less than that of the other, unsigned, or its port is not more. */
const isAtMost = (source: number, target: number, ports: number): number =>
  source === target
    ? -(ports >>> 16 <= (ports & 0xffff) ? 1 : 0)
    : ((~source & target) | (~(source ^ target) & (source - target))) >> 31
