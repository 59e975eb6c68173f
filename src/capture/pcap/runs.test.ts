import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { block, type Captured, framed, ipv4, pcapFile, tcp, u16, u32 } from '../../../test/frames.ts'
import type { FlowRow } from '../flows/flow-record.ts'
import { openInput } from '../input.ts'
import type { Sink } from '../reader.ts'
import { createRejects } from '../rejects.ts'
import { readPackets } from './read-packets.ts'
import { runsOf } from './runs.ts'

const folder = mkdtempSync(join(tmpdir(), 'gannet-runs-'))
afterAll(() => rmSync(folder, { recursive: true }))

const [client, server] = ['10.0.0.7', '192.0.2.9']
const began = 1_700_000_000

/** A connection each 20 s for an hour: over and forgotten long before the other half of the capture begins. */
const connections = Array.from({ length: 180 }, (_, i): { up: Captured[]; down: Captured[] } => {
  const [port, at] = [40_000 + i, began + i * 20]
  const up = (flags: string, after: number, payload = '') => ({
    bytes: framed(ipv4(client, server, tcp(port, 443, { flags, seq: after, payload }))),
    at: at + after / 10,
  })
  const down = (flags: string, after: number, payload = '') => ({
    bytes: framed(ipv4(server, client, tcp(443, port, { flags, seq: after, payload }))),
    at: at + after / 10,
  })
  return {
    up: [up('S', 0), up('A', 2), up('PA', 3, 'question'), up('FA', 6)],
    down: [down('SA', 1), down('PA', 4, 'answer'), down('FA', 7)],
  }
})
const up = connections.flatMap((each) => each.up)
const down = connections.flatMap((each) => each.down)
const all = [...up, ...down].toSorted((a, b) => a.at - b.at)

const sectionOf = (frames: readonly Captured[]): Buffer =>
  Buffer.concat([
    block(0x0a0d0d0a, Buffer.concat([u32(0x1a2b3c4d), u16(1, 0), u32(0xffffffff, 0xffffffff)]), false),
    block(1, Buffer.concat([u16(1, 0), u32(0)]), false),
    ...frames.map(({ bytes, at }) => {
      const micros = Math.round(at * 1e6)
      const head = [0, Math.floor(micros / 2 ** 32), micros % 2 ** 32, bytes.length, bytes.length]
      return block(6, Buffer.concat([u32(...head), bytes]), false)
    }),
  ])

async function read(bytes: Buffer, name = 'capture') {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  const rows: FlowRow[] = []
  const rejects = createRejects()
  const write = async (record: string, given: readonly FlowRow[]) =>
    void (record === 'flow' && rows.push(...given))
  await readPackets(await openInput(path), { rejects, write, progress: () => {} } as unknown as Sink, {
    threads: 1,
  })
  const flows = rows
    .map(({ position, ...row }) => row)
    .toSorted((a, b) => Number(a.start) - Number(b.start) || a.clientPort - b.clientPort)
  return { flows, rejects: Object.fromEntries(rejects.counts), runs: runsOf(path, bytes.length).length }
}

describe('parts of a capture that overlap in time', () => {
  it.each<[string, Buffer]>([
    ['two files, put one behind the other', Buffer.concat([pcapFile(up), pcapFile(down)])],
    ['the answers first', Buffer.concat([pcapFile(down), pcapFile(up, { nano: true, little: false })])],
    ['one file that was appended to the other (mergecap -a)', pcapFile([...up, ...down])],
    ['sections of pcapng', Buffer.concat([sectionOf(up), sectionOf(down)])],
    ['pcapng behind pcap', Buffer.concat([pcapFile(up), sectionOf(down)])],
    ['pcap behind pcapng', Buffer.concat([sectionOf(down), pcapFile(up)])],
  ])('%s: the flows are those of the packets in order', async (_, bytes) => {
    const { flows, rejects, runs } = await read(bytes)
    expect(runs).toBe(2)
    expect(rejects).toEqual({})
    expect(flows).toHaveLength(connections.length)
    expect(flows).toEqual((await read(pcapFile(all))).flows)
  })

  it('that cannot be read side by side are said to be out of order, and one that is open stays one', async () => {
    const path = join(folder, 'packed.gz')
    const long = { up: up.slice(0, 1), down: down.slice(0, 1) }
    const ends = [...long.up, ...[400, 800].map((after) => ({ ...up[1]!, at: began + after }))]
    const answers = [...long.down, ...[300, 700].map((after) => ({ ...down[1]!, at: began + after }))]
    writeFileSync(path, gzipSync(Buffer.concat([pcapFile(ends), pcapFile(answers)])))
    const flows: FlowRow[] = []
    const rejects = createRejects()
    const write = async (record: string, given: readonly FlowRow[]) =>
      void (record === 'flow' && flows.push(...given))
    const sink = { rejects, write, progress: () => {} } as unknown as Sink
    await readPackets(await openInput(path), sink, { threads: 1 })
    expect(rejects.samples).toMatchObject([
      { reason: 'remark', sample: expect.stringContaining('reordercap') },
    ])
    expect(flows.reduce((sum, { packets }) => sum + (packets ?? 0), 0)).toBe(6)
  })

  it('are not looked for where captures follow one another in time', async () => {
    const half = all.length / 2
    const { flows, runs } = await read(
      Buffer.concat([pcapFile(all.slice(0, half)), pcapFile(all.slice(half))]),
    )
    expect(runs).toBe(0)
    expect(flows).toEqual((await read(pcapFile(all))).flows)
  })

  it('are not made of packets that are a little out of order, or of one whose time is wrong', async () => {
    const shuffled = all.map((each, i) => (i % 7 === 3 ? { ...each, at: each.at - 200 } : each))
    expect((await read(pcapFile(shuffled))).runs).toBe(0)
    expect((await read(pcapFile(all.map((each, i) => (i === 400 ? { ...each, at: 5 } : each))))).runs).toBe(0)
  })

  it('lose no frame of a file that breaks off or is damaged', async () => {
    const bytes = Buffer.concat([pcapFile(up), pcapFile(down)])
    const cut = await read(bytes.subarray(0, bytes.length - 5))
    expect(cut.rejects).toEqual({ truncated: 1 })
    expect(cut.flows.reduce((sum, { packets }) => sum + (packets ?? 0), 0)).toBe(all.length - 1)
    const hurt = Buffer.from(bytes)
    hurt.writeUInt32LE(0xffffffff, 24 + 8)
    const passed = await read(hurt)
    expect(passed.rejects).toEqual({ 'bad-field': 1 })
    expect(passed.flows.reduce((sum, { packets }) => sum + (packets ?? 0), 0)).toBe(all.length - 1)
  })
})
