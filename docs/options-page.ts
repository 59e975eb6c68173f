/** docs/reference/options.md, from src/config.ts. */
import { type AnalysisOptions, defaults, paper } from '../src/config.ts'

const opening = `# Options of an analysis

The options of \`gannet run\` and \`gannet analyze\`, with their values by default and with \`--paper\`. The JSON answer
repeats them in \`analysis.options\`. [BotMiner](../method/botminer.md) explains why the two columns differ.
\`npm run docs\` writes this page from \`src/config.ts\`.

| Option | Flag | Default | \`--paper\` | What it means |
| --- | --- | --- | --- | --- |
`

interface OptionDoc {
  readonly flag: string
  readonly doc: string
}

/** One entry an option: the compiler misses one that is left out. */
const optionDocs: Readonly<Record<keyof AnalysisOptions, OptionDoc>> = {
  mode: { flag: '--paper', doc: 'The arithmetic: the default, or exactly the paper’s.' },
  internal: {
    flag: '--internal',
    doc: 'Networks whose hosts are judged. If empty: private ranges (RFC 1918, 6598, 4193), or without any of them the prefix that looks internal. The /64s of global IPv6 addresses whose hosts behave as clients are added. The report says which.',
  },
  epochHours: {
    flag: '--epoch-hours',
    doc: 'Length of an epoch. A recording no longer than this is one epoch; otherwise epochs are aligned to UTC. Records far from any flow get their own epochs.',
  },
  last: {
    flag: '--last',
    doc: 'Analyse only records that began within this time before the newest one; absent: all. Up to the length of an epoch, ids of findings stay the same while the window moves on.',
  },
  minFlows: {
    flag: '--min-flows',
    doc: 'Minimum flows of a C-flow to be clustered by shape. Hosts with fewer stay in the A-plane and in service clusters.',
  },
  f1: { flag: '--no-f1', doc: 'Filter F1: keep only flows from an internal host to an external one.' },
  f2: {
    flag: '--no-f2',
    doc: 'Filter F2: keep only flows that were established, or whose outcome is unknown.',
  },
  f3: {
    flag: '--no-f3',
    doc: 'Filter F3: leave out flows to allowed destinations. No effect without a list.',
  },
  threats: {
    flag: '--threats',
    doc: 'Threat lists to match against the records: plain, CSV, MISP, STIX 2.1 ([threat lists](../method/structures.md#threat-lists)). `gannet threats` does this without a new analysis.',
  },
  allow: {
    flag: '--allow',
    doc: 'Files of what is never reported: names, addresses, networks, services (HOST:PORT), or MISP warning lists. Filter F3 leaves them out too. A host is allowed by its own address only. Activities of a host (scan, spam, generated names) are removed for allowed hosts only.',
  },
  mailServers: { flag: '--mail-servers', doc: 'Hosts that send mail to many servers on your behalf.' },
  scanners: { flag: '--scanners', doc: 'Hosts that scan on your behalf.' },
  sensitivity: {
    flag: '--sensitivity',
    doc: 'How strong the evidence must be to accuse a host: `low`, `normal` or `high`. What each finds and costs: [contacts](../method/contacts.md#sensitivity).',
  },
  threshold: { flag: '--threshold', doc: 'θ: a host with a higher cross-plane score is reported as a bot.' },
  chance: {
    flag: '–',
    doc: 'A term of the score counts only if chance alone would produce fewer such overlaps than this, over all pairs compared.',
  },
  weak: { flag: '–', doc: 'Activities that do not make a bot on their own.' },
  weights: { flag: '–', doc: 'w of each activity in the score.' },
  rules: {
    flag: '--set',
    doc: 'Settings of A-plane rules, as `rule.option=number`; see [activities](../method/activities.md).',
  },
  beacons: { flag: '–', doc: 'Look for single hosts that beacon. Not part of BotMiner.' },
  models: {
    flag: '--models',
    doc: 'Folder of family models to match; see [models](models.md).',
  },
  alpha: {
    flag: '--alpha',
    doc: 'α: a family match scores above this. Default: the folder’s calibration, or the BotFinder paper’s 1.75.',
  },
  minHits: {
    flag: '--min-hits',
    doc: 'h: minimum features that a family match hits. Default: the calibration, or 3.',
  },
  mmdb: {
    flag: '--mmdb',
    doc: 'MaxMind databases of autonomous systems and countries: who owns an address. The packaged table ([knowledge](knowledge.md)) answers for the rest.',
  },
  popularity: {
    flag: '--popularity',
    doc: 'Popular domains in place of the packaged list: `rank,domain` per line as Tranco publishes them, or one domain per line, most popular first.',
  },
  names: {
    flag: '–',
    doc: 'Look for DNS tunnels, flux and wildcards, and report how bots rally. Not part of BotMiner.',
  },
  seed: {
    flag: '--seed',
    doc: 'Seed of the clustering. The same records, options and seed give the same answer.',
  },
}

const value = (each: unknown): string => {
  if (Array.isArray(each)) return each.length === 0 ? 'none' : each.join(', ')
  if (each === Number.POSITIVE_INFINITY) return 'any'
  if (each === null || each === undefined) return 'none'
  if (typeof each === 'boolean') return each ? 'on' : 'off'
  if (typeof each === 'object' && each !== null) {
    const entries = Object.entries(each)
    return entries.length === 0 ? 'none' : entries.map(([key, n]) => `${key} ${n}`).join(', ')
  }
  return String(each)
}

export function optionsPage(): string {
  const rows = Object.entries<OptionDoc>(optionDocs).map(([name, { flag, doc }]) => {
    const key = name as keyof AnalysisOptions
    const flags = flag === '–' ? flag : `\`${flag}\``
    return `| \`${name}\` | ${flags} | ${value(defaults[key])} | ${value(paper[key])} | ${doc} |`
  })
  return `${opening}${rows.join('\n')}\n`
}
