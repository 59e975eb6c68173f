/** docs/reference/options.md, from src/config.ts. */
import { type AnalysisOptions, defaults, paper } from '../src/config.ts'

const opening = `# Options of an analysis

What \`gannet run\` and \`gannet analyze\` take, with the value of each in the default mode and with \`--paper\`. The JSON
answer repeats them all in \`analysis.options\`. Written from \`src/config.ts\` by \`npm run docs\`. Why the two columns
differ, and what that does, is told in [BotMiner](../method/botminer.md).

| Option | Flag | Default | \`--paper\` | What it means |
| --- | --- | --- | --- | --- |
`

interface Told {
  readonly flag: string
  readonly doc: string
}

/** One entry an option: the compiler misses one that is left out. */
const told: Readonly<Record<keyof AnalysisOptions, Told>> = {
  mode: { flag: '--paper', doc: 'Whose arithmetic: ours, or the paper’s to the letter.' },
  internal: {
    flag: '--internal',
    doc: 'Networks whose hosts are judged. Empty: private ranges (RFC 1918, 6598, 4193); where none is seen, the prefix that looks internal; and the /64s of global IPv6 addresses whose hosts behave as clients. The report says which.',
  },
  epochHours: {
    flag: '--epoch-hours',
    doc: 'Length of an epoch. A recording no longer than one is one epoch; else epochs are aligned to UTC. Records that lie further from the flows have epochs of their own.',
  },
  minFlows: {
    flag: '--min-flows',
    doc: 'Flows that a C-flow must have to be clustered by its shape. Hosts of shorter ones stay in the A-plane and among the callers of services.',
  },
  f1: { flag: '--no-f1', doc: 'Filter F1: keep only flows from an internal host to an external one.' },
  f2: {
    flag: '--no-f2',
    doc: 'Filter F2: keep only flows that were established, or of which the input does not say.',
  },
  f3: {
    flag: '--no-f3',
    doc: 'Filter F3: leave out flows to allowed destinations. Does nothing without a list.',
  },
  threats: {
    flag: '--threats',
    doc: 'Threat lists to set against the records: plain, CSV, MISP, STIX 2.1 ([threat lists](../method/structures.md#threat-lists)). `gannet threats` does the same without a new analysis.',
  },
  allow: {
    flag: '--allow',
    doc: 'Files of what accuses nobody: names, addresses, networks, services (HOST:PORT), or MISP warning lists; also what F3 leaves out. A host is allowed by its own address only. What a host does by itself (scan, spam, generated names) is removed for allowed hosts only.',
  },
  mailServers: { flag: '--mail-servers', doc: 'Hosts that send mail to many servers on your behalf.' },
  scanners: { flag: '--scanners', doc: 'Hosts that scan on your behalf.' },
  sensitivity: {
    flag: '--sensitivity',
    doc: 'How sure a contact must be to accuse a host: `low`, `normal` or `high`. What each finds and costs: [contacts](../method/contacts.md#sensitivity).',
  },
  threshold: { flag: '--threshold', doc: 'θ of the cross-plane score: a host over it is taken for a bot.' },
  chance: {
    flag: '–',
    doc: 'A term of the score counts only where fewer overlaps as large are expected by chance, over all pairs looked at.',
  },
  weak: { flag: '–', doc: 'Activities that make no bot by themselves.' },
  weights: { flag: '–', doc: 'w of each activity in the score.' },
  rules: {
    flag: '--set',
    doc: 'Settings of A-plane rules, as `rule.option=number`; see [activities](../method/activities.md).',
  },
  beacons: { flag: '–', doc: 'Look for single hosts that call out by the clock. Not part of BotMiner.' },
  models: {
    flag: '--models',
    doc: 'Folder of family models that every trace is set against; see [models](models.md).',
  },
  alpha: {
    flag: '--alpha',
    doc: 'α: a match of a family scores over it. Else that of the folder’s calibration, or 1.75 as in the BotFinder paper.',
  },
  minHits: {
    flag: '--min-hits',
    doc: 'h: features that a match of a family must hit. Else that of the calibration, or 3.',
  },
  mmdb: {
    flag: '--mmdb',
    doc: 'MaxMind databases of autonomous systems and countries: who owns an address. Without one, or where it knows nothing, the packaged table of [knowledge](knowledge.md) does.',
  },
  popularity: {
    flag: '--popularity',
    doc: 'Popular domains in place of the packaged list: lines of `rank,domain` as Tranco publishes them, or one domain a line, the most popular first.',
  },
  names: {
    flag: '–',
    doc: 'Look for tunnels, flux and wildcards in the DNS, and tell how bots rally. Not part of BotMiner.',
  },
  seed: { flag: '--seed', doc: 'Seed of the clustering. Same records, options and seed: same answer.' },
}

const value = (each: unknown): string => {
  if (Array.isArray(each)) return each.length === 0 ? 'none' : each.join(', ')
  if (each === Number.POSITIVE_INFINITY) return 'any'
  if (each === null) return 'none'
  if (typeof each === 'boolean') return each ? 'on' : 'off'
  if (typeof each === 'object' && each !== null) {
    const entries = Object.entries(each)
    return entries.length === 0 ? 'none' : entries.map(([key, n]) => `${key} ${n}`).join(', ')
  }
  return String(each)
}

export function optionsPage(): string {
  const rows = Object.entries<Told>(told).map(([name, { flag, doc }]) => {
    const key = name as keyof AnalysisOptions
    const flags = flag === '–' ? flag : `\`${flag}\``
    return `| \`${name}\` | ${flags} | ${value(defaults[key])} | ${value(paper[key])} | ${doc} |`
  })
  return `${opening}${rows.join('\n')}\n`
}
