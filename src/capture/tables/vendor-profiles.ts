/** Profiles of what clouds, firewalls and commercial probes write. */
import type { Profile } from './profile.ts'

const from = (...names: string[]) => ({ from: names })

export const vendorProfiles: readonly Profile[] = [
  {
    name: 'aws-vpc',
    doc:
      'AWS VPC flow logs, versions 2 and later, in any order of ' +
      'fields; one way only. Packet addresses before those of the interface.',
    columns: {
      start: from('start'),
      end: from('end'),
      proto: from('protocol'),
      client: from('pkt-srcaddr', 'pkt_srcaddr', 'srcaddr'),
      clientPort: from('srcport'),
      server: from('pkt-dstaddr', 'pkt_dstaddr', 'dstaddr'),
      serverPort: from('dstport'),
      flags: from('tcp-flags', 'tcp_flags'),
      clientPackets: from('packets'),
      clientBytes: from('bytes'),
      state: from('action'),
      status: from('log-status', 'log_status'),
    },
    unused: ['NODATA', 'SKIPDATA'],
  },
  {
    name: 'nprobe',
    doc:
      'nProbe as text or JSON, by the names or the numbers of its template ' +
      '(IPV4_SRC_ADDR …, 8 …), and the NetFlow versions of UNSW-NB15 and other sets.',
    columns: {
      start: from('FLOW_START_MILLISECONDS', 'FLOW_START_SEC', 'FIRST_SWITCHED', 'FIRST_SWITCHED_ISO', '22'),
      end: from('FLOW_END_MILLISECONDS', 'FLOW_END_SEC', 'LAST_SWITCHED', 'LAST_SWITCHED_ISO', '21'),
      proto: from('PROTOCOL', 'PROTOCOL_MAP', '4'),
      client: from('IPV4_SRC_ADDR', 'IPV6_SRC_ADDR', 'IP_SRC_ADDR', '8', '27'),
      clientPort: from('L4_SRC_PORT', '7'),
      server: from('IPV4_DST_ADDR', 'IPV6_DST_ADDR', 'IP_DST_ADDR', '12', '28'),
      serverPort: from('L4_DST_PORT', '11'),
      flags: from('TCP_FLAGS', '6'),
      clientPackets: from('IN_PKTS', 'SRC_TO_DST_PKTS', '2'),
      clientBytes: from('IN_BYTES', 'SRC_TO_DST_BYTES', '1'),
      serverPackets: from('OUT_PKTS', 'DST_TO_SRC_PKTS', '24'),
      serverBytes: from('OUT_BYTES', 'DST_TO_SRC_BYTES', '23'),
      samplingRate: from('SAMPLING_INTERVAL'),
      service: from('L7_PROTO_NAME'),
      label: from('Attack', 'Label'),
    },
  },
  {
    name: 'fortigate',
    doc:
      'Traffic logs of FortiGate: key=value lines, and CSV of ' +
      'FortiAnalyzer with a header. A log is written when a session ends, ' +
      'and every few minutes before with what it sent until then.',
    oriented: true,
    running: ['uid', 'proto', 'client', 'clientPort', 'server', 'serverPort'],
    columns: {
      end: from('eventtime', 'itime', 'datetime', 'timestamp'),
      duration: from('duration'),
      proto: from('proto'),
      client: from('srcip'),
      clientPort: from('srcport'),
      server: from('dstip'),
      serverPort: from('dstport'),
      clientPackets: from('sentpkt'),
      clientBytes: from('sentbyte'),
      serverPackets: from('rcvdpkt'),
      serverBytes: from('rcvdbyte'),
      state: from('action'),
      service: from('app', 'service'),
      uid: from('sessionid'),
      status: from('type'),
    },
    unused: [
      'utm',
      'event',
      'dns',
      'anomaly',
      'voip',
      'ips',
      'app-ctrl',
      'virus',
      'webfilter',
      'gtp',
      'ztna',
    ],
  },
  {
    name: 'akvorado',
    doc: 'Rows of Akvorado’s table of flows, as CSV or JSON; one way only, and sampled where SamplingRate says so.',
    columns: {
      start: from('TimeReceived'),
      proto: from('Proto'),
      client: from('SrcAddr'),
      clientPort: from('SrcPort'),
      server: from('DstAddr'),
      serverPort: from('DstPort'),
      flags: from('TCPFlags'),
      icmpType: from('ICMPv4Type'),
      icmpCode: from('ICMPv4Code'),
      clientPackets: from('Packets'),
      clientBytes: from('Bytes'),
      samplingRate: from('SamplingRate'),
    },
  },
]
