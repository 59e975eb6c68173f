/** `gannet run`: import, analyse and print. */

import type { Command } from 'commander'
import { showAllRows } from '../../store/ledger.ts'
import type { Store } from '../../store/store.ts'
import { withDatabase, withTemporaryDatabase } from '../database.ts'
import {
  type AnalysisFlags,
  type DatabaseFlags,
  type ImportFlags,
  type OutputFlags,
  optionsOf,
} from '../flags.ts'
import { analysisOptions, databaseOptions, importOptions, outputOptions, withMostUsed } from '../options.ts'
import { say } from '../say.ts'
import { analyseAll, give, importAll, inputsOf, refuseUnknownSettings } from './run.ts'

type RunFlags = DatabaseFlags & ImportFlags & AnalysisFlags & OutputFlags

export const running = (program: Command) => {
  const command = program
    .command('run')
    .description('import, analyse and print findings: the main command')
    .argument('<input...>', 'files or directories: pcap, pcapng, nfdump, NetFlow, Zeek, Argus, Suricata')
  for (const add of [databaseOptions, importOptions, analysisOptions, outputOptions]) add(command)
  withMostUsed(command).action(async (paths: string[], flags: RunFlags) => {
    const isNamed = flags.db || flags.url || flags.cluster
    const options = optionsOf(flags)
    await refuseUnknownSettings(options)

    const work = async (store: Store) => {
      const { inputs, skipped } = await importAll(store, paths, flags)
      for (const { name, why } of skipped) say(`gannet: left out ${name}: ${why}`)
      if (!isNamed) await showAllRows(store)
      const all = await inputsOf(store, inputs)
      const { answer, figures } = await analyseAll(store, options, all, { isAlone: true })
      await give(answer, figures, { ...flags, isTemporary: !isNamed })
    }
    await (isNamed ? withDatabase(flags, {}, work) : withTemporaryDatabase(work))
  })
}
