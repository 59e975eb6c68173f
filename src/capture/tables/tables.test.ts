/** Tables of others: by profiles of ours, each on lines that its documentation shows, and by one that a person gives. */
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
        client: '104.16.207.165',
        clientPackets: 2,
        clientBytes: 12,
        packets: 2,
        outcome: 'unanswered',
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
      'goflow2',
      '{"type":"SFLOW_5","time_received_ns":1681583295157626000,"sequence_num":2999,"sampling_rate":100,"sampler_address":"192.168.0.1","time_flow_start_ns":1681583295157626000,"time_flow_end_ns":1681583296157626000,"bytes":1500,"packets":1,"src_addr":"192.168.0.1","dst_addr":"192.168.0.2","etype":"IPv4","proto":"TCP","src_port":443,"dst_port":50001}\n',
      {
        start: 1_681_583_295_157_626,
        duration: 1_000_000,
        proto: 'tcp',
        clientBytes: 1500,
        serverBytes: null,
      },
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
    refuses('start', /is not FIELD=COLUMN/)
    refuses('a=begin', /no column begin/)
    refuses('a=start:h,b=client,c=server', /start cannot be in h/)
    refuses('a=client:s,b=start,c=server', /client cannot be in s/)
    refuses('a=start', /does not say where client and server are/)
  })
})
