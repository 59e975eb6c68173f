import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readerContract } from '../../../test/contracts/reader.ts'
import { openReading, type Reading } from '../../../test/contracts/reading.ts'
import { alertFastReader } from './alert-fast.ts'

const snort2 =
  '08/28/21-12:09:36.123456  [**] [1:2003068:6] ET SCAN Potential SSH Scan [**] [Classification: Attempted Information Leak] [Priority: 2] {TCP} 192.0.2.5:54321 -> 203.0.113.9:22'
const snort3 =
  '06/17/21-13:09:08.123456 [**] [116:424:1] "(eth) truncated ethernet header" [**] [Priority: 3] {UDP} 2001:db8::5:5353 -> 2001:db8::9:53'
const suricata =
  '10/05/2010-10:08:59.667372  [**] [1:2009187:4] ET WEB_CLIENT ACTIVEX iDefense [**] [Classification: Web Application Attack] [Priority: 3] {TCP} 198.51.100.144:80 -> 192.0.2.4:56068'
const lines = (...all: string[]) => `${all.join('\n')}\n`

readerContract({
  reader: alertFastReader,
  sample: Buffer.from(lines(snort2, snort3, suricata)),
  records: 3,
  body: 0,
  cut: 16,
  junk: ['[**]', '{', '->', '[', '02/30/21-', '::', ':99999', '\\'],
  lines: true,
})

describe('lines of alerts', () => {
  let reading: Reading
  beforeAll(async () => {
    reading = await openReading()
  })
  afterAll(() => reading.close())
  const read = (...all: string[]) => reading.read(alertFastReader, lines(...all))

  it('reads Snort 2, Snort 3 and Suricata', async () => {
    const { rows, rejects } = await read(snort2, snort3, suricata)
    expect(rejects).toEqual({})
    expect(rows).toEqual([
      {
        record: 'alert',
        position: 1,
        // date -u -d '2021-08-28 12:09:36' +%s is 1630152576.
        start: 1630152576123456,
        client: '192.0.2.5',
        server: '203.0.113.9',
        serverPort: 22,
        proto: 'tcp',
        uid: '',
        engine: 'snort',
        signature: '2003068',
        message: 'ET SCAN Potential SSH Scan',
        category: 'Attempted Information Leak',
        severity: 2,
      },
      expect.objectContaining({
        client: '2001:db8::5',
        server: '2001:db8::9',
        serverPort: 53,
        signature: '116:424',
        message: '(eth) truncated ethernet header',
        category: '',
        severity: 3,
      }),
      // date -u -d '2010-10-05 10:08:59' +%s is 1286273339.
      expect.objectContaining({ start: 1286273339667372, engine: 'suricata', server: '192.0.2.4' }),
    ])
  })

  it('reads alerts without ports, of both versions of IP', async () => {
    const icmp = (source: string, destination: string) =>
      `08/28/21-12:09:36.1 [**] [1:1:1] ping [**] [Priority: 0] {ICMP} ${source} -> ${destination}`
    const { rows, rejects } = await read(
      icmp('192.0.2.5', '203.0.113.9'),
      icmp('fe80::1', 'fe80::2:3'),
      icmp('2001:0db8:0000:0000:0000:0000:0000:0001:8', '2001:0db8:0000:0000:0000:0000:0000:0002:0'),
    )
    expect(rejects).toEqual({})
    expect(rows.map(({ client, server, serverPort }) => [client, server, serverPort])).toEqual([
      ['192.0.2.5', '203.0.113.9', 0],
      // By itself nothing tells fe80::2:3 from port 3 of fe80::2; that ICMP has no ports does.
      ['fe80::1', 'fe80::2:3', 0],
      ['2001:db8::1', '2001:db8::2', 0],
    ])
  })

  it('takes a year that is not said from the file, and the year before for days that would be to come', async () => {
    const path = join(reading.folder, 'alert_fast.txt')
    const at = (stamp: string) => snort2.replace('08/28/21-12:09:36.123456', stamp)
    writeFileSync(path, lines(at('03/01-00:00:00.0'), at('03/02-23:59:59.0'), at('03/03-00:00:00.0')))
    const written = new Date('2022-03-01T12:00:00Z')
    utimesSync(path, written, written)
    const { rows } = await reading.readPath(alertFastReader, path)
    expect(rows.map(({ start }) => new Date(Number(start) / 1000).toISOString().slice(0, 10))).toEqual([
      '2022-03-01',
      '2022-03-02',
      '2021-03-03',
    ])
  })

  it('leaves out what is no alert, no date, no address', async () => {
    const { rows, rejects } = await read(
      snort2,
      'Commencing packet processing',
      snort2.replace('08/28', '13/40'),
      snort2.replace('192.0.2.5', 'a.example'),
      snort2.replace(':22', ':65536'),
    )
    expect(rows).toHaveLength(1)
    expect(rejects).toEqual({ truncated: 1, 'bad-time': 1, 'bad-address': 1, 'bad-field': 1 })
  })
})
