import { describe, expect, it } from 'vitest'
import { assembled, ethernet, framed, ipv4, ipv6, tcp, u8, u16, u32, udp } from '../../../test/frames.ts'
import { TunnelNames } from '../flows/tunnel-names.ts'
import { Decoder } from './decoder.ts'
import { Frame } from './frame.ts'
import { verdict } from './packet.ts'
import { tunnelKinds } from './tunnel.ts'

const inner = ipv4('10.0.0.7', '192.0.2.9', udp(40_000, 60_000, 'hello'))
const found = [{ client: '10.0.0.7', server: '192.0.2.9', clientPort: 40_000, serverPort: 60_000, bytes: 33 }]
const carried = (datagram: readonly [number, Buffer]) => ipv4('203.0.113.1', '203.0.113.2', datagram)
const bytes = (...parts: (Buffer | number[])[]) =>
  Buffer.concat(parts.map((part) => (Array.isArray(part) ? u8(...part) : part)))

describe('what lies between the wire and IP is passed', () => {
  it.each<[string, number, Buffer]>([
    ['Ethernet', 1, framed(inner)],
    ['802.1Q', 1, ethernet(0x8100, bytes(u16(7, 0x0800), inner))],
    ['QinQ', 1, ethernet(0x88a8, bytes(u16(7, 0x8100, 9, 0x0800), inner))],
    ['MPLS, two labels', 1, ethernet(0x8847, bytes(u32(0x00010040, 0x00020140), inner))],
    ['Ethernet in MPLS', 1, ethernet(0x8847, bytes(u32(0x00020140), u32(0), framed(inner)))],
    ['PPPoE', 1, ethernet(0x8864, bytes(u8(0x11, 0), u16(1, 35, 0x0021), inner))],
    ['802.3 with SNAP', 1, ethernet(41, bytes(u8(0xaa, 0xaa, 3, 0, 0, 0), u16(0x0800), inner))],
    ['PBB', 1, ethernet(0x88e7, bytes(u32(5), framed(inner)))],
    ['VN-Tag', 1, ethernet(0x8926, bytes(u32(0), u16(0x0800), inner))],
    ['FabricPath', 1, ethernet(0x8903, bytes(u16(1), framed(inner)))],
    ['raw IP', 101, inner],
    ['raw IPv4', 228, inner],
    ['BSD loopback', 0, bytes(u32(0x02000000), inner)],
    ['OpenBSD loopback', 108, bytes(u32(2), inner)],
    ['Linux cooked', 113, bytes(Buffer.alloc(14), u16(0x0800), inner)],
    ['Linux cooked v2', 276, bytes(u16(0x0800), Buffer.alloc(18), inner)],
    ['PPP', 9, bytes(u16(0xff03, 0x0021), inner)],
    ['PPP, short protocol field', 9, bytes([0x21], inner)],
    ['Cisco HDLC', 104, bytes(u16(0x0f00, 0x0800), inner)],
    [
      '802.11 data',
      105,
      bytes(u16(0x0801), Buffer.alloc(22), u8(0xaa, 0xaa, 3, 0, 0, 0), u16(0x0800), inner),
    ],
    [
      '802.11 with quality of service behind radiotap',
      127,
      bytes(
        [0, 0, 8, 0, 0, 0, 0, 0],
        u16(0x8801),
        Buffer.alloc(24),
        u8(0xaa, 0xaa, 3, 0, 0, 0),
        u16(0x0800),
        inner,
      ),
    ],
    ['GRE', 101, carried([47, bytes(u16(0, 0x0800), inner)])],
    ['GRE with key and sequence', 101, carried([47, bytes(u16(0x3000, 0x0800), u32(1, 2), inner)])],
    ['PPTP', 101, carried([47, bytes(u16(0x3081, 0x880b), u32(1, 2, 3), u16(0x0021), inner)])],
    ['ERSPAN II', 101, carried([47, bytes(u16(0x1000, 0x88be), u32(1), u32(0, 0), framed(inner))])],
    ['ERSPAN III', 101, carried([47, bytes(u16(0x1000, 0x22eb), u32(1), u32(0, 0, 0), framed(inner))])],
    ['IP in IP', 101, carried([4, inner])],
    ['IPv4 in IPv6', 101, ipv6('2001:db8::1', '2001:db8::2', [4, inner])],
    ['VXLAN', 101, carried(udp(50_000, 4789, bytes(u32(0x08000000, 0x100), framed(inner))))],
    ['Geneve with options', 101, carried(udp(50_000, 6081, bytes([1, 0], u16(0x0800), u32(0, 0), inner)))],
    ['GTP-U', 101, carried(udp(2152, 2152, bytes([0x30, 0xff], u16(33), u32(1), inner)))],
    [
      'IP options',
      101,
      ipv4('10.0.0.7', '192.0.2.9', udp(40_000, 60_000, 'h'), { options: u32(0x01010101) }),
    ],
  ])('%s', (_, link, frame) => {
    expect(assembled([[0, frame]], link).flows).toMatchObject(found)
  })

  it('reads the IPv6 inside Teredo, with its origin indication', () => {
    const six = ipv6('2001::1', '2001:db8::2', udp(40_000, 60_000))
    const origin = bytes(u16(0), u16(1), u32(1))
    expect(assembled([[0, carried(udp(50_000, 3544, bytes(origin, six)))]]).flows).toMatchObject([
      { client: '2001::1' },
    ])
  })
})

describe('a flow says what carried its first packet', () => {
  const ends = '203.0.113.1>203.0.113.2'
  const six = ipv6('2001::1', '2001:db8::2', udp(40_000, 60_000))
  it.each<[string, Buffer]>([
    [`gre ${ends}`, carried([47, bytes(u16(0, 0x0800), inner)])],
    [`gre ${ends}`, carried(udp(50_000, 4754, bytes(u16(0, 0x0800), inner)))],
    [`pptp ${ends}`, carried([47, bytes(u16(0x3081, 0x880b), u32(1, 2, 3), u16(0x0021), inner)])],
    [`erspan ${ends}`, carried([47, bytes(u16(0x1000, 0x88be), u32(1), u32(0, 0), framed(inner))])],
    [`erspan ${ends}`, carried([47, bytes(u16(0x1000, 0x22eb), u32(1), u32(0, 0, 0), framed(inner))])],
    [`ipip ${ends}`, carried([4, inner])],
    [`ipv6 ${ends}`, carried([41, six])],
    ['ipip 2001:db8::1>2001:db8::2', ipv6('2001:db8::1', '2001:db8::2', [4, inner])],
    [`vxlan ${ends}`, carried(udp(50_000, 4789, bytes(u32(0x08000000, 0x100), framed(inner))))],
    [`geneve ${ends}`, carried(udp(50_000, 6081, bytes([1, 0], u16(0x0800), u32(0, 0), inner)))],
    [`gtp ${ends}`, carried(udp(2152, 2152, bytes([0x30, 0xff], u16(33), u32(1), inner)))],
    [`teredo ${ends}`, carried(udp(50_000, 3544, six))],
    // The outermost of several.
    [`gre ${ends}`, carried([47, bytes(u16(0, 0x0800), ipv4('10.9.9.1', '10.9.9.2', [4, inner]))])],
    // Not what lies inside of nothing, nor a tunnel without a packet.
    ['', inner],
    ['', carried(udp(50_000, 4789, bytes(u32(0x08000000, 0x100), ethernet(0x0806, Buffer.alloc(28)))))],
  ])('%s', (tunnel, packet) => {
    expect(assembled([[0, framed(packet)]], 1).flows).toMatchObject([{ tunnel }])
  })

  it('and each flow says its own: of the first packet, also where it begins again', () => {
    const vxlan = (from: string, packet: Buffer) =>
      framed(ipv4(from, '10.8.0.9', udp(50_000, 4789, bytes(u32(0x08000000, 0x100), framed(packet)))))
    const other = ipv4('10.0.0.7', '192.0.2.9', udp(40_001, 60_000, 'hello'))
    const { flows } = assembled(
      [
        [0, vxlan('10.8.0.1', inner)],
        [1, vxlan('10.8.0.2', inner)],
        [2, framed(other)],
        [3, vxlan('10.8.0.2', other)],
        [100, framed(inner)],
      ],
      1,
    )
    expect(flows.map(({ packets, tunnel }) => [packets, tunnel])).toEqual([
      [2, 'vxlan 10.8.0.1>10.8.0.9'],
      [2, ''],
      [1, ''],
    ])
  })

  it('in a bounded number of words', () => {
    const names = ['']
    const tunnels = new TunnelNames(names, 2)
    const view = (last: number) => {
      const packet = ipv4('10.8.0.1', `10.8.0.${last}`, [4, inner])
      return new DataView(packet.buffer, packet.byteOffset, packet.length)
    }
    const ipip = tunnelKinds.indexOf('ipip') << 24
    expect([1, 2, 3, 4, 1].map((last) => tunnels.numberOf(ipip, view(last)))).toEqual([1, 2, 3, 3, 1])
    expect(tunnels.numberOf(0, view(1))).toBe(0)
    expect(names).toEqual(['', 'ipip 10.8.0.1>10.8.0.1', 'ipip 10.8.0.1>10.8.0.2', 'ipip'])
  })
})

it('gives the outer flow of a tunnel in which there is no packet', () => {
  const arp = ethernet(0x0806, Buffer.alloc(28))
  const vxlan = carried(udp(50_000, 4789, bytes(u32(0x08000000, 0x100), arp)))
  expect(assembled([[0, vxlan]]).flows).toMatchObject([{ client: '203.0.113.1', serverPort: 4789 }])
})

describe('a frame that gives no packet says why', () => {
  const why = (frame: Buffer, link = 1) => assembled([[0, frame]], link).verdicts[0]
  it.each<[string, number, Buffer, number]>([
    ['ARP', verdict.notIp, ethernet(0x0806, Buffer.alloc(28)), 1],
    ['spanning tree', verdict.notIp, ethernet(38, u8(0x42, 0x42, 3)), 1],
    ['a link type nobody knows', verdict.unsupported, inner, 147],
    ['an encrypted 802.11 frame', verdict.unsupported, bytes(u16(0x0841), Buffer.alloc(40)), 105],
    ['a cut Ethernet header', verdict.truncated, framed(inner).subarray(0, 13), 1],
    ['a cut IP header', verdict.truncated, inner.subarray(0, 19), 101],
    ['cut ports', verdict.truncated, inner.subarray(0, 23), 101],
    ['IP of version 5', verdict.badField, bytes([0x55], inner.subarray(1)), 101],
    ['an IP header of 16 bytes', verdict.badField, bytes([0x44], inner.subarray(1)), 101],
    [
      'a total length below the header',
      verdict.badField,
      ipv4('1.2.3.4', '5.6.7.8', udp(1, 2), { total: 19 }),
      101,
    ],
    ['UDP that ends in its header', verdict.badField, ipv4('1.2.3.4', '5.6.7.8', [17, u32(1)]), 101],
    [
      'a TCP header of 16 bytes',
      verdict.badField,
      ipv4('1.2.3.4', '5.6.7.8', [6, Buffer.alloc(20, 0x40)]),
      101,
    ],
  ])('%s', (_, reason, frame, link) => expect(why(frame, link)).toBe(reason))

  it('of layers without end, that it is unsupported', () => {
    expect(why(ethernet(0x8100, Buffer.concat(Array(40).fill(u16(1, 0x8100)))))).toBe(verdict.unsupported)
  })
})

it('goes four tunnels deep and no further', () => {
  const nested = (depth: number): Buffer => (depth === 0 ? inner : carried([4, nested(depth - 1)]))
  expect(assembled([[0, nested(4)]]).flows).toMatchObject(found)
  expect(assembled([[0, nested(5)]]).flows).toMatchObject([{ proto: 'ipip' }])
})

it('counts an offloaded segment, whose length field is 0, by its frame', () => {
  const segment = ipv4('10.0.0.7', '192.0.2.9', tcp(40_000, 80, { payload: 'x'.repeat(2000) }), { total: 0 })
  const frame = new Frame()
  frame.bytes = segment
  frame.view = new DataView(segment.buffer, segment.byteOffset, segment.length)
  frame.end = segment.length
  frame.original = segment.length
  frame.link = 101
  const decoder = new Decoder()
  expect(decoder.decode(frame)).toBe(verdict.packet)
  expect(decoder.packet).toMatchObject({ ipBytes: 2040, payloadBytes: 2000 })
})
