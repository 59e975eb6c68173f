import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readerContract } from '../../../test/contracts/reader.ts'
import { openReading, type Reading } from '../../../test/contracts/reading.ts'
import { layout1, layout2, row } from '../../../test/fixtures/nfdump-files.ts'
import { unpackBzip2 } from './bzip2.ts'
import { unpackLz4 } from './lz4.ts'
import { unpackLzo } from './lzo.ts'
import { nfdump } from './nfdump.ts'

const six = (last: number) => [0x20, 1, 0xd, 0xb8, ...Array(11).fill(0), last]
const rows = [
  row(0),
  row(1, { source: six(1), target: six(2), proto: 17, targetPort: 53, bytes: 2 ** 40 }),
  row(2, { proto: 1, sourcePort: 0, targetPort: 0x0303 }),
  row(3, { out: [9, 900] }),
]

readerContract({
  reader: nfdump,
  sample: layout2(rows.map((each) => [each])),
  records: 4,
  body: 40,
  lines: false,
  runs: 100,
})

describe('nfdump files', () => {
  let reading: Reading
  beforeAll(async () => {
    reading = await openReading()
  })
  afterAll(() => reading.close())

  const files = [
    ...[true, false].flatMap((little) =>
      (['none', 'lzo', 'lz4', 'zstd'] as const).map(
        (packing) => ['layout 2', little, packing, layout2([rows], { little, packing })] as const,
      ),
    ),
    ...[true, false].flatMap((little) =>
      (['none', 'lzo', 'lz4'] as const).map(
        (packing) => ['layout 1', little, packing, layout1([rows], { little, packing })] as const,
      ),
    ),
    ['layout 1 with old records', true, 'none', layout1([rows], { type: 1 })] as const,
  ]

  it.each(files)('%s, little-endian: %s, packed: %s', async (_, _little, _packing, bytes) => {
    const { rows: flows, rejects } = await reading.read(nfdump, bytes)
    expect(rejects).toEqual({})
    expect(flows).toMatchObject([
      {
        client: '10.0.0.1',
        clientPort: 40_000,
        server: '192.0.2.1',
        serverPort: 443,
        start: 1_700_000_000_000_000,
        duration: 900_000,
        clientPackets: 5,
        clientBytes: 500,
      },
      { client: '2001:db8::1', server: '2001:db8::2', serverPort: 53, proto: 'udp', clientBytes: 2 ** 40 },
      { proto: 'icmp', serverPort: 0x0303, clientPort: 0 },
      { clientPackets: 8, clientBytes: 503, serverPackets: 9, serverBytes: 900, outcome: 'established' },
    ])
  })

  it('leaves out sampled records, or marks them', async () => {
    const bytes = layout2([[row(0), row(1, { sampled: true })]])
    expect((await reading.read(nfdump, bytes)).rejects).toEqual({ sampled: 1 })
  })

  it('tells a layout that it does not read, and an encrypted file, with the command that converts it', async () => {
    const later = layout2([[row(0)]])
    later.writeUInt16LE(3, 2)
    await expect(reading.read(nfdump, later, 'a.nf')).rejects.toMatchObject({
      code: 'input-unsupported',
      message: 'a.nf is an nfdump file of the unsupported layout 3',
      hint: expect.stringContaining('nfdump -N -r a.nf -o long'),
    })
    const secret = layout2([[row(0)]])
    secret[17] = 1
    await expect(reading.read(nfdump, secret)).rejects.toMatchObject({ message: /that is encrypted$/ })
  })

  it('says how many blocks are missing', async () => {
    const { rejects, samples } = await reading.read(nfdump, layout2([[row(0)]], { claimed: 3 }))
    expect(rejects).toEqual({ truncated: 1 })
    expect(samples[0]?.sample).toBe('2 of 3 blocks are missing')
  })
})

describe('what nfcapd keeps of odd exporters', () => {
  let reading: Reading
  beforeAll(async () => {
    reading = await openReading()
  })
  afterAll(() => reading.close())

  const kinds = [
    ['layout 2', layout2],
    ['layout 1', layout1],
  ] as const
  const event = (kind: number, at: number, more: Parameters<typeof row>[1]) =>
    row(0, { flags: 0, last: 0, event: [kind, 1_700_000_000_000 + at * 1000], ...more })

  it.each(kinds)('counts the teardown of a firewall once (%s)', async (_, layout) => {
    const bytes = layout([
      [
        event(1, 0, { packets: 0, bytes: 0 }),
        event(5, 61, { packets: 10, bytes: 2557, out: [9, 1117] }),
        event(5, 122, { packets: 1, bytes: 31, out: [0, 0] }),
        event(2, 182, { packets: 11, bytes: 2588, out: [9, 1117] }),
      ],
    ])
    expect(await reading.read(nfdump, bytes)).toMatchObject({
      rows: [{ duration: 182_000_000, clientBytes: 2588, serverBytes: 1117 }],
      rejects: { superseded: 1 },
    })
  })

  it.each(kinds)('gives the hosts behind a translation (%s)', async (_, layout) => {
    const [inner, outer, server] = [
      [192, 168, 181, 5],
      [203, 0, 113, 30],
      [198, 51, 100, 36],
    ]
    const bytes = layout([
      [
        row(0, {
          source: inner,
          target: server,
          translated: { source: outer, target: server, sourcePort: 62_001, targetPort: 443 },
        }),
        row(0, {
          source: server,
          target: outer,
          sourcePort: 443,
          targetPort: 62_001,
          translated: { source: server, target: inner, sourcePort: 443, targetPort: 40_000 },
        }),
      ],
    ])
    expect((await reading.read(nfdump, bytes)).rows).toMatchObject([
      { client: '192.168.181.5', clientPort: 40_000, server: '198.51.100.36', serverPackets: 5 },
    ])
  })

  it.each(kinds)('gives a flow that seems to last 49.7 days its own time (%s)', async (_, layout) => {
    const bytes = layout([[row(0, { first: 1_700_000_000_000 - 2 ** 32 + 61, last: 1_700_000_000_000 })]])
    expect((await reading.read(nfdump, bytes)).rows).toMatchObject([
      { start: 1_700_000_000_061_000, duration: 0 },
    ])
  })

  it.each(kinds)('reads all blocks of a file that is not closed (%s)', async (_, layout) => {
    const bytes = layout([[row(0)], [row(1)]], { claimed: 0 })
    expect(await reading.read(nfdump, bytes)).toMatchObject({ rows: [{}, {}], rejects: {} })
    const cut = await reading.read(nfdump, bytes.subarray(0, bytes.length - 20))
    expect(cut).toMatchObject({ rows: [{}], rejects: { truncated: 1 } })
    const inHeader = await reading.read(nfdump, Buffer.concat([bytes, Buffer.from([1, 0, 0])]))
    expect(inHeader).toMatchObject({ rows: [{}, {}], rejects: { truncated: 1 } })
  })

  it('stops at the appendix, which holds no records', async () => {
    const bytes = layout2([[row(0)]], { claimed: 0 })
    const closed = layout2([[row(0)]], { claimed: 0, appendix: bytes.length })
    const appended = Buffer.concat([closed, Buffer.from('more, of another kind')])
    expect(await reading.read(nfdump, appended)).toMatchObject({ rows: [{}], rejects: {} })
  })
})

describe('packed blocks', () => {
  const golden = (kind: string) => {
    const file = readFileSync(
      fileURLToPath(new URL(`../../../test/golden/nfdump-${kind}/input.nfdump`, import.meta.url)),
    )
    return file.subarray(52, 52 + file.readUInt32LE(44))
  }
  const kinds = [
    ['lzo', unpackLzo],
    ['lz4', unpackLz4],
    ['bzip2', unpackBzip2],
  ] as const

  it('hold the same whatever packed them', () => {
    const [one, ...others] = kinds.map(([kind, unpack]) => Buffer.from(unpack(golden(kind), 1 << 20) ?? []))
    expect(one?.length).toBeGreaterThan(3000)
    for (const other of others) expect(other.equals(one!)).toBe(true)
  })

  it.each(kinds)(
    '%s: a damaged block is told or gives bytes, never more than allowed, and never hangs',
    (kind, unpack) => {
      const block = Buffer.from(golden(kind))
      let state = 7
      const random = (below: number) => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
        return Math.floor((state / 2 ** 32) * below)
      }
      for (let run = 0; run < 400; run++) {
        const bad = Buffer.from(block.subarray(0, 1 + random(block.length)))
        for (let i = random(6); i >= 0; i--) bad[random(bad.length)] = random(256)
        expect(unpack(bad, 100_000)?.length ?? 0).toBeLessThanOrEqual(100_000)
      }
      expect(unpack(block, 1000)).toBeNull()
    },
  )
})
