import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openReading, type Read, type Reading } from '../../../test/contracts/reading.ts'
import { connLog, eveLog } from '../../../test/fixtures/written-logs.ts'
import { argus } from '../logs/argus.ts'
import { suricata } from '../logs/suricata.ts'
import { zeek } from '../logs/zeek.ts'
import { zeekJson } from '../logs/zeek-json.ts'
import type { Reader } from '../reader.ts'
import { csvReader, jsonlReader } from '../tables/tables.ts'

let reading: Reading
beforeAll(async () => {
  reading = await openReading()
})
afterAll(() => reading.close())

const argusHeader = 'StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,TotPkts,TotBytes,SrcBytes'
const argusLine = (i: number) =>
  `2011/08/16 15:01:${String(i % 60).padStart(2, '0')}.5,1.0,tcp,10.0.0.${i % 250},1024,   ->,1.2.3.4,80,FSPA_FSPA,9,${900 + i},400`
const many = (n: number, line: (i: number) => string) => Array.from({ length: n }, (_, i) => line(i))

/** A file that is two, with another order of columns in the second, comments, blanks, a broken line and no last end. */
const zeekText = [
  connLog(0, 40),
  '\n#close\t2022-01-01\nbroken\r\n\r\n',
  connLog(40, 30, 'Malicious').replaceAll('\n', '\r\n'),
  '#fields\tts\tid.orig_h\n1.0\tx\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.resp_h\tquery\tRD\tRA\n',
  '1.0\tC1\t10.0.0.1\t10.0.0.2\ta.example\tT\tT\n1.0\tC1\t10.0.0.1',
].join('')

const argusText = [
  argusHeader,
  ...many(30, argusLine),
  'cut,short',
  argusHeader.replace('SrcAddr,Sport', 'Sport,SrcAddr'),
  ...many(10, (i) => argusLine(i).replace(/(10\.0\.0\.\d+),1024/, '1024,$1')),
  '',
  ...many(5, argusLine),
].join('\n')

const half = (i: number, from: string, to: string, type = 'netflow') =>
  JSON.stringify({
    timestamp: '2022-06-13T22:00:10.000000+0000',
    flow_id: i,
    event_type: type,
    ...{ src_ip: from, src_port: 1024, dest_ip: to, dest_port: 53, proto: 'UDP' },
    netflow: { pkts: 2, bytes: 200 + i, start: '2022-06-13T22:00:00.000000+0000' },
  })
const eveText = [
  ...many(12, (i) => half(i, '10.0.0.1', '10.0.0.2')).flatMap((line, i) => [
    line,
    half(i, '10.0.0.2', '10.0.0.1'),
  ]),
  eveLog(20).trimEnd(),
  '{"event_type":"flow", broken',
  '{"event_type":"stats"}',
].join('\n')

const csvText = [
  'start;client;server;serverPort',
  ...many(40, (i) => `${i + 1};10.0.0.1;1.2.3.${i};80`),
  '',
].join('\n')
const jsonText = many(40, (i) =>
  JSON.stringify({
    start: i + 1,
    client: '10.0.0.1',
    server: '1.2.3.4',
    ...(i > 20 ? {} : { serverPort: 80 }),
  }),
).join('\n')
const zeekJsonText = many(40, (i) =>
  JSON.stringify({
    ts: i + 1,
    uid: `C${i}`,
    ...{ 'id.orig_h': '10.0.0.1', 'id.orig_p': 1, 'id.resp_h': '1.2.3.4', 'id.resp_p': 80, conn_state: 'SF' },
  }),
).join('\n')

/** Readers, with the sizes of stretches that are tried; each stretch is some statements. */
const cases: readonly (readonly [Reader, string, readonly number[]])[] = [
  [zeek, zeekText, [400, 2500]],
  [argus, argusText, [150, 2500]],
  [suricata, eveText, [1100, 3000]],
  [csvReader(null), csvText, [200]],
  [jsonlReader(null), jsonText, [700]],
  [zeekJson, zeekJsonText, [1500]],
]

describe('a long file in stretches is what it is as a whole', () => {
  it.each(cases)('$name', async (reader, text, sizes) => {
    const whole = await reading.read(reader, text)
    expect(whole.rows.length).toBeGreaterThan(20)
    for (const own of sizes) {
      const read: Read = await reading.readStretches(reader, text, { own, beside: 700 })
      expect(read.rows).toEqual(whole.rows)
      expect(read.rejects).toEqual(whole.rejects)
      expect(read.samples.map(({ reason, position, sample }) => [reason, position, sample]).sort()).toEqual(
        whole.samples.map(({ reason, position, sample }) => [reason, position, sample]).sort(),
      )
    }
  })

  it('but halves that are further apart than what is shown beside a stretch stay apart', async () => {
    const near = await reading.read(suricata, eveText)
    // Three lines each: every second stretch ends between two halves.
    const own = 2 * eveText.indexOf('\n') + 10
    const apart = await reading.readStretches(suricata, eveText, { own, beside: 1 })
    expect(apart.rows.length).toBeGreaterThan(near.rows.length)
    expect(apart.rows.length - near.rows.length).toBeLessThanOrEqual(eveText.length / own)
  })
})
