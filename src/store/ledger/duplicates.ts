/** Flows that two inputs hold: the same conversation of the same sensor, so the same id. */
import type { Query } from '../../model/query.ts'
import { writtenColumns } from '../../model/record.ts'
import { type RecordName, records } from '../../model/records.ts'
import { newLoad } from '../load-number.ts'
import { id, ids, name, raw, sql } from '../sql.ts'
import type { Store } from '../store.ts'

/** What is left of a load, and how many of its flows were in published loads or in loads before it. */
interface Rest {
  readonly load: string
  readonly duplicates: number
}

/**
 * The unpublished loads without the flows that are known already, in their order. A load that has such flows is
 * copied without them to a new load. Only flows of the same stretch of time are compared, so that memory is
 * bounded by the overlap; a flow that one input holds twice stays twice.
 */
export async function withoutDuplicates(store: Store, loads: readonly string[]): Promise<Rest[]> {
  const known = await knownFlows(store, loads)
  if (!known) return loads.map((load) => ({ load, duplicates: 0 }))

  // Flows with one id have one client, and so lie on one shard.
  const found = await store.byShard((shard) =>
    shard.rows<{ number: string; n: number }>(
      sql`SELECT toString(load) AS number, toFloat64(count()) AS n FROM flow_rows
          WHERE load IN ${ids(loads)} AND (${known}) GROUP BY load`,
    ),
  )
  const counts = new Map<string, number>()
  for (const { number, n } of found.flat()) counts.set(number, (counts.get(number) ?? 0) + n)

  // All copies are made before any of the loads is given up: each is compared with the loads as they came.
  const rest: Rest[] = []
  for (const load of loads) {
    const duplicates = counts.get(load) ?? 0
    rest.push({ load: duplicates > 0 ? await copied(store, load, known) : load, duplicates })
  }
  return rest
}

/** Which rows of `flow_rows` another load has: a condition; null when no load overlaps another in time. */
async function knownFlows(store: Store, loads: readonly string[]): Promise<Query | null> {
  if (loads.length === 1 && store.isUnmade?.('ledger')) return null
  const spans = await store.rows<{ number: string; first: number; last: number }>(
    sql`SELECT toString(load) AS number, toFloat64(min(start)) AS first, toFloat64(max(start)) AS last
        FROM flow_rows WHERE load IN ${ids(loads)} GROUP BY load`,
  )
  if (spans.length === 0) return null
  const first = spans.reduce((least, span) => Math.min(least, span.first), Number.POSITIVE_INFINITY)
  const last = spans.reduce((most, span) => Math.max(most, span.last), Number.NEGATIVE_INFINITY)
  const [published] = await store.rows<{ n: number }>(
    sql`SELECT toFloat64(count()) AS n FROM ledger WHERE firstStart <= ${last} AND lastStart >= ${first}`,
  )
  const known: Query[] = []

  if (published?.n) {
    const mine = sql`SELECT id FROM flow_rows WHERE load IN ${ids(loads)}`
    known.push(
      sql`id IN (SELECT id FROM flow WHERE start >= ${first} AND start <= ${last} AND id IN (${mine}))`,
    )
  }

  if (overlap(spans)) {
    const shared = sql`SELECT id, min(load) AS owner FROM flow_rows WHERE load IN ${ids(loads)}
                       GROUP BY id HAVING min(load) != max(load)`
    known.push(
      sql`(id IN (SELECT id FROM (${shared})) AND (id, load) NOT IN (SELECT id, owner FROM (${shared})))`,
    )
  }

  const [one, other] = known
  if (!one) return null

  return other ? sql`${one} OR ${other}` : one
}

function overlap(spans: readonly { first: number; last: number }[]): boolean {
  const sorted = spans.toSorted((a, b) => a.first - b.first)
  return sorted.some((span, i) => i > 0 && span.first <= sorted[i - 1]!.last)
}

async function copied(store: Store, load: string, known: Query): Promise<string> {
  const next = newLoad()
  for (const record of Object.keys(records) as RecordName[]) {
    const list = ['position', ...writtenColumns(records[record].columns)].map((each) => `\`${each}\``)
    const columns = raw(list.join(', '))
    const only = record === 'flow' ? sql`AND NOT (${known})` : raw('')
    const copy = sql`INSERT INTO ${name(`${record}_rows`)} (load, ${columns})
      SELECT ${id(next)}, ${columns} FROM ${name(`${record}_rows`)} WHERE load = ${id(load)} ${only}`
    await store.byShard((shard) => shard.run(copy))
  }
  return next
}
