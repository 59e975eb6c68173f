import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { framed, ipv4, pcapFile, tcp, u16, udp } from '../../../test/frames.ts'
import { openEmbedded } from '../../store/embedded.ts'
import type { Store } from '../../store/store.ts'
import { reportIn } from './capture-tool.ts'
import { captureLive, type LiveOptions } from './live-capture.ts'

let folder = ''
let store: Store
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gannet-live-'))
  store = await openEmbedded(join(folder, 'db'))
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const long = (i: number) => framed(ipv4('10.0.0.7', '192.0.2.9', tcp(50_000, 443, { seq: i, payload: 'x' })))
const short = (i: number) => framed(ipv4('10.0.0.7', '192.0.2.9', udp(40_000 + i, 60_000, 'hello')))
const arp = Buffer.concat([Buffer.alloc(12), u16(0x0806), Buffer.alloc(28)])

const live = (chunks: AsyncIterable<Buffer>, more: Partial<LiveOptions> = {}) =>
  captureLive(store, { name: 'test', chunks, rotateSeconds: 3600, rotateRows: 5, timeGoesOn: false, ...more })

async function* pieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

describe('a live capture', () => {
  it('comes in by shifts, and a connection that is open at the end of one is not cut', async () => {
    // A datagram a minute, each a flow that is over at the next; a connection that talks all the while.
    const frames = Array.from({ length: 60 }, (_, i) => [
      { bytes: short(i), at: 1_700_000_000 + 90 * i },
      { bytes: long(i), at: 1_700_000_001 + 90 * i },
    ]).flat()
    const file = pcapFile([...frames, { bytes: arp, at: 1_700_009_000 }])
    const status = await live(pieces(file, 333))
    expect(status).toMatchObject({
      frames: 121,
      bytes: file.length,
      rows: 61,
      open: 0,
      rejects: { 'not-ip': 1 },
    })
    expect(status.imports).toBeGreaterThan(3)
    const flows = await store.rows<{ proto: string; n: number; packets: number }>(
      'SELECT proto, toFloat64(count()) AS n, toFloat64(sum(packets)) AS packets FROM flow GROUP BY proto ORDER BY proto',
    )
    expect(flows).toEqual([
      { proto: 'tcp', n: 1, packets: 60 },
      { proto: 'udp', n: 60, packets: 60 },
    ])
    const imports = await store.rows<{ n: number; bytes: number; rejects: number }>(
      "SELECT toFloat64(count()) AS n, toFloat64(sum(bytes)) AS bytes, toFloat64(sum(rejects['not-ip'])) AS rejects FROM ledger",
    )
    expect(imports).toEqual([{ n: status.imports, bytes: file.length, rejects: 1 }])
  })

  it('takes what a broken stream gave before it broke', async () => {
    const file = pcapFile([
      { bytes: short(1), at: 5 },
      { bytes: short(2), at: 6 },
    ])
    const status = await live(pieces(file.subarray(0, file.length - 1), 50))
    expect(status).toMatchObject({ frames: 1, rows: 1, rejects: { truncated: 1 } })
  })

  it('lets time pass on an interface where nothing comes', async () => {
    async function* quiet() {
      yield pcapFile([{ bytes: short(1), at: 100 }])
      for (let waited = 0; waited < 40 && seen.open !== 0; waited++)
        await new Promise((then) => setTimeout(then, 200))
      open = seen.open
    }
    let seen = { open: 1 }
    let open = -1
    // The clock is turned on so that its 60 s of patience are over in 3.
    const now = performance.now.bind(performance)
    const began = now()
    performance.now = () => began + (now() - began) * 30
    try {
      await live(quiet(), { timeGoesOn: true, progress: (status) => (seen = status) })
    } finally {
      performance.now = now
    }
    expect(open).toBe(0)
  })

  it('is refused when it is no capture, or nothing', async () => {
    await expect(
      live(pieces(Buffer.from('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n'), 7)),
    ).rejects.toMatchObject({
      code: 'input-unknown-format',
    })
    await expect(live(pieces(Buffer.alloc(0), 7))).rejects.toMatchObject({ code: 'input-empty' })
  })
})

describe('what a tool says at its end', () => {
  it.each([
    [
      'tcpdump',
      'tcpdump: listening on lo\n12 packets captured\n24 packets received by filter\n3 packets dropped by kernel\n2 packets dropped by interface\n',
      { captured: 12, dropped: 5 },
    ],
    [
      'tcpdump of one',
      '1 packet captured\n1 packet received by filter\n0 packets dropped by kernel\n',
      { captured: 1, dropped: 0 },
    ],
    [
      'dumpcap',
      "Capturing on 'lo'\nPackets captured: 7\nPackets received/dropped on interface 'lo': 7/4 (pcap:4/dumpcap:0/flushed:0/ps_ifdrop:0) (63.6%)\n",
      { captured: 7, dropped: 4 },
    ],
    ['nothing', 'killed', { captured: null, dropped: null }],
  ])('%s', (_, output, report) => expect(reportIn(output)).toEqual(report))
})
