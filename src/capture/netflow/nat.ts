/**
 * Which hosts talk, where an exporter translates addresses (NAT).
 *
 * Such an exporter gives the addresses of a packet as it came and, in `postNAT…` (IANA 225 to 228, 281, 282), as it
 * went on. The host that counts is the one behind the translation:
 *
 * | packet | as it came | as it went on | taken |
 * | --- | --- | --- | --- |
 * | call from inside | inner → server | outer → server | as it came |
 * | its reply | server → outer | server → inner | destination as it went on |
 * | call from outside to a forwarded port | client → outer | client → inner | destination as it went on |
 * | its reply | inner → client | outer → client | as it came |
 * | call that is redirected to a proxy | inner → server | inner → proxy | as it came |
 * | its reply | proxy → inner | server → inner | source as it went on |
 * | NAT64, either way | IPv6 or IPv4 | the other | the IPv6 side |
 */
import { type Packet, setSource, setTarget } from '../packets/packet.ts'

/** Addresses and ports after translation. */
interface Translated {
  readonly ends: Packet
  readonly family: number
  /** 1 the source's address was said, 2 the destination's. */
  readonly given: number
  /** NaN or 0 if unknown. */
  readonly sourcePort: number
  readonly targetPort: number
}

/** Puts the hosts behind a translation into `ends`. */
export function undoTranslation(ends: Packet, after: Translated): void {
  if (after.given === 0) return
  if (after.family !== ends.family) {
    if (after.family === 6 && after.given === 3) takeBoth(ends, after)
    return
  }
  const { given } = after
  const targetMoved = (given & 2) !== 0 && isKnownTarget(after.ends) && !sameTarget(ends, after.ends)
  const sourceMoved = (given & 1) !== 0 && isKnownSource(after.ends) && !sameSource(ends, after.ends)
  if (targetMoved && !(isLocalSource(ends) && !isLocalTarget(ends))) takeTarget(ends, after)
  else if (sourceMoved && isLocalSource(ends) && isLocalTarget(ends) && !isLocalSource(after.ends))
    takeSource(ends, after)
}

function takeBoth(ends: Packet, after: Translated): void {
  ends.family = after.family
  takeSource(ends, after)
  takeTarget(ends, after)
}

function takeSource(ends: Packet, { ends: { s0, s1, s2, s3 }, sourcePort }: Translated): void {
  setSource(ends, [s0, s1, s2, s3])
  if (sourcePort > 0) ends.sourcePort = sourcePort
}

function takeTarget(ends: Packet, { ends: { d0, d1, d2, d3 }, targetPort }: Translated): void {
  setTarget(ends, [d0, d1, d2, d3])
  if (targetPort > 0) ends.targetPort = targetPort
}

const sameSource = (a: Packet, b: Packet): boolean =>
  a.s3 === b.s3 && a.s2 === b.s2 && a.s1 === b.s1 && a.s0 === b.s0
const sameTarget = (a: Packet, b: Packet): boolean =>
  a.d3 === b.d3 && a.d2 === b.d2 && a.d1 === b.d1 && a.d0 === b.d0

/** Exporters write zeros where nothing was translated. */
const isKnownSource = ({ s0, s1, s2, s3 }: Packet): boolean => (s0 | s1 | s2 | s3) !== 0
const isKnownTarget = ({ d0, d1, d2, d3 }: Packet): boolean => (d0 | d1 | d2 | d3) !== 0

const isLocalSource = ({ family, s0, s3 }: Packet): boolean => isLocal(family, s0, s3)
const isLocalTarget = ({ family, d0, d3 }: Packet): boolean => isLocal(family, d0, d3)

/** Private (RFC 1918), shared (RFC 6598), link-local and unique local (RFC 4193) addresses. */
function isLocal(family: number, first: number, last: number): boolean {
  if (family === 6) return first >>> 25 === 0x7e || first >>> 22 === 0x3fa
  const top = last >>> 24
  if (top === 10) return true
  if (top === 172) return last >>> 20 === 0xac1
  if (top === 192) return last >>> 16 === 0xc0a8
  return top === 100 ? last >>> 22 === 0x191 : last >>> 16 === 0xa9fe
}
