import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readerContract } from '../../../test/contracts/reader.ts'
import { openReading, type Reading } from '../../../test/contracts/reading.ts'
import { nfdumpText } from './text.ts'

const header =
  'Date first seen             Duration     Proto      Src IP Addr:Port          Dst IP Addr:Port     Flags Tos  Packets    Bytes Flows\n'
const call = (port: number) =>
  `2018-01-12 15:37:30.942            0.250 TCP        10.0.0.1:${port} ->     192.0.2.1:902   ......S.   0        1       60     1\n`

readerContract({
  reader: nfdumpText,
  sample: Buffer.from(`${header}${call(1000)}${call(1001)}${call(1002)}`),
  records: 3,
  body: header.length,
  // The last column is not used, so that a cut of it alone would do no harm.
  cut: 30,
  lines: false,
  runs: 100,
})

describe('text of nfdump', () => {
  let reading: Reading
  beforeAll(async () => {
    reading = await openReading()
  })
  afterAll(() => reading.close())

  it.each([
    [
      'without flags (-o line, 1.7)',
      '2023-11-14 22:12:08.000     00:01:10.500 TCP  10.0.0.4:40018 ->  192.0.2.7:443  41  1060  1',
      { clientPort: 40_018, duration: 70_500_000, clientPackets: 41 },
    ],
    [
      'IPv6',
      '2023-11-14 22:13:15.000     00:00:00.000 UDP        2001:db8::1.40000 ->      2001:db8::2.53           1       80     1',
      { client: '2001:db8::1', server: '2001:db8::2', serverPort: 53 },
    ],
    [
      'ICMP',
      '2023-11-14 22:13:13.000     00:00:02.000 ICMP          10.0.0.1:0     ->        192.0.2.7:8.0          3      252     1',
      { serverPort: 2048, clientPort: 0, proto: 'icmp' },
    ],
    [
      'shortened counts',
      '2023-11-14 22:13:13.000     2.000 6  10.0.0.1:40000 -> 192.0.2.7:80 .AP.SF 0  1.2 M  3.5 G  1',
      { clientPackets: 1_200_000, clientBytes: 3_500_000_000 },
    ],
    [
      'tabs and a label',
      '2013-07-09\t01:00:26.553\t4.781\tIGMP\t10.0.0.150:0:0\t->\t224.0.0.22:0:0\t......\t0\t4\t160\t1\tBackground',
      { server: '224.0.0.22', clientBytes: 160 },
    ],
  ])('%s', async (_, text, expected) => {
    expect(await reading.read(nfdumpText, text)).toMatchObject({ rejects: {}, rows: [expected] })
  })

  const date = '2023-11-14 22:13:20.000'
  it.each([
    [
      'biline',
      'Date first seen             Duration     Proto      Src IP Addr:Port           Dst IP Addr:Port   Out Pkt   In Pkt Out Byte  In Byte Flows',
      `${date}     00:00:00.700 TCP           10.1.1.7:50123 <->      203.0.113.9:443          3        5      420      320     2`,
      {
        client: '10.1.1.7',
        clientPackets: 5,
        clientBytes: 320,
        serverPackets: 3,
        serverBytes: 420,
        duration: 700_000,
      },
    ],
    [
      'bilong with shortened counts',
      'Date first seen             Duration     Proto      Src IP Addr:Port           Dst IP Addr:Port     Flags Tos  Out Pkt   In Pkt Out Byte  In Byte Flows',
      `${date}     00:00:00.700 TCP           10.1.1.7:50123 <->      203.0.113.9:443   ...AP.SF   0    1.2 M        5    3.5 G      320     2`,
      { clientBytes: 320, serverPackets: 1_200_000, serverBytes: 3_500_000_000, outcome: 'established' },
    ],
    [
      'fmt with commas',
      'Date first seen             Duration     Proto      Src IP Addr Src Pt      Dst IP Addr Dst Pt  Packets    Bytes',
      `${date},    00:00:00.000,UDP  ,        10.1.1.7, 51000,       10.1.1.53,    53,       1,      61`,
      { client: '10.1.1.7', clientPort: 51_000, serverPort: 53, clientBytes: 61 },
    ],
    [
      'fmt with columns in another order, raw times and IPv6',
      'Date last seen (raw), Date first seen (raw), Src IP Addr, Dst IP Addr, Src Pt, Dst Pt, Proto, In Pkt, Out Pkt, In Byte, Exp ID, Router IP',
      '1700000002.500,1700000000.250,2001:db8::7,2001:db8:1::9,50300,443,TCP,5,3,420,1,0.0.0.0',
      { start: 1_700_000_000_250_000, duration: 2_250_000, client: '2001:db8::7', clientPackets: 5 },
    ],
    [
      'extended',
      'Date first seen             Duration     Proto      Src IP Addr:Port          Dst IP Addr:Port     Flags Tos  Packets    Bytes      pps      bps    Bpp Flows',
      `${date}     00:00:00.000 ICMP          10.1.1.7:0     ->     198.51.100.1:8.0   ........   0        1       84        0        0     84     1`,
      { proto: 'icmp', serverPort: 2048, clientBytes: 84 },
    ],
  ])('by the header of %s', async (_, head, text, expected) => {
    const whole = `${head}\n${text}\nSummary: total flows: 1\n`
    expect(nfdumpText.accepts(whole)).toBe(true)
    expect(await reading.read(nfdumpText, whole)).toMatchObject({ rejects: {}, rows: [expected] })
  })

  it.each([
    ['1.7', '2|1700000030020|1700000031020|17|0|0|0|167838005|53|0|0|0|167837959|51000|0|0|0|0|0|0|1|77'],
    ['1.6', '2|1700000030|20|1700000031|20|17|0|0|0|167838005|53|0|0|0|167837959|51000|0|0|0|0|0|0|1|77'],
  ])('as numbers with bars between (%s)', async (_, text) => {
    expect(nfdumpText.accepts(text)).toBe(true)
    expect(await reading.read(nfdumpText, `${text}\n`)).toMatchObject({
      rejects: {},
      rows: [
        {
          client: '10.1.1.7',
          clientPort: 51_000,
          server: '10.1.1.53',
          start: 1_700_000_030_020_000,
          duration: 1e6,
        },
      ],
    })
  })

  it('both directions without a header (-q)', async () => {
    const text = `${date}     00:00:00.700 TCP           10.1.1.7:50123 <->      203.0.113.9:443          3        5      420      320     2\n`
    expect((await reading.read(nfdumpText, text)).rows).toMatchObject([
      { clientPackets: 5, serverBytes: 420 },
    ])
  })

  it('leaves statistics, which are no flows', () => {
    const top =
      'Date first seen                 Duration Proto           IP Addr    Flows(%)     Packets(%)       Bytes(%)'
    expect(nfdumpText.accepts(`${top}\n`)).toBe(false)
  })

  it('rejects lines that are none, and not the summary', async () => {
    const text = `${header}${call(1)}2018-01-12 15:37:30.942 0.250 TCP 10.0.0.999:1 -> 192.0.2.1:2 ...... 0 1 60 1\nnonsense\nSummary: total flows: 1, total bytes: 60\nTime window: 2018\nTotal flows processed: 1\nSys: 0.0s\n`
    expect((await reading.read(nfdumpText, text)).rejects).toEqual({ 'bad-address': 1, 'bad-field': 1 })
  })
})
