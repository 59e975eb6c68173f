import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { framed, ipv4, pcapFile, readAll, tcp, udp } from '../../../test/frames.ts'
import { cutCapture, type WantedFlow } from './cut-capture.ts'
import { pcap, pcapng } from './pcap.ts'

const folder = mkdtempSync(join(tmpdir(), 'gannet-cut-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Where it stands in its file is another matter. */
const placeless = (row: object) => ({ ...row, position: 0 })

const begins = 1_700_000_000
const out = join(folder, 'cut.pcapng')

/** Two conversations between the same hosts, one of others, each two packets, one second apart. */
const frames = [
  [0, ipv4('10.0.0.7', '192.0.2.9', udp(40_000, 53, 'ask'))],
  [1, ipv4('192.0.2.9', '10.0.0.7', udp(53, 40_000, 'answer'))],
  [2, ipv4('10.0.0.7', '192.0.2.9', udp(40_001, 53, 'ask'))],
  [3, ipv4('192.0.2.9', '10.0.0.7', udp(53, 40_001, 'answer'))],
  [4, ipv4('10.0.0.8', '192.0.2.9', tcp(50_000, 443))],
] as const
const bytes = pcapFile(frames.map(([at, packet]) => ({ at: begins + at, bytes: framed(packet) })))

const flow = (over: Partial<WantedFlow> = {}): WantedFlow => ({
  start: begins * 1e6,
  duration: 1e6,
  proto: 'udp',
  client: '10.0.0.7',
  clientPort: 40_000,
  server: '192.0.2.9',
  serverPort: 53,
  ...over,
})

async function cutOf(wanted: readonly WantedFlow[], more: Partial<Parameters<typeof cutCapture>[2]> = {}) {
  const path = join(folder, 'whole.pcap')
  writeFileSync(path, bytes)
  const cut = await cutCapture(path, wanted, { out, comment: 'für dich', ...more })
  const { rows } = await readAll(pcapng, readFileSync(out))
  return { cut, flows: (rows['flow'] ?? []) as Record<string, unknown>[] }
}

describe('a capture cut to flows', () => {
  it('has the packets of the flow, both ways, and no others', async () => {
    const { cut, flows } = await cutOf([flow()])
    expect(cut).toMatchObject({ packets: 2, over: 0, damage: null })
    expect(flows).toHaveLength(1)
    expect(flows[0]).toMatchObject({
      client: '10.0.0.7',
      clientPort: 40_000,
      packets: 2,
      start: begins * 1e6,
    })
  })

  it('goes by ends, transport and time', async () => {
    for (const wrong of [
      { clientPort: 40_002 },
      { proto: 'tcp' },
      { server: '192.0.2.10' },
      { start: (begins + 2) * 1e6 },
      { start: (begins - 2) * 1e6, duration: 1.9e6 },
    ])
      expect((await cutOf([flow(wrong)])).cut.packets, JSON.stringify(wrong)).toBe(0)
    expect((await cutOf([flow({ duration: 0.9e6 })])).cut.packets).toBe(1)
    expect((await cutOf([flow({ start: (begins + 2) * 1e6 })], { slack: 1e6 })).cut.packets).toBe(1)
    expect((await cutOf([flow(), flow({ clientPort: 40_001, start: (begins + 2) * 1e6 })])).cut.packets).toBe(
      4,
    )
  })

  it('says what was left out over the most bytes', async () => {
    const { cut } = await cutOf([flow()], { most: 130 })
    expect(cut).toMatchObject({ packets: 1, over: 1, bytes: expect.toSatisfy((n: number) => n <= 130) })
  })

  it('is read where it is packed, and where it ends in the middle of a record', async () => {
    const path = join(folder, 'packed.pcap.gz')
    writeFileSync(path, gzipSync(bytes))
    expect((await cutCapture(path, [flow()], { out, comment: '' })).packets).toBe(2)
    const cutShort = join(folder, 'short.pcap')
    writeFileSync(cutShort, bytes.subarray(0, bytes.length - 10))
    expect((await cutCapture(cutShort, [flow()], { out, comment: '' })).packets).toBe(2)
    await expect(cutCapture(join(folder, 'none'), [flow()], { out, comment: '' })).rejects.toMatchObject({
      code: 'input-missing',
    })
  })

  const golden = new URL('../../../test/golden/', import.meta.url).pathname
  const captures = readdirSync(golden).flatMap((name) =>
    ['input.pcap', 'input.pcapng'].map((file) => join(golden, name, file)).filter((path) => existsSync(path)),
  )
  it.each(captures)('%s: each of its flows cut out gives that flow again', async (path) => {
    const reader = path.endsWith('ng') ? pcapng : pcap
    const { rows } = await readAll(reader, readFileSync(path))
    const all = (rows['flow'] ?? []) as unknown as WantedFlow[]
    expect(all.length).toBeGreaterThan(0)
    for (const each of all) {
      await cutCapture(path, [each], { out, comment: '' })
      const again = (await readAll(pcapng, readFileSync(out))).rows['flow'] as unknown as WantedFlow[]
      expect(again.map(placeless)).toContainEqual(placeless(each))
    }
  })
})
