/** `gannet migrate`: brings a database of an older version up to date. */

import type { Command } from 'commander'
import { sayBytes, sayCount } from '../../model/words/say.ts'
import { type Migration, migrate, plannedMigration } from '../../store/migrations/migrate.ts'
import { withDatabase } from '../database.ts'
import type { DatabaseFlags } from '../flags.ts'
import { databaseOptions } from '../options.ts'
import { print } from '../say.ts'

export const migrating = (program: Command): void => {
  databaseOptions(program.command('migrate').description('bring a database of an older version up to date'))
    .option('--dry-run', 'only print what would be done')
    .action((flags: DatabaseFlags & { dryRun?: boolean }) =>
      withDatabase(flags, { mustExist: true, isMigrated: true }, async (store) => {
        const planned = await plannedMigration(store)
        print(saidOf(planned, flags.dryRun ?? false))
        if (!flags.dryRun) await migrate(store, planned)
      }),
    )
}

function saidOf({ from, to, steps, rows, bytes }: Migration, dryRun: boolean): string {
  if (steps.length === 0) return `the database is of version ${to}; nothing to do`
  const size = `${sayCount(rows)} rows, ${sayBytes(bytes)} on disk`
  const copied = 'Records are copied table by table: up to as much disk again is needed for a while.'
  return [
    `version ${from} to ${to} (${size})${dryRun ? ', not done' : ''}`,
    ...steps.map((step) => `  ${step.to - 1} to ${step.to}: ${step.changes}`),
    ...(dryRun && steps.some(({ copies }) => copies) ? [copied] : []),
  ].join('\n')
}
