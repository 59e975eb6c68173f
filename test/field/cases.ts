/**
 * What each case of the collected field reports must give. The cases themselves, with their sources, lie outside the
 * repository (`../shared/cases/inputs`); see `docs/reference/conformance-field.md`.
 *
 * A flow is written `PROTO CLIENT:PORT>SERVER:PORT PACKETS/PACKETS BYTES/BYTES SECONDS OUTCOME`, `-` for what is not
 * known, and compared from its beginning.
 */

export interface Want {
  /** Records by kind, such as `3 flow`; `0` for none. */
  readonly records?: string
  /** Flows that must be among them. */
  readonly flows?: readonly string[]
  /** Times at which flows must start. */
  readonly starts?: readonly string[]
  /** Rejects by reason, such as `5 not-used`. */
  readonly rejects?: string
  /** The code of the error, and what its message or hint must say. */
  readonly refused?: readonly [code: string, says: RegExp]
  /** The format that the person names. */
  readonly format?: string
}

/** By folder: what each file in it must give. */
type Wants = Readonly<Record<string, Readonly<Record<string, Want>>>>

const one = 'tcp 10.1.1.7:50123>203.0.113.9:443 5/3 320/420 0.7 established'
const oneFlow: Want = { records: '1 flow', flows: [one] }
const slower: Want = {
  records: '1 flow',
  flows: ['tcp 10.1.1.7:50123>203.0.113.9:443 5/3 320/420 1.75 established'],
}
const exported = (flows: readonly string[]): Want => ({
  records: `${flows.length} flow`,
  flows,
  format: 'netflow',
})

const six = [
  'tcp 10.1.1.7:50123>203.0.113.9:443 5/3 320/420 0.7 established',
  'tcp 10.1.1.7:50200>203.0.113.10:22 1/1 40/40 0.05',
  'tcp 10.1.1.7:50201>203.0.113.11:445 2/0 80/0 1 unanswered',
  'udp 10.1.1.7:51000>10.1.1.53:53 1/1 61/77 0.02 established',
  'icmp 10.1.1.7:0>198.51.100.1:2048 1/1 84/84 0.03 established',
  'tcp 2001:db8::7:50300>2001:db8:1::9:443 5/3 420/480 0.7 established',
]
const halves = ['tcp 10.1.1.7:50123>203.0.113.9:443 5/- 320/- 0.7 unknown']
const zeek = [
  one.replace('0.7', '1.5'),
  'udp 10.1.1.7:51000>10.1.1.53:53 1/1 61/77 0.02 established',
  'tcp 10.1.1.7:50201>203.0.113.11:445 2/0 80/0 0 unanswered',
]
const three: Want = { records: '3 flow', flows: zeek }
const eve: Want = {
  records: '2 flow',
  flows: [
    'tcp 10.1.1.7:50123>203.0.113.9:443 5/3 390/462 1.5 established',
    'udp 10.1.1.7:51000>10.1.1.53:53 1/1 75/91 0.02 established',
  ],
}
const alert: Want = { records: '1 alert' }
const named = (says: RegExp): Want => ({ refused: ['input-unsupported', says] })
const argus: Want = {
  records: '6 flow',
  rejects: '2 not-ip',
  flows: ['tcp 10.1.1.7:50123>203.0.113.9:443', 'tcp 10.1.1.7:50201>203.0.113.11:445'],
}

export const wants: Wants = {
  '01-nflog-linktype': { 'nflog.pcap': oneFlow },
  '02-tzsp': { 'tzsp.pcap': oneFlow },
  '03-vxlan-8472': { 'vxlan8472.pcap': oneFlow },
  '05-capwap': { 'capwap.pcap': oneFlow },
  '06-radiotap-datapad': { 'datapad.pcap': oneFlow },
  '07-ppi-prism': { 'ppi.pcap': oneFlow },
  '08-concatenated': {
    'two-in-one.pcap': {
      records: '2 flow',
      flows: [one, 'tcp 10.1.1.8:50200>203.0.113.9:443 5/3 320/420 0.7'],
    },
  },
  '09-macos-multilink': { 'macos-any.pcapng': { records: '3 flow', flows: [one] } },
  '10-binary-tsresol': { 'binary.pcapng': slower, 'binary28.pcapng': slower },
  '11-nanos-in-micro': { 'nanos-as-micro.pcap': slower },
  '12-dsa-tags': {
    'brcm.pcap': oneFlow,
    'dsa.pcap': oneFlow,
    'edsa-eth.pcap': oneFlow,
    'edsa.pcap': oneFlow,
    'rtl4-eth.pcap': oneFlow,
  },
  '13-geneve-in-vxlan': { 'nested.pcap': oneFlow },
  '14-cisco-ttag': { 'ttag-erspan.pcap': oneFlow },
  '17-asa-nsel-update-and-teardown': {
    'asa-nsel.pcap': exported(['tcp 10.1.1.7:55182>203.0.113.9:3128 11/9 2588/1117 182 established']),
  },
  '19-v9-end-before-start': {
    'softflowd-v9.pcap': exported([
      'udp 192.168.100.64:63880>192.168.150.15:161 1/1 116/130 0',
      'tcp 192.168.100.70:50001>192.168.150.15:443 8/7 900/4000',
    ]),
  },
  '20-mikrotik-nat': {
    'mikrotik-nat-v9.pcap': exported(['tcp 192.168.181.5:51515>198.51.100.36:443 12/10 2089/3200']),
  },
  '21-two-exporters-one-address': {
    'two-exporters.pcap': exported([
      'tcp 10.1.1.7:50001>203.0.113.9:443 9/8 900/4000',
      'tcp 10.2.2.8:40002>198.51.100.4:22 30/29 7777/8888',
    ]),
  },
  '22-v9-header-time-is-uptime': {
    'header-time.pcap': exported(['tcp 10.1.1.7:50001>203.0.113.9:443 9/8 900/4000']),
  },
  '23-v9-last-after-uptime': {
    'juniper-v9.pcap': { records: '1 flow', format: 'netflow', starts: ['22:13:16.064000'] },
  },
  '24-nfdump-csv-one-way': {
    'one-way.csv': { records: '11 flow', flows: halves },
    'quiet.csv': { records: '11 flow', flows: halves },
    'source.pcap': { flows: six },
  },
  '25-nfdump-175-csv': { 'flows.csv': { records: '4 flow', flows: halves } },
  '26-nfdump-json': {
    'flows.json': { records: '11 flow', flows: halves },
    'flows.ndjson': { records: '11 flow', flows: halves },
  },
  '27-nfdump-bidirectional-text': {
    'biline.txt': { records: '6 flow', flows: six },
    'bilong.txt': { records: '6 flow', flows: six },
  },
  '28-nfdump-extended': { 'extended.txt': { records: '6 flow', flows: six } },
  '29-nfdump-fmt-commas': { 'fmt.txt': { records: '6 flow', flows: six } },
  '31-nfcapd-not-closed': { 'nfcapd.current.1099': { records: '6 flow', flows: six } },
  '32-zeek-scope-separator': { 'conn.log': three },
  '33-zeek-json-millis': {
    'conn-path.log': { ...three, starts: ['22:13:20.123000'] },
    'conn.log': { ...three, starts: ['22:13:20.123000'] },
  },
  '34-zeek-exponent': { 'conn-json.log': { records: '1 flow' }, 'conn.log': { records: '2 flow' } },
  '35-zeek-ip-proto': {
    'conn-json.log': { records: '2 flow', flows: ['esp 10.1.1.7:0>203.0.113.9:0'] },
    'conn.log': { records: '3 flow', flows: ['esp 10.1.1.9:0>', 'gre 10.1.1.9:0>'] },
  },
  '37-syslog-wrapped': {
    'conn-syslog.log': three,
    'eve-cee.log': eve,
    'eve-syslog.log': eve,
    'filebeat.ndjson': eve,
  },
  '38-json-array': {
    'conn-array.json': three,
    'eve-array-lines.json': eve,
    'eve-array.json': eve,
    'eve-pretty.json': eve,
  },
  '39-eve-without-event-type': { 'eve.json': { ...eve, rejects: '1 not-used' } },
  '40-nul-bytes': { 'conn-nuls.log': three, 'eve-nuls-middle.json': eve },
  '41-eve-interleaved': { 'eve.json': { ...eve, rejects: '1 truncated' } },
  '42-gzip-members': {
    'cut.log.gz': { refused: ['input-damaged', /damaged/] },
    'two-members.log.gz': { records: '6 flow', flows: zeek },
    'zero-padded.log.gz': three,
  },
  '43-utf16-bom': {
    'conn-bom.log': three,
    'conn-crlf.log': three,
    'conn-utf16.log': three,
    'eve-utf16.json': eve,
  },
  '44-zeek-custom-separator': {
    'conn-comma.log': three,
    'conn-noheader.log': three,
    'conn-pipe.log': three,
    'conn-unset-NA.log': three,
  },
  '45-vpc-nodata': {
    'only-nodata.log': { records: '0', rejects: '1 not-used' },
    'quiet-eni.log': { records: '2 flow', rejects: '5 not-used' },
  },
  '46-vpc-cloudwatch-export': {
    'export.log': { records: '2 flow', flows: ['tcp 10.1.1.7:50123>203.0.113.9:443 5/- 320/- 58 unknown'] },
  },
  '47-vpc-custom-fields': {
    'custom.log': { records: '2 flow', flows: ['tcp 10.1.1.7:50123>203.0.113.9:443 5/- 320/- 58 unknown'] },
  },
  '48-packetbeat-intermediate': {
    'packetbeat.ndjson': {
      records: '1 flow',
      flows: ['tcp 10.1.1.7:50123>203.0.113.9:443 60/72 6000/30000 57.9'],
    },
  },
  '49-python-cicflowmeter': {
    'micros-0.1.csv': { records: '1 flow', flows: [one.replace('established', '')] },
    'seconds-0.4.csv': {
      records: '2 flow',
      flows: [one.replace('established', ''), 'tcp 10.1.1.7:50124>203.0.113.9:443 5/3 320/420 61.25'],
    },
  },
  '50-cicflowmeter-java': { 'ampm.csv': { starts: ['08:55:58.000000', '22:13:20.000000'] } },
  '51-pmacct': {
    'print.csv': { records: '1 flow', flows: ['tcp 10.1.1.7:50123>203.0.113.9:443 5/- 320/- 0.7'] },
    'purge.json': { records: '2 flow', flows: ['tcp 10.1.1.7:50123>203.0.113.9:443 5/- 320/- 0.7'] },
  },
  '52-pfsense-snort-csv': { alert: { records: '2 alert' } },
  '53-snort-alert-variants': {
    'full.txt': alert,
    'message-brackets.txt': alert,
    'no-stars.txt': alert,
    'with-interface.txt': alert,
  },
  '54-argus-native': { 'base.argus': named(/ra -r .* -n -u -c ,/) },
  '55-argus-ra-csv': {
    'default.csv': named(/no date.*-u/s),
    'header.csv': argus,
    'plain.txt': named(/ra -r/),
    'semicolon.csv': argus,
    'sides.csv': { ...argus, flows: ['tcp 10.1.1.7:50201>203.0.113.11:445 2/0 108/0 1 unanswered'] },
    'unix-numeric.csv': argus,
  },
  '56-odd-file-names': { '*': three },
  '57-time-zone': { 'eve.json': { starts: ['22:13:20.123456'] }, 'ra.csv': { starts: ['22:13:20.123456'] } },
  '59-goflow2-json': {
    'v0-camel.ndjson': { records: '1 flow' },
    'v1-seconds.ndjson': { records: '1 flow' },
    'v2-sampled.ndjson': { records: '0', rejects: '2 sampled' },
  },
  '60-short-snaplen': {
    'snap42.pcap': { records: '1 flow', flows: ['tcp 10.1.1.7:50123>203.0.113.9:443 5/3 380/456'] },
    'snap54.pcap': { records: '1 flow', flows: ['tcp 10.1.1.7:50123>203.0.113.9:443 5/3 380/456'] },
  },
  '62-ipfix-boot-time-later': {
    'options-later.pcap': { format: 'netflow', starts: ['22:11:50.000000', '22:12:50.000000'] },
  },
  '63-other-containers': {
    'btsnoop.log': named(/btsnoop/),
    'conn.log.Z': named(/gzip -dc/),
    'conn.log.lz4': named(/lz4 -dc/),
    'logs.7z': named(/7z x/),
    'logs.tar': three,
    'netmon.cap': named(/editcap/),
    'solaris.snoop': named(/editcap/),
    'trace.etl': named(/etl2pcapng/),
  },
  '66-many-layout-changes': { 'conn.log': { records: '5000 flow' } },
  '68-zeek-cut-union': { 'union.log': { records: '1 flow, 1 dns' } },
  '70-zstd-frames': {
    'skippable-first.log.zst': three,
    'skippable-last.log.zst': three,
    'two-frames.log.zst': { records: '6 flow', flows: zeek },
  },
  '71-pcapng-sections-overlap': {
    'two-sections-short.pcapng': { records: '1 flow' },
    'two-sections.pcapng': {
      records: '1 flow',
      flows: ['tcp 10.1.1.7:50123>203.0.113.9:443 62/61 5480/7240 895.1'],
    },
  },
  '72-softflowd-ipfix-uptime': {
    'softflowd-v10.pcap': exported(six.map((each) => each.split(' ').slice(0, 4).join(' '))),
  },
  '73-rotation': { 'current-conn.log': three, 'conn.22:00:00-23:00:00.log.gz': three },
}
