/** `gannet import`: records into a database. */

import type { Command } from 'commander'
import { plainJson } from '../../reports/plain-json.ts'
import { withDatabase } from '../database.ts'
import type { DatabaseFlags, ImportFlags } from '../flags.ts'
import { databaseOptions, importOptions } from '../options.ts'
import { print } from '../say.ts'
import { importSummary } from '../summary.ts'
import { importAll } from './run.ts'

export const importing = (program: Command) => {
  const command = program
    .command('import')
    .description('import records into a database')
    .argument('<input...>', 'files or directories')
  for (const add of [databaseOptions, importOptions]) add(command)
  command.option('--json', 'print what was imported as JSON')
  command.action((paths: string[], flags: DatabaseFlags & ImportFlags & { json?: boolean }) =>
    withDatabase(flags, {}, async (store) => {
      const imported = await importAll(store, paths, flags)
      print(flags.json ? plainJson(imported, 2) : importSummary(imported))
    }),
  )
}
