/**
 * Whether what a tunnel is thought to carry is an IP packet.
 *
 * No port and no magic number is enough: noise, sent to the port of a tunnel, must not become a flow between hosts that
 * never met. Version, header length, total length against the room there is, and the header's checksum (IPv4) or the
 * addresses (IPv6) are looked at; where no port speaks for the tunnel either, the checksum of the transport too.
 */
import { protocol } from './verdict.ts'

/** Where a packet may be, and the bytes from there on that the carrier had on the wire. */
interface Inner {
  readonly at: number
  /** Where the captured bytes end. */
  readonly end: number
  readonly wire: number
  /** Whether nothing but the content speaks for the tunnel. */
  readonly strict: boolean
  /** Bytes that may follow the packet: the padding of a frame; none behind a bare packet. */
  readonly slack: number
  /** Whether the packet may be longer than what carries it: a mirror cuts frames, and a fragment has only the start. */
  readonly mayBeCut: boolean
}

/** Padding of a short frame, and its check sequence. */
export const frameSlack = 64

export function seemsIp(view: DataView, inner: Inner): boolean {
  if (inner.end - inner.at < 20) return false
  const version = view.getUint8(inner.at) >>> 4
  return version === 4 ? seemsIpv4(view, inner) : version === 6 && seemsIpv6(view, inner)
}

function seemsIpv4(view: DataView, inner: Inner): boolean {
  const { at, end, wire, strict } = inner
  const header = (view.getUint8(at) & 15) * 4
  const total = view.getUint16(at + 2)
  if (header < 20 || end - at < header) return false
  // A length of 0: the packet was captured before its card cut it into segments. The checksum is then wanting too.
  if (total === 0) return !strict && view.getUint8(at + 9) === protocol.tcp && view.getUint16(at + 10) === 0
  if (total < header || !fits(total, inner)) return false
  // No lifetime left, or the bit that is always 0.
  if (view.getUint8(at + 8) === 0 || view.getUint8(at + 6) & 0x80) return false
  if (sumOf(view, at, at + header) === 0xffff) return true
  return view.getUint16(at + 10) === 0 && !strict && total <= wire
}

function seemsIpv6(view: DataView, inner: Inner): boolean {
  const { at, end, strict } = inner
  if (end - at < 40) return false
  const total = view.getUint16(at + 4) + 40
  if (view.getUint8(at + 7) === 0) return false
  // Length 0 is that of a packet captured before its card cut it, or of nothing.
  const isOffloaded = total === 40 && !strict && view.getUint8(at + 6) === protocol.tcp
  if (!isOffloaded && !fits(total, inner)) return false
  if (!isNextHeader(view.getUint8(at + 6))) return false
  if (!isUnicast6(view, at + 8) || !(isUnicast6(view, at + 24) || view.getUint8(at + 24) === 0xff))
    return false
  return !strict || isTeredo(view, at) || checksHold6(view, at, end)
}

const fits = (total: number, { wire, slack, mayBeCut }: Inner): boolean =>
  total > wire ? mayBeCut : wire - total <= slack

/** Transports and extension headers that are sent. */
function isNextHeader(next: number): boolean {
  return (
    next === protocol.tcp ||
    next === protocol.udp ||
    next === protocol.icmp6 ||
    next === 0 ||
    next === 4 ||
    next === 41 ||
    next === 43 ||
    next === 44 ||
    next === 47 ||
    next === 50 ||
    next === 51 ||
    next === 59 ||
    next === 60 ||
    next === 89 ||
    next === 103 ||
    next === protocol.sctp
  )
}

/** Global, unique local, link-local, of translators (64:ff9b::/96) or unspecified. */
function isUnicast6(view: DataView, at: number): boolean {
  const head = view.getUint16(at)
  if (head >>> 13 === 1 || head >>> 9 === 0x7e || head >>> 6 === 0x3fa) return true
  if (head === 0x64) return view.getUint16(at + 2) === 0xff9b
  return head === 0 && view.getUint32(at) === 0 && view.getUint32(at + 4) === 0
}

/** 2001::/32, which nobody but Teredo uses. */
const isTeredo = (view: DataView, at: number): boolean =>
  view.getUint32(at + 8) === 0x20010000 || view.getUint32(at + 24) === 0x20010000

/** The checksum of the transport, of a packet that is whole. */
function checksHold6(view: DataView, at: number, end: number): boolean {
  const length = view.getUint16(at + 4)
  const next = view.getUint8(at + 6)
  if (length > end - at - 40) return false
  if (next !== protocol.tcp && next !== protocol.udp && next !== protocol.icmp6) return false
  const addresses = sumOf(view, at + 8, at + 40)
  return folded(addresses + sumOf(view, at + 40, at + 40 + length) + length + next) === 0xffff
}

/** The sum of RFC 1071 over view[from, to), folded to 16 bits; 0xffff where a checksum that is in it is right. */
function sumOf(view: DataView, from: number, to: number): number {
  let sum = 0
  let at = from
  for (; at + 1 < to; at += 2) sum += view.getUint16(at)
  if (at < to) sum += view.getUint8(at) << 8
  return folded(sum)
}

function folded(sum: number): number {
  let rest = sum
  while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 0x10000)
  return rest
}

/** Whether an IPv4 header with a right checksum begins at `at`. */
export function isIpv4Header(view: DataView, at: number, end: number): boolean {
  if (end - at < 20) return false
  const header = (view.getUint8(at) & 15) * 4
  return header >= 20 && end - at >= header && sumOf(view, at, at + header) === 0xffff
}

/** Whether the header of an IPv6 packet that fits begins at `at`. */
export const isIpv6Header = (view: DataView, at: number, end: number): boolean =>
  end - at >= 40 && isNextHeader(view.getUint8(at + 6)) && isUnicast6(view, at + 8)
