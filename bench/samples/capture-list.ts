/** Every real capture that has flows, as a person would name it to `gannet run`. */
import { readFileSync } from 'node:fs'
import { readTruths } from '../../src/evaluate/index.ts'
import type { Truth } from '../../src/model/truth.ts'
import { sharedData } from '../../test/shared-data.ts'

export interface ListedCapture {
  readonly path: string
  /** What the set's author says is in it. */
  readonly label: 'bot' | 'malicious' | 'mixed' | 'scan' | 'clean' | 'unlabelled' | 'tunnel' | 'malformed'
}

const of = (label: ListedCapture['label'], paths: string): ListedCapture[] =>
  paths
    .split(/\s+/)
    .filter(Boolean)
    .map((path) => ({ path, label }))

export const listedCaptures: readonly ListedCapture[] = [
  ...of(
    'clean',
    `captures/stratosphere-008/data captures/stratosphere-010/data
     captures/slips-more/Normal-2013-10-21_capture-1.binetflow background/ctu13-s6-half.binetflow.gz
     names/dns-pcap/normal_00000_20230805150331.pcap`,
  ),
  ...of(
    'bot',
    `captures/stratosphere-001/conn.log captures/stratosphere-003 captures/stratosphere-005
     captures/stratosphere-009/data
     pcap/corelight_zeek-agenttesla-detector__f9421792-7d2c-47d3-90e0-07eb54ae12fa.pcap
     pcap/corelight_zeek-asyncrat-detector__cd010953-5faf-4054-86be-58c020c3a532.pcap
     pcap/corelight_zeek-caldera-detector__sandcat.pcap
     pcap/corelight_zeek-strrat-detector__strrat-4423258f-59bc-4a88-bfec-d8ac08c88538.pcap
     pcap/keithjjones_zeek-njrat-detector__njrat.pcap pcap/unit42__Example-1-2021-01-06-Emotet-infection.pcap
     captures/slips/test-cc/test-cc-capture-1.pcap captures/slips/test-cc/test-cc-capture-2.pcap
     captures/slips-more/CTU-Malware-Capture-Botnet-207-1.binetflow captures/slips-more/test-sality.binetflow
     captures/slips-more/2016-09-09_win1.binetflow captures/slips-more/2015-03-24_capture1-only-dns.binetflow`,
  ),
  ...of(
    'scan',
    `captures/stratosphere-002 captures/slips/port-scans/horizontal captures/slips/port-scans/vertical
     captures/slips/test11-portscan.binetflow captures/slips/test12-icmp-portscan.pcap
     captures/slips/test13-malicious-dhcpscan-zeek-dir`,
  ),
  ...of(
    'malicious',
    `captures/slips/test2-malicious.binetflow captures/slips/test4-malicious.binetflow
     captures/slips/test6-malicious.suricata.json captures/slips/test7-malicious.pcap
     captures/slips/test8-malicious.pcap captures/slips/test14-malicious-zeek-dir
     captures/slips/test15-malicious-zeek-dir captures/slips/test19-malicious-ssh`,
  ),
  ...of(
    'mixed',
    `captures/slips/test3-mixed.binetflow captures/slips/test5-mixed.binetflow
     captures/slips/test9-mixed-zeek-dir captures/slips/test10-mixed-zeek-dir`,
  ),
  ...of('tunnel', 'names/dns-pcap/dnscat2-txt_00001_20230903183304.pcap names/dns-pcap/iodine-cname.pcap'),
  ...of(
    'unlabelled',
    `captures/netflowlabeler/conn.json.log captures/netflowlabeler/conn.tab.log
     captures/netflowlabeler/suricata.json captures/netflowlabeler/test.binetflow
     captures/netflowlabeler/test5.tabs.binetflow
     captures/zeek-logs/zat/data captures/zeek-logs/zat/data/json
     rita/json_with_all_fields rita/open_conns/closed rita/open_conns/open rita/open_sni rita/proxy
     rita/proxy_rolling rita/valid_tsv rita/truncated
     captures/slips/test1-malicious.nfdump captures/netflowlabeler/nfcapd.sample1`,
  ),
  ...of('malformed', 'conformance/pcapng'),
]

/** Who is a bot, what is its C&C and who is clean in the capture at `path`, where that is known. */
export function truthOf(path: string): Truth | undefined {
  const truths = readTruths(readFileSync(sharedData('truth.json'), 'utf8'))
  return [...truths.values()].find(({ about }) => path === about || path.startsWith(`${about}/`))
}
