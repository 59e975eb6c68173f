import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readerContract } from '../../../test/contracts/reader.ts'
import { block, framed, ipv4, pcapFile, readAll, tcp, u16, u32, udp } from '../../../test/frames.ts'
import { addRemarks } from '../import/left-out.ts'
import { openInput } from '../input.ts'
import type { Sink } from '../reader.ts'
import { createRejects } from '../rejects.ts'
import { pcap, pcapng } from './pcap.ts'
import { readPackets } from './read-packets.ts'

const frame = (i: number) => framed(ipv4('10.0.0.7', '192.0.2.9', udp(40_000 + i, 60_000, 'hello')))
const frames = Array.from({ length: 5 }, (_, i) => ({ bytes: frame(i), at: 1_700_000_000.25 + i }))
const little = (bytes: Buffer): Buffer => Buffer.from(bytes).reverse()

const section = (isLittle = true) =>
  block(
    0x0a0d0d0a,
    isLittle
      ? Buffer.concat([little(u32(0x1a2b3c4d)), little(u16(1)), u16(0), u32(0xffffffff, 0xffffffff)])
      : Buffer.concat([u32(0x1a2b3c4d), u16(1, 0), u32(0xffffffff, 0xffffffff)]),
    isLittle,
  )
/** Big-endian pieces of a pcapng file. */
const described = (options = Buffer.alloc(0), link = 1) =>
  block(1, Buffer.concat([u16(link, 0), u32(0), options]), false)
const packet = (high: number, low: number, { bytes = frame(0), of = 0 } = {}) =>
  block(6, Buffer.concat([u32(of, high, low, bytes.length, bytes.length), bytes]), false)
const ng = (...blocks: Buffer[]) => Buffer.concat([section(false), ...blocks])

it('says what stands behind the packed data of a capture, whichever thread reads it', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'gannet-pcap-')), 'a.pcap.gz')
  writeFileSync(path, Buffer.concat([gzipSync(pcapFile(frames)), Buffer.from('something else')]))
  for (const threads of [1, 2] as const) {
    const rejects = createRejects()
    const sink = { rejects, write: async () => {}, progress: () => {} } as unknown as Sink
    const input = await openInput(path)
    await readPackets(input, sink, { threads })
    addRemarks(input, rejects)
    expect(Object.fromEntries(rejects.counts)).toEqual({ trailing: 1 })
  }
  rmSync(dirname(path), { recursive: true })
})

readerContract({ reader: pcap, sample: pcapFile(frames), records: 5, body: 24, lines: false, runs: 100 })
readerContract({
  reader: pcapng,
  sample: ng(described(), ...frames.map(({ bytes }, i) => packet(0, 1_000_000 + i, { bytes }))),
  records: 5,
  body: 48,
  lines: false,
  runs: 100,
})

describe('pcap', () => {
  const starts = frames.map(({ at }) => at * 1e6)
  it.each([
    ['little-endian', { little: true }],
    ['big-endian', { little: false }],
    ['nanoseconds', { nano: true }],
    ['nanoseconds, big-endian', { nano: true, little: false }],
  ])('%s', async (_, options) => {
    const { flows } = await readAll(pcap, pcapFile(frames, options))
    expect(flows.map(({ start }) => start)).toEqual(starts)
  })
  it('reads Kuznetzov’s longer packet header', async () => {
    const { bytes } = frames[0]!
    const file = Buffer.concat([
      u32(0xa1b2cd34),
      u16(2, 4),
      u32(0, 0, 65535, 1),
      u32(7, 9, bytes.length, bytes.length),
      u32(0, 0),
      bytes,
    ])
    expect((await readAll(pcap, file)).flows).toMatchObject([{ start: 7_000_009 }])
  })
  it('does not mind where the pieces of a file are cut', async () => {
    const file = pcapFile(frames)
    const whole = await readAll(pcap, file)
    for (const chunk of [1, 2, 7, 24, 57, 100]) expect(await readAll(pcap, file, chunk)).toEqual(whole)
  })
  it('ignores a frame check length in the link type', async () => {
    const file = pcapFile(frames, { link: 0x54000001 | 0 })
    expect((await readAll(pcap, file)).flows).toHaveLength(5)
  })
  it('says that the last packet is cut, and that a header is', async () => {
    const file = pcapFile(frames)
    expect(await readAll(pcap, file.subarray(0, file.length - 1))).toMatchObject({
      packets: 4,
      rejects: { truncated: 1 },
    })
    expect(await readAll(pcap, file.subarray(0, 20))).toMatchObject({ packets: 0, rejects: { truncated: 1 } })
    expect(await readAll(pcap, file.subarray(0, 24))).toMatchObject({ packets: 0, rejects: {} })
  })
  it('passes over a record whose length cannot be, says so once, and reads on', async () => {
    const file = pcapFile(frames)
    const second = 24 + 16 + frame(0).length
    for (const wrong of [0xffffffff, 262_145, 262_144, 70_000]) {
      file.writeUInt32LE(wrong, second + 8)
      for (const chunk of [1, 50, file.length])
        expect(await readAll(pcap, file, chunk)).toMatchObject({ packets: 4, rejects: { 'bad-field': 1 } })
    }
  })
  it.each([0xff, 0])('says that nothing more can be read where only bytes of %i follow', async (byte) => {
    const file = Buffer.concat([pcapFile(frames), Buffer.alloc(3000, byte)])
    for (const chunk of [7, file.length])
      expect(await readAll(pcap, file, chunk)).toMatchObject({ packets: 5, rejects: { 'bad-field': 1 } })
  })
  it('reads on behind a hole of zeros', async () => {
    const file = pcapFile(frames)
    const second = 24 + 16 + frame(0).length
    const holed = Buffer.concat([file.subarray(0, second), Buffer.alloc(5000), file.subarray(second)])
    for (const chunk of [7, holed.length])
      expect(await readAll(pcap, holed, chunk)).toMatchObject({ packets: 5, rejects: { 'bad-field': 1 } })
  })
  it.each<[string, boolean, boolean]>([
    ['of the same kind', true, false],
    ['of the other byte order', false, false],
    ['of nanoseconds', true, true],
    ['of nanoseconds and the other byte order', false, true],
  ])('goes on with a capture %s that was put behind it', async (_, little, nano) => {
    const late = frames.map(({ at, ...rest }) => ({ ...rest, at: at + 5000 }))
    const file = Buffer.concat([pcapFile(frames), pcapFile(late, { little, nano })])
    for (const chunk of [1, 33, file.length]) {
      const { flows, rejects } = await readAll(pcap, file, chunk)
      expect(rejects).toEqual({})
      expect(flows.map(({ start }) => start)).toEqual(
        [...frames, ...late].map(({ at }) => Math.round(at * 1e6)),
      )
    }
  })
  it('goes on with pcapng behind pcap, and with pcap behind pcapng', async () => {
    const other = ng(described(), packet(1, 0), packet(1, 5, { bytes: frame(1) }))
    const starts = async (reader: typeof pcap, ...files: Buffer[]) =>
      (await readAll(reader, Buffer.concat(files))).flows.map(({ start }) => start)
    const ours = frames.map(({ at }) => Math.round(at * 1e6))
    const theirs = [2 ** 32, 2 ** 32 + 5]
    expect(await starts(pcap, pcapFile(frames), other)).toEqual([...ours, ...theirs])
    expect(await starts(pcapng, other, pcapFile(frames))).toEqual([...theirs, ...ours])
  })
  it('reads fractions over a million as nanoseconds, those of the records before too, and says so', async () => {
    const file = pcapFile(frames, { nano: true })
    file.writeUInt32LE(0xa1b2c3d4, 0)
    // The first is less than a million, as it is once in a thousand.
    file.writeUInt32LE(123_456, 24 + 4)
    let at = 24
    for (let i = 0; i < frames.length; i++) {
      if (i > 0) file.writeUInt32LE(250_000_000 + i, at + 4)
      at += 16 + file.readUInt32LE(at + 8)
    }
    const { flows } = await readAll(pcap, file)
    expect(flows.map(({ start }) => Number(start) % 1e6)).toEqual([
      123,
      ...Array(frames.length - 1).fill(250_000),
    ])
  })
  it('does not, for one damaged record among many', async () => {
    const many = Array.from({ length: 20 }, (_, i) => ({ bytes: frame(i), at: 100 + i + 0.5 }))
    const file = pcapFile(many)
    file.writeUInt32LE(3_000_000, 24 + 4)
    const { flows } = await readAll(pcap, file)
    expect(flows.map(({ start }) => Number(start) % 1e6)).toEqual([0, ...Array(19).fill(500_000)])
  })
  it('counts millions of frames that are not IP without keeping samples of them', async () => {
    const arp = { bytes: Buffer.concat([Buffer.alloc(12), u16(0x0806), Buffer.alloc(28)]), at: 1 }
    expect(await readAll(pcap, pcapFile(Array(1000).fill(arp)))).toMatchObject({
      rejects: { 'not-ip': 1000 },
    })
  })
})

describe('pcapng', () => {
  const option = (code: number, value: Buffer) =>
    Buffer.concat([u16(code, value.length), value, Buffer.alloc(-value.length & 3)])
  const startsOf = async (file: Buffer) => (await readAll(pcapng, file)).flows.map(({ start }) => start)

  it('counts time in the unit of each interface', async () => {
    // 1 700 000 000.123456789 s in nanoseconds is 0x17979cfe_36fa1d15 + …: by halves, exactly.
    const nanos = 1_700_000_000_123_456_789n
    const [high, low] = [Number(nanos >> 32n), Number(nanos & 0xffffffffn)]
    expect(await startsOf(ng(described(option(9, Buffer.from([9]))), packet(high, low)))).toEqual([
      1_700_000_000_123_456,
    ])
    expect(await startsOf(ng(described(), packet(0, 5)))).toEqual([5])
    expect(await startsOf(ng(described(option(9, Buffer.from([3]))), packet(0, 5)))).toEqual([5000])
    expect(await startsOf(ng(described(option(9, Buffer.from([0x80 | 10]))), packet(0, 1536)))).toEqual([
      1_500_000,
    ])
    expect(await startsOf(ng(described(option(14, u32(0, 10))), packet(0, 5)))).toEqual([10_000_005])
  })
  it('reads several interfaces and sections, and skips blocks it does not know', async () => {
    const unknown = block(0xbad, Buffer.alloc(400), false)
    const one = Buffer.concat([
      described(),
      described(option(9, Buffer.from([3]))),
      unknown,
      packet(0, 1),
      packet(0, 90, { of: 1, bytes: frame(1) }),
    ])
    const file = Buffer.concat([
      section(false),
      one,
      section(false),
      described(),
      packet(0, 200_000, { bytes: frame(2) }),
    ])
    expect(await startsOf(file)).toEqual([1, 90_000, 200_000])
    for (const chunk of [1, 13, 64])
      expect(await readAll(pcapng, file, chunk)).toEqual(await readAll(pcapng, file))
  })
  it('reads a section in the other byte order', async () => {
    const simple = block(1, Buffer.concat([little(u16(1)), u16(0), u32(0)]))
    const bytes = frame(0)
    const size = little(u32(bytes.length))
    const enhanced = block(6, Buffer.concat([u32(0), u32(0), little(u32(77)), size, size, bytes]))
    expect(await startsOf(Buffer.concat([section(), simple, enhanced]))).toEqual([77])
  })
  it('gives a simple packet the time of the one before it, and refuses it where there is none', async () => {
    const simple = block(3, Buffer.concat([u32(frame(1).length), frame(1)]), false)
    expect(await startsOf(ng(described(), packet(0, 77), simple))).toEqual([77, 77])
    expect(await readAll(pcapng, ng(described(), simple))).toMatchObject({ rejects: { 'bad-time': 1 } })
  })
  it('reads the obsolete packet block', async () => {
    const bytes = frame(0)
    const old = block(2, Buffer.concat([u16(0, 0), u32(0, 9, bytes.length, bytes.length), bytes]), false)
    expect(await startsOf(ng(described(), old))).toEqual([9])
  })
  it.each<[string, Buffer]>([
    ['a block length that is no multiple of 4', Buffer.concat([u32(6, 33), Buffer.alloc(40)])],
    ['a block length below its own header', Buffer.concat([u32(6, 8), Buffer.alloc(40)])],
    ['a packet block of 4 GB', Buffer.concat([u32(6, 0xfffffffc), Buffer.alloc(40)])],
    [
      'a captured length beyond the block',
      block(6, Buffer.concat([u32(0, 0, 1, 4000, 4000), Buffer.alloc(40)]), false),
    ],
    ['an interface that was never described', packet(0, 1, { of: 3 })],
    ['a section of unknown byte order', block(0x0a0d0d0a, u32(0x12345678, 0, 0, 0), false)],
  ])('passes over %s, and keeps what was before and what comes after', async (_, bad) => {
    const file = ng(described(), packet(0, 1), bad, packet(0, 2))
    for (const chunk of [5, file.length]) {
      const read = await readAll(pcapng, file, chunk)
      expect(read).toMatchObject({ packets: 2, rejects: { 'bad-field': 1 } })
    }
  })
  it('skips a block longer than the file without holding it', async () => {
    const read = await readAll(
      pcapng,
      ng(described(), packet(0, 1), Buffer.concat([u32(0xbad, 0xfffffff0), Buffer.alloc(40)])),
    )
    expect(read).toMatchObject({ packets: 1, rejects: { truncated: 1 } })
  })
})

describe('whatever the bytes', () => {
  const conversation = [
    framed(ipv4('10.0.0.7', '192.0.2.9', tcp(40_000, 80, { flags: 'S', seq: 1 }))),
    framed(ipv4('192.0.2.9', '10.0.0.7', tcp(80, 40_000, { flags: 'SA', seq: 1, ack: 2 }))),
    framed(
      ipv4(
        '10.0.0.7',
        '192.0.2.9',
        tcp(40_000, 80, { seq: 2, payload: 'GET /a HTTP/1.1\r\nHost: x.test\r\n\r\n' }),
      ),
    ),
    framed(
      ipv4(
        '192.0.2.9',
        '10.0.0.7',
        tcp(80, 40_000, { seq: 2, payload: 'HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n\r\nMZ' }),
      ),
    ),
    framed(
      ipv4(
        '10.0.0.7',
        '192.0.2.9',
        udp(
          5353,
          53,
          Buffer.concat([u16(1, 0x0100, 1, 0, 0, 0), Buffer.from('\x01a\x04test\0\0\x01\0\x01', 'latin1')]),
        ),
      ),
    ),
    framed(ipv4('10.0.0.7', '192.0.2.9', [17, Buffer.alloc(16, 7)], { piece: 0x2000, id: 5 })),
  ].map((bytes, i) => ({ bytes, at: 10 + i }))

  it('counts every frame once: in a flow or as a reject', async () => {
    const damage = fc.array(fc.tuple(fc.nat(conversation.length - 1), fc.nat(70), fc.nat(255)), {
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(damage, fc.constantFrom(0, 1, 9, 101, 105, 108, 113, 127, 276), async (hits, link) => {
        const hurt = conversation.map(({ bytes, at }) => ({ bytes: Buffer.from(bytes), at }))
        for (const [which, at, value] of hits) hurt[which]!.bytes[at % hurt[which]!.bytes.length] = value
        const { packets, rejected } = await readAll(pcap, pcapFile(hurt, { link }))
        expect(packets + rejected).toBe(conversation.length)
      }),
      { numRuns: 3000, seed: 7 },
    )
  })
  it('never throws and never hangs, in either format, at any chunk size', async () => {
    const real = pcapFile(conversation)
    const blocks = ng(described(), ...conversation.map(({ bytes }, i) => packet(0, i, { bytes })))
    const damage = fc.array(fc.tuple(fc.nat(real.length - 1), fc.constantFrom(0, 1, 4, 0x7f, 0x80, 0xff)), {
      maxLength: 8,
    })
    await fc.assert(
      fc.asyncProperty(damage, fc.integer({ min: 1, max: 900 }), async (hits, chunk) => {
        for (const [reader, sample] of [
          [pcap, real],
          [pcapng, blocks],
        ] as const) {
          const hurt = Buffer.from(sample)
          for (const [at, value] of hits) hurt[at] = value
          await readAll(reader, hurt, chunk)
        }
      }),
      { numRuns: 1500, seed: 7 },
    )
  })
})
