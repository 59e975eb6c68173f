/** `gannet diff` and alerts: what changed from one analysis to the next, and who is alerted. */

import { setTimeout as wait } from 'node:timers/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { alertsOf, type Delivered, openOutbox, type Target, targetOf } from '../../alerts/index.ts'
import { UserError } from '../../errors.ts'
import { compare } from '../../findings/index.ts'
import type { Answer } from '../../model/answer.ts'
import { type Severity, severities } from '../../model/finding.ts'
import type { Comparison } from '../../model/review/comparison.ts'
import { renderComparison } from '../../reports/comparison.ts'
import { noFigures } from '../../reports/format.ts'
import { plainJson } from '../../reports/plain-json.ts'
import { answersBefore } from '../../store/analyses.ts'
import type { Store } from '../../store/store.ts'
import { withDatabase } from '../database.ts'
import { decided } from '../decided.ts'
import type { DecisionsFlags } from '../flags.ts'
import { atLeastOne, databaseOptions, decisionsOption } from '../options.ts'
import { print, say } from '../say.ts'
import { answerIn } from './results.ts'
import { terminal } from './run.ts'

/** Analyses before the last two that are asked whether a finding was there once. */
const remembered = 10

/** What the newest analysis has that the one `back` before it had not, and the other way round; both with decisions. */
export async function changesIn(store: Store, flags: DecisionsFlags, back = 1): Promise<Comparison> {
  const { answer } = await decided(await answerIn(store), flags)
  const earlier: Answer[] = []
  for (const each of await answersBefore(store, { skip: back, most: remembered + 1 }))
    earlier.push((await decided({ answer: each, figures: noFigures }, flags)).answer)
  const [before = null, ...older] = earlier
  return compare(answer, before, older)
}

export interface AlertFlags extends DecisionsFlags {
  readonly alert?: string[]
  readonly alertFrom?: Severity
  readonly outbox?: string
}

const severity = (text: string): Severity => {
  const found = severities.find((each) => each === text)
  if (!found) throw new InvalidArgumentError(`Give one of: ${severities.join(', ')}.`)
  return found
}

export const alertOptions = (command: Command): Command =>
  command
    .option(
      '--alert <place>',
      'send new, returning and raised findings: https://…, ' +
        'syslog[+tcp|+tls]://host, mailto:…?smtp=…, file:PATH; repeatable',
      (text: string, before: string[] = []) => [...before, text],
    )
    .option('--alert-from <severity>', 'alert on findings this severe or worse (default low)', severity)
    .option(
      '--outbox <file>',
      'file for alerts not yet delivered; default: the database folder’s name plus .outbox.json',
    )

export const diffing = (program: Command) => {
  const command = decisionsOption(
    databaseOptions(
      program
        .command('diff')
        .description('list changes since the previous analysis: new, back, raised, lowered, gone'),
    ),
  )

  alertOptions(command)
    .option(
      '--back <n>',
      'compare with the analysis this many runs before the newest (default 1)',
      atLeastOne,
    )
    .option('--json', 'print as JSON')
    .action((flags: AlertFlags & { back?: number; json?: boolean }) =>
      withDatabase(flags, { mustExist: true }, async (store) => {
        const comparison = await changesIn(store, flags, flags.back)
        print(flags.json ? plainJson(comparison, 2) : renderComparison(comparison, terminal()))
        await alertChanges(comparison, flags)
      }),
    )
}

/** Longest that a command waits for a place that does not answer; what is left waits in the outbox. */
const timeout = 15_000

/** Sends alerts for what is new, back or raised, where `--alert` asks; says on the error output what waits. */
export async function alertChanges(comparison: Comparison, flags: AlertFlags): Promise<Delivered | null> {
  if (!flags.alert || flags.alert.length === 0) return null
  const targets = flags.alert.map(targetOf)
  const outbox = await openOutbox(outboxPath(flags))
  await outbox.put(alertsOf(comparison, flags.alertFrom), targets)
  return deliverFor(outbox, targets, timeout)
}

async function deliverFor(
  outbox: Awaited<ReturnType<typeof openOutbox>>,
  targets: readonly Target[],
  longest: number,
): Promise<Delivered> {
  const end = Date.now() + longest
  let outcome = await outbox.deliver(targets)

  for (;;) {
    const due = outbox.nextDue(targets)
    if (due === null || due > end) break
    await wait(Math.max(0, due - Date.now()))
    const again = await outbox.deliver(targets)
    outcome = { ...again, sent: outcome.sent + again.sent }
  }

  for (const { target, why } of outcome.faults) say(`gannet: ${target} takes no alerts: ${why}`)

  if (outcome.waiting > 0)
    say(`gannet: ${outcome.waiting} alerts wait; the next command with the same --alert sends them`)

  return outcome
}

function outboxPath({ outbox, db }: AlertFlags): string {
  if (outbox !== undefined) return outbox
  if (db !== undefined) return `${db.replace(/\/+$/, '')}.outbox.json`
  throw new UserError(
    'option-invalid',
    'no file for undelivered alerts is given',
    'Give --outbox FILE, or --db FOLDER.',
  )
}
