/**
 * The configuration of `gannet monitor`: a YAML file with a section for each command that it runs. The keys are the
 * options of that command without their dashes, so that each means, allows and defaults to the same.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import { isMap, isPair, isScalar, isSeq, LineCounter, type Pair, parseDocument } from 'yaml'
import { checkThresholds } from '../../activities/index.ts'
import { targetOf } from '../../alerts/index.ts'
import { UserError, yamlFault } from '../../errors.ts'
import { analysing } from '../commands/analyze.ts'
import { type CaptureFlags, capturing } from '../commands/capture.ts'
import { type CollectFlags, collecting, listenOn } from '../commands/collect.ts'
import type { AlertFlags } from '../commands/diff.ts'
import { pruning } from '../commands/prune.ts'
import { placeOf, type ServeFlags, serving } from '../commands/serve.ts'
import { type WatchFlags, watching } from '../commands/watch.ts'
import type { AnalysisFlags, DatabaseFlags, OutputFlags, RetentionFlags } from '../flags.ts'
import { databaseOptions, repeated, setting } from '../options.ts'
import { timeSpan } from '../units.ts'

export interface MonitorConfig {
  readonly database: DatabaseFlags
  readonly monitor: { readonly listen: string }
  readonly collect?: CollectFlags
  readonly capture?: CaptureFlags & { readonly fifo?: string }
  readonly watch?: WatchFlags & { readonly folder: readonly string[] }
  /** `every` in microseconds. */
  readonly analyze: AnalysisFlags & OutputFlags & AlertFlags & { readonly every: number }
  readonly prune?: RetentionFlags & { readonly every: number }
  readonly serve?: ServeFlags
}

/** Options of which `database` has its own section, and those of a command that prints once and ends. */
const left = 'db url cluster json limit verbose failOn dryRun analyzeEvery seconds'.split(' ')

const of = (add: (program: Command) => void, own: readonly Option[] = []): Option[] => {
  const program = new Command()
  add(program)
  const options = program.commands[0]!.options.filter((each) => !left.includes(each.attributeName()))
  return [...options, ...own]
}

const every = (time: string, text: string) =>
  new Option('--every <time>', 'time between two runs, such as 1h or 15m')
    .argParser(timeSpan)
    .default(timeSpan(time), text)

const analysis = of(analysing, [every('1h', '1h')])

/** The sections and their keys. */
export const sections: Readonly<Record<string, readonly Option[]>> = {
  database: databaseOptions(new Command()).options,
  monitor: [
    new Option('--listen <place>', 'PORT or HOST:PORT of /health and /metrics').default('127.0.0.1:8481'),
  ],
  collect: of(collecting),
  capture: [
    ...of(capturing),
    new Option('--fifo <path>', 'named pipe to read a capture from, in place of an interface'),
  ],
  watch: [
    new Option('--folder <folders>', 'folders to follow').argParser(repeated),
    ...of(watching).filter(
      (each) =>
        !analysis.some((other) => other.attributeName() === each.attributeName()) || each.long === '--every',
    ),
  ],
  analyze: analysis,
  prune: of(pruning, [every('1h', '1h')]),
  serve: of(serving),
}

/** The key of an option: `f1` for `--no-f1`. */
export const keyOf = (option: Option): string => option.long!.replace(/^--(?:no-)?/, '')

const seeKeys = "'gannet config keys' says what each key means; docs/reference/monitor.md shows them."

/** Values that only their command would refuse. */
const checks: Readonly<Record<string, (text: string) => unknown>> = {
  'collect.netflow': listenOn,
  'collect.ipfix': listenOn,
  'collect.sflow': listenOn,
  'serve.listen': placeOf,
  'monitor.listen': placeOf,
  'analyze.alert': targetOf,
  'analyze.set': (text) => checkThresholds(setting(text)),
}

/** Reads and checks a file. @throws UserError config-invalid naming the line. */
export async function readConfig(path: string): Promise<MonitorConfig> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UserError('config-invalid', `${path} cannot be read`, 'Check the path.', error)
  })
  return parseConfig(text, path)
}

export function parseConfig(text: string, path: string): MonitorConfig {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const wrong = (at: number, what: string, hint: string) =>
    new UserError('config-invalid', `${path}:${lines.linePos(at).line}: ${what}`, hint)

  const [fault] = document.errors
  if (fault) throw wrong(fault.pos[0], yamlFault(fault), 'Correct the YAML.')
  const root = document.contents
  if (!isMap(root)) throw wrong(0, 'there is no section', `Give one of: ${Object.keys(sections).join(', ')}.`)

  const found: Record<string, Record<string, unknown>> = {}
  for (const pair of root.items) {
    const { name, at } = named(pair)
    const options = sections[name]
    if (!options) throw wrong(at, `no section ${name}`, `Give one of: ${Object.keys(sections).join(', ')}.`)
    if (!isMap(pair.value) && !(isScalar(pair.value) && pair.value.value === null))
      throw wrong(at, `${name} has no keys`, 'Put its keys under it, indented.')
    found[name] = sectionOf(name, isMap(pair.value) ? pair.value.items : [], { options, wrong })
  }

  return completed(found, (what, hint) => wrong(0, what, hint))
}

type Wrong = (at: number, what: string, hint: string) => UserError

function named({ key }: Pair): { name: string; at: number } {
  return isScalar(key) ? { name: String(key.value), at: key.range?.[0] ?? 0 } : { name: '', at: 0 }
}

/** Flags as the command line would give them. */
function sectionOf(
  section: string,
  pairs: readonly Pair[],
  { options, wrong }: { readonly options: readonly Option[]; readonly wrong: Wrong },
): Record<string, unknown> {
  const flags = defaultsOf(options)

  for (const pair of pairs) {
    const { name, at } = named(pair)
    const option = options.find((each) => keyOf(each) === name)
    if (!option)
      throw wrong(at, `${section} has no key ${name}`, `Give one of: ${options.map(keyOf).join(', ')}.`)

    try {
      flags[option.attributeName()] = valueAt(option, pair.value, checks[`${section}.${name}`])
    } catch (error) {
      if (!(error instanceof InvalidArgumentError || error instanceof UserError)) throw error
      const hint = error instanceof UserError ? error.hint : seeKeys
      throw wrong(at, `${section}.${name}: ${error.message}`, hint)
    }
  }
  return flags
}

const defaultsOf = (options: readonly Option[]): Record<string, unknown> =>
  Object.fromEntries(
    options.flatMap((option) => {
      if (option.negate) return [[option.attributeName(), true]]
      return option.defaultValue === undefined ? [] : [[option.attributeName(), option.defaultValue]]
    }),
  )

function valueAt(option: Option, node: unknown, check?: (text: string) => unknown): unknown {
  if (option.isBoolean() || option.negate) {
    if (isScalar(node) && typeof node.value === 'boolean') return node.value
    throw new InvalidArgumentError('Give true or false.')
  }

  const words = wordsOf(node)
  if (words.length === 0) throw new InvalidArgumentError('Give a value.')
  if (check) words.forEach(check)
  if (!option.parseArg) {
    if (words.length > 1) throw new InvalidArgumentError('Give one value.')
    return words[0]
  }

  return words.reduce<unknown>((before, word) => option.parseArg!(word, before), undefined)
}

/** The texts that would stand behind the option; a map gives `key=value`. */
function wordsOf(node: unknown): string[] {
  if (isScalar(node)) return node.value === null ? [] : [String(node.value)]
  if (isSeq(node)) return node.items.flatMap(wordsOf)
  if (isMap(node))
    return node.items.flatMap((pair) =>
      isPair(pair) ? wordsOf(pair.value).map((value) => `${named(pair).name}=${value}`) : [],
    )
  return []
}

/** The sections with the defaults of those that are not there. */
function completed(
  found: Readonly<Record<string, Record<string, unknown>>>,
  wrong: (what: string, hint: string) => UserError,
): MonitorConfig {
  const database = (found['database'] ?? {}) as DatabaseFlags
  const oneOf = (section: string, [a, b]: readonly [string, string]) => {
    const given = [a, b].filter((key) => found[section]?.[key])
    const hint = `Give ${section}.${a} or ${section}.${b}.`
    if (given.length === 0) throw wrong(`${section} needs ${a} or ${b}`, hint)
    if (given.length === 2) throw wrong(`${section} has both ${a} and ${b}`, hint)
  }
  oneOf('database', ['db', 'url'])
  if (found['watch'] && !found['watch']['folder']) throw wrong('watch names no folder', 'Give watch.folder.')
  if (found['collect'] && !['netflow', 'ipfix', 'sflow'].some((key) => found['collect']![key]))
    throw wrong('collect names no address', 'Give collect.netflow, collect.ipfix or collect.sflow.')
  if (found['capture']) oneOf('capture', ['interface', 'fifo'])
  const limits = ['keep', 'maxDisk', 'keepAggregates', 'keepFindings']
  if (found['prune'] && limits.every((key) => found['prune']![key] === undefined))
    throw wrong(
      'prune names no limit',
      'Give prune.keep, prune.max-disk, prune.keep-aggregates or prune.keep-findings.',
    )

  const { decisions } = (found['analyze'] ?? {}) as OutputFlags
  if (decisions !== undefined && decisions !== found['serve']?.['decisions'] && !existsSync(decisions))
    throw wrong(
      `analyze.decisions: there is no file ${decisions}`,
      'Check the path; gannet allow writes such a file, and the pages do if serve.decisions names it too.',
    )
  const clash = clashIn(placesOf(found))
  if (clash) throw wrong(`${clash} are the same address and port`, 'Give one of them another port.')

  const complete = Object.fromEntries(
    Object.entries(found).map(([section, flags]) => [section, { ...flags, ...database }]),
  )
  return {
    analyze: { ...defaultsOf(sections['analyze']!), ...database },
    monitor: defaultsOf(sections['monitor']!),
    ...complete,
    database,
  } as unknown as MonitorConfig
}

/** An address that a section listens on. */
interface Heard {
  readonly key: string
  readonly host: string
  readonly port: number
  readonly proto: 'tcp' | 'udp'
}

function placesOf(found: Readonly<Record<string, Record<string, unknown>>>): Heard[] {
  const monitor = found['monitor'] ?? defaultsOf(sections['monitor']!)
  const pages = Object.entries({ monitor, serve: found['serve'] }).flatMap(([section, flags]): Heard[] =>
    flags ? [{ key: `${section}.listen`, proto: 'tcp', ...placeOf(flags['listen'] as string) }] : [],
  )
  const exporters = ['netflow', 'ipfix', 'sflow'].flatMap((key) =>
    ((found['collect']?.[key] ?? []) as string[]).map((text): Heard => {
      const { address, port } = listenOn(text)
      return { key: `collect.${key}`, proto: 'udp', host: address, port }
    }),
  )
  return [...pages, ...exporters]
}

const allAddresses = new Set(['0.0.0.0', '::'])

/** The keys of two that cannot both listen; port 0 is any free one. */
function clashIn(places: readonly Heard[]): string | null {
  const named = (host: string) => (host === 'localhost' ? '127.0.0.1' : host)
  for (const [i, a] of places.entries()) {
    const b = places
      .slice(i + 1)
      .find(
        ({ host, port, proto }) =>
          port !== 0 &&
          port === a.port &&
          proto === a.proto &&
          (named(host) === named(a.host) || allAddresses.has(host) || allAddresses.has(a.host)),
      )
    if (b) return `${a.key} and ${b.key}`
  }
  return null
}
