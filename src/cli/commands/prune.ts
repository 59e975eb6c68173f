/** `gannet prune`: removes the oldest imports. */

import type { Command } from 'commander'
import { UserError } from '../../errors.ts'
import { micros } from '../../model/units.ts'
import { sayBytes, sayCount, sayInstant, sayMany } from '../../model/words/say.ts'
import { plainJson } from '../../reports/plain-json.ts'
import { type RemovedInput, removable, remove } from '../../store/ledger/retention.ts'
import type { Store } from '../../store/store.ts'
import { withDatabase } from '../database.ts'
import type { DatabaseFlags, RetentionFlags } from '../flags.ts'
import { databaseOptions, retentionOptions } from '../options.ts'
import { print } from '../say.ts'

export const pruning = (program: Command): void => {
  const command = retentionOptions(
    databaseOptions(
      program.command('prune').description('remove the oldest imports, by age or by size on disk'),
    ),
  )

  command
    .option('--dry-run', 'only print what would be removed')
    .option('--json', 'print what was removed as JSON')
    .action((flags: DatabaseFlags & RetentionFlags & { dryRun?: boolean; json?: boolean }) => {
      if (flags.keep === undefined && flags.maxDisk === undefined)
        throw new UserError(
          'option-invalid',
          'nothing says what is to be kept',
          'Give --keep 30d, --max-disk 50GB, or both.',
        )
      return withDatabase(flags, { mustExist: true }, async (store) => {
        const inputs = await pruned(store, flags, { dryRun: flags.dryRun ?? false })
        print(flags.json ? plainJson(inputs, 2) : summary(inputs, flags))
      })
    })
}

/** Removes what is not to be kept; gives it. */
export async function pruned(
  store: Store,
  { keep, maxDisk }: RetentionFlags,
  { dryRun = false } = {},
): Promise<readonly RemovedInput[]> {
  const inputs = await removable(store, {
    ...(keep === undefined ? {} : { keep }),
    ...(maxDisk === undefined ? {} : { maxDisk }),
  })
  if (!dryRun) await remove(store, inputs)
  return inputs
}

function summary(
  inputs: readonly RemovedInput[],
  { maxDisk, dryRun }: RetentionFlags & { dryRun?: boolean },
) {
  const verb = dryRun ? 'would remove' : 'removed'
  const rows = inputs.map(({ name, last, records, why }) => {
    const n = Object.values(records).reduce((sum, each) => sum + each, 0)
    const reason = why === 'age' ? 'too old' : `over ${sayBytes(maxDisk ?? 0)}`
    return `  ${name}: ${sayCount(n)} records until ${sayInstant(micros(last))} (${reason})`
  })
  return [`${verb} ${sayMany(inputs.length, 'input')}`, ...rows].join('\n')
}
