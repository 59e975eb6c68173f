/** docs/reference/cli.md, from the commands themselves. */
import type { Argument, Command, Option } from 'commander'
import { createProgram } from '../src/cli/program.ts'

const opening = `# Commands

In a clone the command is \`./gannet\`; installed, \`gannet\`. Written from \`src/cli\` by \`npm run docs\`.

## Exit codes

| Code | When |
| --- | --- |
| 0 | Success, with or without findings. |
| 1 | \`--fail-on\` was given and a finding is that severe or worse. |
| 2 | An error that you can fix. One line says what and where, the next what to do ([errors](errors.md)). |
| 70 | Internal error; a stack trace is printed. Please report it. |
| 130 | Interrupted (Ctrl-C). A temporary database is removed; nothing of a half-read input is kept. |

In bash \`source <(gannet completion bash)\` completes commands, options and choices; zsh and fish below. \`man gannet\`
has this page where the package is installed with \`npm install -g\`; in a clone it is \`man docs/gannet.1\`.

Results go to standard output, everything else to standard error. Progress appears on a terminal only.
`

const examples: Readonly<Record<string, readonly string[]>> = {
  run: [
    'gannet run ./zeek-logs/ capture.pcap flows.binetflow --internal 10.0.0.0/8',
    'gannet run conn.log --json --fail-on high > answer.json',
  ],
  collect: [
    'gannet collect --netflow :2055 --sflow :6343 --db site.gannet',
    'gannet collect --ipfix 4739 --url http://user:password@host:8123/gannet',
  ],
  capture: [
    'gannet capture -i eth0 --db site.gannet',
    'ssh sensor tcpdump -U -w - | gannet capture - --db site.gannet',
  ],
  import: [
    'gannet import ./zeek-logs/ --db site.gannet',
    'gannet import table.csv --map ts=start,src=client,dst=server --save-profile firewall --db site.gannet',
  ],
  flows: [
    'gannet flows capture.pcap --out flows.parquet',
    'zcat conn.log.gz | gannet flows - --out - --format jsonl',
  ],
  profiles: ['gannet profiles', 'gannet profiles cicflowmeter'],
  watch: [
    'gannet watch /opt/zeek/logs --db site.gannet --analyze-every 60',
    'gannet watch /var/log/suricata --db site.gannet --every 10 --json',
  ],
  analyze: [
    'gannet analyze --db site.gannet --allow our-cdn.txt --html report.html',
    'gannet analyze --db site.gannet --set horizontal-scan.targets=50',
  ],
  findings: [
    'gannet findings --db site.gannet --new',
    'gannet findings --db site.gannet --json',
    'gannet findings --db site.gannet --watch',
    'gannet findings --db site.gannet --format stix --out gannet.stix.json',
  ],
  allow: [
    'gannet allow 203.0.113.9:443/tcp --reason "backup agent" --db site.gannet',
    'gannet allow 10.1.2.3 --expires 2027-06-30 --db site.gannet',
  ],
  confirm: ['gannet confirm 10.1.2.3 --reason "found on disk" --db site.gannet'],
  note: ['gannet note example.com --reason "asked the owner" --db site.gannet'],
  tag: ['gannet tag 10.2.0.0/16 lab --db site.gannet'],
  decisions: [
    'gannet decisions --db site.gannet',
    'gannet decisions --remove d0123456789ab --db site.gannet',
  ],
  diff: ['gannet diff --db site.gannet', 'gannet diff --db site.gannet --alert syslog+tcp://siem:514'],
  serve: ['gannet serve --db site.gannet'],
  show: ['gannet show 10.1.2.3 --db site.gannet'],
  evidence: [
    'gannet evidence f0123456789ab --db site.gannet',
    'gannet evidence f0123456789ab 2 --db site.gannet',
    'gannet evidence f0123456789ab --pack f0123456789ab.zip --db site.gannet',
  ],
  sql: [
    "gannet sql 'SELECT outcome, count() AS flows FROM flow GROUP BY outcome' --db site.gannet",
    "gannet sql 'SELECT count() AS flows FROM flow WHERE client = {host:IPv6}' --param host=::ffff:10.1.2.3 --db site.gannet",
  ],
  train: [
    'gannet train --family njRAT --from samples/ --cnc 203.0.113.9:1177 --out models/njRAT.json',
    'gannet train --family Sasfis --from sandbox/conn.log --benign clean/conn.log --out models/Sasfis.json',
  ],
  'models list': ['gannet models list --models models'],
  'models show': ['gannet models show Sasfis --models models'],
  'models compare': ['gannet models compare Sasfis Banbra --models models'],
  'models test': [
    'gannet models test --models models --clean clean/conn.log --runs 50',
    'gannet models test --sample Sasfis=sandbox/conn.log',
  ],
  calibrate: [
    'gannet calibrate --models models --clean clean/conn.log --per-day 1',
    'gannet calibrate --models models --decided --db site.gannet --per-day 1',
  ],
  simulate: ['gannet simulate --seed 7 --out day', 'gannet simulate --seed 7 --no-bots --out clean-day'],
  overlay: ['gannet overlay --background site/ --bots day/ --truth day/truth.json --out over'],
  evaluate: [
    'gannet evaluate --db site.gannet --truth day/truth.json --html evaluation.html',
    'gannet evaluate --db site.gannet --labels',
  ],
  demo: ['gannet demo'],
  completion: [
    'source <(gannet completion bash)',
    'gannet completion zsh > "${fpath[1]}/_gannet"',
    'gannet completion fish > ~/.config/fish/completions/gannet.fish',
  ],
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')

function describe({ description, defaultValue, argChoices, mandatory }: Option): string {
  const parts = [description]
  if (argChoices) parts.push(`one of ${argChoices.map((each) => `\`${each}\``).join(', ')}`)
  if (mandatory) parts.push('required')
  else if (defaultValue !== undefined && typeof defaultValue !== 'boolean')
    parts.push(`default \`${String(defaultValue)}\``)
  return cell(parts.join('; '))
}

/** Commands that do something, with their full names. */
const leaves = (command: Command, before = ''): (readonly [string, Command])[] =>
  command.commands.length === 0
    ? [[`${before}${command.name()}`, command]]
    : command.commands.flatMap((each) => leaves(each, `${before}${command.name()} `))

const rowOf = (option: Option): string => `| \`${option.flags}\` | ${describe(option)} |`

/** Commands that must have an option, alike, before it is described once for all. */
const sharedBy = 3

/** Options that several commands have: by the heading of the help text, their rows. */
type Shared = ReadonlyMap<string, readonly string[]>

function sharedOptions(commands: readonly Command[]): Shared {
  const options = commands.flatMap((command) => command.options)
  const rows = [...Map.groupBy(options, rowOf)]
    .filter(([, alike]) => alike.length >= sharedBy)
    .toSorted((a, b) => b[1].length - a[1].length)
  // A flag with two meanings is described once as shared, by its commonest one.
  const commonest = [...new Map(rows.toReversed().map((each) => [each[1][0]!.long, each])).values()]
  const inOrder = options.map(rowOf)
  const found = commonest.toSorted(([a], [b]) => inOrder.indexOf(a) - inOrder.indexOf(b))
  const headings = new Map(commands.flatMap((command) => [...headingsOf(command)]))
  const byHeading = Map.groupBy(found, ([row]) => headings.get(row) || 'Other options')
  return new Map([...byHeading].map(([heading, all]) => [heading, all.map(([row]) => row)]))
}

const mostUsed = 'Most used'

/** Headings of the options of a command; one that stands under `Most used` has that of the next option elsewhere. */
function headingsOf({ options }: Command): Map<string, string> {
  const headings = options.map(({ helpGroupHeading }) => helpGroupHeading?.replace(/( \(.*\))?:$/, '') ?? '')
  return new Map(
    options.map((option, i) => [
      rowOf(option),
      headings[i] === mostUsed
        ? (headings.slice(i).find((each) => each !== mostUsed) ?? '')
        : (headings[i] ?? ''),
    ]),
  )
}

/** Links to the shared options that a command has: to all of a heading, or by name. */
function sharedLinks({ options }: Command, shared: Shared): string[] {
  const own = options.map(rowOf)
  return [...shared].flatMap(([heading, rows]) => {
    const had = rows.filter((row) => own.includes(row))
    if (had.length === 0) return []
    const link = `[${heading.toLowerCase()}](#${heading.toLowerCase().replaceAll(' ', '-')})`
    const names = had.map((row) => `\`${/--[\w-]+/.exec(row)?.[0]}\``)
    return had.length === rows.length ? [link] : [`${names.join(', ')} of ${link}`]
  })
}

/** The one argument that the command does not describe itself. */
const described: Readonly<Record<string, string>> = { 'sql statement': 'statement in ClickHouse SQL' }

/** @throws Error where an argument has no description: the page would have to guess. */
export function meaningOf(command: string, argument: Pick<Argument, 'name' | 'description'>): string {
  const meaning = argument.description || described[`${command} ${argument.name()}`]
  if (!meaning) throw new Error(`the argument ${argument.name()} of gannet ${command} has no description`)
  return meaning
}

function section(command: Command, { name, shared }: { name: string; shared: Shared }): string {
  const args = command.registeredArguments.map((each) => {
    const shown = `${each.name()}${each.variadic ? '…' : ''}`
    return each.required ? `<${shown}>` : `[${shown}]`
  })
  const [alias] = command.aliases()
  const shown = examples[name]
  const rows = [
    ...command.registeredArguments.map((each, i) => `| \`${args[i]}\` | ${cell(meaningOf(name, each))} |`),
    ...command.options.map(rowOf).filter((row) => ![...shared.values()].flat().includes(row)),
  ]
  const links = sharedLinks(command, shared)
  return [
    `## \`gannet ${name}\``,
    `${command.description()}.${alias ? ` Also: \`gannet ${alias}\`.` : ''}`,
    ...(shown ? [`\`\`\`sh\n${shown.join('\n')}\n\`\`\``] : []),
    ...(rows.length > 0 ? [['| Argument or option | Meaning |', '| --- | --- |', ...rows].join('\n')] : []),
    ...(links.length > 0 ? [`Also: ${links.join('; ')}.`] : []),
  ].join('\n\n')
}

const program = await createProgram()

export function cliPage(): string {
  const everywhere = program.options.map((option) => `\`${option.flags}\`: ${describe(option)}`)
  const all = program.commands.flatMap((each) => leaves(each))
  const shared = sharedOptions(all.map(([, command]) => command))
  return [
    opening,
    `Before any command: ${everywhere.join('; ')}.`,
    ...all.map(([name, command]) => section(command, { name, shared })),
    ...[...shared].flatMap(([heading, rows]) => [
      `## ${heading}`,
      ['| Option | Meaning |', '| --- | --- |', ...rows].join('\n'),
    ]),
    '[Options](options.md) explains the analysis options and their defaults; [the answer](answer.md) explains the JSON.',
  ]
    .join('\n\n')
    .replace(/\n{3,}/g, '\n\n')
    .concat('\n')
}
