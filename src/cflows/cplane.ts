/** The C-plane of one epoch: filters, stitching, C-flows. Writes table `cflow`. */
import { type Cuts, quantileLevels, variables } from '../model/cflow.ts'
import type { Scope } from '../model/networks.ts'
import { cplaneName, cplaneTable } from '../store/cplane.ts'
import { join, raw, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { cflowsInto, cutsOf } from './aggregate.ts'
import { type FilterOptions, filtersOf } from './filters.ts'
import { stitched } from './stitch.ts'
import { countsOf, type EpochCounts } from './survey.ts'

export { allowNothing } from '../model/allowlist.ts'

interface CplaneOptions extends FilterOptions {
  readonly analysis: string
  readonly minFlows: number
  /** Over this many flows, only those are sorted to join fragments whose five-tuple came twice; 200,000. */
  readonly sortedUpTo?: number
  /** Up to so many flows are held in memory while their fragments are joined. */
  readonly heldUpTo?: number
}

export interface Cplane extends EpochCounts {
  readonly cflows: { readonly tcp: number; readonly udp: number; readonly tooFew: number }
  readonly cuts: Cuts
}

/**
 * Makes the C-plane of the scope. Where it has a flow and is not quiet, the table of filtered flows stays until
 * `dropCplane`. `counted` is of the scope, where it was counted with others.
 */
export async function makeCplane(
  store: Store,
  scope: Scope,
  options: CplaneOptions,
  counted?: EpochCounts,
): Promise<Cplane> {
  const counts =
    counted ?? (await countsOf(store, [scope], options)).get(scope.from) ?? noFlows(scope, options)
  const filters = filtersOf(scope, options)
  const table = cplaneTable(options.analysis)
  const within = sql`start >= ${scope.from} AND start < ${scope.to}`

  if (counts.flows === 0 || counts.quiet !== null) {
    const tooFew = counts.quiet?.pairs ?? 0
    return { ...counts, cuts: noCuts, cflows: { tcp: 0, udp: 0, tooFew } }
  }

  await store.drop(cplaneName(options.analysis))
  await store.create({
    name: cplaneName(options.analysis),
    columns: `client IPv6, server IPv6, serverPort UInt16, proto LowCardinality(String), start Int64, duration Int64,
    packets Nullable(UInt64), bytes Nullable(UInt64), id UInt64, fragments UInt64`,
    order: 'client, server, serverPort, proto, start',
    shardBy: 'client',
  })

  const kept =
    filters.length > 0
      ? join(
          filters.map(({ keeps }) => keeps),
          ' AND ',
        )
      : raw('true')

  const rows = sql`SELECT * FROM flow WHERE ${within} AND ${kept}`
  const filled = sql`
    INSERT INTO ${table} (client, server, serverPort, proto, start, duration, packets, bytes, id, fragments)
    SELECT client, server, serverPort, proto, start, duration, packets, bytes, id, fragments
    FROM (${stitched(rows, { ...options, count: counts.flows })})`
  await store.byShard((shard) => shard.run(filled), { machines: true })
  const passed = counts.filters.at(-1)?.out ?? counts.flows
  const shape = { ...options, epoch: scope.epoch, from: scope.from, flows: passed }
  const cuts = await cutsOf(store, shape)
  await store.byShard((shard) => shard.run(cflowsInto(shape, cuts)))

  return { ...counts, cuts, cflows: await countCflows(store, options, scope) }
}

/** Cuts of no samples. */
const noCuts = Object.fromEntries(
  variables.map((each) => [each, quantileLevels.map(() => 0)]),
) as unknown as Cuts

/** Drops the filtered flows of an analysis that has ended. */
export const dropCplane = (store: Store, analysis: string): Promise<void> => store.drop(cplaneName(analysis))

/** The counts of an epoch without a flow. */
const noFlows = (scope: Scope, options: CplaneOptions): EpochCounts => ({
  flows: 0,
  clients: 0,
  filters: filtersOf(scope, options).map(({ name: filter, doc }) => ({ name: filter, doc, in: 0, out: 0 })),
  quiet: null,
})

async function countCflows(store: Store, { analysis }: CplaneOptions, { epoch }: Scope) {
  const [all] = await store.rows<{ n: number }>(
    sql`SELECT toFloat64(uniqExact(client, server, serverPort, proto)) AS n FROM ${cplaneTable(analysis)}`,
  )
  const [kept] = await store.rows<{ tcp: number; udp: number }>(
    sql`SELECT toFloat64(countIf(proto = 'tcp')) AS tcp, toFloat64(countIf(proto = 'udp')) AS udp
        FROM cflow WHERE analysis = ${analysis} AND epoch = ${epoch}`,
  )
  const { tcp = 0, udp = 0 } = kept ?? {}
  return { tcp, udp, tooFew: (all?.n ?? 0) - tcp - udp }
}
