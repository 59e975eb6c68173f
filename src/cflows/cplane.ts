/** The C-plane of one epoch: filters, stitching, C-flows. Writes table `cflow`. */
import type { FilterReport } from '../model/answer.ts'
import { type Cuts, quantileLevels, variables } from '../model/cflow.ts'
import type { Scope } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import { cplaneTable } from '../store/cplane.ts'
import { join, name, raw, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { cflowsInto, cutsOf } from './aggregate.ts'
import { type FilterOptions, filtersOf } from './filters.ts'
import { stitched } from './stitch.ts'

export { allowNothing } from '../model/allowlist.ts'

interface CplaneOptions extends FilterOptions {
  readonly analysis: string
  readonly minFlows: number
}

export interface Cplane {
  readonly flows: number
  readonly clients: number
  readonly filters: readonly FilterReport[]
  readonly cflows: { readonly tcp: number; readonly udp: number; readonly tooFew: number }
  readonly cuts: Cuts
}

/** Makes the C-plane of the scope. Where it has a flow, the table of filtered flows stays until `dropCplane`. */
export async function makeCplane(store: Store, scope: Scope, options: CplaneOptions): Promise<Cplane> {
  const filters = filtersOf(scope, options)
  const table = cplaneTable(options.analysis)
  const within = sql`start >= ${scope.from} AND start < ${scope.to}`
  const counts = await countFilters(store, within, filters)
  if (counts.flows === 0) return { ...counts, cuts: noCuts, cflows: { tcp: 0, udp: 0, tooFew: 0 } }
  await store.run(sql`DROP TABLE IF EXISTS ${table}`)
  await store.run(sql`CREATE TABLE ${table} (
    client IPv6, server IPv6, serverPort UInt16, proto LowCardinality(String), start Int64, duration Int64,
    packets Nullable(UInt64), bytes Nullable(UInt64), id UInt64, fragments UInt64
  ) ENGINE = MergeTree ORDER BY (client, server, serverPort, proto, start)`)
  const kept =
    filters.length > 0
      ? join(
          filters.map(({ keeps }) => keeps),
          ' AND ',
        )
      : raw('true')
  await store.run(sql`
    INSERT INTO ${table} (client, server, serverPort, proto, start, duration, packets, bytes, id, fragments)
    SELECT client, server, serverPort, proto, start, duration, packets, bytes, id, fragments
    FROM (${stitched(sql`SELECT * FROM flow WHERE ${within} AND ${kept}`)})`)
  const shape = { ...options, epoch: scope.epoch, from: scope.from }
  const cuts = await cutsOf(store, shape)
  await store.run(cflowsInto(shape, cuts))
  return { ...counts, cuts, cflows: await countCflows(store, options, scope) }
}

/** Cuts of no samples. */
const noCuts = Object.fromEntries(
  variables.map((each) => [each, quantileLevels.map(() => 0)]),
) as unknown as Cuts

/** Drops the filtered flows of an analysis that has ended. */
export const dropCplane = (store: Store, analysis: string): Promise<void> =>
  store.run(sql`DROP TABLE IF EXISTS ${cplaneTable(analysis)}`)

async function countFilters(
  store: Store,
  within: Query,
  filters: readonly { name: string; doc: string; keeps: Query }[],
) {
  const passed = filters.map(
    (_, i) =>
      sql`toFloat64(countIf(${join(
        filters.slice(0, i + 1).map(({ keeps }) => keeps),
        ' AND ',
      )})) AS ${name(`passed${i}`)}`,
  )
  const [row] = await store.rows<Record<string, number>>(sql`
    SELECT ${join([sql`toFloat64(count()) AS flows`, sql`toFloat64(uniqExact(client)) AS clients`, ...passed], ', ')}
    FROM flow WHERE ${within}`)
  let before = row?.['flows'] ?? 0
  const reports = filters.map(({ name: filter, doc }, i) => {
    const after = row?.[`passed${i}`] ?? 0
    const report = { name: filter, doc, in: before, out: after }
    before = after
    return report
  })
  return { flows: row?.['flows'] ?? 0, clients: row?.['clients'] ?? 0, filters: reports }
}

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
