/** The benchmarks, in the order of docs/benchmarks.md. A new one is one line here. */
import type { Row } from './row.ts'

export interface Benchmark {
  readonly name: string
  /** What it measures, as a sentence. */
  readonly doc: string
  readonly load: () => Promise<{ readonly run: () => Promise<readonly Row[]> }>
}

export const benchmarks: readonly Benchmark[] = [
  {
    name: 'demo-day',
    doc: 'Who is found and who is wrongly accused on ten simulated days, with botnets and without; seed by seed in [demo-day.md](method/demo-day.md).',
    load: () => import('./demo-day.ts'),
  },
  {
    name: 'proving',
    doc: 'The proving ground: detection against the strength of each evasion, clean networks of six kinds, networks of a kind that nothing was set on; see [proving-ground.md](method/proving-ground.md).',
    load: () => import('./proving.ts'),
  },
  {
    name: 'proving-quick',
    doc: 'A small share of the proving ground: one seed, few strengths, small networks.',
    load: () => import('./proving-quick.ts'),
  },
  {
    name: 'table-4',
    doc: 'BotMiner’s eight botnets laid over other networks, one at a time and all at once; one by one in [table-4.md](method/table-4.md).',
    load: () => import('./table-4.ts'),
  },
  {
    name: 'captures',
    doc: 'Every real capture with flows, as `gannet run` sees it; one by one in [captures.md](method/captures.md).',
    load: () => import('./captures.ts'),
  },
  {
    name: 'clean-captures',
    doc: 'Hosts accused on real ground that is taken to be clean; each looked into in [clean-ground.md](method/clean-ground.md).',
    load: () => import('./clean-captures.ts'),
  },
  {
    name: 'thresholds',
    doc: 'Scores of clean hosts and of bots on the tuning seeds; what that means in [thresholds.md](method/thresholds.md).',
    load: () => import('./thresholds.ts'),
  },
  { name: 'beacons', doc: 'Beacons beside RITA’s score.', load: () => import('./beacons.ts') },
  {
    name: 'names',
    doc: 'Generated names of families never seen, tunnels, flux and their cost; in [names.md](method/names.md).',
    load: () => import('./names.ts'),
  },
  {
    name: 'verdicts',
    doc: 'One verdict per host beside each detector alone and RITA’s score; more in [verdict.md](method/verdict.md).',
    load: () => import('./verdicts.ts'),
  },
  { name: 'families', doc: 'Family models by BotFinder’s protocol.', load: () => import('./families.ts') },
  {
    name: 'structures',
    doc: 'Topology, relays, peers, life cycles and threat lists; tables in [structures.md](method/structures.md).',
    load: () => import('./structures.ts'),
  },
  {
    name: 'paper-day',
    doc: 'Flows to botnets for a day as large as BotMiner’s Day 4: 1,520,739 flows in 240,167 C-flows. The target is 120 s and 4,096 MB on two cores.',
    load: () => import('./paper-day.ts'),
  },
  { name: 'xmeans', doc: 'The clustering alone, beside scikit-learn.', load: () => import('./xmeans.ts') },
  { name: 'traces', doc: 'Speed of the search for beacons.', load: () => import('./traces.ts') },
  { name: 'import', doc: 'Import beside the engine’s own.', load: () => import('./import.ts') },
  {
    name: 'import-many',
    doc: 'What a small file costs, of a thousand.',
    load: () => import('./import-many.ts'),
  },
  {
    name: 'packets',
    doc: 'Packets to flows beside softflowd and nfpcapd.',
    load: () => import('./packets.ts'),
  },
  {
    name: 'collector',
    doc: 'Datagrams of exporters over loopback beside nfcapd, and the decoder alone.',
    load: () => import('./collector.ts'),
  },
]

export const benchmarkNamed = (name: string): Benchmark | undefined =>
  benchmarks.find((each) => each.name === name)
