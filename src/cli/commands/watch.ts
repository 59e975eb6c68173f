/** The command that follows folders of logs. */

import type { Command } from 'commander'
import { type Look, watch } from '../../capture/import/watch.ts'
import { UserError } from '../../errors.ts'
import { newFindingsIn } from '../../findings/index.ts'
import type { Answer } from '../../model/answer.ts'
import { plainJson } from '../../reports/plain-json.ts'
import { lastAnswer } from '../../store/analyses.ts'
import type { Store } from '../../store/store.ts'
import { withDatabase } from '../database.ts'
import { decided } from '../decided.ts'
import {
  type AnalysisFlags,
  type DatabaseFlags,
  type ImportFlags,
  type OutputFlags,
  optionsOf,
} from '../flags.ts'
import {
  analysisOptions,
  databaseOptions,
  importOptions,
  outputOptions,
  positive,
  withMostUsed,
} from '../options.ts'
import { print, say } from '../say.ts'
import { importSummary } from '../summary.ts'
import { withInterrupt } from '../with-interrupt.ts'
import { type AlertFlags, alertChanges, alertOptions, changesIn } from './diff.ts'
import { profileFrom } from './profiles.ts'
import { analyseAll, give, inputsOf, refuseUnknownSettings } from './run.ts'

export interface WatchFlags extends DatabaseFlags, ImportFlags, AnalysisFlags, OutputFlags, AlertFlags {
  readonly every: number
  readonly settle: number
  readonly analyzeEvery?: number
}

/** Seconds after the last change at which a last line without its end is taken too. */
const lastLineSeconds = 600

export const watching = (program: Command): void => {
  const command = program
    .command('watch')
    .description('follow log folders until interrupted and import each new record once')
    .argument('<folder...>', 'folders, for example Zeek’s log folder with its current/')

  databaseOptions(command)
    .option('--every <seconds>', 'seconds between scans of the folders', positive, 60)
    .option(
      '--settle <seconds>',
      'import a capture or compressed file after this many seconds without a write',
      positive,
      30,
    )
    .option(
      '--analyze-every <minutes>',
      'analyse after an import, at most this often, and print new findings',
      positive,
    )

  for (const add of [importOptions, analysisOptions, outputOptions, alertOptions]) add(command)
  withMostUsed(command).action((folders: string[], flags: WatchFlags) => run(folders, flags))
}

/** What the flags say of a watch. */
export const watchOptions = async (flags: WatchFlags) => ({
  format: flags.format,
  profile: await profileFrom(flags),
  sampled: flags.sampled,
  acceptRejects: flags.acceptRejects ?? false,
  every: flags.every * 1000,
  settle: flags.settle * 1000,
  lastLine: Math.max(lastLineSeconds, flags.settle) * 1000,
})

async function run(folders: readonly string[], flags: WatchFlags): Promise<void> {
  if (folders.includes('-'))
    throw new UserError('option-invalid', 'standard input cannot be watched', 'Give a folder.')

  await refuseUnknownSettings(optionsOf(flags))
  const options = await watchOptions(flags)
  await withDatabase(flags, {}, async (store) => {
    const analyst = createAnalyst(store, flags)
    if (process.stderr.isTTY) say('gannet: watching; Ctrl-C ends')
    await withInterrupt((signal) =>
      watch(store, folders, {
        ...options,
        signal,
        looked: async (look) => {
          tell(look, flags)
          await analyst.after(look)
        },
      }),
    )
  })
}

/** One line for each input with something new; what is left out goes to the error output. */
function tell({ taken, known, skipped }: Look, { json, verbose }: OutputFlags): void {
  const at = `${new Date().toISOString().slice(0, 19)}Z`
  for (const report of taken) {
    if (json) print(plainJson({ at, imported: report }))
    else print(`${at} ${importSummary({ inputs: [report], skipped: [] })}`)
  }
  if (verbose && !json) for (const { name } of known) say(`${at} ${name}: its content is known`)
  for (const { name, why } of skipped) say(`${at} gannet: left out ${name}: ${why}`)
}

/** Analyses when there is something new and it is time, and prints what the analysis before did not say. */
function createAnalyst(store: Store, flags: WatchFlags) {
  let due = false
  let last = Number.NEGATIVE_INFINITY
  let before: Answer | null = null

  return {
    async after({ taken }: Look): Promise<void> {
      const minutes = flags.analyzeEvery
      due ||= taken.length > 0
      if (minutes === undefined || !due || performance.now() - last < minutes * 60_000) return
      due = false
      last = performance.now()
      before ??= (await lastAnswer(store))?.answer ?? null
      const analysed = await analyseAll(store, optionsOf(flags), await inputsOf(store))
      const { answer, figures } = await decided(analysed, flags)
      const newFindings = newFindingsIn(answer, before)
      before = answer
      if (newFindings.findings.length > 0) await give(newFindings, figures, { limit: 1000, ...flags })
      if (flags.alert) await alertChanges(await changesIn(store, flags), flags)
    },
  }
}
