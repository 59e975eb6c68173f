import { describe, expect, it } from 'vitest'
import { ethernet, icmp, ipv4, ipv6, setFrame, tcp, u8, u16, u32, udp } from '../../../test/frames.ts'
import { frameHurt } from '../../../test/fuzz-packets.ts'
import { seeded } from '../../math/random.ts'
import { batchMemory, ownMemory, PacketBatch } from './batch.ts'
import { packetWidth, wideWord, word } from './batch-layout.ts'
import { Decoder } from './decoder.ts'
import { putPlain } from './fast-path.ts'
import { Frame } from './frame.ts'
import { verdict } from './packet.ts'

const seed = 4711
const newBatch = () => new PacketBatch(batchMemory({ longest: 0, piece: 1000 }, ownMemory), seed)
const decoder = new Decoder()

/** The row that each way puts, in hexadecimal; null where it puts none. The memory is full of rubbish before. */
function bothWays(frame: Frame): { plain: string | null; general: string | null } {
  const rowOf = (put: (batch: PacketBatch) => boolean): string | null => {
    const batch = newBatch()
    batch.ints.fill(-1)
    batch.wide.fill(-1)
    batch.clear(frame.position - 3)
    if (!put(batch)) {
      expect(batch.length).toBe(0)
      return null
    }
    expect(batch.length).toBe(1)
    const isSix = ((batch.ints[word.kind] as number) & 256) !== 0
    const networks = isSix ? batch.wide.slice(0, wideWord.fragmentId) : []
    return [...batch.ints.slice(0, packetWidth), ...networks].map((each) => each.toString(16)).join(' ')
  }
  return {
    plain: rowOf((batch) => putPlain(batch, frame)),
    general: rowOf((batch) => {
      if (decoder.decode(frame) !== verdict.packet) return false
      batch.put(decoder.packet, frame.time, frame.position)
      return true
    }),
  }
}

function framed(bytes: Buffer, original = bytes.length, link = 1): Frame {
  const frame = new Frame()
  setFrame(frame, bytes, { time: 1_700_000_000.25, link })
  frame.original = original
  frame.position = 12
  return frame
}

describe('frames made up and damaged', () => {
  it('give the same row by either way', () => {
    const random = seeded('plain frames')
    let plain = 0
    const frames = 20_000
    for (let i = 0; i < frames; i++) {
      const { bytes, original } = frameHurt(random)
      const rows = bothWays(framed(bytes, original))
      if (rows.plain === null) continue
      plain++
      if (rows.plain !== rows.general)
        expect({ frame: bytes.toString('hex'), ...rows }).toMatchObject({ plain: rows.general })
    }
    // A fifth is plain; the others are tunnels, pieces, ICMP, odd link layers, or hurt.
    expect(plain).toBeGreaterThan(frames / 8)
    expect(plain).toBeLessThan(frames)
  })
})

const four = ['10.0.0.7', '192.0.2.9'] as const
const six = ['2001:db8::7', '2001:db8:0:1::9'] as const
const payload = 'x'.repeat(40)
const segment = tcp(40_000, 443, { flags: 'PA', seq: 77, ack: 88, payload })
const tagged = (type: number, packet: Buffer) => ethernet(0x8100, Buffer.concat([u16(7, type), packet]))

describe('plain frames', () => {
  const [low, high] = four
  it.each<[string, Buffer]>([
    ['TCP over IPv4', ethernet(0x0800, ipv4(low, high, segment))],
    ['the way back', ethernet(0x0800, ipv4(high, low, tcp(443, 40_000, { flags: 'SA', payload })))],
    ['addresses with their upper bit', ethernet(0x0800, ipv4('200.0.0.1', '130.0.0.1', segment))],
    ['one address', ethernet(0x0800, ipv4(low, low, segment))],
    ['one address, the way back', ethernet(0x0800, ipv4(low, low, tcp(443, 40_000, { payload })))],
    ['one address and port', ethernet(0x0800, ipv4(low, low, udp(53, 53, payload)))],
    ['UDP', ethernet(0x0800, ipv4(low, high, udp(60_000, 53, payload)))],
    ['UDP of nothing', ethernet(0x0800, Buffer.concat([ipv4(low, high, udp(1, 2)), Buffer.alloc(18)]))],
    ['a tag', tagged(0x0800, ipv4(low, high, segment))],
    ['TCP over IPv6', ethernet(0x86dd, ipv6(...six, segment))],
    ['its way back', ethernet(0x86dd, ipv6(six[1], six[0], segment))],
    [
      'IPv6 addresses that differ in their last words',
      ethernet(0x86dd, ipv6('fe80::ffff:1', 'fe80::1', segment)),
    ],
    ['IPv6 addresses with their upper bit', ethernet(0x86dd, ipv6('fe80::1', '2001::1', segment))],
    ['one IPv6 address', ethernet(0x86dd, ipv6(six[0], six[0], udp(9, 8, payload)))],
    ['IPv6 behind a tag', tagged(0x86dd, ipv6(...six, udp(9, 8, payload)))],
    ['IPv6 under the type of IPv4', ethernet(0x0800, ipv6(...six, segment))],
    [
      'a frame that ends in the options of TCP',
      ethernet(0x0800, ipv4(low, high, tcp(1, 2, { payload }))).subarray(0, 48),
    ],
    ['a trailer', ethernet(0x0800, Buffer.concat([ipv4(low, high, segment), Buffer.alloc(9)]))],
  ])('%s', (_, bytes) => {
    const { plain, general } = bothWays(framed(bytes, bytes.length + 300))
    expect(plain).not.toBeNull()
    expect(plain).toBe(general)
  })
})

describe('not plain', () => {
  const [low, high] = four
  const cut = (bytes: Buffer, end: number) => bytes.subarray(0, end)
  const whole = ethernet(0x0800, ipv4(low, high, segment))
  it.each<[string, Buffer, number?]>([
    ['another link type', ipv4(low, high, segment), 101],
    ['two tags', ethernet(0x8100, Buffer.concat([u16(7, 0x8100, 9, 0x0800), ipv4(low, high, segment)]))],
    ['options of IPv4', ethernet(0x0800, ipv4(low, high, segment, { options: u32(0x01010101) }))],
    ['the first piece', ethernet(0x0800, ipv4(low, high, segment, { piece: 0x2000 }))],
    ['a later piece', ethernet(0x0800, ipv4(low, high, segment, { piece: 1 }))],
    ['an offloaded segment', ethernet(0x0800, ipv4(low, high, segment, { total: 0 }))],
    ['a total length that ends in UDP', ethernet(0x0800, ipv4(low, high, udp(1, 2, payload), { total: 27 }))],
    ['ICMP', ethernet(0x0800, ipv4(low, high, icmp(8, 0, Buffer.alloc(40))))],
    [
      'an extension header',
      ethernet(0x86dd, ipv6(...six, [60, Buffer.concat([u8(17, 0), Buffer.alloc(6), udp(1, 2)[1]])])),
    ],
    [
      'IPv6 without a length',
      ethernet(0x86dd, Buffer.concat([ipv6(...six, [17, Buffer.alloc(0)]), udp(1, 2)[1]])),
    ],
    ['a frame that ends before the flags', cut(whole, 47)],
    ['a TCP header longer than its packet', ethernet(0x0800, ipv4(low, high, segment, { total: 39 }))],
    ...[2152, 3544, 4754, 4789, 6081].map((port): [string, Buffer] => [
      `UDP to port ${port}`,
      ethernet(0x0800, ipv4(low, high, udp(50_000, port, payload))),
    ]),
    ...[2152, 3544].map((port): [string, Buffer] => [
      `UDP from port ${port}`,
      ethernet(0x0800, ipv4(low, high, udp(port, 1, payload))),
    ]),
  ])('%s', (_, bytes, link = 1) => {
    expect(bothWays(framed(bytes, bytes.length, link)).plain).toBeNull()
  })

  it('a time that cannot be', () => {
    const frame = framed(whole)
    for (const time of [-1, 2 ** 33 * 1e6, Number.NaN]) {
      frame.time = time
      expect(bothWays(frame)).toEqual({ plain: null, general: null })
    }
    frame.time = 2 ** 33 * 1e6 - 1
    expect(bothWays(frame).plain).not.toBeNull()
  })
})
