export { protocol, type Verdict, verdict } from '../layers/verdict.ts'

/**
 * The innermost IP packet of a frame, decoded. The same objects are used again for every frame.
 *
 * Words of 32 bits are kept signed, so that they stay small integers; `>>> 0` gives their value.
 */
export class Packet {
  /** 4 or 6. */
  family = 4
  /** Address words; IPv4 has only the last of the four. */
  s0 = 0
  s1 = 0
  s2 = 0
  s3 = 0
  d0 = 0
  d1 = 0
  d2 = 0
  d3 = 0
  /** IP protocol number of the transport. */
  proto = 0
  sourcePort = 0
  targetPort = 0
  /** Length of the IP packet by its header, which a cut frame keeps. */
  ipBytes = 0
  /** Identification, of a fragment. */
  fragmentId = 0
  /** 0: whole; 1: the first fragment; 2: a later one, without ports. */
  fragment = 0
  /** Where the transport begins and the captured part of this packet ends. */
  transportAt = 0
  capturedEnd = 0
  /** Where the payload begins, and its length on the wire. */
  payloadAt = 0
  payloadBytes = 0
  /** Where its IP header begins. */
  headerAt = 0
  /** What carried it, outermost: `tunnelKinds`, shifted by 24, and where that IP header begins; 0 for none. */
  tunnel = 0
  tcpFlags = 0
  sequence = 0
  acknowledged = 0
}

type Words = readonly [number, number, number, number]

/** Puts in the four words of the sender's address; of an IPv4 address the last is all. */
export function setSource(packet: Packet, [a, b, c, d]: Words): void {
  packet.s0 = a
  packet.s1 = b
  packet.s2 = c
  packet.s3 = d
}

/** And of the receiver's. */
export function setTarget(packet: Packet, [a, b, c, d]: Words): void {
  packet.d0 = a
  packet.d1 = b
  packet.d2 = c
  packet.d3 = d
}

/** Microseconds from 1970 to the end of what a time may be (model/units.ts). */
export const latest = 2 ** 33 * 1e6

export const tcpFlag = { fin: 1, syn: 2, rst: 4, push: 8, ack: 16 } as const
