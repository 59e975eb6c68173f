/** What every epoch holds, counted for all of them at once before any is analysed. */
import { type Survey, surveyActivities } from '../activities/index.ts'
import { countsOf, type EpochCounts } from '../cflows/index.ts'
import type { Scope } from '../model/networks.ts'
import { recordsIn } from '../store/epochs.ts'
import { type MayHold, structuresMayHold } from '../structures/index.ts'
import type { Work } from './context.ts'

/** What was counted of one epoch together with all others, so that an epoch with little in it costs little. */
export interface Surveyed {
  readonly counts: EpochCounts | undefined
  readonly activities: Survey
  readonly structures: MayHold
  /** Records by kind. */
  readonly records: Readonly<Record<string, number>>
}

/** By the beginning of the epoch. */
export async function surveyEpochs(
  { store, options, allow }: Work,
  scopes: readonly Scope[],
): Promise<(scope: Scope) => Surveyed> {
  const counts = await countsOf(store, scopes, { ...options, allow })
  const activities = await surveyActivities(store, scopes, options.rules)
  const structures = await structuresMayHold(store, scopes)
  const flowless = scopes.filter(({ from }) => !counts.has(from))
  const records = flowless.length > 0 ? await recordsIn(store, scopes) : new Map()
  return ({ from }) => ({
    counts: counts.get(from),
    activities: activities.get(from)!,
    structures: structures.get(from) ?? { peers: false, relays: false },
    records: records.get(from) ?? {},
  })
}
