/** Why our reading of some of Zeek's test traces is not Zeek's. `zeek-traces.test.ts` holds the list to the run. */

export const reasons = {
  outer: 'Zeek also lists the outer flow of a UDP tunnel; Gannet gives the inner one only',
  ports:
    'mid-stream or with a SYN-ACK first, Gannet decides by service ports; the test runs Zeek with `-b`, without its list of server ports',
  script: 'the test’s own script filters, hides, ends or replaces connections or packets',
  checksum:
    'Zeek drops packets with a wrong checksum; Gannet verifies none, because offloading makes them wrong in most captures',
  fragments:
    'a tunnel in fragmented IP without its later fragments: Gannet counts the first fragment, Zeek nothing',
  timeout: 'Zeek ends an unanswered or half-closed attempt after 5 s, so it has several rows',
  offload: 'segments with an IP length of 0 (offloading): Gannet counts the frame, Zeek the header',
  unknown: 'the inner protocol is not TCP, UDP or ICMP: Zeek lists the outer flow without packets',
  turned: 'Zeek’s NTP analyser reverses the connection after counting the packets',
} as const
export type Reason = keyof typeof reasons

export const whyUnlike: Readonly<Record<string, Reason>> = {
  'core.pcap.dynamic-filter': 'script',
  'core.pcap.read-trace-with-filter': 'script',
  'core.print-bpf-filters': 'script',
  'core.tcp.bad-checksum-syn': 'checksum',
  'core.tunnels.analyzer-confirmation': 'outer',
  'core.tunnels.ayiya': 'outer',
  'core.tunnels.ayiya-large-identity': 'outer',
  'core.tunnels.geneve': 'outer',
  'core.tunnels.geneve-47101': 'outer',
  'core.tunnels.geneve-ipv6': 'outer',
  'core.tunnels.geneve-vxlan-truncated': 'outer',
  'core.tunnels.gre-aruba-amsdu': 'ports',
  'core.tunnels.gre-over-udp': 'outer',
  'core.tunnels.gtp.different_dl_and_ul': 'outer',
  'core.tunnels.gtp.inner_ipv6': 'outer',
  'core.tunnels.gtp.inner_teredo': 'outer',
  'core.tunnels.gtp.opt_header': 'outer',
  'core.tunnels.gtp.outer_ip_frag': 'fragments',
  'core.tunnels.teredo': 'outer',
  'core.tunnels.teredo_bubble_with_payload': 'outer',
  'core.tunnels.vxlan': 'outer',
  'core.tunnels.vxlan-unknown-internal-packet': 'unknown',
  'core.udp-corrupt': 'checksum',
  'core.vntag-in-vlan': 'ports',
  'scripts.base.frameworks.analyzer.request-analyzer': 'script',
  'scripts.base.frameworks.logging.field-extension': 'ports',
  'scripts.base.frameworks.logging.field-extension-complex': 'ports',
  'scripts.base.frameworks.logging.field-extension-optional': 'ports',
  'scripts.base.frameworks.logging.field-name-map': 'ports',
  'scripts.base.frameworks.logging.field-name-map2': 'checksum',
  'scripts.base.frameworks.logging.scope_sep': 'ports',
  'scripts.base.frameworks.logging.scope_sep_and_field_name_map': 'ports',
  'scripts.base.frameworks.netcontrol.packetfilter': 'script',
  'scripts.base.protocols.ftp.gridftp': 'script',
  'scripts.base.protocols.ldap.sasl-signed-clear': 'offload',
  'scripts.base.protocols.ldap.sasl-signed-clear-2': 'offload',
  'scripts.base.protocols.ntp.misordered-ntp': 'turned',
  'scripts.base.protocols.ssh.half-duplex-client': 'timeout',
}
