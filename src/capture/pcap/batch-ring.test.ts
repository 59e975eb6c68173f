import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ethernet, framed, icmp, ipv4, ipv6, pcapFile, tcp, u16, udp } from '../../../test/frames.ts'
import { seeded } from '../../math/random.ts'
import { openInput } from '../input.ts'
import type { Sink } from '../reader.ts'
import { createRejects } from '../rejects.ts'
import { readPackets } from './read-packets.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gannet-pipe-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Some of everything: both families, fragments, refusals, names, requests, noise; and times that jump. */
function manyFrames(count: number) {
  const { integer: below, next: random } = seeded(7)
  const question = Buffer.concat([
    u16(1, 0x0100, 1, 0, 0, 0),
    Buffer.from('\x01a\x04test\0\0\x01\0\x01', 'latin1'),
  ])
  let at = 1_700_000_000
  return Array.from({ length: count }, (_, i) => {
    at += random() < 0.001 ? 90 : random() / 50
    const host = `10.0.${below(4)}.${below(250)}`
    const port = 40_000 + below(20)
    const kinds = [
      () => ipv4(host, '192.0.2.9', tcp(port, 443, { flags: 'SA'.slice(0, 1 + below(2)), seq: below(5) })),
      () =>
        ipv4(
          host,
          '192.0.2.9',
          tcp(port, 80, { seq: i, payload: 'GET /a HTTP/1.1\r\nHost: x.test\r\n\r\n' }),
        ),
      () => ipv4('192.0.2.9', host, tcp(80, port, { flags: 'FA', payload: 'x'.repeat(below(1400)) })),
      () => ipv6('2001:db8::7', `2001:db8::${(below(200) + 1).toString(16)}`, udp(port, 53, question)),
      () => ipv4(host, '192.0.2.9', udp(port, 9), { piece: below(2) * 0x2000, id: below(9) }),
      () => ipv4(host, '192.0.2.9', [17, Buffer.alloc(100, 1)], { piece: 3, id: below(9) }),
      () =>
        ipv4(
          '192.0.2.9',
          host,
          icmp(3, 3, Buffer.concat([Buffer.alloc(4), ipv4(host, '192.0.2.9', udp(port, 9))])),
        ),
      () => Buffer.from([0x55, below(256)]),
    ]
    const packet = kinds[below(kinds.length)]!()
    return { bytes: random() < 0.02 ? ethernet(0x0806, packet) : framed(packet), at }
  })
}

async function read(path: string, threads: 1 | 2) {
  const rejects = createRejects()
  const rows: Record<string, object[]> = {}
  const sink = {
    rejects,
    write: async (record: string, given: readonly object[]) => {
      rows[record] = [...(rows[record] ?? []), ...given]
    },
    progress: () => {},
  }
  await readPackets(await openInput(path), sink as unknown as Sink, { threads })
  return { rows, rejects: [...rejects.counts], samples: rejects.samples }
}

describe('two threads', () => {
  it('give the same rows in the same order, and the same rejects, as one', async () => {
    const path = join(folder, 'many.pcap')
    const bytes = pcapFile(manyFrames(16_000))
    writeFileSync(path, bytes.subarray(0, bytes.length - 3))
    const one = await read(path, 1)
    // The ring of six pieces of 256 KiB goes round.
    expect(bytes.length).toBeGreaterThan(2 << 20)
    expect(one.rows['flow']!.length).toBeGreaterThan(1000)
    expect(one.rows['dns']!.length).toBeGreaterThan(100)
    expect(Object.keys(Object.fromEntries(one.rejects)).sort()).toEqual(['bad-field', 'not-ip', 'truncated'])
    expect(await read(path, 2)).toEqual(one)
  })

  it('say what one thread says of a file that is gone, or damaged', async () => {
    const path = join(folder, 'gone.pcap')
    writeFileSync(path, pcapFile(manyFrames(3)))
    const input = await openInput(path)
    rmSync(path)
    const sink = { rejects: createRejects(), write: async () => {}, progress: () => {} } as unknown as Sink
    for (const threads of [1, 2] as const)
      await expect(readPackets(input, sink, { threads })).rejects.toMatchObject({
        message: expect.stringContaining('there is no'),
      })
  })

  it('end when the sink fails', async () => {
    const path = join(folder, 'failing.pcap')
    writeFileSync(path, pcapFile(manyFrames(3000)))
    const failure = new Error('the disk is full')
    const sink = { rejects: createRejects(), write: () => Promise.reject(failure), progress: () => {} }
    await expect(readPackets(await openInput(path), sink as unknown as Sink, { threads: 2 })).rejects.toBe(
      failure,
    )
  })
})
