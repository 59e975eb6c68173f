import { describe, expect, it } from 'vitest'
import { assembled, ethernet, framed, ipv4, ipv6, tcp, u8, u16, u32, udp } from '../../../test/frames.ts'
import { randomFrom } from '../../../test/fuzz-random.ts'
import { Decoder } from './decoder.ts'
import { Frame } from './frame.ts'
import { verdict } from './packet.ts'

const bytes = (...parts: (Buffer | number[])[]) =>
  Buffer.concat(parts.map((part) => (Array.isArray(part) ? u8(...part) : part)))
const none = (length: number) => Buffer.alloc(length)

const sum = (of: Buffer): number => {
  let total = 0
  for (let at = 0; at < of.length; at += 2) total += (of[at]! << 8) | (of[at + 1] ?? 0)
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16)
  return ~total & 0xffff
}
/** An IPv4 packet with the checksum of its header right. */
const summed = (packet: Buffer): Buffer => {
  packet.writeUInt16BE(sum(packet.subarray(0, 20)), 10)
  return packet
}
/** An IPv6 packet of TCP with its checksum right. */
const summed6 = (packet: Buffer): Buffer => {
  const length = packet.length - 40
  packet.writeUInt16BE(sum(bytes(packet.subarray(8, 40), u32(length, 6), packet.subarray(40))), 56)
  return packet
}

const inner = summed(ipv4('10.0.0.7', '192.0.2.9', tcp(40_000, 443, { flags: 'S', payload: 'x'.repeat(40) })))
const inner6 = summed6(ipv6('2001:db8::7', '2001:db8::9', tcp(40_000, 443, { flags: 'S' })))
const found = { client: '10.0.0.7', clientPort: 40_000, server: '192.0.2.9', serverPort: 443, bytes: 80 }
const found6 = { client: '2001:db8::7', server: '2001:db8::9', serverPort: 443, bytes: 60 }
const wireless = (packet: Buffer) =>
  bytes(u16(0x0802), none(22), [0xaa, 0xaa, 3, 0, 0, 0], u16(0x0800), packet)
const ends = '203.0.113.1>203.0.113.2'
const outer = (of: readonly [number, Buffer]) => ipv4('203.0.113.1', '203.0.113.2', of)
const flowsOf = (port: number, payload: Buffer) =>
  assembled([[0, framed(outer(udp(50_000, port, payload)))]], 1).flows

type Shape = readonly [name: string, port: number, payload: Buffer]
const gpe = (next: number, rest: Buffer) => bytes([0x0c, 0, 0, next], u32(0x100), rest)
const capwap = (rest: Buffer) => bytes([0, 0x10, 0x43, 0], none(4), rest)

/** Recognised on every port. */
const anywhere: readonly Shape[] = [
  ['vxlan', 8472, bytes(u32(0x08000000, 0x100), framed(inner))],
  ['vxlan', 4789, bytes(u32(0x88000007, 0x100), framed(inner))],
  ['vxlan', 4790, gpe(1, inner)],
  ['vxlan', 4790, gpe(3, framed(inner))],
  ['vxlan', 4790, gpe(4, bytes([0, 2, 1, 1], none(4), inner))],
  ['geneve', 6081, bytes(u32(0x00000800, 0x100), inner)],
  ['geneve', 6081, bytes(u32(0x02006558, 0x100), none(8), framed(inner))],
  ['gtp', 2152, bytes([0x30, 0xff], u16(inner.length), u32(1), inner)],
  ['gtp', 2152, bytes([0x34, 0xff], u16(inner.length + 8), u32(1), [0, 0, 0, 0x85, 1, 0, 9, 0], inner)],
  ['tzsp', 37_008, bytes([1, 0, 0, 1, 1], framed(inner))],
  ['tzsp', 37_008, bytes([1, 0, 0, 18, 0, 0x29, 2, 0, 60, 1], wireless(inner))],
  ['gre', 4754, bytes(u16(0x2000, 0x0800), u32(9), inner)],
  ['erspan', 4754, bytes(u16(0x1000, 0x88be), u32(9, 0, 0), framed(inner))],
  ['gue', 6080, bytes([0, 4, 0, 0], inner)],
  ['gue', 6080, bytes([2, 4, 0, 0], none(8), inner)],
  ['l2tp', 1701, bytes(u16(0x0002, 5, 6), u16(0xff03, 0x0021), inner)],
  ['l2tp', 1701, bytes(u16(0x4802, 92, 5, 6, 1, 1), u16(0xff03, 0x0021), inner)],
  ['l2tp', 1701, bytes(u16(3, 0), u32(77), framed(inner))],
  ['l2tp', 1701, bytes(u16(3, 0), u32(77), none(12), framed(inner))],
  ['capwap', 5247, capwap(bytes(none(0), wireless(inner)))],
  ['capwap', 5247, capwap(bytes([0x02, 0x08], wireless(inner).subarray(2)))],
  ['capwap', 5247, bytes([0, 0x10, 0x02, 0], none(4), framed(inner))],
]
/** On their own ports alone: their headers say too little. */
const atHome: readonly Shape[] = [
  ['fou', 5555, inner],
  ['ayiya', 5072, bytes([0x44, 0x52, 1, 4], none(4 + 16 + 20), inner)],
  ['lisp', 4341, bytes(u32(0x88000001, 7), inner)],
  ['mpls', 6635, bytes(u32(0x00020140), inner)],
  ['mirror', 7932, bytes(none(12), framed(inner))],
  ['mirror', 30_030, bytes(none(8), inner)],
]

describe('a packet carried over UDP', () => {
  it.each([...anywhere, ...atHome])('%s, on port %i', (kind, port, payload) => {
    expect(flowsOf(port, payload)).toMatchObject([{ ...found, tunnel: `${kind} ${ends}` }])
  })
  it.each([...anywhere, ['fou', 1, inner] as Shape])(
    '%s, known by its content where %i is expected',
    (kind, _, payload) => {
      for (const port of [17, 9999, 48_123])
        expect(flowsOf(port, payload)).toMatchObject([{ ...found, tunnel: `${kind} ${ends}` }])
    },
  )
  it('IPv6, by its checksum where no port says so', () => {
    const vxlan = bytes(u32(0x08000000, 0x100), framed(inner6))
    expect(flowsOf(8472, vxlan)).toMatchObject([found6])
    expect(flowsOf(9999, vxlan)).toMatchObject([found6])
    expect(flowsOf(9999, inner6)).toMatchObject([{ ...found6, tunnel: `fou ${ends}` }])
    const wrong = Buffer.from(vxlan)
    wrong[wrong.length - 1]! ^= 1
    expect(flowsOf(9999, wrong)).toMatchObject([{ serverPort: 9999 }])
  })
  it('is not there where its header cannot be', () => {
    const hurt = (change: (packet: Buffer) => void) => {
      const packet = Buffer.from(inner)
      change(packet)
      return packet
    }
    const bad = [
      hurt((packet) => (packet[10]! ^= 1)),
      hurt((packet) => packet.writeUInt16BE(packet.length + 1, 2)),
      hurt((packet) => (packet[0] = 0x55)),
      hurt((packet) => (packet[8] = 0)),
    ]
    for (const packet of bad)
      for (const port of [6080, 9999])
        expect(flowsOf(port, bytes([0, 4, 0, 0], packet))).toMatchObject([{ client: '203.0.113.1' }])
    // A checksum that a card was to fill in is believed where the port speaks for the tunnel, and nowhere else.
    const unsummed = bytes(
      [0, 4, 0, 0],
      hurt((packet) => packet.writeUInt16BE(0, 10)),
    )
    expect(flowsOf(6080, unsummed)).toMatchObject([found])
    expect(flowsOf(9999, unsummed)).toMatchObject([{ client: '203.0.113.1' }])
  })
  it('leaves WireGuard, DTLS in CAPWAP and control messages as they are', () => {
    const sealed = [
      [51_820, bytes([4, 0, 0, 0], Buffer.alloc(124, 0x5a))],
      [5247, bytes([1, 0, 0, 0], Buffer.alloc(90, 0x5a))],
      [1701, bytes(u16(0xc802, 20, 0, 0, 0, 0), none(60))],
      [2152, bytes([0x32, 1, 0, 4], none(40))],
    ] as const
    for (const [port, payload] of sealed)
      expect(flowsOf(port, payload)).toMatchObject([{ client: '203.0.113.1', tunnel: '' }])
  })
})

describe('a packet carried over IP', () => {
  it.each<[string, number, Buffer]>([
    ['eoip', 47, bytes(u16(0x2001, 0x6400, framed(inner).length, 7), framed(inner))],
    ['etherip', 97, bytes(u16(0x3000), framed(inner))],
    ['l2tp', 115, bytes(u32(77), framed(inner))],
    ['mpls', 137, bytes(u32(0x00020140), inner)],
    ['gre', 47, bytes(u16(0, 0x883e), none(4), inner)],
    ['gre', 47, bytes(u16(0, 0x883e), inner)],
    ['gre', 47, bytes(u16(0, 0x8200), wireless(inner))],
    ['gre', 47, bytes(u16(0, 0x6558), ethernet(0x8100, bytes(u16(3, 0x0800), inner)))],
    ['erspan', 47, bytes(u16(0, 0x88be), framed(inner))],
    ['ipip', 4, inner],
  ])('%s', (kind, proto, payload) => {
    expect(assembled([[0, outer([proto, payload])]]).flows).toMatchObject([
      { ...found, tunnel: `${kind} ${ends}` },
    ])
  })

  it('may be cut by the mirror, and counts in full', () => {
    const mirrored = bytes(u16(0x1000, 0x88be), u32(9, 0, 0), framed(inner).subarray(0, 70))
    expect(assembled([[0, outer([47, mirrored])]]).flows).toMatchObject([found])
  })

  it('in fragments counts by the first; the others are not a flow beside it', () => {
    const [, whole] = udp(2152, 2152, bytes([0x30, 0xff], u16(inner.length), u32(1), inner))
    const piece = (from: number, to: number, more: boolean, id = 5) =>
      ipv4('203.0.113.1', '203.0.113.2', [17, whole.subarray(from, to)], {
        id,
        piece: (more ? 0x2000 : 0) | (from / 8),
      })
    const { flows, verdicts } = assembled([
      [0, piece(0, 64, true)],
      [0, piece(64, 80, true)],
      [0, piece(80, whole.length, false)],
    ])
    expect(flows).toMatchObject([found])
    expect(verdicts).toEqual([verdict.packet, verdict.counted, verdict.counted])
    expect(assembled([[0, piece(64, 80, true, 6)]]).flows).toMatchObject([{ client: '203.0.113.1' }])
  })
})

describe('noise', () => {
  const decoder = new Decoder()
  const frame = new Frame()
  /** Frames of which a packet inside was found. */
  const inventions = (
    count: number,
    seed: number,
    fill: (payload: Buffer, random: (below: number) => number) => void,
  ) => {
    const random = randomFrom(seed)
    const packet = outer(udp(1, 1, none(120)))
    const payload = packet.subarray(28)
    Object.assign(frame, { bytes: packet, end: packet.length, original: packet.length, link: 101, time: 1 })
    frame.view = new DataView(packet.buffer, packet.byteOffset, packet.length)
    const ports = [...anywhere, ...atHome].map(([, port]) => port)
    let invented = 0
    for (let i = 0; i < count; i++) {
      for (let at = 0; at < payload.length; at += 4)
        payload.writeUInt32LE(Math.floor(random(2 ** 31) * 2 + random(2)) % 2 ** 32, at)
      packet.writeUInt16BE(random(2) ? 50_000 : random(65_536), 20)
      packet.writeUInt16BE(random(2) ? ports[random(ports.length)]! : random(65_536), 22)
      fill(payload, random)
      if (decoder.decode(frame) === verdict.packet && decoder.packet.tunnel !== 0) invented++
    }
    return invented
  }

  it('is no packet: of a million random payloads, half of them on ports of tunnels, none', () => {
    expect(inventions(1_000_000, 1, () => {})).toBe(0)
  })
  it('is none either behind the header of a tunnel, nor where it begins like IP', () => {
    const heads = [...anywhere, ...atHome].map(([, , payload]) => payload.subarray(0, 8))
    const behind = (payload: Buffer, random: (below: number) => number) =>
      void heads[random(heads.length)]!.copy(payload)
    expect(inventions(300_000, 2, behind)).toBe(0)
    const likeIp = (payload: Buffer, random: (below: number) => number) => {
      const at = [0, 4, 8, 16][random(4)]!
      if (at > 0) heads[random(heads.length)]!.copy(payload)
      payload[at] = random(2) ? 0x45 : 0x60
    }
    expect(inventions(300_000, 3, likeIp)).toBe(0)
  })
})
