/** The commands that read what an analysis found: findings, show, evidence, sql. */

import { isIP } from 'node:net'
import type { Command } from 'commander'
import { UserError } from '../../errors.ts'
import { hostSummaryOf, newFindingsIn } from '../../findings/index.ts'
import type { Answer } from '../../model/answer.ts'
import type { Finding } from '../../model/finding.ts'
import { inlined } from '../../model/inlined.ts'
import { micros } from '../../model/units.ts'
import { explain } from '../../model/words/explain.ts'
import { sayInstant, sayMany } from '../../model/words/say.ts'
import { matchAgain } from '../../pipeline/index.ts'
import { renderContacts } from '../../reports/contacts.ts'
import { renderHostSummary } from '../../reports/host-summary.ts'
import { plainJson } from '../../reports/plain-json.ts'
import { threatsSentence } from '../../reports/summary.ts'
import { renderHost } from '../../reports/text.ts'
import { lastAnswer } from '../../store/analyses.ts'
import { removedInputs } from '../../store/ledger/retention.ts'
import type { Store } from '../../store/store.ts'
import { withDatabase } from '../database.ts'
import { decided } from '../decided.ts'
import type { DatabaseFlags, DecisionsFlags, OutputFlags } from '../flags.ts'
import { atLeastOne, collect, databaseOptions, decisionsOption, outputOptions, positive } from '../options.ts'
import { print, say } from '../say.ts'
import { type ExportFlags, exportOptions, giveExport } from './export.ts'
import { givePack, type PackFlags, packOptions } from './pack.ts'
import { give, terminal } from './run.ts'
import { watchFindings } from './watch-findings.ts'

/** @throws UserError nothing-to-analyse before the first analysis. */
export async function answerIn(store: Store) {
  const last = await lastAnswer(store)
  if (last) return last
  throw new UserError(
    'nothing-to-analyse',
    `${store.where} has not been analysed`,
    'Run: gannet analyze --db FOLDER.',
  )
}

const findings = (program: Command) => {
  const command = program.command('findings').description('print the newest analysis of a database')
  for (const add of [databaseOptions, outputOptions]) add(command)
  command.option('--new', 'only findings that the previous analysis did not have')
  command
    .option('--watch', 'draw the table of accused hosts again when an analysis or a decision changes it')
    .option('--every <seconds>', 'seconds between looks of --watch', positive, 5)
  exportOptions(command)
  command.action((flags: FindingsFlags) => {
    if (flags.watch) return watchedAlone(flags)
    return withDatabase(flags, { mustExist: true }, async (store) => {
      const { answer, figures } = await decided(await answerIn(store), flags)
      const before = flags.new ? await lastAnswer(store, { back: 1 }) : null
      const shown = flags.new ? newFindingsIn(answer, before?.answer ?? null) : answer
      await giveExport(shown, figures, { limit: 1000, ...flags, accusedInAll: answer.hosts.length })
    })
  })
}

interface FindingsFlags extends OutputFlags, ExportFlags {
  readonly new?: boolean
  readonly watch?: boolean
  readonly every: number
}

/** @throws UserError option-invalid where another form than the table is asked for. */
function watchedAlone(flags: FindingsFlags): Promise<void> {
  const other = (['json', 'html', 'csv', 'format', 'botnet', 'new'] as const).find(
    (each) => flags[each] !== undefined,
  )
  if (other === undefined) return watchFindings(flags)
  throw new UserError('option-invalid', `--watch and --${other} are both given`, 'Give one of them.')
}

const threats = (program: Command) => {
  const command = program
    .command('threats')
    .description('match threat lists against an analysed database, without importing or analysing again')
    .argument('<list...>', 'plain, CSV, MISP or STIX 2.1 files; they replace the lists used before')
  for (const add of [databaseOptions, outputOptions]) add(command)
  command
    .option('--allow <files>', 'allowlists: indicators on them are refused', collect)
    .option('--new', 'print only new findings')
  command.action(
    (lists: string[], flags: DatabaseFlags & OutputFlags & { allow?: string[]; new?: boolean }) =>
      withDatabase(flags, { mustExist: true }, async (store) => {
        const last = await answerIn(store)
        const { met, ...matched } = await matchAgain(store, last, {
          threats: lists,
          allow: flags.allow ?? [],
        })
        const before = await decided(last, flags)
        const { answer, figures } = await decided(matched, flags)
        const fresh = newFindingsIn(answer, before.answer)
        const ofLists = () =>
          newFindingsIn(answer, {
            ...before.answer,
            findings: answer.findings.filter(({ kind }) => kind !== 'threat-list'),
          })
        const opening = threatsSentence({ ...met, news: fresh.findings.length })
        await give(flags.new ? fresh : ofLists(), figures, { limit: 1000, ...flags, opening })
      }),
  )
}

const show = (program: Command) => {
  const command = databaseOptions(
    program
      .command('show')
      .description('show everything about one host: its findings and what it did')
      .argument('<host>', 'host address'),
  )

  decisionsOption(command).option('--json', 'print as JSON')
  command.action((host: string, flags: DecisionsFlags & { json?: boolean }) =>
    withDatabase(flags, { mustExist: true }, async (store) => {
      if (!isIP(host))
        throw new UserError('option-invalid', `${host} is not an address`, 'Give an IP address.')
      const { answer } = await decided(await answerIn(store), flags)
      const summary = await hostSummaryOf(store, host)
      const about = {
        host: answer.hosts.find((each) => each.host === host) ?? null,
        suspect: answer.suspects.find((each) => each.host === host) ?? null,
        findings: answer.findings.filter(({ hosts }) => hosts.includes(host)),
        summary,
      }
      print(
        flags.json
          ? plainJson(about, 2)
          : `${renderHost(answer, host, terminal())}${renderHostSummary(summary, terminal())}`,
      )
    }),
  )
}

const rank = (program: Command) => {
  const command = databaseOptions(
    program
      .command('rank')
      .description('list external contacts of one host or of all, most suspicious first')
      .argument('[host]', 'host address (default: all hosts)'),
  )

  command.option('--limit <n>', 'number of contacts to print (default 10)', atLeastOne)
  command.option('--json', 'print as JSON')
  command.action((host: string | undefined, flags: DatabaseFlags & { json?: boolean; limit?: number }) =>
    withDatabase(flags, { mustExist: true }, async (store) => {
      if (host !== undefined && !isIP(host))
        throw new UserError('option-invalid', `${host} is not an address`, 'Give an IP address.')
      const { answer } = await answerIn(store)
      const contacts = answer.contacts.filter((each) => host === undefined || each.host === host)
      const { limit = flags.json ? contacts.length : 10 } = flags
      const about = host ?? store.where
      print(
        flags.json
          ? plainJson(contacts.slice(0, limit), 2)
          : renderContacts(contacts, { about, limit }, terminal()),
      )
    }),
  )
}

interface EvidenceFlags extends DecisionsFlags, PackFlags {
  readonly sql?: boolean
}

const evidence = (program: Command) => {
  const command = databaseOptions(
    program
      .command('evidence')
      .description('show the evidence of a finding: the list, or the rows behind one piece')
      .argument('<finding>', 'finding id, as printed')
      .argument(
        '[number]',
        'number of the piece, from 1 (default: list all with their statements)',
        atLeastOne,
      ),
  )

  command.option('--sql', 'print the SQL statement instead of the rows')
  packOptions(decisionsOption(command))
  command.action((id: string, number: number | undefined, flags: EvidenceFlags) =>
    withDatabase(flags, { mustExist: true }, async (store) => {
      const found = await answerIn(store)
      const finding = findingNamed(id, found.answer)
      if (flags.pack !== undefined) {
        const { answer } = await decided(found, flags)
        return givePack(store, { answer, finding }, { ...flags, pack: flags.pack })
      }
      if (flags.capture !== undefined)
        throw new UserError('option-invalid', '--capture is for --pack', 'Give --pack FOLDER too.')
      if (number === undefined) {
        await sayRemoved(store, found.answer)
        return print(listOf(finding))
      }
      const piece = finding.evidence[number - 1]
      if (!piece) {
        throw new UserError(
          'finding-unknown',
          `${id} has ${sayMany(finding.evidence.length, 'piece')} of evidence, not ${number}`,
          `List them: gannet evidence ${id} --db FOLDER.`,
        )
      }
      if (flags.sql) return print(inlined(piece.query))
      await sayRemoved(store, found.answer)
      await printRows(store, inlined(piece.query))
    }),
  )
}

function findingNamed(id: string, { findings }: Answer): Finding {
  const found = findings.find((each) => each.id === id)
  if (found) return found
  throw new UserError(
    'finding-unknown',
    `the newest analysis has no finding ${id}`,
    'List them: gannet findings --db FOLDER.',
  )
}

/** Says which records of the analysis are no longer there: a finding stays when its records go. */
async function sayRemoved(store: Store, { analysis }: Answer): Promise<void> {
  const { from, to } = analysis
  if (from === null || to === null) return
  const inputs = await removedInputs(store, { from, to })
  const last = inputs.at(-1)
  if (!last) return
  const until = sayInstant(micros(last.last))
  say(
    `gannet: ${sayMany(inputs.length, 'input')} with records until ${until} were removed; their rows are missing`,
  )
}

const listOf = ({ id, claim, evidence }: Finding): string =>
  [
    `${id}  ${claim}`,
    ...evidence.map((each, i) => `\n${i + 1}. ${explain(each)}\n${inlined(each.query)}`),
  ].join('\n')

const sql = (program: Command) => {
  const command = databaseOptions(
    program
      .command('sql')
      .description('query the database in ClickHouse SQL; prints one JSON object per row')
      .argument('<statement>'),
  )
  command.option('--param <name=value>', 'value of a parameter {name:Type}; repeatable', parameter)
  command.action((statement: string, flags: DatabaseFlags & { param?: Record<string, string> }) =>
    withDatabase(flags, { mustExist: true }, (store) => printRows(store, statement, flags.param)),
  )
}

function parameter(text: string, before: Readonly<Record<string, string>> = {}) {
  const [, name, value] = /^(\w+)=(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined) {
    throw new UserError('option-invalid', `--param ${text} has no name`, 'Give name=value.')
  }
  return { ...before, [name]: value }
}

async function printRows(store: Store, statement: string, params: Readonly<Record<string, string>> = {}) {
  const rows = await store.ask(statement, params).catch((error: unknown) => {
    if (error instanceof UserError) throw error
    const [description = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    throw new UserError(
      'statement-invalid',
      `the engine refused the statement: ${description.replace(/\. Expected one of: .*$/, '').trim()}`,
      'Look up tables and columns in docs/reference/records.md.',
      error,
    )
  })
  for (const row of rows) print(plainJson(row))
}

export const asking = { findings, threats, show, rank, evidence, sql } as const
