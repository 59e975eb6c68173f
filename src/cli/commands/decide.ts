/** What analysts decide: gannet allow, confirm, note, decisions. */

import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { Command } from 'commander'
import {
  addDecisions,
  applyDecisions,
  decisionsText,
  inForce,
  newDecision,
  readDecisions,
  readSubject,
  removeDecision,
  saySubject,
  warningsOf,
} from '../../decisions/index.ts'
import { UserError } from '../../errors.ts'
import type { Answer } from '../../model/answer.ts'
import type { Decision, Verb } from '../../model/review/decision.ts'
import { sayList, sayMany } from '../../model/words/say.ts'
import { writeOutput } from '../../output.ts'
import { plainJson } from '../../reports/plain-json.ts'
import { printable } from '../../reports/printable.ts'
import type { Store } from '../../store/store.ts'
import { withDatabase } from '../database.ts'
import { decisionsPathNeeded, ownersFor } from '../decided.ts'
import type { DecisionsFlags } from '../flags.ts'
import { databaseOptions, writtenDecisionsOption } from '../options.ts'
import { print, say } from '../say.ts'
import { answerIn } from './results.ts'

interface DecideFlags extends DecisionsFlags {
  readonly reason?: string
  readonly author?: string
  readonly expires?: string
  readonly scope?: string
  readonly yes?: boolean
  readonly json?: boolean
}

/** Who decides: --author, $GANNET_AUTHOR, else the account. */
const authorOf = (author?: string): string => author ?? process.env['GANNET_AUTHOR'] ?? userInfo().username

const describing: Readonly<Record<Verb, string>> = {
  allow: 'trust a host, service, name, network or owner; findings are ranked again at once',
  confirm: 'say that a host is a bot, or that a place is command and control',
  note: 'keep a remark about a host or a place',
  tag: 'give a host, or those that call a place, words to sort them by',
}

export const deciding = (verb: Verb) => (program: Command) => {
  const command = writtenDecisionsOption(
    databaseOptions(
      program
        .command(verb)
        .description(describing[verb])
        .argument('<subject>', '10.1.2.3, 203.0.113.9:443/tcp, example.com, 10.2.0.0/16 or AS8075'),
    ),
  )

  if (verb === 'tag')
    command.argument(
      '<tag...>',
      'words of letters, digits and ._:/-, 40 characters at most, that begin with a letter or digit',
    )
  command
    .option('--reason <text>', 'why')
    .option('--author <name>', 'author (default: $GANNET_AUTHOR, or your account)')
    .option('--expires <day>', 'day on which the decision ends, such as 2026-12-31')
    .option('--scope <network>', 'apply only to hosts in this network')
    .option('--yes', 'decide even if that hides a confirmed bot')
    .option('--json', 'print what changed as JSON')
    .action((subject: string, ...rest: readonly unknown[]) => {
      const [tags, flags] = (verb === 'tag' ? rest : [[], ...rest]) as [string[], DecideFlags]
      return withDatabase(flags, { mustExist: true }, (store) => take(store, { verb, subject, tags }, flags))
    })
}

interface Asked {
  readonly verb: Verb
  readonly subject: string
  readonly tags: readonly string[]
}

async function take(store: Store, { verb, subject, tags }: Asked, flags: DecideFlags): Promise<void> {
  const path = decisionsPathNeeded(flags)
  const { reason = '', author, expires, scope } = flags
  const decision = newDecision(
    {
      verb,
      subject: readSubject(subject),
      tags,
      reason,
      author: authorOf(author),
      expires: expires ?? null,
      scope: scope ?? null,
    },
    new Date(),
  )
  const judged = await answerIn(store)
  const known = await readDecisions(path)
  const options = { ownerOf: await ownersFor(judged.answer, [...known, decision]) }
  const warnings = warningsOf(judged, known, [decision], options)
  if (warnings.length > 0 && !flags.yes) {
    throw new UserError(
      'decision-warned',
      warnings.join('; '),
      'If you mean it, repeat the command with --yes.',
    )
  }

  const before = applyDecisions(judged, known, options).answer
  await addDecisions(path, [decision])
  const after = applyDecisions(judged, await readDecisions(path), options).answer
  tell(decision, path, { before, after, json: flags.json ?? false, warnings })
}

interface Change {
  readonly before: Answer
  readonly after: Answer
  readonly json: boolean
  readonly warnings: readonly string[]
}

function tell(decision: Decision, path: string, { before, after, json, warnings }: Change): void {
  const change = changeOf(before, after)

  if (json) {
    print(plainJson({ decision, file: path, warnings, ...change }, 2))
    return
  }

  for (const warning of warnings) say(`gannet: ${printable(warning)}`)
  print(
    [
      `${decision.id}  ${decision.verb} ${saySubject(decision.subject)}${tagText(decision)}, kept in ${path}`,
      ...(change.gone.length > 0 ? [`No longer accused: ${sayList(change.gone, 10)}`] : []),
      ...(change.back.length > 0 ? [`Accused again: ${sayList(change.back, 10)}`] : []),
      `${sayMany(after.hosts.length, 'host')} accused, ` +
        `${sayMany(after.decided?.allowed.length ?? 0, 'finding')} allowed.`,
      `Undo: gannet decisions --remove ${decision.id} --db FOLDER`,
    ].join('\n'),
  )
}

const tagText = ({ tags }: Decision): string => (tags.length === 0 ? '' : ` as ${tags.join(', ')}`)

/** Hosts that are accused no more, or again. */
function changeOf(before: Answer, after: Answer) {
  const then = new Set(before.hosts.map(({ host }) => host))
  const since = new Set(after.hosts.map(({ host }) => host))
  return {
    gone: [...then].filter((host) => !since.has(host)),
    back: [...since].filter((host) => !then.has(host)),
  }
}

interface ListFlags extends DecisionsFlags {
  readonly remove?: string
  readonly import?: string
  readonly export?: string
  readonly author?: string
  readonly json?: boolean
}

export const listingDecisions = (program: Command) => {
  const command = writtenDecisionsOption(
    databaseOptions(
      program.command('decisions').description('list decisions, remove one, import a file, or export them'),
    ),
  )
  command
    .option('--remove <id>', 'remove this decision')
    .option('--import <file>', 'add the decisions of another file')
    .option('--export <file>', 'write the decisions that are in force to another file; - is standard output')
    .option('--author <name>', 'author of the removal (default: $GANNET_AUTHOR, or your account)')
    .option('--json', 'print as JSON')
    .action(async (flags: ListFlags) => {
      const path = decisionsPathNeeded(flags)
      if (flags.decisions !== undefined && flags.import === undefined && !existsSync(path))
        throw new UserError('decision-invalid', `there is no file ${path}`, 'Check the path.')
      if (flags.remove !== undefined) await removeDecision(path, flags.remove, authorOf(flags.author))
      if (flags.import !== undefined) await addDecisions(path, await importable(flags.import))
      const decisions = await readDecisions(path)
      if (flags.export !== undefined) {
        const now = new Date()
        return writeOutput(flags.export, decisionsText(decisions.filter((each) => inForce(each, now))))
      }
      print(flags.json ? plainJson(decisions, 2) : decisions.map(lineOf).join('\n') || 'No decisions.')
    })
}

async function importable(path: string): Promise<Decision[]> {
  const decisions = await readDecisions(path)
  if (decisions.length > 0) return decisions
  throw new UserError('decision-invalid', `${path} has no decisions`, 'Check the path.')
}

const lineOf = ({ id, verb, subject, tags, reason, author, made, expires, scope }: Decision): string =>
  printable(
    [
      id,
      verb,
      saySubject(subject),
      ...(tags.length === 0 ? [] : [tags.join(', ')]),
      ...(scope === null ? [] : [`for ${scope}`]),
      ...(expires === null ? [] : [`until ${expires}`]),
      ...(reason === '' ? [] : [`“${reason}”`]),
      ...(author === '' ? [] : [`by ${author}`]),
      made.slice(0, 10),
    ].join('  '),
  )
