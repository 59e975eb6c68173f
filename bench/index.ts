/** The benchmarks, in the order of docs/benchmarks.md. A new one is one line here. */
import type { Row } from './row.ts'

export interface Benchmark {
  readonly name: string
  /** What it measures, as a sentence. */
  readonly doc: string
  /**
   * Variables of the environment that make its smallest form, which `--smallest` runs in seconds and `npm test` runs
   * each time, so that it cannot rot; none where `isSmallest` alone makes it.
   */
  readonly smallest?: Readonly<Record<string, string>>
  /** Whether it reads the real captures of ../shared. */
  readonly readsShared?: true
  /** Whether the page that `doc` links to has all figures, so that docs/benchmarks.md has only when it ran. */
  readonly hasPage?: true
  readonly load: () => Promise<{ readonly run: () => Promise<readonly Row[]> }>
}

export const benchmarks: readonly Benchmark[] = [
  {
    name: 'demo-day',
    doc: 'Who is found and who is wrongly accused on ten simulated days, with botnets and without; seed by seed in [demo-day.md](method/demo-day.md).',
    load: () => import('./detection/demo-day.ts'),
  },
  {
    name: 'proving',
    doc: 'The evaluation suite: detection by strength of each evasion, clean networks of six types, and network types held out from tuning; see [proving-ground.md](method/proving-ground.md).',
    hasPage: true,
    load: () => import('./detection/proving.ts'),
  },
  {
    name: 'proving-quick',
    doc: 'A small share of the evaluation suite: one seed, few strengths, small networks.',
    load: () => import('./detection/proving-quick.ts'),
  },
  {
    name: 'table-4',
    doc: 'BotMiner’s eight botnets laid over other networks, one at a time and all at once; one by one in [table-4.md](method/table-4.md).',
    hasPage: true,
    load: () => import('./detection/table-4.ts'),
  },
  {
    name: 'captures',
    readsShared: true,
    doc: 'Every real capture with flows, as `gannet run` sees it; one by one in [captures.md](method/captures.md).',
    load: () => import('./detection/captures.ts'),
  },
  {
    name: 'clean-captures',
    readsShared: true,
    doc: 'Hosts accused on real records taken to be clean; each examined in [clean-ground.md](method/clean-ground.md).',
    hasPage: true,
    load: () => import('./detection/clean-captures.ts'),
  },
  {
    name: 'fresh-behaviours',
    readsShared: true,
    doc: 'Implants and honest software written down after the fit, over the clean office; in [real-ground.md](method/real-ground.md).',
    load: () => import('./real-ground/fresh-behaviours.ts'),
  },
  {
    name: 'held-out',
    readsShared: true,
    doc: 'Real ground with contacts judged by weights that saw neither family nor network, and the calibration error; in [real-ground.md](method/real-ground.md).',
    load: () => import('./real-ground/held-out.ts'),
  },
  {
    name: 'nameless-networks',
    doc: 'Clean hosts accused on small networks of connections alone, where no record names a server.',
    load: () => import('./real-ground/nameless-networks.ts'),
  },
  {
    name: 'clean-sites',
    doc: 'Days on which anybody is accused on clean simulated sites of 45 hosts; in [real-ground.md](method/real-ground.md).',
    load: () => import('./real-ground/clean-sites.ts'),
  },
  {
    name: 'real-ground',
    readsShared: true,
    doc: 'Real captures and described behaviours over a clean office: who is accused, and where the C&C stands; one by one in [real-ground.md](method/real-ground.md).',
    hasPage: true,
    load: () => import('./real-ground/real-ground.ts'),
  },
  {
    name: 'regularity',
    readsShared: true,
    doc: 'Recall of contacts and of RITA’s score against jitter, calls and period at equal false alarms; in [regularity.md](method/regularity.md).',
    load: () => import('./regularity/regularity.ts'),
  },
  {
    name: 'thresholds',
    doc: 'Scores of clean hosts and of bots on the tuning seeds; what that means in [thresholds.md](method/thresholds.md).',
    load: () => import('./detection/thresholds.ts'),
  },
  {
    name: 'beacons',
    readsShared: true,
    doc: 'Beacons beside RITA’s score.',
    load: () => import('./detection/beacons.ts'),
  },
  {
    name: 'churn',
    readsShared: true,
    doc: 'Callers whose C&C moves, with their traces joined and without.',
    load: () => import('./detection/churn.ts'),
  },
  {
    name: 'names',
    readsShared: true,
    doc: 'Generated names of families never seen, one alone and those of one host; in [names.md](method/names.md#measured).',
    load: async () => (await import('./detection/names.ts')).partNamed('classifier'),
  },
  {
    name: 'name-groups',
    readsShared: true,
    doc: 'Bots of one generator among hosts that mistype, and the name that answered; in [names.md](method/names.md#groups).',
    load: async () => (await import('./detection/names.ts')).partNamed('groups'),
  },
  {
    name: 'name-captures',
    readsShared: true,
    doc: 'The DNS of real captures; in [names.md](method/names.md#real-captures).',
    load: async () => (await import('./detection/names.ts')).partNamed('captures'),
  },
  {
    name: 'name-flux',
    doc: 'Fast flux, double flux and wildcards on simulated half-days; in [names.md](method/names.md#simulated-half-days).',
    load: async () => (await import('./detection/names.ts')).partNamed('flux'),
  },
  {
    name: 'name-cost',
    doc: 'Time and memory of ten million names; in [names.md](method/names.md#cost).',
    smallest: { GANNET_BENCH_NAMES: '20000' },
    load: async () => (await import('./detection/names.ts')).partNamed('cost'),
  },
  {
    name: 'verdicts',
    readsShared: true,
    doc: 'One verdict per host beside each detector alone and RITA’s score; more in [verdict.md](method/verdict.md).',
    load: () => import('./detection/verdicts.ts'),
  },
  {
    name: 'families',
    readsShared: true,
    doc: 'Family models by BotFinder’s protocol.',
    load: () => import('./detection/families.ts'),
  },
  {
    name: 'topology',
    doc: 'How botnets are organised, of four kinds and 3 to 500 bots; tables in [structures.md](method/structures.md#topology).',
    load: async () => (await import('./detection/structures.ts')).partNamed('topology'),
  },
  {
    name: 'relays',
    readsShared: true,
    doc: 'Machines that relay external connections; tables in [structures.md](method/structures.md#relays).',
    load: async () => (await import('./detection/structures.ts')).partNamed('relays'),
  },
  {
    name: 'peers',
    readsShared: true,
    doc: 'Bots of a P2P overlay beside programs with external peers; tables in [structures.md](method/structures.md#peers).',
    load: async () => (await import('./detection/structures.ts')).partNamed('peers'),
  },
  {
    name: 'life-cycle',
    readsShared: true,
    doc: 'Stages of an infection by BotHunter’s rules; tables in [structures.md](method/structures.md#life-cycle).',
    load: async () => (await import('./detection/structures.ts')).partNamed('life'),
  },
  {
    name: 'threat-lists',
    doc: 'A million indicators against two million flows; in [structures.md](method/structures.md#threat-lists).',
    smallest: { GANNET_BENCH_INDICATORS: '4000' },
    load: async () => (await import('./detection/structures.ts')).partNamed('lists'),
  },
  {
    name: 'paper-day',
    doc: 'Flows to botnets for a day as large as BotMiner’s Day 4: 1,520,739 flows in 240,167 C-flows. The target is 120 s and 4,096 MB on two cores.',
    load: () => import('./speed/paper-day.ts'),
  },
  {
    name: 'xmeans',
    doc: 'The clustering alone, beside scikit-learn.',
    smallest: { GANNET_BENCH_POINTS: '4000' },
    load: () => import('./speed/xmeans.ts'),
  },
  {
    name: 'growth',
    doc: 'Import and analysis of larger and larger campuses, stage by stage; in [sizing](reference/sizing.md#growth).',
    smallest: { GANNET_BENCH_MILLIONS: '0.02' },
    load: () => import('./speed/growth.ts'),
  },
  {
    name: 'collector',
    doc: 'Datagrams of exporters over loopback beside nfcapd, and the decoder alone.',
    smallest: { GANNET_BENCH_SECONDS: '1', GANNET_BENCH_RATE: '500' },
    load: () => import('./speed/collector.ts'),
  },
  {
    name: 'speed',
    doc: 'What a user waits for, beside the peers and the limit: whole processes, CPU time first; ✓ says that the goal is met. *The engine alone* reads the same logs into typed columns. It answers in one pass each what an analysis needs: C-flows with quantiles, traces in order, failed attempts, names, handshakes, requests. It has no checks, joins, clusters or findings, so no analysis in it can take less. *Limit* rows are of the same run as what stands above them: a loop in Node that steps over packets and makes no flow, the engine’s insert of fields that it reads as text and converts, or the engine alone. Captures come from `../shared/data`; RITA runs where GANNET_BENCH_RITA is a command that imports the folder behind it, and small inputs by the installed package too where GANNET_BENCH_PACKAGE is its command: it is bundled. Rows of longer benchmarks are those that they recorded last. Seconds depend on what else the host of a virtual machine does, by three quarters between runs of one day; the ratios are of one run. Figures at c380d27 are of another day, except beside rows with c380d27 as their peer: for these GANNET_BENCH_BEFORE named a checkout of it, whose command ran in turn with this one.',
    smallest: { GANNET_BENCH_INPUTS: '1', GANNET_BENCH_PACKETS: '20000', GANNET_BENCH_ROWS: '2000' },
    load: () => import('./speed/beside.ts'),
  },
  {
    name: 'run',
    doc: 'What a user waits for: `gannet run` as a process of its own, on small inputs and on a day; the peer is the same command of an earlier commit, in turn on the same machine. What it finds may have grown since.',
    smallest: { GANNET_BENCH_RUNS: '1', GANNET_BENCH_INPUTS: '1' },
    load: () => import('./speed/run.ts'),
  },
  {
    name: 'traces',
    doc: 'Speed of the search for beacons.',
    smallest: { GANNET_BENCH_TRACES: '2000' },
    load: () => import('./speed/traces.ts'),
  },
  {
    name: 'import',
    doc: 'Import beside the engine’s own.',
    smallest: { GANNET_BENCH_ROWS: '2000' },
    load: () => import('./speed/import.ts'),
  },
  {
    name: 'import-many',
    doc: 'What a small file costs, of a thousand.',
    smallest: { GANNET_BENCH_FILES: '4' },
    load: () => import('./speed/import-many.ts'),
  },
  {
    name: 'slow-callers',
    doc: 'Hosts that call every 3 hours to 7 days, in simulated months; in [slow-callers.md](method/slow-callers.md#measured).',
    smallest: { GANNET_BENCH_HOSTS: '20', GANNET_BENCH_DAYS: '4.5', GANNET_BENCH_SEEDS: '111' },
    load: () => import('./regularity/slow-callers.ts'),
  },
  {
    name: 'cluster-kills',
    doc: 'Importers, analyses and nodes of a cluster of three shards killed at random moments; in [cluster.md](reference/cluster.md#killed-at-random).',
    smallest: { GANNET_BENCH_KILLS: '1' },
    load: () => import('./speed/cluster-kills.ts'),
  },
  {
    name: 'rolling',
    doc: 'An hour of records on top of a month of hourly aggregates of a campus of 1,000: imported, the last day analysed, and compared with what was said before; in [sizing](reference/sizing.md#an-hour-on-top-of-a-month).',
    smallest: { GANNET_BENCH_HOSTS: '30', GANNET_BENCH_DAYS: '1.1' },
    load: () => import('./speed/rolling.ts'),
  },
  {
    name: 'month',
    doc: 'A month of a simulated campus as a stream through `gannet monitor`: bots found, false alarms, time to the first alert, memory and disk by day; in [month.md](method/month.md).',
    smallest: { GANNET_BENCH_HOSTS: '40', GANNET_BENCH_DAYS: '1', GANNET_BENCH_HOURS: '2' },
    load: () => import('./month/month.ts'),
  },
  {
    name: 'packets',
    doc: 'Packets to flows beside softflowd and nfpcapd.',
    smallest: { GANNET_BENCH_PACKETS: '20000', GANNET_BENCH_MIXES: '1' },
    load: () => import('./speed/packets.ts'),
  },
]

export const benchmarkNamed = (name: string): Benchmark | undefined =>
  benchmarks.find((each) => each.name === name)
