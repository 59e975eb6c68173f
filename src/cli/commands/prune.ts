/** `gannet prune`: removes the oldest imports, aggregates and answers. */

import type { Command } from 'commander'
import { UserError } from '../../errors.ts'
import { micros } from '../../model/units.ts'
import { sayBytes, sayCount, sayInstant, sayList, sayMany } from '../../model/words/say.ts'
import { plainJson } from '../../reports/plain-json.ts'
import { removableHours, removeHours } from '../../store/aggregates/retention.ts'
import { type RemovedAnswers, removableAnswers, removeAnswers } from '../../store/ledger/answer-retention.ts'
import { type RemovedInput, removable, remove } from '../../store/ledger/retention.ts'
import type { Store } from '../../store/store.ts'
import { withDatabase } from '../database.ts'
import type { DatabaseFlags, RetentionFlags } from '../flags.ts'
import { databaseOptions, retentionOptions } from '../options.ts'
import { print } from '../say.ts'

export const pruning = (program: Command): void => {
  const command = retentionOptions(
    databaseOptions(
      program
        .command('prune')
        .description('remove the oldest imports, aggregates and findings, by age or by size on disk'),
    ),
  )

  command
    .option('--dry-run', 'only print what would be removed')
    .option('--json', 'print what was removed as JSON')
    .action((flags: DatabaseFlags & RetentionFlags & { dryRun?: boolean; json?: boolean }) => {
      if ((flags.keep ?? flags.maxDisk ?? flags.keepAggregates ?? flags.keepFindings) === undefined)
        throw new UserError(
          'option-invalid',
          'nothing says what is to be kept',
          'Give --keep 30d, --max-disk 50GB, --keep-aggregates 400d or --keep-findings 400d.',
        )
      return withDatabase(flags, { mustExist: true }, async (store) => {
        const inputs = await pruned(store, flags, { dryRun: flags.dryRun ?? false })
        print(flags.json ? plainJson(inputs, 2) : summary(inputs, flags))
      })
    })
}

/** What went, or would go: an import, aggregates of a table, or answers. */
interface Removed extends Omit<RemovedInput, 'load'> {
  /** null for aggregates and answers. */
  readonly load: string | null
}

/** Removes what is not to be kept; gives it. */
export async function pruned(
  store: Store,
  { keep, maxDisk, keepAggregates, keepFindings }: RetentionFlags,
  { dryRun = false } = {},
): Promise<readonly Removed[]> {
  const inputs = await removable(store, {
    ...(keep === undefined ? {} : { keep }),
    ...(maxDisk === undefined ? {} : { maxDisk }),
  })
  const hours = keepAggregates === undefined ? [] : await removableHours(store, keepAggregates)
  const answers = keepFindings === undefined ? null : await removableAnswers(store, keepFindings)

  if (!dryRun) {
    await remove(store, inputs)
    await removeHours(store, hours)
    if (answers) await removeAnswers(store, answers)
  }

  return [
    ...inputs,
    ...hours.map(({ table, first, last, rows }) => ({
      load: null,
      name: `aggregates ${table}`,
      first,
      last,
      records: { [table]: rows },
      why: 'age' as const,
    })),
    ...(answers ? [asRemoved(answers)] : []),
  ]
}

const asRemoved = ({ answers, first, last }: RemovedAnswers): Removed => ({
  load: null,
  name: 'answers of analyses',
  first,
  last,
  records: { analysis: answers },
  why: 'age',
})

export function summary(
  removed: readonly Removed[],
  { keep, maxDisk, keepAggregates, keepFindings, dryRun }: RetentionFlags & { dryRun?: boolean },
): string {
  const verb = dryRun ? 'would remove' : 'removed'
  const rows = removed.map(({ load, name, last, records, why }) => {
    const n = Object.values(records).reduce((sum, each) => sum + each, 0)
    const what = load === null ? 'rows' : 'records'
    const reason = why === 'age' ? 'too old' : `over ${sayBytes(maxDisk ?? 0)}`
    return `  ${name}: ${sayCount(n)} ${what} until ${sayInstant(micros(last))} (${reason})`
  })
  const sum = (those: readonly Removed[]) =>
    those.flatMap(({ records }) => Object.values(records)).reduce((all, n) => all + n, 0)
  const others = removed.filter(({ load }) => load === null)
  const isAnswer = ({ records }: Removed) => 'analysis' in records
  const counts = [
    ...(keep === undefined && maxDisk === undefined
      ? []
      : [sayMany(removed.length - others.length, 'input')]),
    ...(keepAggregates === undefined
      ? []
      : [`${sayMany(sum(others.filter((each) => !isAnswer(each))), 'row')} of hourly aggregates`]),
    ...(keepFindings === undefined
      ? []
      : [sayMany(sum(others.filter(isAnswer)), 'answer of an analysis', 'answers of analyses')]),
  ]

  return [`${verb} ${sayList(counts)}`, ...rows].join('\n')
}
