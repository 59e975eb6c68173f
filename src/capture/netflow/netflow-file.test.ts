import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readerContract } from '../../../test/contracts/reader.ts'
import { openReading, type Reading, recordsIn } from '../../../test/contracts/reading.ts'
import {
  ipfix,
  records,
  sflow,
  template,
  usual,
  usualRow,
  version5,
  version9,
} from '../../../test/fixtures/export-datagrams.ts'
import { ethernet, framed, ipv4, pcapFile, tcp, udp } from '../../../test/frames.ts'
import { readerFor } from '../index.ts'
import { netflow } from './netflow-file.ts'

const calls = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ sourcePort: from + i, flags: 0x02 }))

readerContract({
  reader: netflow,
  sample: Buffer.concat([version5(calls(1000, 3)), version5(calls(2000, 2), { sequence: 3 })]),
  records: 5,
  body: 24,
  lines: false,
  runs: 100,
})

/** The same records from another host. */
function withSource(body: Buffer, i: number): Buffer {
  const copy = Buffer.from(body)
  const size = body.length / 40
  for (let at = 0; at < copy.length; at += size) copy.writeUInt32BE(0x0a010000 + i, at)
  return copy
}

describe('datagrams at rest', () => {
  let reading: Reading
  beforeAll(async () => {
    reading = await openReading()
  })
  afterAll(() => reading.close())

  const nine = version9([
    template(0, 256, usual),
    records(
      256,
      usual,
      calls(1000, 20).map((call) => usualRow(call)),
    ),
  ])
  const ten = ipfix([
    template(2, 256, usual),
    records(
      256,
      usual,
      calls(3000, 4).map((call) => usualRow(call)),
    ),
  ])

  it('reads files of messages one after the other, of whatever versions', async () => {
    const more = version9(
      [
        records(
          256,
          usual,
          calls(2000, 30).map((call) => usualRow(call)),
        ),
      ],
      { sequence: 1 },
    )
    for (const bytes of [nine, ten, version5(calls(1, 1)), version5(calls(1, 1), { count: 1 })])
      expect(readerFor(bytes.toString('latin1'))?.name).toBe('netflow')
    const read = await reading.read(netflow, Buffer.concat([nine, more, ten, version5(calls(1, 2)), nine]))
    expect(read.rejects).toEqual({})
    expect(new Set(read.rows.map(({ clientPort }) => clientPort)).size).toBe(20 + 30 + 4 + 2)
  })

  it('reads a file of many messages through chunks of a megabyte', async () => {
    const body = records(
      256,
      usual,
      calls(1000, 40).map((call) => usualRow(call)),
    )
    const many = Array.from({ length: 1500 }, (_, i) =>
      version9([template(0, 256, usual), { ...body, body: withSource(body.body, i) }], { sequence: i }),
    )
    const read = await reading.read(netflow, Buffer.concat(many))
    expect(recordsIn(read)).toBe(1500 * 40)
  })

  it('reads the datagrams in a capture when asked to, by the capture’s times, and counts the rest', async () => {
    const sent = (payload: Buffer, from = '198.51.100.1') =>
      framed(ipv4(from, '198.51.100.9', udp(5000, 2055, payload)))
    const sample = ethernet(0x0800, ipv4('10.0.0.1', '192.0.2.1', tcp(40_000, 443, { flags: 'S' })))
    const capture = pcapFile(
      [nine, version5(calls(9000, 1)), sflow([sample])].map((each, i) => ({
        bytes: sent(each),
        at: 1_700_000_000 + i,
      })),
    )
    expect(readerFor(capture.toString('latin1'))?.name).toBe('pcap')
    const { rows, rejects } = await reading.read(netflow, capture)
    expect(rejects).toEqual({})
    expect(rows).toHaveLength(22)
    expect(rows.find(({ clientPort }) => clientPort === 40_000)).toMatchObject({
      start: 1_700_000_002_000_000,
      clientBytes: 40,
    })
    const other = pcapFile([
      { bytes: framed(ipv4('10.0.0.1', '10.0.0.2', udp(1, 2, 'hello'))), at: 1_700_000_000 },
      { bytes: sent(version5(calls(1, 1))), at: 1_700_000_001 },
    ])
    expect(await reading.read(netflow, other)).toMatchObject({
      rejects: { 'not-used': 1 },
      rows: [{ clientPort: 1 }],
    })
  })
})
