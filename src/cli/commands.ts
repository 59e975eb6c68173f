/** Every command, in the order of the help text. Those that read an analysis are in asking.ts. */
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { defaults } from '../config.ts'
import { scenarios, simulate } from '../simulate/index.ts'
import type { Store } from '../store/store.ts'
import { capturing } from './commands/capture.ts'
import { collecting } from './commands/collect.ts'
import { deciding } from './commands/decide.ts'
import { demo } from './commands/demo.ts'
import { type AlertFlags, alertChanges, alertOptions, changesIn, comparing } from './commands/diff.ts'
import { evaluating } from './commands/evaluate.ts'
import { convertingFlows } from './commands/flows.ts'
import { modelCommands } from './commands/models.ts'
import { overlaying } from './commands/overlay.ts'
import { showingProfiles } from './commands/profiles.ts'
import { asking } from './commands/results.ts'
import { analyseAll, give, importAll, inputsOf, print } from './commands/run.ts'
import { serving } from './commands/serve.ts'
import { watching } from './commands/watch.ts'
import { withDatabase, withTemporaryDatabase } from './database.ts'
import {
  type AnalysisFlags,
  type DatabaseFlags,
  type ImportFlags,
  type OutputFlags,
  optionsOf,
} from './flags.ts'
import {
  analysisOptions,
  atLeastOne,
  databaseOptions,
  importOptions,
  natural,
  outputOptions,
  positive,
  withMostUsed,
} from './options.ts'
import { importSummary } from './summary.ts'

type RunFlags = DatabaseFlags & ImportFlags & AnalysisFlags & OutputFlags & AlertFlags

const run = (program: Command) => {
  const command = program
    .command('run')
    .description('import, analyse and print findings: the main command')
    .argument('<input...>', 'files or directories: pcap, pcapng, nfdump, NetFlow, Zeek, Argus, Suricata')
  for (const add of [databaseOptions, importOptions, analysisOptions, outputOptions]) add(command)
  withMostUsed(command).action(async (paths: string[], flags: RunFlags) => {
    const work = async (store: Store) => {
      const { inputs, skipped } = await importAll(store, paths, flags)
      for (const { name, why } of skipped) process.stderr.write(`gannet: left out ${name}: ${why}\n`)
      const { answer, figures } = await analyseAll(store, optionsOf(flags), await inputsOf(store, inputs))
      await give(answer, figures, flags)
    }
    await (flags.db || flags.url || flags.cluster
      ? withDatabase(flags, {}, work)
      : withTemporaryDatabase(work))
  })
}

const importing = (program: Command) => {
  const command = program
    .command('import')
    .description('import records into a database')
    .argument('<input...>', 'files or directories')
  for (const add of [databaseOptions, importOptions]) add(command)
  command.option('--json', 'print what was imported as JSON')
  command.action((paths: string[], flags: DatabaseFlags & ImportFlags & { json?: boolean }) =>
    withDatabase(flags, {}, async (store) => {
      const imported = await importAll(store, paths, flags)
      print(flags.json ? JSON.stringify(imported, null, 2) : importSummary(imported))
    }),
  )
}

const analysing = (program: Command) => {
  const command = program
    .command('analyze')
    .alias('analyse')
    .description('analyse a database and print what was found')
  for (const add of [databaseOptions, analysisOptions, outputOptions, alertOptions]) add(command)
  withMostUsed(command).action((flags: RunFlags) =>
    withDatabase(flags, { mustExist: true }, async (store) => {
      const { answer, figures } = await analyseAll(store, optionsOf(flags), await inputsOf(store))
      await give(answer, figures, flags)
      if (flags.alert) await alertChanges(await changesIn(store, flags), flags)
    }),
  )
}

const simulating = (program: Command) => {
  program
    .command('simulate')
    .description('write records of a simulated network with their truth; never traffic')
    .addOption(
      new Option('--scenario <name>', 'scenario to simulate')
        .choices(scenarios.map(({ name }) => name))
        .default('campus-day'),
    )
    .option(
      '--hosts <n>',
      'machines in the network, including servers (default: set by the scenario)',
      atLeastOne,
    )
    .option('--days <n>', 'length in days (default: set by the scenario)', positive)
    .option('--seed <n>', 'seed; the same seed gives the same records', natural, 7)
    .requiredOption('--out <folder>', 'output folder')
    .addOption(new Option('--format <name>', 'record format').choices(['zeek', 'argus']).default('zeek'))
    .option('--no-bots', 'simulate a day without bots')
    .action(
      async (flags: {
        scenario: string
        hosts?: number
        days?: number
        seed: number
        out: string
        format: 'zeek' | 'argus'
        bots: boolean
      }) => {
        const { files, flows, truth } = await simulate(flags)
        print(
          `${flows} connections, ${truth.botnets.length} botnets\n${files.map((file) => `  ${file}`).join('\n')}`,
        )
      },
    )
}

const demonstrating = (program: Command) => {
  program
    .command('demo')
    .description(
      'simulate a day of a small campus with botnets, analyse it, print findings and write a report',
    )
    .option('--seed <n>', 'seed of the day', natural, 7)
    .option('--no-bots', 'simulate a day without bots')
    .option('--out <folder>', 'folder for records and report', join('out', 'demo'))
    .action((flags: { seed: number; bots: boolean; out: string }) => demo(flags, defaults))
}

export const commands: readonly ((program: Command) => void)[] = [
  run,
  importing,
  collecting,
  capturing,
  watching,
  convertingFlows,
  showingProfiles,
  analysing,
  ...asking,
  ...deciding,
  ...comparing,
  serving,
  ...modelCommands,
  simulating,
  overlaying,
  evaluating,
  demonstrating,
]
