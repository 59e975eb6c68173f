/** Options that several commands share, and what they mean. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type AnalysisOptions, defaults, paper } from '../config.ts'
import { UserError } from '../errors.ts'
import { type Severity, severities } from '../model/finding.ts'

const number = (what: string, allowed: (value: number) => boolean) => (text: string) => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || !allowed(value))
    throw new InvalidArgumentError(`Give ${what}.`)
  return value
}

export const positive = number('a number over 0', (value) => value > 0)
export const natural = number('a whole number from 0', (value) => Number.isSafeInteger(value) && value >= 0)
export const atLeastOne = number(
  'a whole number from 1',
  (value) => Number.isSafeInteger(value) && value >= 1,
)
export const notNegative = number('a number from 0', (value) => value >= 0)
const more = (text: string, before: string[] = []) => [...before, text]
export const collect = (text: string, before: string[] = []) => [
  ...before,
  ...text
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean),
]
const severity = (text: string): Severity => {
  const found = severities.find((each) => each === text)
  if (!found) throw new InvalidArgumentError(`Give one of: ${severities.join(', ')}.`)
  return found
}
const setting = (text: string, before: Record<string, number> = {}) => {
  const [, rule, value] = /^([\w.-]+)=(.+)$/.exec(text) ?? []
  if (!rule || !Number.isFinite(Number(value))) throw new InvalidArgumentError('Give rule.option=number.')
  return { ...before, [rule]: Number(value) }
}

/** Where the database is. */
export const databaseOptions = (command: Command): Command =>
  command
    .option('--db <folder>', 'database folder')
    .option('--url <url>', 'ClickHouse server instead, such as http://user:password@host:8123/gannet')

export const sampledOption = (command: Command): Command =>
  command.addOption(
    new Option(
      '--sampled <choice>',
      'records of sampled packets: leave them out and count them, or scale and mark them',
    )
      .choices(['refuse', 'scale'])
      .default(undefined, 'refuse'),
  )

export const importOptions = (command: Command): Command =>
  sampledOption(
    tableOptions(
      command.option('--format <name>', 'format of the inputs, where the content does not tell'),
    ).option('--accept-rejects', 'keep an input even when most of its records are rejected'),
  )

/** What the columns of tables mean. */
export const tableOptions = (command: Command): Command =>
  command
    .option(
      '--map <field=column>',
      'what the columns of a table mean (CSV, JSON lines, Parquet): FIELD=COLUMN[:UNIT], comma-separated or repeated',
      more,
    )
    .option('--profile <name>', 'the same, saved or of ours (gannet profiles), or a file of it')
    .option('--save-profile <name>', 'keep what --map says under this name')

/** What the analysis takes. Defaults are in src/config.ts. */
export const analysisOptions = (command: Command): Command =>
  command
    .option(
      '--internal <networks>',
      'networks whose hosts are judged, as CIDR, comma-separated or repeated',
      collect,
    )
    .option(
      '--allow <files>',
      'lists of what accuses nobody: names, networks, services (HOST:PORT), and hosts by their own address',
      collect,
    )
    .option(
      '--threats <files>',
      'threat lists (plain, CSV, MISP, STIX 2.1) to set against the records; may be repeated',
      collect,
    )
    .option('--mail-servers <hosts>', 'your mail servers, where the records do not show it', collect)
    .addOption(
      new Option(
        '--sensitivity <choice>',
        'how sure a contact must be to accuse a host; high finds more and errs more',
      )
        .choices(['low', 'normal', 'high'])
        .default(undefined, defaults.sensitivity),
    )
    .option('--scanners <hosts>', 'hosts that scan on your behalf', collect)
    .option('--epoch-hours <hours>', `length of an epoch (default ${defaults.epochHours})`, positive)
    .option('--min-flows <n>', `flows a C-flow must have (default ${defaults.minFlows})`, atLeastOne)
    .option(
      '--threshold <score>',
      `least cross-plane score of a bot (default ${defaults.threshold})`,
      notNegative,
    )
    .option('--set <rule.option=n>', 'setting of an activity rule; may be repeated', setting)
    .option('--paper', 'do the arithmetic of the BotMiner paper instead of our defaults')
    .option('--no-f1', 'keep flows that are not from inside to outside')
    .option('--no-f2', 'keep flows that were not established')
    .option('--no-f3', 'keep flows to allowed destinations')
    .option('--models <folder>', 'family models that every trace is set against (gannet train)')
    .option(
      '--alpha <score>',
      'a family match scores over it (default: calibration.json, or 1.75)',
      notNegative,
    )
    .option(
      '--min-hits <n>',
      'features that a family match must hit (default: calibration.json, or 3)',
      atLeastOne,
    )
    .option('--mmdb <files>', 'MaxMind databases of autonomous systems and countries', collect)
    .option(
      '--popularity <file>',
      'popular domains in place of the packaged list: rank,domain or a domain a line',
    )
    .option('--seed <n>', `seed of the clustering (default ${defaults.seed})`, natural)

export const decisionsOption = (command: Command): Command =>
  command.option(
    '--decisions <file>',
    'what analysts decided (gannet allow, confirm, note); default: the name of the database folder and .decisions.yaml',
  )

export const outputOptions = (command: Command): Command =>
  decisionsOption(command)
    .option('--json', 'print the answer as JSON (docs/reference/answer.md)')
    .option('--html <file>', 'write a report with pictures')
    .option('--csv <file>', 'write the accused hosts as CSV')
    .option('--limit <n>', 'findings printed (default 10)', atLeastOne)
    .option('--verbose', 'print filters and inputs too')
    .option('--fail-on <severity>', 'exit 1 when a finding is this bad or worse', severity)

export interface DatabaseFlags {
  db?: string
  url?: string
}

export interface ImportFlags {
  format?: string
  map?: string[]
  profile?: string
  saveProfile?: string
  acceptRejects?: boolean
  sampled?: 'refuse' | 'scale'
}

export interface DecisionsFlags extends DatabaseFlags {
  decisions?: string
}

export interface OutputFlags extends DecisionsFlags {
  json?: boolean
  html?: string
  csv?: string
  limit?: number
  verbose?: boolean
  failOn?: Severity
}

export interface AnalysisFlags {
  internal?: string[]
  allow?: string[]
  threats?: string[]
  mailServers?: string[]
  scanners?: string[]
  sensitivity?: AnalysisOptions['sensitivity']
  epochHours?: number
  minFlows?: number
  threshold?: number
  set?: Record<string, number>
  paper?: boolean
  f1: boolean
  f2: boolean
  f3: boolean
  models?: string
  alpha?: number
  minHits?: number
  mmdb?: string[]
  popularity?: string
  seed?: number
}

/** The flags over the defaults of the mode. */
export function optionsOf(flags: AnalysisFlags): AnalysisOptions {
  const base = flags.paper ? paper : defaults
  const given = {
    internal: flags.internal,
    allow: flags.allow,
    threats: flags.threats,
    mailServers: flags.mailServers,
    scanners: flags.scanners,
    sensitivity: flags.sensitivity,
    epochHours: flags.epochHours,
    minFlows: flags.minFlows,
    threshold: flags.threshold,
    rules: flags.set,
    models: flags.models,
    alpha: flags.alpha,
    minHits: flags.minHits,
    mmdb: flags.mmdb,
    popularity: flags.popularity,
    seed: flags.seed,
  }
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  return { ...base, ...said, f1: base.f1 && flags.f1, f2: base.f2 && flags.f2, f3: base.f3 && flags.f3 }
}

/** @throws UserError option-invalid when both or neither are given. */
export function databaseOf({ db, url }: DatabaseFlags): { db: string } | { url: string } {
  if (db && url) throw new UserError('option-invalid', '--db and --url are both given', 'Give one of them.')
  if (url) return { url }
  if (db) return { db }
  throw new UserError(
    'option-invalid',
    'no database is named',
    'Give --db FOLDER, or --url of a ClickHouse server.',
  )
}
