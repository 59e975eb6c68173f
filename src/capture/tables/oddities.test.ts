/** Oddities of tables that people passed on: each with the flows that are right. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openReading, type Reading } from '../../../test/contracts/reading.ts'
import { csvReader, jsonlReader } from './tables.ts'

let reading: Reading
beforeAll(async () => {
  reading = await openReading()
})
afterAll(() => reading.close())

/** Flows in short, and rejects. */
async function told(content: string): Promise<string[]> {
  const reader = content.startsWith('{') ? jsonlReader(null) : csvReader(null)
  const { rows, rejects } = await reading.read(reader, content)
  const flows = rows.map((row) => {
    const [start, ends] = [new Date(Number(row['start']) / 1e3).toISOString(), ['client', 'server']]
    const [one, other] = ends.map((side) => `${row[side]}:${row[`${side}Port`]}`)
    const counts = ['Packets', 'Bytes'].map((what) => ends.map((side) => row[side + what] ?? '-').join('/'))
    return `${start} ${row['proto']} ${one}>${other} ${counts.join(' ')} ${row['outcome']}`
  })
  return [...flows, ...Object.entries(rejects).map(([reason, n]) => `${n} ${reason}`)]
}

const cic =
  'Src IP,Src Port,Dst IP,Dst Port,Protocol,Timestamp,Flow Duration,Tot Fwd Pkts,Tot Bwd Pkts,TotLen Fwd Pkts,TotLen Bwd Pkts\n'
const call = '10.1.1.7,50123,203.0.113.9,443,6'
const zeek =
  'ts,uid,id.orig_h,id.orig_p,id.resp_h,id.resp_p,proto,conn_state,history,orig_pkts,orig_ip_bytes,resp_pkts,resp_ip_bytes\n'
const event = (dataset: string, more: object = {}) =>
  `${JSON.stringify({
    '@timestamp': '2023-11-14T22:13:20.000Z',
    event: { dataset },
    source: { ip: '10.1.1.7', port: 50_123 },
    destination: { ip: '203.0.113.9', port: 443 },
    network: { transport: 'udp', bytes: 320, packets: 5 },
    ...more,
  })}\n`
const oneWay = { source: { ip: '10.1.1.7', port: 50_123, bytes: 320, packets: 5 } }
const day = '2023-11-14T22:13:20.000Z'
const session = (seconds: number, sent: number, id = 'sessionid=7') =>
  `${JSON.stringify({
    eventtime: 1_700_000_000 + seconds,
    duration: seconds,
    type: 'traffic',
    srcip: '10.1.1.7',
    srcport: 50_123,
    dstip: '203.0.113.9',
    dstport: 443,
    proto: 17,
    ...(id === '' ? {} : { sessionid: 7 }),
    sentbyte: sent,
    rcvdbyte: sent,
    sentpkt: 5,
    rcvdpkt: 3,
  })}\n`

describe('a table', () => {
  it.each([
    [
      'whose source is a server that was seen first',
      `${cic}10.1.1.5,443,203.0.113.9,51000,6,2023-11-14 22:13:20,1,2,1,31,6\n`,
      [`${day} tcp 203.0.113.9:51000>10.1.1.5:443 1/2 6/31 unknown`],
    ],
    [
      'whose source is below 1024 for FTP data',
      `${cic}10.1.1.5,20,203.0.113.9,51000,6,2023-11-14 22:13:20,1,2,1,31,6\n`,
      [`${day} tcp 10.1.1.5:20>203.0.113.9:51000 2/1 31/6 unknown`],
    ],
    [
      'with doubles of Java',
      `${cic}${call},2023-11-14 22:13:20,1,5000,3000,320.0,4.2391152E7\n`,
      [`${day} tcp 10.1.1.7:50123>203.0.113.9:443 5000/3000 320/42391152 unknown`],
    ],
    [
      'with days above 12 in the second place',
      `${cic}${call},11/05/2023 22:13:20,1,5,3,320,420\n${call},11/14/2023 22:13:20,1,5,3,320,420\n`,
      ['05', '14'].map(
        (d) => `2023-11-${d}T22:13:20.000Z tcp 10.1.1.7:50123>203.0.113.9:443 5/3 320/420 unknown`,
      ),
    ],
    [
      'of a spreadsheet with decimal commas',
      'ts;td;sa;da;sp;dp;pr;ipkt;ibyt;opkt;obyt\n2023-11-14 22:13:20,000;1,5;10.1.1.7;203.0.113.9;50123;443;UDP;5;320;3;420\n',
      [`${day} udp 10.1.1.7:50123>203.0.113.9:443 5/3 320/420 established`],
    ],
    [
      'of Kibana',
      '"@timestamp","source.ip","source.port","destination.ip","destination.port","network.transport","source.bytes","source.packets","destination.packets"\n"Nov 14, 2023 @ 22:13:20.000",10.1.1.7,"50,123",203.0.113.9,443,udp,"1,320",5,3\n',
      [`${day} udp 10.1.1.7:50123>203.0.113.9:443 5/3 1320/- established`],
    ],
    [
      'of Zeek, with its states and ICMP',
      `${zeek}1700000000,C1,10.1.1.7,50123,203.0.113.9,443,tcp,RSTO,ShADadR,5,320,3,420\n1700000000,C2,10.1.1.7,3,203.0.113.9,1,icmp,OTH,-,1,84,0,0\n`,
      [
        `${day} tcp 10.1.1.7:50123>203.0.113.9:443 5/3 320/420 established`,
        `${day} icmp 10.1.1.7:0>203.0.113.9:769 1/0 84/0 unknown`,
      ],
    ],
    [
      'of Argus, with hexadecimal ports, a direction and ARP',
      'stime,proto,saddr,sport,dir,daddr,dport,spkts,dpkts,sbytes,dbytes\n1700000000,icmp,10.1.1.7,0x0008,<->,203.0.113.9,0x0000,1,1,98,98\n1700000000,udp,203.0.113.9,0x01bb,<-,10.1.1.7,0xc3cb,3,5,420,320\n1700000000,arp,10.1.1.7,,who,10.1.1.1,,1,1,60,60\n',
      [
        `${day} icmp 10.1.1.7:0>203.0.113.9:2048 1/1 98/98 established`,
        `${day} udp 10.1.1.7:50123>203.0.113.9:443 5/3 320/420 established`,
        '1 not-used',
      ],
    ],
    [
      'of events, in which other kinds name connections too',
      event('zeek.connection', oneWay) + event('zeek.ssl') + event('zeek.dns'),
      [`${day} udp 10.1.1.7:50123>203.0.113.9:443 5/- 320/- unknown`, '2 not-used'],
    ],
    [
      'of Packetbeat, which leaves out who sent nothing',
      event('flow', { ...oneWay, type: 'flow', flow: { id: 'A', final: true } }),
      [`${day} udp 10.1.1.7:50123>203.0.113.9:443 5/0 320/0 unanswered`],
    ],
    [
      'whose exporter knows no times',
      '{"time_received_ns":1700000000000000000,"time_flow_start_ns":0,"time_flow_end_ns":0,"src_addr":"10.1.1.7","dst_addr":"203.0.113.9","src_port":50123,"dst_port":443,"proto":"UDP","bytes":320,"packets":5}\n',
      [`${day} udp 10.1.1.7:50123>203.0.113.9:443 5/- 320/- unknown`],
    ],
    [
      'of a firewall that tells of long sessions several times',
      session(60, 100) + session(120, 200),
      [`${day} udp 10.1.1.7:50123>203.0.113.9:443 5/3 200/200 established`, '1 superseded'],
    ],
    [
      'of a firewall without numbers of sessions',
      session(60, 100, '') + session(120, 200, ''),
      [100, 200].map((n) => `${day} udp 10.1.1.7:50123>203.0.113.9:443 5/3 ${n}/${n} established`),
    ],
  ])('%s', async (_, content, expected) => expect(await told(content)).toEqual(expected))
})
