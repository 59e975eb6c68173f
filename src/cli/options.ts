/** Options that several commands share, and what they mean. */
import { existsSync } from 'node:fs'
import { isIP, SocketAddress } from 'node:net'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { defaults } from '../config.ts'
import { UserError } from '../errors.ts'
import { type Severity, severities } from '../model/finding.ts'
import { diskSize, timeSpan } from './units.ts'

export const number = (what: string, allowed: (value: number) => boolean) => (text: string) => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || !allowed(value))
    throw new InvalidArgumentError(`Give ${what}.`)
  return value
}

export const positive = number('a number above 0', (value) => value > 0)
export const natural = number('a whole number from 0', (value) => Number.isSafeInteger(value) && value >= 0)
export const atLeastOne = number(
  'a whole number from 1',
  (value) => Number.isSafeInteger(value) && value >= 1,
)
export const notNegative = number('a number from 0', (value) => value >= 0)
export const repeated = (text: string, before: string[] = []) => [...before, text]
export const collect = (text: string, before: string[] = []) => [
  ...before,
  ...text
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean),
]

/** As `collect`, of entries that are read one by one: `read` gives null for what is none. */
const collectAs =
  (noun: string, what: string, read: (entry: string) => string | null) =>
  (text: string, before: string[] = []) => {
    const entries = collect(text)
    const found = entries.map(read)
    const wrong = entries.find((_, i) => found[i] === null)
    if (wrong !== undefined) throw new UserError('option-invalid', `not ${noun}: ${wrong}`, `Give ${what}.`)
    if (entries.length === 0) throw new UserError('option-invalid', `not ${noun}: "${text}"`, `Give ${what}.`)
    return [...before, ...found.flatMap((each) => each ?? [])]
  }

/** The address as records have it: IPv6 in its short form, IPv4 within IPv6 as IPv4. */
function addressOf(text: string): string | null {
  const version = isIP(text)
  if (version !== 6) return version === 4 ? text : null
  const { address } = new SocketAddress({ address: text, family: 'ipv6' })
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

function networkOf(text: string): string | null {
  const [address = '', bits, more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more !== undefined) return null
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
    ? text
    : null
}

export const networks = collectAs(
  'a network',
  'networks as 10.0.0.0/8 or 2001:db8::/32, or addresses',
  networkOf,
)
export const hosts = collectAs(
  'the address of a host',
  'addresses of hosts as 10.1.2.3 or 2001:db8::7',
  addressOf,
)

const severity = (text: string): Severity => {
  const found = severities.find((each) => each === text)
  if (!found) throw new InvalidArgumentError(`Give one of: ${severities.join(', ')}.`)
  return found
}
export const setting = (text: string, before: Record<string, number> = {}) => {
  const [, rule, value] = /^([\w.-]+)=(.+)$/.exec(text) ?? []
  if (!rule || !Number.isFinite(Number(value))) throw new InvalidArgumentError('Give rule.option=number.')
  return { ...before, [rule]: Number(value) }
}

/** Headings of the help text, in the order in which they are shown. */
export const groups = {
  used: 'Most used:',
  input: 'Input:',
  database: 'Database:',
  lists: 'Networks and lists:',
  detection: 'Detection:',
  paper: 'Paper (BotMiner 2008):',
  models: 'Family models:',
  output: 'Output:',
} as const

/** Adds options under a heading; options that follow stand under `Options:` again. */
export function grouped(
  command: Command,
  group: keyof typeof groups,
  add: (command: Command) => void,
): Command {
  command.optionsGroup(groups[group])
  add(command)
  return command.optionsGroup('')
}

/** The ten options that people use first, of `run` and `analyze`. */
const mostUsed = [
  'db',
  'internal',
  'allow',
  'threats',
  'sensitivity',
  'format',
  'json',
  'html',
  'limit',
  'failOn',
]

/** Moves the ten options to the top of the help text. */
export function withMostUsed(command: Command): Command {
  for (const option of command.options)
    if (mostUsed.includes(option.attributeName())) option.helpGroup(groups.used)
  return command
}

/** Where the database is. */
export const databaseOptions = (command: Command): Command =>
  grouped(command, 'database', (each) =>
    each
      .option('--db <folder>', 'database folder')
      .option('--url <url>', 'ClickHouse server instead, such as http://user:password@host:8123/gannet')
      .option('--cluster <name>', 'cluster of that server; --url may name every node, comma-separated'),
  )

/** What of the records stays. */
export const retentionOptions = (command: Command): Command =>
  grouped(command, 'database', (each) =>
    each
      .option('--keep <time>', 'remove imports whose records are older than 30d, 12h or 90m', timeSpan)
      .option('--max-disk <size>', 'remove the oldest imports over 500MB, 20GB or 2TB on disk', diskSize)
      .option(
        '--keep-aggregates <time>',
        'remove hourly aggregates older than 400d, by whole weeks',
        timeSpan,
      )
      .option(
        '--keep-findings <time>',
        'remove answers of analyses made more than 400d before the newest',
        timeSpan,
      ),
  )

const addSampled = (command: Command): Command =>
  command.addOption(
    new Option(
      '--sampled <choice>',
      'sampled packets: refuse their records and count them, or scale and mark them',
    )
      .choices(['refuse', 'scale'])
      .default(undefined, 'refuse'),
  )

export const sampledOption = (command: Command): Command => grouped(command, 'input', addSampled)

export const importOptions = (command: Command): Command =>
  grouped(command, 'input', (each) => {
    each.option('--format <name>', 'input format, if detection fails')
    addTables(each)
    each.option('--accept-rejects', 'keep an input even if most of its records are rejected')
    addSampled(each)
  })

const addTables = (command: Command): Command =>
  command
    .option(
      '--map <theirs=ours>',
      'what the columns of a table (CSV, JSON lines, Parquet) mean: THEIRS=OURS[:UNIT], such as ts=start,src=client; ' +
        'repeatable',
      repeated,
    )
    .option(
      '--profile <name>',
      "mapping profile: a built-in or saved name (see 'gannet profiles'), or a file",
    )
    .option('--save-profile <name>', 'save the --map mapping under this name')

/** What the columns of tables mean. */
export const tableOptions = (command: Command): Command => grouped(command, 'input', addTables)

const listOptions = (command: Command): Command =>
  command
    .option(
      '--internal <networks>',
      'networks whose hosts are judged, as CIDR; comma-separated or repeated',
      networks,
    )
    .option(
      '--allow <files>',
      'allowlists: names, networks, services (HOST:PORT), and hosts by their own address; repeatable',
      collect,
    )
    .option('--threats <files>', 'threat lists to match (plain, CSV, MISP, STIX 2.1); repeatable', collect)
    .option('--mail-servers <hosts>', 'your mail servers, if the records do not show them', hosts)
    .option('--scanners <hosts>', 'hosts that are allowed to scan', hosts)
    .option('--mmdb <files>', 'MaxMind databases of autonomous systems and countries', collect)
    .option(
      '--popularity <file>',
      'popular domains, in place of the packaged list: `rank,domain` or `domain` per line',
    )

const detectionOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--sensitivity <choice>',
        'how strong the evidence must be to accuse a host; high finds more and raises more false alarms',
      )
        .choices(['low', 'normal', 'high'])
        .default(undefined, defaults.sensitivity),
    )
    .option('--epoch-hours <hours>', `length of an epoch (default ${defaults.epochHours})`, positive)
    .option('--last <time>', 'analyse only the newest 24h, 90m or 7d of the records', timeSpan)
    .option('--min-flows <n>', `minimum flows per C-flow (default ${defaults.minFlows})`, atLeastOne)
    .option(
      '--threshold <score>',
      `minimum cross-plane score of a bot (default ${defaults.threshold})`,
      notNegative,
    )
    .option('--set <rule.option=n>', 'setting of an activity rule; repeatable', setting)
    .option('--seed <n>', `seed of the clustering (default ${defaults.seed})`, natural)

const paperOptions = (command: Command): Command =>
  command
    .option('--paper', "use the paper's arithmetic instead of the defaults")
    .option('--no-f1', 'keep flows that are not from inside to outside')
    .option('--no-f2', 'keep flows that were not established')
    .option('--no-f3', 'keep flows to allowed destinations')

const modelOptions = (command: Command): Command =>
  command
    .option('--models <folder>', 'folder of family models to match (see gannet train)')
    .option(
      '--alpha <score>',
      'a family match scores above this (default: calibration.json, or 1.75)',
      notNegative,
    )
    .option(
      '--min-hits <n>',
      'minimum features that a family match hits (default: calibration.json, or 3)',
      atLeastOne,
    )

/** What the analysis takes. Defaults are in src/config.ts. */
export function analysisOptions(command: Command): Command {
  grouped(command, 'lists', listOptions)
  grouped(command, 'detection', detectionOptions)
  grouped(command, 'paper', paperOptions)
  return grouped(command, 'models', modelOptions)
}

/** Of commands that write decisions, and make the file. */
export const writtenDecisionsOption = (command: Command): Command =>
  command.option(
    '--decisions <file>',
    "analysts' decisions (gannet allow, confirm, note, tag); default: the database folder's name plus .decisions.yaml",
  )

/** Of commands that only read decisions: a file that is named must be there, unless it is watched for. */
export const decisionsOption = (command: Command): Command =>
  writtenDecisionsOption(command).hook('preAction', (called) => {
    const { decisions, watch } = called.opts<{ decisions?: string; watch?: boolean }>()
    if (decisions === undefined || watch || existsSync(decisions)) return
    throw new UserError(
      'option-invalid',
      `--decisions ${decisions}: there is no such file`,
      'Check the path; gannet allow, confirm, note and tag write one.',
    )
  })

export const outputOptions = (command: Command): Command =>
  grouped(command, 'output', (each) =>
    decisionsOption(each)
      .option('--json', 'print the answer as JSON (docs/reference/answer.md)')
      .option('--html <file>', 'write an HTML report')
      .option('--csv <file>', 'write the accused hosts as CSV')
      .option('--limit <n>', 'number of findings to print (default 10)', atLeastOne)
      .option('--verbose', 'print filters and inputs too')
      .option('--fail-on <severity>', 'exit with code 1 if a finding is this severe or worse', severity),
  )
