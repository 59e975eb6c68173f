/**
 * Further public reports of tools like this, rebuilt as small inputs: beside the collected cases, and always at hand.
 */
import { gzipSync } from 'node:zlib'
import type { Want } from './cases.ts'

interface Report {
  readonly name: string
  /** Where it was reported. */
  readonly source: string
  readonly oddity: string
  readonly right: string
  /** The file; its name may matter. */
  readonly file: string
  readonly content: string | Buffer
  readonly want: Want
}

const eveLine =
  '{"timestamp":"2023-11-14T22:13:22.000000+0000","flow_id":1831800100711830,"event_type":"flow","src_ip":"10.1.1.7","src_port":50123,"dest_ip":"203.0.113.9","dest_port":443,"proto":"TCP","flow":{"pkts_toserver":5,"pkts_toclient":3,"bytes_toserver":390,"bytes_toclient":462,"start":"2023-11-14T22:13:20.123456+0000","end":"2023-11-14T22:13:21.623456+0000","state":"closed","reason":"timeout"},"tcp":{"tcp_flags":"1b","tcp_flags_ts":"1b","tcp_flags_tc":"1b"}}'
const eveFlow: Want = {
  records: '1 flow',
  flows: ['tcp 10.1.1.7:50123>203.0.113.9:443 5/3 390/462 1.5 established'],
}

const connCells = (uid: string): string[] =>
  `1700000000.123456 ${uid} 10.1.1.7 50123 203.0.113.9 443 tcp ssl 1.5 120 300 SF T F 0 ShADadFf 5 320 3 420 -`.split(
    ' ',
  )
const connNames =
  'ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents'
const connHeader = `#separator \\x09\n#path\tconn\n#fields\t${connNames.replaceAll(' ', '\t')}\n`
const conn = (uid: string): string => `${connHeader}${connCells(uid).join('\t')}\n`
const connFlow = 'tcp 10.1.1.7:50123>203.0.113.9:443 5/3 320/420 1.5 established'

/** As mgzip and bgzip write: each block a member that says its length in an extra field. */
const blocks = (text: string, size: number): Buffer =>
  Buffer.concat(
    (text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []).map((piece) => {
      const packed = gzipSync(piece)
      const extra = Buffer.from([8, 0, 0x49, 0x47, 4, 0, 0, 0, 0, 0])
      extra.writeUInt32LE(packed.length + extra.length, 6)
      const header = Buffer.from(packed.subarray(0, 10))
      header[3] = 4
      return Buffer.concat([header, extra, packed.subarray(10)])
    }),
  )

const fortigate = (more: string): string =>
  `<189>date=2023-11-14 time=22:13:21 devname="FG" logid="0000000013" type="traffic" subtype="forward" ${more} srcip=10.1.1.7 srcport=50123 dstip=203.0.113.9 dstport=443 sessionid=7 proto=6 action="close" policyid=1 service="HTTPS" duration=1 sentbyte=320 rcvdbyte=420 sentpkt=5 rcvdpkt=3\n`
const fortigateFlow = 'tcp 10.1.1.7:50123>203.0.113.9:443 5/3 320/420 1'
const barnyard =
  '2023-11-14T09:55:31Z SENSOR1 [125:6:1] ftp_pp: FTP response length overflow [Classification: Attempted User Privilege Gain] [Priority: 1]: {TCP} 10.120.2.75:2100 -> 10.201.32.60:30573\n'
const dropped =
  '08/26/2017-09:12:51.212565  [Drop] [**] [1:2003194:6] ET VOIP Multiple Unauthorized SIP Responses TCP [**] [Classification: Attempted Denial of Service] [Priority: 2] {TCP} 3000:2000:1000:0000:0000:0000:0000:0001:5060 -> 1000:2000:3000:0000:0000:0000:c39a:ed92:54176\n'

export const reports: readonly Report[] = [
  {
    name: 'rsyslog-tabs',
    source: 'rsyslog/rsyslog#552',
    oddity: 'tabs come out of syslog as #011; Zeek lines without their header',
    right: '1 flow',
    file: 'zeek.log',
    content: `Nov 14 22:13:20 host zeek_conn: ${connCells('C1').join('#011')}\n`,
    want: { records: '1 flow', flows: [connFlow] },
  },
  {
    name: 'syslog-without-priority',
    source: 'elastic/logstash#3083',
    oddity: 'EVE behind an RFC 3164 header of a file, without a priority',
    right: '1 flow',
    file: 'messages',
    content: `Apr 22 07:09:24 hp suricata: ${eveLine}\n`,
    want: eveFlow,
  },
  {
    name: 'docker-json-file',
    source: 'flowcommerce/delta#211',
    oddity: 'what a container printed, wrapped by Docker’s json-file driver',
    right: '1 flow',
    file: 'container-json.log',
    content: `${JSON.stringify({ log: `${eveLine}\n`, stream: 'stdout', time: '2023-11-14T22:13:22Z' })}\n`,
    want: eveFlow,
  },
  {
    name: 'journald-bytes',
    source: 'vectordotdev/vector#1714',
    oddity: 'journalctl -o json gives MESSAGE as an array of bytes where it ends with a carriage return',
    right: '1 flow',
    file: 'journal.json',
    content: `${JSON.stringify({ PRIORITY: '6', MESSAGE: [...Buffer.from(`${eveLine}\r`)] })}\n`,
    want: eveFlow,
  },
  {
    name: 'barnyard2-syslog-full',
    source: 'firnsy/barnyard2#189',
    oddity: 'alerts through syslog with an ISO stamp, no program, and a colon behind the priority',
    right: '1 alert',
    file: 'alerts.log',
    content: barnyard,
    want: { records: '1 alert' },
  },
  {
    name: 'fast-log-drop-ipv6',
    source: 'ossec/ossec-hids#1251',
    oddity: '[Drop] before the stars; IPv6 addresses written out, each with a port behind a colon',
    right: '1 alert',
    file: 'fast.log',
    content: dropped,
    want: { records: '1 alert' },
  },
  {
    name: 'fortigate-nanoseconds',
    source: 'syslog-ng/syslog-ng#3535',
    oddity: 'key=value lines; eventtime in nanoseconds; written when the session ends',
    right: '1 flow of 1 s that starts at 22:13:20.500',
    file: 'fortigate.log',
    content: fortigate('eventtime=1700000001500000000 tz="+0000"'),
    want: { records: '1 flow', flows: [fortigateFlow], starts: ['22:13:20.500000'] },
  },
  {
    name: 'fortianalyzer-seconds',
    source: 'splunk/splunk-connect-for-syslog#1669',
    oddity: 'the same through FortiAnalyzer: eventtime in seconds, another kind of log between',
    right: '1 flow at 22:13:20; the other is not used',
    file: 'fortianalyzer.log',
    content: `${fortigate('eventtime=1700000001 tz="UTC+2:00"')}${fortigate('eventtime=1700000001').replace('type="traffic"', 'type="utm"')}`,
    want: { records: '1 flow', flows: [fortigateFlow], starts: ['22:13:20.000000'], rejects: '1 not-used' },
  },
  {
    name: 'gzip-appended',
    source: 'intel/isa-l#143, nodejs/node#4306',
    oddity: 'gzip -c >> file.gz: two members',
    right: '2 flows',
    file: 'conn.log.gz',
    content: Buffer.concat([gzipSync(conn('C1')), gzipSync(`${connCells('C2').join('\t')}\n`)]),
    want: { records: '2 flow', flows: [connFlow] },
  },
  {
    name: 'mgzip-blocks',
    source: 'google/perfetto#872',
    oddity: 'many small members with extra fields, as mgzip and bgzip write',
    right: '1 flow',
    file: 'blocks.log.gz',
    content: blocks(conn('C1'), 64),
    want: { records: '1 flow', flows: [connFlow] },
  },
  {
    name: 'excel-sep-line',
    source: 'tspence/csharp-csv-reader#28, mechatroner/vscode_rainbow_csv#108',
    oddity: 'sep=; before the header of a table',
    right: '1 flow',
    file: 'flows.csv',
    content:
      'sep=;\nstart;client;clientPort;server;serverPort;proto\n2023-11-14T22:13:20Z;10.1.1.7;50123;203.0.113.9;443;tcp\n',
    want: { records: '1 flow', flows: ['tcp 10.1.1.7:50123>203.0.113.9:443'], rejects: '1 not-used' },
  },
  {
    name: 'vpc-in-cloudwatch-table',
    source: 'open-telemetry/opentelemetry-collector-contrib#38861',
    oddity: 'VPC flow logs in a CloudWatch table of timestamp,message; NODATA lines',
    right: '1 flow; the other is not used',
    file: 'log-events-viewer-result.csv',
    content:
      'timestamp,message\n1742570569000,2 627286350134 eni-0eb1e4178af74336c - - - - - - - 1742570569 1742570622 - NODATA\n1742570569000,2 627286350134 eni-0eb1e4178af74336c 10.1.1.7 203.0.113.9 50123 443 6 5 320 1742570569 1742570622 ACCEPT OK\n',
    want: {
      records: '1 flow',
      flows: ['tcp 10.1.1.7:50123>203.0.113.9:443 5/- 320/- 53'],
      rejects: '1 not-used',
    },
  },
  {
    name: 'nprobe-numbers',
    source: 'ntop/ntopng#1252',
    oddity: 'nProbe JSON whose keys are the numbers of the fields',
    right: '1 flow',
    file: 'nprobe.json',
    content:
      '{"8":"10.1.1.7","12":"203.0.113.9","7":50123,"11":443,"4":6,"2":5,"1":320,"24":3,"23":420,"22":1700000000,"21":1700000001,"57595":0.000000}\n',
    want: { records: '1 flow', flows: ['tcp 10.1.1.7:50123>203.0.113.9:443 5/3 320/420 1'] },
  },
  {
    name: 'ipv6-zone',
    source: 'whitequark/ipaddr.js#60, domoticz/domoticz#5760',
    oddity: 'link-local addresses with the name of an interface behind',
    right: '1 flow',
    file: 'zone.csv',
    content:
      'start,client,clientPort,server,serverPort,proto\n2023-11-14T22:13:20Z,fe80::6:5605:b4d9:dfe9%eth0,5353,ff02::fb%2,5353,udp\n',
    want: { records: '1 flow', flows: ['udp fe80::6:5605:b4d9:dfe9:5353>ff02::fb:5353'] },
  },
  {
    name: 'gzip-trailing-garbage',
    source: 'statgen/bamUtil#41',
    oddity: 'bytes behind the last member that are none',
    right: '1 flow, and the bytes said',
    file: 'trailing.log.gz',
    content: Buffer.concat([gzipSync(conn('C1')), Buffer.from('something else')]),
    want: { records: '1 flow', flows: [connFlow], rejects: '1 trailing' },
  },
  {
    name: 'alternating-headers',
    source: 'zeek/zeek#997',
    oddity: '3,000 logs put together whose columns alternate',
    right: '3,000 flows',
    file: 'alternating.log',
    content: Array.from({ length: 3000 }, (_, i) =>
      i % 2 === 0
        ? conn(`C${i}`)
        : `#path\tconn\n#fields\tts\tid.resp_h\tid.orig_h\tproto\n${1_700_000_000 + i}.5\t203.0.113.9\t10.1.1.8\tudp\n`,
    ).join(''),
    want: { records: '3000 flow', flows: [connFlow, 'udp 10.1.1.8:0>203.0.113.9:0'] },
  },
]
