/** `gannet analyze`: what a database holds. */
import type { Command } from 'commander'
import { withDatabase } from '../database.ts'
import { type AnalysisFlags, type DatabaseFlags, type OutputFlags, optionsOf } from '../flags.ts'
import { analysisOptions, databaseOptions, outputOptions, withMostUsed } from '../options.ts'
import { type AlertFlags, alertChanges, alertOptions, changesIn } from './diff.ts'
import { analyseAll, give, inputsOf } from './run.ts'

type AnalyzeFlags = DatabaseFlags & AnalysisFlags & OutputFlags & AlertFlags

export const analysing = (program: Command) => {
  const command = program
    .command('analyze')
    .alias('analyse')
    .description('analyse a database and print what was found')
  for (const add of [databaseOptions, analysisOptions, outputOptions, alertOptions]) add(command)
  withMostUsed(command).action((flags: AnalyzeFlags) =>
    withDatabase(flags, { mustExist: true }, async (store) => {
      const inputs = await inputsOf(store)
      const { answer, figures } = await analyseAll(store, optionsOf(flags), inputs, { isAlone: true })
      await give(answer, figures, flags)
      if (flags.alert) await alertChanges(await changesIn(store, flags), flags)
    }),
  )
}
