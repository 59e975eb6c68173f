import { describe, expect, it } from 'vitest'
import { assembled, ethernet, framed, ipv4, ipv6, tcp, u8, u16, u32 } from '../../../test/frames.ts'
import { Decoder } from '../packets/decoder.ts'
import { Frame } from '../packets/frame.ts'
import { verdict } from './verdict.ts'

const bytes = (...parts: (Buffer | number[])[]) =>
  Buffer.concat(parts.map((part) => (Array.isArray(part) ? u8(...part) : part)))
const none = (length: number) => Buffer.alloc(length)
const little16 = (value: number) => Buffer.from(u16(value)).reverse()
const little32 = (value: number) => Buffer.from(u32(value)).reverse()

const inner = ipv4('10.0.0.7', '192.0.2.9', tcp(40_000, 443, { flags: 'S' }))
const inner6 = ipv6('2001:db8::7', '2001:db8::9', tcp(40_000, 443, { flags: 'S' }))
const found = [{ client: '10.0.0.7', clientPort: 40_000, server: '192.0.2.9', serverPort: 443, bytes: 40 }]
const found6 = [{ client: '2001:db8::7', server: '2001:db8::9', serverPort: 443, bytes: 60 }]
const snap = (type: number, payload: Buffer) => bytes([0xaa, 0xaa, 3, 0, 0, 0], u16(type), payload)
const data = bytes(u16(0x0801), none(22))
const wireless = bytes(data, snap(0x0800, inner))
const dsa = u32(0xc0180001)

describe('the first layer of each link type', () => {
  it.each<[string, number, Buffer]>([
    [
      'Token Ring with a route',
      6,
      bytes([0, 0], none(6), [0x80], none(5), [6, 0], none(4), snap(0x0800, inner)),
    ],
    ['SLIP', 8, bytes(none(16), inner)],
    ['FDDI', 10, bytes([0x50], none(12), snap(0x0800, inner))],
    ['raw IP of BSD', 12, inner],
    ['OpenBSD loopback under 12', 12, bytes(u32(2), inner)],
    ['loopback of a machine of the other byte order', 0, bytes(little32(2), inner)],
    ['ATM, 802.2', 100, snap(0x0800, inner)],
    ['ATM, classical', 106, inner],
    ['frame relay, NLPID', 107, bytes([0x18, 0x41, 3, 0xcc], inner)],
    ['frame relay, SNAP', 107, bytes([0x18, 0x41, 3, 0, 0x80, 0, 0, 0], u16(0x0800), inner)],
    ['frame relay, address of four bytes', 107, bytes([0x18, 0x40, 0x40, 0x41, 3, 0xcc], inner)],
    ['frame relay, Cisco', 107, bytes([0x18, 0x41], u16(0x0800), inner)],
    ['frame relay, Ethernet', 107, bytes([0x18, 0x41, 3, 0, 0x80, 0, 0x80, 0xc2, 0, 7], framed(inner))],
    ['OpenBSD encapsulation', 109, bytes(little32(2), none(8), inner)],
    ['packet filter log', 117, bytes([61, 2], none(62), inner)],
    ['packet filter log, longer', 117, bytes([100, 2], none(98), inner)],
    ['Prism', 119, bytes(little32(0x44), little32(144), none(136), wireless)],
    ['AVS under Prism', 119, bytes(u32(0x80211001, 64), none(56), wireless)],
    ['AVS', 163, bytes(u32(0x80211001, 64), none(56), wireless)],
    ['radiotap', 127, bytes([0, 0], little16(8), none(4), wireless)],
    ['IP over Fibre Channel', 122, bytes(none(16), snap(0x0800, inner))],
    ['SunATM', 123, bytes(none(4), snap(0x0800, inner))],
    ['IP over FireWire', 138, bytes(none(16), u16(0x0800), inner)],
    ['PPP of pppd', 166, bytes([1, 3, 0, 0x21], inner)],
    ['Juniper Ethernet', 178, bytes([0x4d, 0x47, 0x43, 0x01], framed(inner))],
    ['Juniper, attributes, no frame', 178, bytes([0x4d, 0x47, 0x43, 0x82, 0, 3, 1, 1, 1], u32(2), inner)],
    ['PPI', 192, bytes([0, 0], little16(8), little32(105), wireless)],
    ['PPI with Ethernet', 192, bytes([0, 0], little16(12), little32(1), none(4), framed(inner))],
    ['PPP with direction', 204, bytes([0], u16(0xff03, 0x0021), inner)],
    ['Cisco HDLC with direction', 205, bytes([0], u16(0x0f00, 0x0800), inner)],
    ['frame relay with direction', 206, bytes([0, 0x18, 0x41, 3, 0xcc], inner)],
    ['Solaris ipnet', 226, bytes([1, 2], none(22), inner)],
    ['NFLOG', 239, bytes([2, 0, 0, 9], little16(44), little16(9), inner)],
    ['NFLOG of a big-endian machine', 239, bytes([2, 0, 0, 9], u16(6, 4), none(4), u16(44, 9), inner)],
    [
      'NFLOG of a bridge',
      239,
      bytes([7, 0, 0, 9], little16(8), little16(1), u16(0x0800), none(2), little16(44), little16(9), inner),
    ],
    ['netANALYZER', 240, bytes(none(4), framed(inner))],
    ['IP over InfiniBand', 242, bytes(none(40), u16(0x0800, 0), inner)],
    ['Apple packet tap', 258, bytes(little32(12), little32(1), little32(1), framed(inner))],
    [
      'cooked, of a radiotap device',
      113,
      bytes(u16(0, 803), none(12), [0, 0], little16(8), none(4), wireless),
    ],
    ['cooked, 802.2', 113, bytes(none(14), u16(4), snap(0x0800, inner))],
    ['cooked v2, VLAN', 276, bytes(u16(0x8100), none(18), u16(7, 0x0800), inner)],
    ['Broadcom tag', 281, bytes(none(12), u32(3), u16(0x0800), inner)],
    ['Broadcom tag in front', 282, bytes(u32(3), framed(inner))],
    ['Marvell tag', 284, bytes(none(12), dsa, u16(0x0800), inner)],
    ['Marvell tag, longer', 284, bytes(none(12), u32(0xc0181001, 0), u16(0x0800), inner)],
    ['Marvell tag under an EtherType', 285, bytes(none(12), u16(0xdada, 0), dsa, u16(0x0800), inner)],
  ])('%s', (_, link, frame) => {
    expect(assembled([[0, frame]], link).flows).toMatchObject(found)
  })

  it.each([10, 23, 24, 26, 28, 30])('IPv6 is family %i somewhere', (family) => {
    for (const word of [u32(family), little32(family)])
      expect(assembled([[0, bytes(word, inner6)]], 0).flows).toMatchObject(found6)
  })
})

describe('what lies between Ethernet and IP', () => {
  it.each<[string, Buffer]>([
    ['Cisco metadata', ethernet(0x8909, bytes([1, 1], u16(1, 77, 0x0800), inner))],
    ['Cisco metadata in a VLAN', ethernet(0x8100, bytes(u16(9, 0x8909), [1, 1], u16(1, 77, 0x0800), inner))],
    ['Cisco time stamp', ethernet(0x8988, bytes(none(6), u16(0x0800), inner))],
    ['Arista time stamp of eight bytes', ethernet(0xd28b, bytes(u16(1, 0x10), none(8), u16(0x0800), inner))],
    ['Arista time stamp of six', ethernet(0xd28b, bytes(u16(1, 0x20), none(6), u16(0x0800), inner))],
    ['Marvell', ethernet(0xdada, bytes(u16(0), dsa, u16(0x0800), inner))],
    ['Realtek, four bytes', ethernet(0x8899, bytes([0xa2, 3], u16(0x0800), inner))],
    ['Realtek, eight bytes', ethernet(0x8899, bytes([4, 0], none(4), u16(0x0800), inner))],
    ['DSA over 802.1Q', ethernet(0xdadb, bytes(u16(9, 0x0800), inner))],
    ['802.1BR', ethernet(0x893f, bytes(none(6), u16(0x0800), inner))],
    ['HSR', ethernet(0x892f, bytes(none(4), u16(0x0800), inner))],
    ['TRILL with options', ethernet(0x22f3, bytes(u16(0x0040, 1, 2), none(4), framed(inner)))],
    ['NSH of IPv4', ethernet(0x894f, bytes([0, 2, 1, 1], none(4), inner))],
    ['NSH of Ethernet', ethernet(0x894f, bytes([0, 6, 1, 3], none(20), framed(inner)))],
    ['MACsec that only signs', ethernet(0x88e5, bytes([0x20], none(13), u16(0x0800), inner, none(16)))],
    ['B.A.T.M.A.N.', ethernet(0x4305, bytes([0x40], none(9), framed(inner)))],
    ['jumbo frames', ethernet(0x8870, snap(0x0800, inner))],
    ['802.2 in a VLAN', ethernet(0x8100, bytes(u16(9, 48), snap(0x0800, inner)))],
    ['Cisco ISL', bytes([1, 0, 0x0c, 0, 0, 0], none(6), u16(80), none(12), framed(inner))],
    ['MPLS over a pseudowire without control word', ethernet(0x8847, bytes(u32(0x00020140), framed(inner)))],
    ['PPPoE, BCP', ethernet(0x8864, bytes([0x11, 0], u16(1, 60, 0x0031), [0, 1], framed(inner)))],
  ])('%s', (_, frame) => {
    expect(assembled([[0, frame]], 1).flows).toMatchObject(found)
  })
})

describe('IEEE 802.11', () => {
  const quality = (flags: number, control: number, rest: Buffer) =>
    bytes([0x88, flags], none(22), [control, 0], rest)
  it.each<[string, Buffer]>([
    ['with HT control', quality(0x81, 0, bytes(none(4), snap(0x0800, inner)))],
    ['of four addresses', bytes([0x08, 3], none(28), snap(0x0800, inner))],
    [
      'of which the driver decrypted the payload',
      bytes([0x08, 0x41], none(22), none(8), snap(0x0800, inner)),
    ],
    ['padded, and not said to be', quality(1, 0, bytes(none(2), snap(0x0800, inner)))],
    ['with check sequence', bytes(wireless, none(4))],
  ])('%s', (_, frame) => {
    expect(assembled([[0, frame]], 105).flows).toMatchObject(found)
  })

  it('is padded where radiotap says so, behind its clock', () => {
    const header = bytes([0, 0], little16(17), little32(3), none(8), [0x20])
    const frame = quality(1, 0, bytes(none(2), snap(0x0800, inner)))
    expect(assembled([[0, bytes(header, frame)]], 127).flows).toMatchObject(found)
  })

  const other = ipv4('10.0.0.7', '192.0.2.9', tcp(40_001, 443, { flags: 'S', payload: 'x' }))
  const part = (packet: Buffer) => bytes(none(12), u16(8 + packet.length), snap(0x0800, packet))
  const aggregate = quality(1, 0x80, bytes(part(inner), none(-part(inner).length & 3), part(other)))
  it('gives each packet of an A-MSDU', () => {
    const decoder = new Decoder()
    const frame = new Frame()
    const read = (link: number, of: Buffer) => {
      frame.bytes = of
      frame.view = new DataView(of.buffer, of.byteOffset, of.length)
      Object.assign(frame, { at: 0, end: of.length, original: of.length, link })
      const ports: number[] = []
      for (let v: number | null = decoder.decode(frame); v !== null; v = decoder.next(frame))
        if (v === verdict.packet) ports.push(decoder.packet.sourcePort)
      return ports
    }
    expect(read(105, aggregate)).toEqual([40_000, 40_001])
    // Of controllers that carry it in GRE.
    expect(read(101, ipv4('10.9.9.1', '10.9.9.2', [47, bytes(u16(0, 0x8300), aggregate)]))).toEqual([
      40_000, 40_001,
    ])
    // Cut within the second, which then is not there.
    expect(read(105, aggregate.subarray(0, aggregate.length - 30))).toEqual([40_000])
    expect(read(1, framed(inner))).toEqual([40_000])
  })
})

describe('what is not read is said to be, with its number', () => {
  const decoder = new Decoder()
  const result = (link: number, of: Buffer): [number, string] => {
    const frame = new Frame()
    frame.bytes = of
    frame.view = new DataView(of.buffer, of.byteOffset, of.length)
    Object.assign(frame, { end: of.length, original: of.length, link })
    return [decoder.decode(frame), decoder.unread]
  }
  it.each<[string, number, Buffer]>([
    ['link type 253 (Linux netlink) is not read', 253, none(60)],
    ['link type 253 (Linux netlink) is not read', 113, bytes(u16(0, 824), none(60))],
    ['link type 999 is not read', 999, none(60)],
    [
      'link type 147 (USER0, private use) is not read',
      192,
      bytes([0, 0], little16(8), little32(147), none(60)),
    ],
    ['EtherType 0x88b5 (local experimental) is not read', 1, ethernet(0x88b5, none(40))],
    ['EtherType 0x1234 is not read', 1, ethernet(0x8100, bytes(u16(9, 0x1234), none(40)))],
    ['EtherType 0x88e5 (MACsec, encrypted) is not read', 1, ethernet(0x88e5, bytes([0x0c], none(40)))],
    ['PPP protocol 0x00fd is not read', 9, bytes(u16(0xff03, 0x00fd), none(20))],
    ['address family 99 is not read', 0, bytes(u32(99), inner)],
    ['encrypted IEEE 802.11 frames are not read', 105, bytes([0x08, 0x41], Buffer.alloc(60, 7))],
    [
      'frames of more than 16 layers are not read',
      1,
      ethernet(0x8100, Buffer.concat(Array(40).fill(u16(1, 0x8100)))),
    ],
  ])('%s', (text, link, frame) => expect(result(link, frame)).toEqual([verdict.unsupported, text]))

  it.each([0x0806, 0x88cc, 0x888e, 0x8863, 0x8809, 0x88f7, 0x9000])(
    'but 0x%s is of the link alone',
    (type) => {
      expect(result(1, ethernet(type, none(46)))[0]).toBe(verdict.notIp)
    },
  )
  it('and frames of 802.11 that carry nothing', () => {
    for (const frame of [bytes([0x80, 0], none(30)), bytes([0xd4, 0], none(8)), bytes([0x48, 1], none(22))])
      expect(result(105, frame)[0]).toBe(verdict.notIp)
  })
})
