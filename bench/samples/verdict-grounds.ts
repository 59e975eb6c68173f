/** What the joint verdict is fitted on and what it is reported on; the sides are those of docs/method/held-out.md. */
import type { VerdictGround } from './verdict-samples.ts'

const campus = ['147.32.0.0/16']
const background = ['background/ctu13-s6-half.binetflow.gz']
const corelight = (name: string) => `pcap/corelight_zeek-${name}.pcap`

/** A whole day with the scenario's botnets. */
const day = (scenario: string, seed: number, hosts?: number): VerdictGround => ({
  name: `${scenario} ${seed}${hosts === undefined ? '' : `, ${hosts} hosts`}`,
  scenario,
  seed,
  bots: true,
  ...(hosts === undefined ? {} : { hosts }),
})

export const tuningGrounds: readonly VerdictGround[] = [
  day('campus-day', 3),
  day('campus-day', 4),
  day('odd-campus', 1),
  day('campus-day', 5, 80),
  {
    name: 'njRAT 001',
    paths: ['captures/stratosphere-001/conn.log'],
    internal: [],
    bots: ['192.168.1.115'],
  },
  {
    name: 'Emotet',
    paths: ['pcap/unit42__Example-1-2021-01-06-Emotet-infection.pcap'],
    internal: [],
    bots: ['10.1.6.206'],
  },
  {
    name: 'AsyncRAT',
    paths: [corelight('asyncrat-detector__cd010953-5faf-4054-86be-58c020c3a532')],
    internal: [],
    bots: ['192.168.100.124'],
  },
  {
    name: 'desktop 008',
    paths: ['captures/stratosphere-008/data'],
    internal: ['147.32.81.167/32'],
    bots: [],
  },
  {
    name: 'Normal 2013',
    paths: ['captures/slips-more/Normal-2013-10-21_capture-1.binetflow'],
    internal: ['147.32.83.53/32'],
    bots: [],
  },
  { name: 'background, even hosts', paths: background, internal: campus, bots: [], half: 0 },
]

export const reportingGrounds: readonly VerdictGround[] = [
  day('campus-day', 13),
  day('office', 13),
  {
    name: 'AndroidTester 003',
    paths: ['captures/stratosphere-003/conn.log', 'captures/stratosphere-003/dns.log'],
    internal: [],
    bots: ['10.8.0.61'],
  },
  { name: 'Simda 005', paths: ['captures/stratosphere-005'], internal: [], bots: ['192.168.1.116'] },
  {
    name: 'STRRAT',
    paths: [corelight('strrat-detector__strrat-4423258f-59bc-4a88-bfec-d8ac08c88538')],
    internal: [],
    bots: ['192.168.100.11'],
  },
  {
    name: 'AgentTesla',
    paths: [corelight('agenttesla-detector__f9421792-7d2c-47d3-90e0-07eb54ae12fa')],
    internal: [],
    bots: ['192.168.100.164'],
  },
  {
    name: 'njRAT pcap',
    paths: ['pcap/keithjjones_zeek-njrat-detector__njrat.pcap'],
    internal: [],
    bots: ['192.168.100.204'],
  },
  {
    name: 'sandcat',
    paths: [corelight('caldera-detector__sandcat')],
    internal: [],
    bots: ['172.18.0.3'],
  },
  {
    name: 'desktop 010',
    paths: ['captures/stratosphere-010/data'],
    internal: ['147.32.83.234/32'],
    bots: [],
  },
  { name: 'background, odd hosts', paths: background, internal: campus, bots: [], half: 1 },
]
