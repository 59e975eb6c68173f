/** What each epoch holds for the C-plane, counted for all epochs at once, and which of them cannot give a cluster. */
import type { FilterReport } from '../model/answer.ts'
import type { Scope } from '../model/networks.ts'
import { epochOf } from '../store/epochs.ts'
import { join, name, raw, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { type Filter, type FilterOptions, filtersOf } from './filters.ts'

export interface EpochCounts {
  readonly flows: number
  readonly clients: number
  readonly filters: readonly FilterReport[]
  /**
   * Where no pair of client and service met often enough for a C-flow and no service has two clients: how many
   * pairs and clients passed the filters. Null where that is not so, or was not asked.
   */
  readonly quiet: { readonly pairs: number; readonly clients: number } | null
}

interface SurveyOptions extends FilterOptions {
  readonly minFlows: number
}

/** Flows an epoch, on average, up to which it is worth a look whether epochs are quiet. */
const fewFlows = 10_000

/** The counts of each epoch that has a flow, by its beginning. The epochs follow each other. */
export async function countsOf(
  store: Store,
  epochs: readonly Scope[],
  options: SurveyOptions,
): Promise<ReadonlyMap<number, EpochCounts>> {
  if (epochs.length > 1 && namesDecide(options)) return eachAlone(store, epochs, options)
  const filters = filtersOf(wholeOf(epochs), options)
  const rows = await filterCounts(store, epochs, filters)
  const flows = rows.reduce((sum, row) => sum + row.flows, 0)
  const quiet =
    flows <= fewFlows * epochs.length ? await quietEpochs(store, epochs, { ...options, filters }) : new Map()

  return new Map(
    rows.map(({ epoch, flows, clients, passed }) => [
      epoch,
      { flows, clients, filters: reportsOf(filters, flows, passed), quiet: quiet.get(epoch) ?? null },
    ]),
  )
}

/** What a server is called, and so whether F3 lets it pass, is a matter of the epoch. */
const namesDecide = ({ f3, allow }: SurveyOptions): boolean => f3 && allow.names.length > 0

async function eachAlone(
  store: Store,
  epochs: readonly Scope[],
  options: SurveyOptions,
): Promise<ReadonlyMap<number, EpochCounts>> {
  const counts = new Map<number, EpochCounts>()
  for (const epoch of epochs)
    for (const [from, own] of await countsOf(store, [epoch], options)) counts.set(from, own)
  return counts
}

const wholeOf = (epochs: readonly Scope[]): Scope => ({ ...epochs[0]!, to: epochs.at(-1)!.to })

const within = (epochs: readonly Scope[]) => {
  const { from, to } = wholeOf(epochs)
  return sql`start >= ${from} AND start < ${to}`
}

const allOf = (filters: readonly Filter[]) =>
  filters.length > 0
    ? join(
        filters.map(({ keeps }) => keeps),
        ' AND ',
      )
    : raw('true')

interface FilterCounts {
  readonly epoch: number
  readonly flows: number
  readonly clients: number
  readonly passed: readonly number[]
}

function filterCounts(
  store: Store,
  epochs: readonly Scope[],
  filters: readonly Filter[],
): Promise<FilterCounts[]> {
  const passed = filters.map((_, i) => sql`toFloat64(countIf(${allOf(filters.slice(0, i + 1))}))`)
  return store.rows<FilterCounts>(sql`
    SELECT toFloat64(${epochOf(epochs)}) AS epoch, toFloat64(count()) AS flows,
           toFloat64(uniqExact(client)) AS clients, [${join(passed, ', ')}] AS passed
    FROM flow WHERE ${within(epochs)} GROUP BY epoch`)
}

function reportsOf(
  filters: readonly Filter[],
  flows: number,
  passed: readonly number[],
): readonly FilterReport[] {
  return filters.map((filter, i) => ({
    name: filter.name,
    doc: filter.doc,
    in: i === 0 ? flows : passed[i - 1]!,
    out: passed[i]!,
  }))
}

interface Quiet {
  readonly epoch: number
  readonly pairs: number
  readonly clients: number
}

/** Fragments are not joined here, which only makes fewer flows of a pair. */
async function quietEpochs(
  store: Store,
  epochs: readonly Scope[],
  { filters, minFlows }: SurveyOptions & { readonly filters: readonly Filter[] },
): Promise<Map<number, Quiet>> {
  const rows = await store.rows<Quiet & { most: number; callers: number }>(sql`
    SELECT toFloat64(epoch) AS epoch, toFloat64(sum(length(hosts))) AS pairs, toFloat64(max(often)) AS most,
           toFloat64(max(length(hosts))) AS callers,
             toFloat64(length(arrayDistinct(arrayFlatten(groupArray(hosts))))) AS clients
    FROM (
      SELECT epoch, groupArray(client) AS hosts, max(n) AS often FROM (
        SELECT ${epochOf(epochs)} AS epoch, client, server, ${name('serverPort')}, proto, count() AS n
        FROM flow WHERE ${within(epochs)} AND ${allOf(filters)}
        GROUP BY epoch, client, server, ${name('serverPort')}, proto)
      GROUP BY epoch, server, ${name('serverPort')}, proto)
    GROUP BY epoch`)

  return new Map(
    rows.filter(({ most, callers }) => most < minFlows && callers < 2).map((row) => [row.epoch, row]),
  )
}
