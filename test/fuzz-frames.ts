/** Frames for the fuzzer: a packet behind whatever machines put in front of it, and in whatever carries packets. */
import type { Random } from '../src/math/random.ts'
import { ethernet, u8, u16, u32 } from './frames.ts'

const join = (...parts: Buffer[]): Buffer => Buffer.concat(parts)
const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes).reverse()
const little16 = (value: number): Buffer => swapped(u16(value & 0xffff))
const little32 = (value: number): Buffer => swapped(u32(value))
const zeros = (length: number): Buffer => Buffer.alloc(length)

const typeOf = (packet: Buffer): number => (packet.length > 0 && packet[0]! >> 4 === 6 ? 0x86dd : 0x0800)
const framed = (packet: Buffer): Buffer => ethernet(typeOf(packet), packet)
const snap = (packet: Buffer): Buffer => join(u8(0xaa, 0xaa, 3, 0, 0, 0), u16(typeOf(packet)), packet)

/** An 802.11 data frame: of quality of service, padded, encrypted, or with several packets. */
function wirelessOf(packet: Buffer, random: Random): Buffer {
  const flags = random.pick([0, 1, 2, 3, 0x41, 0x81])
  const addresses = zeros((flags & 3) === 3 ? 28 : 22)
  const kind = random.integer(4)
  if (kind === 0) return join(u8(random.pick([0x08, 0x48, 0x80, 0xd4]), flags), addresses, snap(packet))
  const order = zeros(flags & 0x80 ? 4 : 0)
  if (kind < 3)
    return join(u8(0x88, flags), addresses, u16(0), order, zeros(random.pick([0, 2, 8])), snap(packet))
  const part = join(zeros(12), u16(snap(packet).length), snap(packet))
  const parts = Array.from({ length: 1 + random.integer(4) }, () => join(part, zeros(-part.length & 3)))
  return join(u8(0x88, flags), addresses, u16(0x8000), order, ...parts)
}

type Wrap = (packet: Buffer, random: Random) => Buffer

const logged: Wrap = (packet, random) => {
  const size = random.next() < 0.5 ? little16 : u16
  const attribute = (type: number, value: Buffer) =>
    join(size(value.length + 4), size(type), value, zeros(-value.length & 3))
  return join(
    u8(random.pick([2, 10, 7, 1, 99]), 0),
    u16(9),
    attribute(1, join(u16(typeOf(packet)), zeros(2))),
    attribute(10, zeros(random.integer(9))),
    attribute(9, packet),
  )
}

/** By link type: what stands before a packet. */
const links: Readonly<Record<number, Wrap>> = {
  0: (packet, random) => join(random.pick([u32, little32])(random.pick([2, 24, 30, 99])), packet),
  6: (packet) => join(zeros(14), snap(packet)),
  9: (packet, random) => join(u16(0xff03, random.pick([0x21, 0x57, 0x31, 0x3d, 0xfd])), packet),
  10: (packet) => join(u8(0x50), zeros(12), snap(packet)),
  12: (packet) => packet,
  51: (packet) => join(u8(0x11, 0), u16(1, packet.length, 0x21), packet),
  101: (packet) => packet,
  104: (packet) => join(u16(0x0f00, typeOf(packet)), packet),
  105: wirelessOf,
  107: (packet, random) => join(u8(0x18, 0x41, 3, random.pick([0xcc, 0x80, 0, 0xcf])), packet),
  109: (packet) => join(little32(2), zeros(8), packet),
  113: (packet, random) =>
    join(u16(0, random.pick([1, 803, 824, 770])), zeros(10), u16(typeOf(packet)), packet),
  117: (packet, random) => join(u8(random.pick([61, 100, 44]), 2), zeros(62), packet),
  119: (packet, random) => join(little32(68), little32(144), zeros(136), wirelessOf(packet, random)),
  127: (packet, random) =>
    join(u8(0, 0), little16(17), little32(3), zeros(8), u8(random.integer(256)), wirelessOf(packet, random)),
  163: (packet, random) =>
    join(u32(0x80211001, random.pick([64, 8, 2000])), zeros(56), wirelessOf(packet, random)),
  178: (packet, random) => join(u32(0x4d474300 | random.pick([0, 1, 2, 0x82])), framed(packet)),
  192: (packet, random) =>
    join(u8(0, 0), little16(8), little32(random.pick([105, 1, 192, 147])), wirelessOf(packet, random)),
  226: (packet) => join(u8(1, 2), zeros(22), packet),
  239: logged,
  258: (packet, random) =>
    join(little32(12), little32(1), little32(random.pick([1, 258, 0])), framed(packet)),
  276: (packet) => join(u16(typeOf(packet)), zeros(18), packet),
  281: (packet) => join(zeros(12), u32(3), u16(typeOf(packet)), packet),
  284: (packet, random) =>
    join(zeros(12), u32(random.pick([0xc0180001, 0xc0181001])), u16(typeOf(packet)), packet),
  285: (packet) => join(zeros(12), u16(0xdada, 0), u32(0xc0180001), u16(typeOf(packet)), packet),
}
export const linkTypes: readonly number[] = Object.keys(links).map(Number)

/** A packet as a frame of a link type; bare for one that is not in the list. */
export const linked = (link: number, packet: Buffer, random: Random): Buffer =>
  links[link]?.(packet, random) ?? packet

/** What stands between Ethernet and IP, with the EtherType before it. */
const tags: readonly (readonly [number, (packet: Buffer, random: Random) => Buffer])[] = [
  [0x8909, (packet, random) => join(u8(1, random.integer(3)), u16(1, 7, typeOf(packet)), packet)],
  [0x8988, (packet) => join(zeros(6), u16(typeOf(packet)), packet)],
  [
    0xd28b,
    (packet, random) => join(u16(1, random.pick([0x10, 0x20])), zeros(8), u16(typeOf(packet)), packet),
  ],
  [0xdada, (packet) => join(u16(0), u32(0xc0180001), u16(typeOf(packet)), packet)],
  [0x8899, (packet, random) => join(u8(random.pick([0xa2, 4, 1]), 0), u16(typeOf(packet)), packet)],
  [0x893f, (packet) => join(zeros(6), u16(typeOf(packet)), packet)],
  [0x894f, (packet, random) => join(u8(0, random.integer(64), 1, random.integer(6)), zeros(4), packet)],
  [0x22f3, (packet, random) => join(u16(random.integer(65_536), 1, 2), framed(packet))],
  [
    0x88e5,
    (packet, random) => join(u8(random.pick([0, 0x20, 0x0c])), zeros(13), u16(typeOf(packet)), packet),
  ],
  [0x4305, (packet, random) => join(u8(random.pick([0x40, 0x42, 1, 3])), zeros(9), framed(packet))],
  [0x8847, (packet) => join(u32(0x00020140), framed(packet))],
  [
    0x8864,
    (packet, random) =>
      join(u8(0x11, 0), u16(1, 60, random.pick([0x21, 0x31, 0x3d])), u8(0, 1), framed(packet)),
  ],
]

/** A packet in Ethernet behind one of the tags, or several. */
export function tagged(packet: Buffer, random: Random): Buffer {
  const [type, behind] = random.pick(tags)
  const frame = ethernet(type, behind(packet, random))
  return random.next() < 0.3 ? join(frame.subarray(0, 12), u16(0x8100, 7), frame.subarray(12)) : frame
}

/** A packet behind the header of a tunnel over UDP. */
export function overUdp(packet: Buffer, random: Random): Buffer {
  const frame = framed(packet)
  return random.pick<() => Buffer>([
    () => join(u32(0x08000000, 0x100), frame),
    () => join(u8(0x0c, 0, 0, random.integer(7)), u32(0x100), packet),
    () => join(u8(1, 0), u16(typeOf(packet)), u32(0, 0), packet),
    () => join(u8(random.pick([0x30, 0x34, 0x32]), 0xff), u16(packet.length), u32(1), packet),
    () => join(u8(1, random.integer(6), 0, random.pick([1, 18, 119, 127]), random.integer(3)), frame),
    () => join(u16(random.pick([0x0002, 0x4802, 0x0202, 0xc802]), 5, 6), u16(0xff03, 0x0021), packet),
    () => join(u16(3, 0), u32(random.integer(2)), zeros(4 * random.integer(5)), frame),
    () => join(u8(0, 0x10, 0x43, 0), zeros(4), wirelessOf(packet, random)),
    () => join(u8(random.integer(32), random.pick([4, 41, 47, 97, 137]), 0, 0), packet),
    () => join(u8(0x44, 0x52, 1, random.pick([4, 41, 59])), zeros(40), packet),
    () => join(u32(0x88000001, 7), packet),
    () => packet,
  ])()
}
