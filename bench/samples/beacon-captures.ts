/**
 * The real captures that beacons are tuned on and reported on. docs/method/held-out.md gives the same list: a
 * capture is on one side only, and the background is cut by host.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importInputs } from '../../src/capture/import/import.ts'
import { privateCidrs, type Scope } from '../../src/model/networks.ts'
import { simulate } from '../../src/simulate/index.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { parseNetworks } from '../../src/store/networks.ts'
import type { Store } from '../../src/store/store.ts'
import { sharedData } from '../../test/shared-data.ts'

export interface RealCapture {
  readonly name: string
  readonly paths: readonly string[]
  readonly side: 'tuning' | 'reporting'
  /** Internal networks besides the private ranges. */
  readonly internal: readonly string[]
  /** C&C as address:port; any port where none is given. Empty for captures without one. */
  readonly cnc: readonly string[]
  /** Clients whose traces count as benign: all but those of the C&C, or none. */
  readonly others: 'benign' | 'unknown'
  /** Only clients of this parity of the address' last number. */
  readonly half?: 0 | 1
  /** A network of many hosts: a share of its odd habits may be accused, where of a desktop none may. */
  readonly crowd?: true
  /** A clean simulated day, instead of `paths`. */
  readonly simulated?: {
    readonly scenario: string
    readonly seed: number
    readonly hosts?: number
    readonly format?: 'argus'
  }
}

const campus = ['147.32.0.0/16']
const background = ['background/ctu13-s6-half.binetflow.gz']

const simulatedCrowd = (name: string, simulated: NonNullable<RealCapture['simulated']>): RealCapture => ({
  name: `${name} ${simulated.seed}`,
  paths: [],
  side: 'tuning',
  internal: [],
  cnc: [],
  others: 'benign',
  crowd: true,
  simulated,
})

export const realCaptures: readonly RealCapture[] = [
  {
    name: 'njRAT 001',
    paths: ['captures/stratosphere-001/conn.log'],
    side: 'tuning',
    internal: [],
    cnc: ['41.108.179.197:1177'],
    others: 'benign',
  },
  {
    name: 'Emotet',
    paths: ['pcap/unit42__Example-1-2021-01-06-Emotet-infection.pcap'],
    side: 'tuning',
    internal: [],
    cnc: ['5.2.136.90:80', '167.71.4.0:8080', '46.101.230.194:443', '103.92.235.25:80'],
    others: 'benign',
  },
  {
    name: 'AsyncRAT',
    paths: ['pcap/corelight_zeek-asyncrat-detector__cd010953-5faf-4054-86be-58c020c3a532.pcap'],
    side: 'tuning',
    internal: [],
    cnc: ['181.131.218.39:4041'],
    others: 'benign',
  },
  {
    name: 'desktop 008',
    paths: ['captures/stratosphere-008/data'],
    side: 'tuning',
    internal: campus,
    cnc: [],
    others: 'benign',
  },
  {
    name: 'Normal 2013',
    paths: ['captures/slips-more/Normal-2013-10-21_capture-1.binetflow'],
    side: 'tuning',
    internal: ['147.32.83.53/32'],
    cnc: [],
    others: 'benign',
  },
  {
    name: 'background, even hosts',
    paths: background,
    side: 'tuning',
    internal: campus,
    cnc: [],
    others: 'benign',
    half: 0,
    crowd: true,
  },
  ...[1, 2].flatMap((seed) => [
    simulatedCrowd('simulated campus', { scenario: 'campus-day', seed }),
    simulatedCrowd('simulated odd campus', { scenario: 'odd-campus', seed }),
  ]),
  simulatedCrowd('small simulated campus', { scenario: 'campus-day', seed: 3, hosts: 80 }),
  simulatedCrowd('small simulated odd campus', { scenario: 'odd-campus', seed: 3, hosts: 80 }),
  simulatedCrowd('small simulated campus', { scenario: 'campus-day', seed: 4, hosts: 80 }),
  simulatedCrowd('small simulated odd campus', { scenario: 'odd-campus', seed: 4, hosts: 80 }),
  simulatedCrowd('simulated campus without names', { scenario: 'campus-day', seed: 2, format: 'argus' }),
  simulatedCrowd('smallest campus without names', {
    scenario: 'campus-day',
    seed: 5,
    hosts: 40,
    format: 'argus',
  }),
  simulatedCrowd('smallest odd campus without names', {
    scenario: 'odd-campus',
    seed: 5,
    hosts: 40,
    format: 'argus',
  }),
  {
    name: 'AndroidTester 003',
    paths: ['captures/stratosphere-003/conn.log', 'captures/stratosphere-003/dns.log'],
    side: 'reporting',
    internal: [],
    cnc: ['147.32.83.234:1337'],
    others: 'benign',
  },
  {
    name: 'Simda 005',
    paths: ['captures/stratosphere-005'],
    side: 'reporting',
    internal: [],
    cnc: [],
    others: 'unknown',
  },
  {
    name: 'STRRAT',
    paths: ['pcap/corelight_zeek-strrat-detector__strrat-4423258f-59bc-4a88-bfec-d8ac08c88538.pcap'],
    side: 'reporting',
    internal: [],
    cnc: ['185.255.114.40:8219'],
    others: 'benign',
  },
  {
    name: 'AgentTesla',
    paths: ['pcap/corelight_zeek-agenttesla-detector__f9421792-7d2c-47d3-90e0-07eb54ae12fa.pcap'],
    side: 'reporting',
    internal: [],
    cnc: ['143.95.79.226'],
    others: 'benign',
  },
  {
    name: 'njRAT pcap',
    paths: ['pcap/keithjjones_zeek-njrat-detector__njrat.pcap'],
    side: 'reporting',
    internal: [],
    cnc: ['3.68.56.232:15145'],
    others: 'benign',
  },
  {
    name: 'sandcat',
    paths: ['pcap/corelight_zeek-caldera-detector__sandcat.pcap'],
    side: 'reporting',
    internal: [],
    cnc: ['172.18.0.2:8888'],
    others: 'benign',
  },
  {
    name: 'desktop 010',
    paths: ['captures/stratosphere-010/data'],
    side: 'reporting',
    internal: campus,
    cnc: [],
    others: 'benign',
  },
  {
    name: 'background, odd hosts',
    paths: background,
    side: 'reporting',
    internal: campus,
    cnc: [],
    others: 'benign',
    half: 1,
    crowd: true,
  },
  {
    name: 'simulated campus 11',
    paths: [],
    side: 'reporting',
    internal: [],
    cnc: [],
    others: 'benign',
    crowd: true,
    simulated: { scenario: 'campus-day', seed: 11 },
  },
]

export interface Opened {
  readonly store: Store
  readonly scope: Scope
}

/** Imports a capture into a folder of its own, gives it to `use`, and removes the folder. */
export async function withCapture<T>(capture: RealCapture, use: (opened: Opened) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-bench-'))
  const store = await openEmbedded(folder)
  try {
    await importInputs(store, await pathsOf(capture, folder), { acceptRejects: true })
    const internal = parseNetworks([...privateCidrs, ...capture.internal])
    return await use({ store, scope: { epoch: 0, from: 0, to: 4e15, internal } })
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The records of a capture: real ones where they lie, simulated ones made in the folder. */
async function pathsOf({ paths, simulated }: RealCapture, folder: string): Promise<string[]> {
  if (simulated === undefined) return paths.map(sharedData)
  const { files } = await simulate({
    ...simulated,
    bots: false,
    out: join(folder, 'records'),
  })
  return files.filter((file) => /\.(log|binetflow)$/.test(file))
}

/** Whether a server is the capture's C&C. */
export const isCnc = ({ cnc }: RealCapture, address: string, port: number): boolean =>
  cnc.some((each) => each === address || each === `${address}:${port}`)

/** Whether the client is on the capture's side of the split. */
export const onSide = ({ half }: RealCapture, client: string): boolean =>
  half === undefined || Number(client.split('.').at(-1)) % 2 === half
