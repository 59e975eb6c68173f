/** What imports that never finished have left behind, and hourly aggregates that were merged, and how it goes. */
import type { Query } from '../../model/query.ts'
import { aggregateNames, aggregateRows } from '../aggregates/tables.ts'
import { heldRecords } from '../epochs.ts'
import { loadAt, noLoad } from '../load-number.ts'
import { id, ids, join, name, raw, sql } from '../sql.ts'
import type { Store } from '../store.ts'
import { countedLoads } from '../tables/shape.ts'

/**
 * Removes rows of imports that never finished; gives how many of records. On a server, where another process may be
 * importing, only of imports begun over a day ago.
 */
export async function removeUnfinished(store: Store): Promise<number> {
  // A folder has nobody else; numbers of what was begun before the clock went back are greater than those of now.
  const before = store.kind === 'server' ? loadAt(Date.now() - 86_400_000).toString() : noLoad

  const held = await heldRecords(store)
  if (held.length === 0) return 0
  const unlisted = (table: string, listed: Query) => sql`
    SELECT ${raw(`'${table}'`)} AS lane, toString(load) AS number, toFloat64(count()) AS n FROM ${name(table)}
    WHERE load < ${id(before)} AND load NOT IN (${listed}) GROUP BY load`
  const inLedger = sql`SELECT load FROM ledger`
  const everInLedger = raw(countedLoads)
  const tables = [
    ...held.map((kind) => unlisted(`${kind}_rows`, inLedger)),
    ...aggregateNames.map((each) => unlisted(aggregateRows(each), everInLedger)),
  ]
  const orphans = await store.rows<Orphan>(join(tables, ' UNION ALL '))

  for (const [table, rows] of Map.groupBy(orphans, ({ lane }) => lane)) {
    const loads = rows.map(({ number }) => number)
    await store.byShard((shard) => removeLoads(shard, table, loads))
  }

  const ofRecords = orphans.filter(({ lane }) => held.some((kind) => lane === `${kind}_rows`))
  return ofRecords.reduce((sum, { n }) => sum + n, 0)
}

/** Rows of a load that no ledger lists, in one table. */
interface Orphan {
  readonly lane: string
  readonly number: string
  readonly n: number
}

/**
 * Removes the rows of loads from one table. Parts that hold nothing else are dropped, which costs nothing; only parts
 * that a merge has mixed with published rows are written again.
 */
export async function removeLoads(
  store: Pick<Store, 'run' | 'rows'>,
  table: string,
  loads: readonly string[],
): Promise<void> {
  await store.run(sql`SYSTEM STOP MERGES ${name(table)}`)

  try {
    const parts = await store.rows<{ part: string; rest: number }>(
      sql`SELECT _part AS part, toFloat64(countIf(load NOT IN ${ids(loads)})) AS rest
          FROM ${name(table)} GROUP BY _part HAVING countIf(load IN ${ids(loads)}) > 0`,
    )
    const whole = parts.filter(({ rest }) => rest === 0).map(({ part }) => raw(`DROP PART '${part}'`))
    if (whole.length > 0) await store.run(sql`ALTER TABLE ${name(table)} ${join(whole, ', ')}`)
    if (whole.length === parts.length) return
  } finally {
    await store.run(sql`SYSTEM START MERGES ${name(table)}`)
  }

  await store.run(
    sql`ALTER TABLE ${name(table)} DELETE WHERE load IN ${ids(loads)} SETTINGS mutations_sync = 1`,
  )
}

/** Forgets an imported input; its rows are removed by the next `removeUnfinished`. */
export async function forget(store: Store, load: string): Promise<void> {
  await store.alter('ledger', sql`DELETE WHERE load = ${id(load)} SETTINGS mutations_sync = 1`)
}
