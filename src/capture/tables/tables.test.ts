/**
 * Tables of others: by built-in profiles, each on lines that its documentation shows, and by one that a person
 * gives.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readerContract } from '../../../test/contracts/reader.ts'
import { openReading, type Read, type Reading, type Row } from '../../../test/contracts/reading.ts'
import { readerFor } from '../index.ts'
import { type Profile, profileFor, profileOf } from './profile.ts'
import { profiles } from './profiles.ts'
import { csvReader, headerOf, jsonlReader, parquetReader } from './tables.ts'

const ours = `start,duration,proto,client,clientPort,server,serverPort,packets,bytes,clientPackets,clientBytes,serverPackets,serverBytes,outcome,state,service,uid,label
2024-03-12T00:01:22.211154Z,652.379099,tcp,10.20.1.89,50421,77.86.161.161,6667,32,3534,17,941,15,2593,established,RSTO,irc,CNKixHrfwVvXl0vl,
2024-03-12T00:01:23.000000Z,0.5,udp,10.20.1.90,50000,192.0.2.53,53,2,200,1,60,1,140,established,SF,dns,C2,"a ""label"", quoted"
2024-03-12T00:01:24.000000Z,,icmp,fe80::1,0,fe80::2,2048,,,,,,,unknown,,,,
`
const body = ours.indexOf('\n') + 1
readerContract({
  reader: readerFor(ours)!,
  sample: Buffer.from(ours),
  records: 3,
  body,
  cut: 8,
  lines: true,
  // A damaged first character makes a line of the contract look like a comment; here it is a record.
  runs: 100,
})

let reading: Reading
const open = () => {
  beforeAll(async () => {
    reading = await openReading()
  })
  afterAll(() => reading.close())
}

const only = async (text: string, profile: Profile | null = null): Promise<Row> => {
  const { rows, rejects } = await read(text, profile)
  expect(rejects).toEqual({})
  expect(rows).toHaveLength(1)
  return rows[0]!
}
const read = (text: string, profile: Profile | null = null): Promise<Read> =>
  reading.read(text.trimStart().startsWith('{') ? jsonlReader(profile) : csvReader(profile), text)

const at = (text: string) => Date.parse(text) * 1000

/** A header and a line as the documentation of the tool or data set shows them, and what must come out. */
const documented: readonly (readonly [name: string, text: string, row: Readonly<Record<string, unknown>>])[] =
  [
    [
      'zeek-table',
      'ts,uid,id.orig_h,id.orig_p,id.resp_h,id.resp_p,proto,service,duration,orig_bytes,resp_bytes,conn_state,orig_pkts,orig_ip_bytes,resp_pkts,resp_ip_bytes,label\n1525879831.015811,CUmrqr4svHuSXJy5z7,192.168.100.103,51524,65.127.233.163,23,tcp,-,2.999051,0,0,S0,3,180,0,0,Malicious\n',
      {
        start: 1_525_879_831_015_811,
        duration: 2_999_051,
        client: '192.168.100.103',
        serverPort: 23,
        clientPackets: 3,
        serverPackets: 0,
        packets: 3,
        clientBytes: 180,
        outcome: 'unanswered',
        state: 'S0',
        service: '',
        label: 'Malicious',
      },
    ],
    [
      'cicflowmeter',
      'Flow ID, Source IP, Source Port, Destination IP, Destination Port, Protocol, Timestamp, Flow Duration, Total Fwd Packets, Total Backward Packets,Total Length of Fwd Packets, Total Length of Bwd Packets, Label\n192.168.10.5-104.16.207.165-54865-443-6,104.16.207.165,443,192.168.10.5,54865,6,7/7/2017 3:30,3,2,0,12,0,BENIGN\n',
      {
        start: at('2017-07-07T03:30:00Z'),
        duration: 3,
        proto: 'tcp',
        client: '192.168.10.5',
        serverPackets: 2,
        serverBytes: 12,
        packets: 2,
        outcome: 'reversed',
        label: 'BENIGN',
      },
    ],
    [
      'cicflowmeter',
      'Flow ID,Src IP,Src Port,Dst IP,Dst Port,Protocol,Timestamp,Flow Duration,Tot Fwd Pkts,Tot Bwd Pkts,TotLen Fwd Pkts,TotLen Bwd Pkts,Label\nx,172.31.69.25,94,18.219.211.138,80,17,14/02/2018 08:31:01,112641719,3,3,240.0,0.0,Benign\n',
      {
        start: at('2018-02-14T08:31:01Z'),
        duration: 112_641_719,
        proto: 'udp',
        clientBytes: 240,
        outcome: 'established',
      },
    ],
    [
      'nfdump-csv',
      'ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,in,out,sas,das\n2018-01-12 15:37:47,2018-01-12 15:37:48,1.250,147.32.80.119,147.32.82.62,53778,902,TCP,.AP.SF,0,0,5,600,4,400,0,0,2852,2852\n',
      {
        start: at('2018-01-12T15:37:47Z'),
        duration: 1_250_000,
        proto: 'tcp',
        serverPort: 902,
        clientPackets: 5,
        serverPackets: 4,
        bytes: 1000,
        outcome: 'established',
      },
    ],
    [
      'nfdump-csv',
      'ts,te,td,sa,da,sp,dp,pr,flg,ipkt,ibyt,opkt,obyt\n2018-01-12 15:37:47,2018-01-12 15:37:47,0.000,10.0.0.1,10.0.0.2,0,3.1,ICMP,........,1,60,0,0\n',
      { proto: 'icmp', clientPort: 0, serverPort: 3 * 256 + 1, outcome: 'unanswered' },
    ],
    [
      'nfdump-csv-175',
      'firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes,flows\n2023-11-14 22:13:50.020,0.700,TCP,10.1.1.7,50123,203.0.113.9,443,5,320,1\n',
      {
        start: at('2023-11-14T22:13:50.020Z'),
        duration: 700_000,
        client: '10.1.1.7',
        serverPort: 443,
        clientPackets: 5,
        serverPackets: null,
        outcome: 'unknown',
      },
    ],
    [
      'nfdump-csv-175',
      'cnt,af,firstSeen,lastSeen,proto,srcAddr,srcPort,dstAddr,dstPort,srcAS,dstAS,input,output,flags,srcTos,packets,bytes\n1,2,1700000000123,1700000001123,6,10.1.1.7,50123,203.0.113.9,443,0,0,0,0,...AP.SF,0,5,320\n',
      { start: 1_700_000_000_123_000, duration: 1_000_000, proto: 'tcp', clientBytes: 320 },
    ],
    [
      'nfdump-json',
      '{"type":"FLOW","sampled":0,"export_sysid":0,"first":"2023-11-14T22:13:50.000","last":"2023-11-14T22:13:50.500","in_packets":1,"in_bytes":84,"proto":58,"icmp_type":128,"icmp_code":0,"src_tos":0,"src6_addr":"2001:db8::7","dst6_addr":"2001:db8::9","label":"<none>"}\n',
      { client: '2001:db8::7', proto: 'icmp', serverPort: 128 * 256, duration: 500_000, serverBytes: null },
    ],
    [
      'pmacct',
      'SRC_IP,DST_IP,SRC_PORT,DST_PORT,PROTOCOL,TIMESTAMP_START,TIMESTAMP_END,PACKETS,BYTES\n10.1.1.7,203.0.113.9,50123,443,tcp,1700000000.123456,1700000000.823456,5,320\n',
      {
        start: 1_700_000_000_123_456,
        duration: 700_000,
        client: '10.1.1.7',
        clientPackets: 5,
        serverPackets: null,
      },
    ],
    [
      'pmacct',
      '{"event_type":"purge","ip_src":"10.1.1.7","ip_dst":"203.0.113.9","port_src":50123,"port_dst":443,"ip_proto":"tcp","timestamp_start":"2023-11-14 22:13:20.123456","timestamp_end":"2023-11-14 22:13:20.823456","packets":5,"bytes":320}\n',
      { start: 1_700_000_000_123_456, duration: 700_000, client: '10.1.1.7', serverPort: 443 },
    ],
    [
      'silk-rwcut',
      '            sIP|            dIP|sPort|dPort|pro|   packets|     bytes|   flags|                  sTime| duration|                  eTime|sensor|\n    10.30.30.31|    10.70.70.71|   80|36761|  6|         7|      3227|FS PA   |2009/02/12T00:00:00.123|    3.625|2009/02/12T00:00:03.748|    S0|\n',
      {
        start: at('2009-02-12T00:00:00.123Z'),
        duration: 3_625_000,
        proto: 'tcp',
        client: '10.30.30.31',
        clientPackets: 7,
        serverPackets: null,
        packets: null,
        outcome: 'unknown',
      },
    ],
    [
      'argus-names',
      'pkSeqID,stime,flgs,proto,saddr,sport,daddr,dport,pkts,bytes,state,ltime,seq,dur,spkts,dpkts,sbytes,dbytes,category\n1,1526344121.18846,e,tcp,192.168.100.147,49960,192.168.100.7,80,6,986,RST,1526344160.10245,9,38.913990,4,2,600,386,DoS\n',
      {
        start: 1_526_344_121_188_460,
        duration: 38_913_990,
        packets: 6,
        clientPackets: 4,
        outcome: 'established',
        label: 'DoS',
      },
    ],
    [
      'unsw-nb15',
      'srcip,sport,dstip,dsport,proto,state,dur,sbytes,dbytes,sttl,dttl,sloss,dloss,service,Sload,Dload,Spkts,Dpkts,Stime,Ltime,attack_cat,Label\n59.166.0.0,1390,149.171.126.6,53,udp,CON,0.001055,132,164,31,29,0,0,dns,500473.93,621800.94,2,2,1421927414,1421927414,,0\n',
      {
        start: 1_421_927_414_000_000,
        duration: 1055,
        proto: 'udp',
        service: 'dns',
        clientPackets: 2,
        outcome: 'established',
        label: '',
      },
    ],
    [
      'aws-vpc',
      'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK\n',
      {
        start: 1_418_530_010_000_000,
        duration: 60_000_000,
        client: '172.31.16.139',
        serverPort: 22,
        clientPackets: 20,
        serverPackets: null,
        outcome: 'unknown',
        state: 'ACCEPT',
      },
    ],
    [
      'nprobe',
      'IPV4_SRC_ADDR|IPV4_DST_ADDR|L4_SRC_PORT|L4_DST_PORT|PROTOCOL|IN_PKTS|IN_BYTES|OUT_PKTS|OUT_BYTES|FIRST_SWITCHED|LAST_SWITCHED|TCP_FLAGS\n10.1.1.7|203.0.113.9|50123|443|6|5|320|3|420|1700000000|1700000001|27\n',
      { duration: 1_000_000, proto: 'tcp', clientPackets: 5, serverBytes: 420, outcome: 'established' },
    ],
    [
      'fortigate',
      'itime,type,srcip,srcport,dstip,dstport,proto,action,service,duration,sentbyte,rcvdbyte,sentpkt,rcvdpkt\n2023-11-14 22:13:22,traffic,10.1.1.7,50123,203.0.113.9,443,6,close,HTTPS,2,320,420,5,3\n',
      { start: at('2023-11-14T22:13:20Z'), duration: 2_000_000, serverPackets: 3, state: 'close' },
    ],
    [
      'akvorado',
      'TimeReceived,SamplingRate,SrcAddr,DstAddr,SrcPort,DstPort,Proto,Bytes,Packets\n2023-11-14 22:13:20,1,::ffff:10.1.1.7,::ffff:203.0.113.9,50123,443,6,1500,1\n',
      { start: at('2023-11-14T22:13:20Z'), client: '10.1.1.7', clientBytes: 1500, serverBytes: null },
    ],
    [
      'goflow2',
      '{"type":"SFLOW_5","time_received_ns":1681583295157626000,"sequence_num":2999,"sampling_rate":0,"sampler_address":"192.168.0.1","time_flow_start_ns":1681583295157626000,"time_flow_end_ns":1681583296157626000,"bytes":1500,"packets":1,"src_addr":"192.168.0.1","dst_addr":"192.168.0.2","etype":"IPv4","proto":"TCP","src_port":443,"dst_port":50001}\n',
      {
        start: 1_681_583_295_157_626,
        duration: 1_000_000,
        proto: 'tcp',
        clientBytes: 1500,
        serverBytes: null,
      },
    ],
    [
      'goflow2',
      '{"Type":"NETFLOW_V9","TimeReceived":1700000060,"SamplingRate":0,"TimeFlowStart":1700000000,"TimeFlowEnd":1700000001,"Bytes":320,"Packets":5,"SrcAddr":"10.1.1.7","DstAddr":"203.0.113.9","Proto":6,"SrcPort":50123,"DstPort":443}\n',
      { start: 1_700_000_000_000_000, duration: 1_000_000, proto: 'tcp', clientBytes: 320 },
    ],
    [
      'goflow2',
      '{"type":"NETFLOW_V9","time_received":1700000060,"sampling_rate":1,"time_flow_start":1700000000,"time_flow_end":1700000001,"bytes":320,"packets":5,"src_addr":"10.1.1.7","dst_addr":"203.0.113.9","etype":2048,"proto":6,"src_port":50123,"dst_port":443}\n',
      { start: 1_700_000_000_000_000, duration: 1_000_000, clientPort: 50_123 },
    ],
    [
      'ecs',
      '{"@timestamp":"2024-05-01T10:00:00.000Z","event":{"start":"2024-05-01T09:59:58.500Z","end":"2024-05-01T10:00:00.000Z","duration":1500000000},"network":{"transport":"tcp","bytes":1200,"packets":10},"source":{"ip":"10.0.0.5","port":40000,"packets":6,"bytes":700},"destination":{"ip":"203.0.113.9","port":443,"packets":4,"bytes":500},"flow":{"id":"EAT/"}}\n',
      {
        start: at('2024-05-01T09:59:58.500Z'),
        duration: 1_500_000,
        client: '10.0.0.5',
        server: '203.0.113.9',
        packets: 10,
        serverBytes: 500,
        uid: 'EAT/',
        outcome: 'established',
      },
    ],
  ]

describe('profiles of ours', () => {
  open()

  it.each(documented)('%s reads what its documentation shows', async (name, text, row) => {
    const fields = text.startsWith('{') ? null : headerOf(text.split('\n')[0]!).fields
    if (fields) expect(profileFor(profiles, fields)?.name).toBe(name)
    expect(readerFor(text)?.name).toBe(text.startsWith('{') ? 'jsonl' : 'csv')
    expect(await only(text)).toMatchObject(row)
  })

  it('have each a documented sample', () => {
    expect(profiles.map(({ name }) => name).filter((name) => name !== 'gannet')).toEqual([
      ...new Set(documented.map(([name]) => name)),
    ])
  })

  it('read our own columns back', async () => {
    const { rows } = await read(ours)
    expect(rows).toMatchObject([
      { position: 2, duration: 652_379_099, outcome: 'established', state: 'RSTO', uid: 'CNKixHrfwVvXl0vl' },
      { position: 3, label: 'a "label", quoted' },
      {
        position: 4,
        client: 'fe80::1',
        serverPort: 2048,
        packets: null,
        clientBytes: null,
        outcome: 'unknown',
      },
    ])
  })

  it('leave a table alone that only looks a little like theirs', () => {
    expect(readerFor('ts,te,td,sa,dp,pr\n1,2,3,4,5,6\n')).toBeNull()
    expect(readerFor('name,price,start\na,1,2\n')).toBeNull()
    expect(readerFor('{"ts":1,"client":"10.0.0.1"}\n')).toBeNull()
  })
})

describe('a profile that a person gives', () => {
  open()

  const map = (...maps: string[]) => profileOf(maps)
  const simple = map('t=start,a=client,b=server,p=serverPort,n=clientPackets')
  const line = (t: string, more = '10.0.0.1,10.0.0.2,443,5') => `t,a,b,p,n\n${t},${more}\n`

  it.each([
    ['1700000000', 1_700_000_000_000_000],
    ['1700000000.25', 1_700_000_000_250_000],
    ['1700000000250', 1_700_000_000_250_000],
    ['1700000000250000', 1_700_000_000_250_000],
    ['1700000000250000000', 1_700_000_000_250_000],
    ['2023-11-14T22:13:20.25Z', 1_700_000_000_250_000],
    ['2023-11-15 00:13:20.25+02:00', 1_700_000_000_250_000],
    ['"2023-11-14 22:13:20"', 1_700_000_000_000_000],
  ])('takes the time %s for what it is', async (text, start) => {
    expect(await only(line(text), simple)).toMatchObject({ start })
  })

  it('takes a number in the unit that it is told, and a date in the order of the United States', async () => {
    const inMs = map('t=start:ms,a=client,b=server,p=serverPort')
    expect(await only(line('1000'), inMs)).toMatchObject({ start: 1_000_000 })
    const us = map('t=start:mdy,a=client,b=server,p=serverPort')
    expect(await only(line('03/07/2017 08:55:58 PM'), us)).toMatchObject({
      start: at('2017-03-07T20:55:58Z'),
    })
  })

  it.each([
    ['1.5', 'auto', 1_500_000],
    ['1500', 'ms', 1_500_000],
    ['1500', 'us', 1500],
    ['1500', 'ns', 2],
    ['01:02:03.5', 'auto', 3_723_500_000],
    ['PT1M2.5S', 'auto', 62_500_000],
    ['', 'auto', 0],
  ])('takes a duration of %s in %s', async (text, unit, duration) => {
    const profile = map(`t=start,a=client,b=server,p=duration:${unit}`)
    expect(await only(line('1', `10.0.0.1,10.0.0.2,${text},1`), profile)).toMatchObject({ duration })
  })

  it('rejects what cannot be, with its line', async () => {
    const bad = [
      'nonsense,10.0.0.1,10.0.0.2,443,5',
      ',10.0.0.1,10.0.0.2,443,5',
      '-5,10.0.0.1,10.0.0.2,443,5',
      '1,10.0.0,10.0.0.2,443,5',
      '1,10.0.0.1,,443,5',
      '1,10.0.0.1,10.0.0.2,65536,5',
      '1,10.0.0.1,10.0.0.2,443,-5',
      '1,10.0.0.1,10.0.0.2,443,5.5',
      '1,10.0.0.1,10.0.0.2,443',
      '1,10.0.0.1,10.0.0.2,443,5,6',
      '1,"10.0.0.1,10.0.0.2,443,5',
    ]
    const good = ['1,10.0.0.1,10.0.0.2,65535,5.0', '1,"10.0.0.1","10.0.0.2",,"5"', '1, 10.0.0.1 ,::1,0,NULL']
    const { rows, rejects, samples } = await read(`t,a,b,p,n\n${[...bad, ...good].join('\n')}\n`, simple)
    expect(rejects).toEqual({ 'bad-time': 3, 'bad-address': 3, 'bad-field': 3, truncated: 2 })
    expect(rows).toMatchObject([
      { position: 13, serverPort: 65_535, clientPackets: 5 },
      { position: 14, serverPort: 0, clientPackets: 5 },
      { position: 15, server: '::1', clientPackets: null },
    ])
    expect(samples.find(({ reason }) => reason === 'truncated')).toMatchObject({ position: 10 })
  })

  it('says what it does not know: no ports, no counts, no outcome', async () => {
    const { rows } = await read(
      'when;who;whom\n1;10.0.0.1;10.0.0.2\n',
      map('when=start,who=client,whom=server', '"tcp"=proto'),
    )
    expect(rows).toMatchObject([
      {
        proto: 'tcp',
        serverPort: 0,
        packets: null,
        bytes: null,
        clientPackets: null,
        outcome: 'unknown',
        duration: 0,
      },
    ])
  })

  const hostile = [
    "'; DROP TABLE flow_rows; --",
    '`) FROM system.tables --',
    'a\\',
    '{p1:String}',
    'x\u0000y',
    'päckets ☃',
    '${1}',
    "it's",
  ]
  it.each(hostile)('takes the name %j of a column for a name only', async (name) => {
    const profile: Profile = {
      name: 'hostile',
      doc: '',
      columns: { start: { from: ['t'] }, client: { from: ['a'] }, server: { from: [name] } },
    }
    const header = `t,a,"${name.replaceAll('"', '""')}"`
    expect(await only(`${header}\n1,10.0.0.1,10.0.0.2\n`, profile)).toMatchObject({ server: '10.0.0.2' })
    const object = JSON.stringify({ t: 1, a: '10.0.0.1', [name]: '10.0.0.2' })
    expect(await only(`${object}\n`, profile)).toMatchObject({ server: '10.0.0.2' })
  })

  it('finds a field in an object in JSON, or under a name with dots', async () => {
    const profile = map('src.ip=client,dst.ip=server,t=start')
    expect(await only('{"t":1,"src":{"ip":"10.0.0.1"},"dst.ip":"10.0.0.2"}\n', profile)).toMatchObject({
      client: '10.0.0.1',
      server: '10.0.0.2',
    })
    const { rejects } = await read(
      '{"t":1,"src":{"ip":"10.0.0.1"},"dst":{"ip":"::1"}}\n{"t":1\n[1]\n',
      profile,
    )
    expect(rejects).toEqual({ truncated: 2 })
  })

  it('reads Parquet by the names of its columns, whatever they are', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gannet-parquet-'))
    try {
      const path = join(folder, 'flows [1]?.parquet')
      const name = "we`ird '\\ row"
      const structure = `t DateTime64(6, 'UTC'), \`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\` String, b String, row UInt32, unused Array(String)`
      const plain = join(folder, 'plain')
      await reading.store.run({
        parts: [
          'INSERT INTO FUNCTION file(',
          ', Parquet, ',
          ") SELECT toDateTime64('2024-01-01 00:00:00.5', 6, 'UTC') + number, if(number = 1, 'x', '10.0.0.1'), '::1', number, ['a'] FROM numbers(3)",
        ],
        params: [plain, structure],
      })
      const { renameSync } = await import('node:fs')
      renameSync(plain, path)
      const profile: Profile = {
        name: 'odd',
        doc: '',
        columns: {
          start: { from: ['t'] },
          client: { from: [name] },
          server: { from: ['b'] },
          clientBytes: { from: ['row'] },
        },
      }
      const { rows, rejects, samples } = await reading.readPath(parquetReader(profile), path)
      expect(rejects).toEqual({ 'bad-address': 1 })
      expect(samples).toMatchObject([{ position: 2, sample: expect.stringContaining(',x,::1,1') }])
      expect(rows).toMatchObject([
        {
          position: 1,
          start: at('2024-01-01T00:00:00.500Z'),
          client: '10.0.0.1',
          server: '::1',
          clientBytes: 0,
        },
        { position: 3, clientBytes: 2 },
      ])
      writeFileSync(path, 'PAR1 and nothing more')
      await expect(reading.readPath(parquetReader(profile), path)).rejects.toMatchObject({
        code: 'input-damaged',
      })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('--map', () => {
  open()

  const refuses = (text: string, message: RegExp) =>
    expect(() => profileOf([text])).toThrowError(
      expect.objectContaining({ code: 'profile-invalid', message: expect.stringMatching(message) }),
    )

  it('may give several names, of which the first that is there counts', async () => {
    const profile = profileOf(['x=start,y=start', 'a=client,b=server'])
    expect(await only('y,a,b\n1,10.0.0.1,10.0.0.2\n', profile)).toMatchObject({ start: 1_000_000 })
  })

  it('says what is wrong with it', () => {
    refuses('start', /is not THEIRS=OURS/)
    refuses('start=ts', /^--map start=ts: Gannet has no field ts; write the column of your table first$/)
    refuses('a=start:h,b=client,c=server', /start cannot be in h/)
    refuses('a=client:s,b=start,c=server', /client cannot be in s/)
    refuses('a=start', /does not say where client and server are/)
  })
})

describe('what the rows of a table tell', () => {
  open()
  const csv = (header: string, ...lines: string[]) => `${[header, ...lines].join('\n')}\n`
  const nfdump = 'ts,te,td,sa,da,sp,dp,pr,flg,ipkt,ibyt,opkt,obyt'
  const call = (proto: string, flags: string, out = '0,0') =>
    `2018-01-12 15:37:47,2018-01-12 15:37:48,1.0,10.0.0.1,10.0.0.2,40000,443,${proto},${flags},5,600,${out}`
  const reply =
    '2018-01-12 15:37:47,2018-01-12 15:37:48,1.0,10.0.0.2,10.0.0.1,443,40000,UDP,........,4,400,0,0'

  it.each([
    [
      'its answers are rows of their own',
      csv(nfdump, call('UDP', '........'), reply),
      [null, null],
      'unknown',
    ],
    ['its flags show answers', csv(nfdump, call('TCP', '...AP.SF')), [null], 'unknown'],
  ])(
    'counts of the server that are 0 in all rows are not said where %s',
    async (_, text, server, outcome) => {
      const { rows } = await read(text)
      expect(rows.map(({ serverPackets }) => serverPackets)).toEqual(server)
      expect(rows.every((row) => row['outcome'] === outcome && row['packets'] === null)).toBe(true)
    },
  )

  it.each([
    ['nothing speaks of answers', csv(nfdump, call('TCP', '......S.'), call('UDP', '........'))],
    ['one row has some', csv(nfdump, call('TCP', '......S.'), reply, call('TCP', '...AP.SF', '3,300'))],
  ])('are 0 where %s', async (_, text) => {
    const { rows } = await read(text)
    expect(rows[0]).toMatchObject({ serverPackets: 0, outcome: 'unanswered' })
  })

  it('is told for each of the files that are read together', async () => {
    const both = csv(nfdump, call('TCP', '......S.'), call('UDP', '........', '1,90'))
    const halves = csv(nfdump, call('UDP', '........'), reply)
    const rows = await reading.readTogether(csvReader(null), [both, halves])
    expect(rows.map((each) => each.map(({ serverPackets }) => serverPackets))).toEqual([
      [0, 1],
      [null, null],
    ])
  })

  it('leaves out the summary that nfdump prints below its records', async () => {
    const text = csv(
      nfdump,
      call('UDP', '........', '1,1'),
      'Summary',
      'flows,bytes,packets,avg_bps,avg_pps,avg_bpp',
      '1,600,5,1,0,87',
    )
    expect(await read(text)).toMatchObject({ rows: [{}], rejects: { 'not-used': 3 } })
  })

  const flow =
    'src_ip,dst_ip,src_port,dst_port,protocol,timestamp,flow_duration,flow_pkts_s,tot_fwd_pkts,tot_bwd_pkts'
  const lasting = (duration: string, rate = '') =>
    `10.1.1.7,203.0.113.9,50123,443,6,2023-11-14 22:13:20,${duration},${rate},5,3`
  it.each([
    ['seconds, by the rate', [['2', '4']], [2_000_000]],
    ['microseconds, by the rate', [['2000000', '4']], [2_000_000]],
    [
      'milliseconds, by the rate',
      [
        ['2000', '4'],
        ['500.5', '16'],
      ],
      [2_000_000, 500_500],
    ],
    [
      'seconds, by their fractions',
      [
        ['0.7', ''],
        ['61', ''],
      ],
      [700_000, 61_000_000],
    ],
    [
      'microseconds, where all are whole',
      [
        ['700000.0', ''],
        ['61', ''],
      ],
      [700_000, 61],
    ],
    [
      'seconds, although one rate is infinite',
      [
        ['0', 'inf'],
        ['2', '4'],
      ],
      [0, 2_000_000],
    ],
  ])('durations are %s', async (_, rows, expected) => {
    const { rows: found } = await read(csv(flow, ...rows.map(([duration, rate]) => lasting(duration!, rate))))
    expect(found.map(({ duration }) => duration)).toEqual(expected)
  })

  it('a duration a little below zero is none, one far below is a reject', async () => {
    const { rows, rejects } = await read(
      csv(
        'ts,src_ip,dst_ip,proto,dur',
        '1700000000,10.0.0.1,10.0.0.2,udp,-0.061',
        '1700000000,10.0.0.1,10.0.0.2,udp,-5',
      ),
      profileOf(['ts=start,src_ip=client,dst_ip=server,proto=proto,dur=duration']),
    )
    expect(rows).toMatchObject([{ duration: 0 }])
    expect(rejects).toEqual({ 'bad-time': 1 })
  })

  const beat = (seconds: number, packets: number, final: boolean | null, id = 'A', port = 40_000) =>
    JSON.stringify({
      event: {
        start: '2023-11-14T22:13:20.100Z',
        end: new Date(Date.UTC(2023, 10, 14, 22, 13, 20 + seconds)).toISOString(),
      },
      flow: final === null ? { id } : { id, final },
      source: { ip: '10.1.1.7', port, packets, bytes: packets * 100 },
      destination: { ip: '203.0.113.9', port: 443, packets, bytes: packets * 500 },
      network: { transport: 'tcp' },
    })
  it('gives the last of running totals, final or not, as one row', async () => {
    const text = csv(
      beat(8, 10, false),
      beat(8, 5, false, 'B', 40_001),
      beat(20, 25, false),
      beat(30, 30, true),
      beat(18, 9, false, 'B', 40_001),
    )
    const { rows, rejects } = await read(text)
    expect(rows).toMatchObject([
      { clientPackets: 30, serverBytes: 15_000, duration: 29_900_000 },
      { clientPackets: 9, clientPort: 40_001 },
    ])
    expect(rejects).toEqual({ superseded: 3 })
  })

  const fired = (event: string, second: number, bytes: readonly [number, number]) =>
    JSON.stringify({
      type: 'EVENT',
      first: '2023-11-14T22:13:20.000',
      last: '1970-01-01T00:00:00.000',
      t_event: `2023-11-14T22:13:${20 + second}.0`,
      in_packets: bytes[0] > 0 ? 1 : 0,
      in_bytes: bytes[0],
      out_bytes: bytes[1],
      proto: 6,
      src_port: 55_182,
      dst_port: 3128,
      src4_addr: '10.1.1.7',
      dst4_addr: '203.0.113.9',
      connect_id: '77',
      event,
    })
  const fires = [fired('CREATE', 0, [0, 0]), fired('UPDATE', 10, [2557, 1117]), fired('UPDATE', 20, [31, 0])]
  it('counts the teardown of a firewall in place of its updates (nfdump -o json)', async () => {
    expect(await read(csv(...(fires as [string]), fired('DELETE', 30, [2588, 1117])))).toMatchObject({
      rows: [{ clientBytes: 2588, serverBytes: 1117, duration: 30_000_000 }],
      rejects: { superseded: 3 },
    })
    expect(await read(csv(...(fires as [string])))).toMatchObject({
      rows: [{ clientBytes: 2557 }, { clientBytes: 31 }],
      rejects: { superseded: 1 },
    })
  })

  it('does not take rows of one flow for running totals where nothing says so', async () => {
    const { rows } = await read(csv(beat(8, 10, null), beat(20, 25, null)))
    expect(rows).toHaveLength(2)
  })

  const sampled = (rate: number, packets: number) =>
    JSON.stringify({
      time_flow_start: 1_700_000_000,
      time_flow_end: 1_700_000_001,
      sampling_rate: rate,
      bytes: 1500,
      packets,
      src_addr: '10.1.1.7',
      dst_addr: '203.0.113.9',
      proto: 'TCP',
      src_port: 50_123,
      dst_port: 443,
    })
  it('leaves out rows of sampled packets, or scales them', async () => {
    const text = csv(sampled(1000, 1), sampled(1, 5))
    expect(await read(text)).toMatchObject({ rows: [{ clientPackets: 5 }], rejects: { sampled: 1 } })
    const scaled = await reading.read(jsonlReader(null, { sampled: 'scale' }), text)
    expect(scaled).toMatchObject({
      rejects: {},
      rows: [
        { clientPackets: 1000, clientBytes: 1_500_000, state: '1:1000', outcome: 'unknown' },
        { state: '' },
      ],
    })
  })

  it('takes in each row the first column that says something', async () => {
    const profile = profileOf(['ts=start,a4=client,a6=client,b4=server,b6=server,proto=proto'])
    const { rows } = await read(
      csv(
        'ts,a4,a6,b4,b6,proto',
        '1700000000,10.0.0.1,,10.0.0.2,,udp',
        '1700000000,,2001:db8::1,,2001:db8::2,udp',
      ),
      profile,
    )
    expect(rows).toMatchObject([{ client: '10.0.0.1' }, { client: '2001:db8::1', server: '2001:db8::2' }])
  })

  it('reads TCP flags that are numbers', async () => {
    const profile = profileOf([
      'ts=start,a=client,b=server,proto=proto,f=flags,p=clientPackets,q=serverPackets',
    ])
    const line = (flags: string) => `1700000000,10.0.0.1,10.0.0.2,tcp,${flags},2,1`
    const { rows } = await read(
      csv('ts,a,b,proto,f,p,q', line('27'), line('0x1b'), line('22'), line('S.R')),
      profile,
    )
    expect(rows.map(({ outcome }) => outcome)).toEqual(['established', 'established', 'refused', 'refused'])
  })
})
