/**
 * Decoded packets of one piece of a capture, in typed arrays: 64 bytes a packet and no object.
 *
 * The arrays may lie over shared memory, so that one thread decodes and another assembles. The key of the flow
 * is made here, while the packet is at hand: the end with the smaller address and port is `low`, so that both
 * directions have one key.
 */

import * as layout from './batch-layout.ts'
import { finished, hashOfEnds, hashOfNetworks } from './flow-key.ts'
import type { Packet } from './packet.ts'
import * as packets from './packet.ts'
import { counterpart } from './transport.ts'

const { protocol } = packets
const { word, packetWidth, timeColumn, packetDoubles, wideWord, wideWidth, packetBit } = layout

/** Bytes of an IPv4 header behind a packet header of 16: no frame that gives a packet is smaller. */
const smallestRecord = 36
/** Packets of one frame that is no longer than an A-MSDU can be: what a frame held over from before may add. */
export const mostInFrame = 272

type Memory = ArrayBuffer | SharedArrayBuffer

/** What a batch lies over, for another thread to make the same batch of. */
export interface BatchMemory {
  readonly bytes: Memory
  readonly rows: Memory
  readonly wide: Memory
}

/** Room for a record that is not whole, of `longest` bytes, and a piece of the capture. */
export function batchMemory({ longest, piece }: BatchSize, make: (bytes: number) => Memory): BatchMemory {
  const packets = Math.ceil(piece / smallestRecord) + 1 + mostInFrame
  return {
    bytes: make(longest + piece),
    rows: make(packets * packetWidth * 4),
    wide: make(packets * wideWidth * 4),
  }
}

export interface BatchSize {
  readonly longest: number
  readonly piece: number
}

export const ownMemory = (bytes: number): Memory => new ArrayBuffer(bytes)
export const sharedMemory = (bytes: number): Memory => new SharedArrayBuffer(bytes)

/** A batch for one packet. */
export const singleBatch = (seed: number): PacketBatch =>
  new PacketBatch(batchMemory({ longest: 0, piece: 1 }, ownMemory), seed)

export class PacketBatch {
  /** The piece of the capture that the packets lie in. */
  bytes: Uint8Array
  view: DataView
  readonly ints: Int32Array
  readonly doubles: Float64Array
  readonly wide: Int32Array
  readonly seed: number
  length = 0
  /** Frames before the piece. */
  first = 0

  /** `seed` is of the hash; a sender who does not know it cannot make flows collide. */
  constructor({ bytes, rows, wide }: BatchMemory, seed: number) {
    this.bytes = new Uint8Array(bytes)
    this.view = new DataView(bytes)
    this.ints = new Int32Array(rows)
    this.doubles = new Float64Array(rows)
    this.wide = new Int32Array(wide)
    this.seed = seed
  }

  clear(first: number): void {
    this.length = 0
    this.first = first
  }

  /** Adds a packet. */
  put(packet: Packet, time: number, position: number): void {
    const row = this.length++
    const at = row * packetWidth
    const { ints } = this
    const { s3, d3, sourcePort, targetPort, family, fragment } = packet
    let order = family === 6 ? networkOrder(packet) : 0
    if (order === 0) order = compare(s3, d3) || sourcePort - targetPort
    const fromLow = order <= 0
    const kind = kindOf(packet)
    const low = fromLow ? s3 : d3
    const high = fromLow ? d3 : s3
    const ports = fromLow ? (sourcePort << 16) | targetPort : (targetPort << 16) | sourcePort
    ints[at + word.ports] = ports
    ints[at + word.kind] = kind
    ints[at + word.low] = low
    ints[at + word.high] = high
    let hash = hashOfEnds(ints, at, this.seed)
    if (family === 6) hash ^= this.putNetworks(row, packet, fromLow)
    ints[at + word.hash] = finished(hash)
    if (packet.tunnel !== 0) this.wide[row * wideWidth + wideWord.tunnel] = packet.tunnel
    if (fragment !== 0) this.wide[row * wideWidth + wideWord.fragmentId] = packet.fragmentId
    ints[at + word.ipBytes] = packet.ipBytes
    ints[at + word.payloadBytes] = packet.payloadBytes
    ints[at + word.bits] =
      packet.tcpFlags |
      (fragment << packetBit.fragmentShift) |
      (fromLow ? packetBit.fromLow : 0) |
      (packet.tunnel === 0 ? 0 : packetBit.carried)
    this.doubles[row * packetDoubles + timeColumn] = time
    ints[at + word.sequence] = packet.sequence
    ints[at + word.acknowledged] = packet.acknowledged
    ints[at + word.transportAt] = packet.transportAt
    ints[at + word.payloadAt] = packet.payloadAt
    ints[at + word.capturedEnd] = packet.capturedEnd
    ints[at + word.position] = position - this.first
  }

  /** @returns their hash. */
  private putNetworks(row: number, { s0, s1, s2, d0, d1, d2 }: Packet, fromLow: boolean): number {
    const { wide } = this
    const at = row * wideWidth
    const source = at + (fromLow ? wideWord.low : wideWord.high)
    const target = at + (fromLow ? wideWord.high : wideWord.low)
    wide[source] = s0
    wide[source + 1] = s1
    wide[source + 2] = s2
    wide[target] = d0
    wide[target + 1] = d1
    wide[target + 2] = d2
    return hashOfNetworks(wide, at, this.seed)
  }

  /** Takes a packet out again, for what is done to few of them. */
  get(row: number, packet: Packet): void {
    const { ints, wide } = this
    const at = row * packetWidth
    const kind = ints[at + word.kind] as number
    const bits = ints[at + word.bits] as number
    const ports = ints[at + word.ports] as number
    const fromLow = (bits & packetBit.fromLow) !== 0
    packet.family = kind & 256 ? 6 : 4
    packet.proto = kind & 255
    packet.tcpFlags = bits & 255
    packet.fragment = (bits & packetBit.fragment) >>> packetBit.fragmentShift
    packet.tunnel = bits & packetBit.carried ? (wide[row * wideWidth + wideWord.tunnel] as number) : 0
    packet.fragmentId = packet.fragment === 0 ? 0 : (wide[row * wideWidth + wideWord.fragmentId] as number)
    packet.s3 = ints[at + (fromLow ? word.low : word.high)] as number
    packet.d3 = ints[at + (fromLow ? word.high : word.low)] as number
    packet.sourcePort = fromLow ? ports >>> 16 : ports & 0xffff
    packet.targetPort = fromLow ? ports & 0xffff : ports >>> 16
    packet.ipBytes = ints[at + word.ipBytes] as number
    packet.payloadBytes = ints[at + word.payloadBytes] as number
    packet.sequence = ints[at + word.sequence] as number
    packet.acknowledged = ints[at + word.acknowledged] as number
    packet.transportAt = ints[at + word.transportAt] as number
    packet.payloadAt = ints[at + word.payloadAt] as number
    packet.capturedEnd = ints[at + word.capturedEnd] as number
    this.getNetworks(row, packet, fromLow)
  }

  private getNetworks(row: number, packet: Packet, fromLow: boolean): void {
    if (packet.family === 4) {
      packet.s0 = packet.s1 = packet.s2 = packet.d0 = packet.d1 = packet.d2 = 0
      return
    }
    const { wide } = this
    const source = row * wideWidth + (fromLow ? wideWord.low : wideWord.high)
    const target = row * wideWidth + (fromLow ? wideWord.high : wideWord.low)
    packet.s0 = wide[source] as number
    packet.s1 = wide[source + 1] as number
    packet.s2 = wide[source + 2] as number
    packet.d0 = wide[target] as number
    packet.d1 = wide[target + 1] as number
    packet.d2 = wide[target + 2] as number
  }
}

/**
 * The transport and family; ICMP messages without an answer are one flow a direction. 256: IPv6. 512: ICMP
 * without an answer, and then 1024: from the smaller address.
 */
function kindOf(packet: Packet): number {
  const { proto } = packet
  const kind = packet.family === 6 ? proto | 256 : proto
  if (proto === protocol.tcp || proto === protocol.udp) return kind
  if (proto !== protocol.icmp && proto !== protocol.icmp6) return kind
  if (packet.fragment === 2 || counterpart(proto, packet.sourcePort) >= 0) return kind
  return kind | 512 | (packet.s3 >>> 0 < packet.d3 >>> 0 ? 1024 : 0)
}

/** Order of two unsigned words kept signed. */
const compare = (a: number, b: number): number => (a === b ? 0 : a >>> 0 < b >>> 0 ? -1 : 1)

const networkOrder = ({ s0, s1, s2, d0, d1, d2 }: Packet): number =>
  compare(s0, d0) || compare(s1, d1) || compare(s2, d2)
