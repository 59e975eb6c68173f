/**
 * Records to hourly aggregates, in the engine, import by import. Each record becomes a row: an insert merges the rows
 * of one key by itself, in less time than it takes to group them before it.
 */
import type { Query } from '../../model/query.ts'
import type { RecordName } from '../../model/records.ts'
import { areSettled, heldRecords, unionOf } from '../epochs.ts'
import { ids, join, name, raw, sql } from '../sql.ts'
import type { Store } from '../store.ts'
import { type AggregateName, aggregateNames, aggregateRows, aggregates } from './tables.ts'

/**
 * Writes the aggregates of loads that are not published yet: they are seen from the moment on at which the ledger lists
 * the load. Not to be done twice for one load.
 */
export async function fillAggregates(store: Store, loads: readonly string[]): Promise<void> {
  if (loads.length === 0 || deferred.has(store)) return
  await fillWhere(store, sql`load IN ${ids(loads)}`)
}

/** Writes the aggregates of every record that is published, into tables that are empty. */
export const fillAllAggregates = (store: Store): Promise<void> =>
  fillWhere(store, raw('load IN (SELECT load FROM ledger)'))

/** Temporary databases whose aggregates are made when they are first asked for: most of their analyses ask for none. */
const deferred = new WeakSet<Store>()

/** Has imports into this store write no aggregates, until somebody reads them. Only where one process has the store. */
export const deferAggregates = (store: Store): void => void deferred.add(store)

/** Whether the aggregates of what was imported are still to be made. */
export const isDeferred = (store: Store): boolean => deferred.has(store)

/** Whoever reads aggregates waits for this first; who comes while they are made waits for the same. */
export async function fillDeferred(store: Store): Promise<void> {
  if (deferred.delete(store)) filling.set(store, fillAllAggregates(store))
  await filling.get(store)
}

const filling = new WeakMap<Store, Promise<void>>()

/** Whether aggregates can be of so many days; of those that are not made yet, by the days of the records. */
export async function mayReachBack(store: Store, days: number): Promise<boolean> {
  if (!deferred.has(store)) return true
  const known = recordDays.get(store)
  if (known !== undefined) return known >= days

  const starts = unionOf(await heldRecords(store), (kind) => sql`SELECT start FROM ${name(`${kind}_rows`)}`)
  const [row] = await store.rows<{ days: number }>(
    sql`SELECT toFloat64(uniqExact(intDiv(start, 86400000000))) AS days FROM (${starts})`,
  )
  const found = row?.days ?? 0
  if (areSettled(store)) recordDays.set(store, found)
  return found >= days
}

/** Days with a record, of stores that get no more. */
const recordDays = new WeakMap<Store, number>()

async function fillWhere(store: Store, where: Query): Promise<void> {
  const held = await heldRecords(store)

  for (const aggregate of aggregateNames) {
    const sources = selections[aggregate](held, where)
    if (sources.length === 0) continue
    const columns = raw(['load', ...Object.keys(aggregates[aggregate].columns)].join(', '))
    const filled = sql`INSERT INTO ${name(aggregateRows(aggregate))} (${columns}) ${join(sources, ' UNION ALL ')}`
    // The rows of a client lie on one shard, of either table.
    await store.byShard((shard) => shard.run(filled))
  }
}

const firstSecond = raw('toUInt32(intDiv(start, 1000000))')
const hourOf = raw('intDiv(start, 3600000000) * 3600000000')

/** Statements that give a row a record, from the kinds of records that there are. */
const selections: Readonly<Record<AggregateName, (held: readonly RecordName[], where: Query) => Query[]>> = {
  service_hour: (held, where) =>
    held.includes('flow')
      ? [
          sql`
      SELECT load, ${hourOf} AS hour, client, server, serverPort, proto, 1, outcome IN ('established', 'reversed'),
        ifNull(bytes, ifNull(clientBytes + serverBytes, 0)), ifNull(clientBytes, 0), ${firstSecond}
      FROM flow_rows WHERE ${where}`,
        ]
      : [],
  name_hour: (held, where) =>
    namedBy
      .filter(({ record }) => held.includes(record))
      .map(
        ({ record, column, condition }) => sql`
      SELECT load, ${hourOf} AS hour, client, ${name(column)} AS called, 1, ${firstSecond}
      FROM ${name(`${record}_rows`)}
      WHERE ${where} AND position(called, '.') > 0 AND NOT isIPv4String(called) AND ${raw(condition)}`,
      ),
}

interface NamedBy {
  readonly record: RecordName
  readonly column: string
  readonly condition: string
}

/** Questions without an address in the answer are left out: a generator asks for thousands that lead nowhere. */
const namedBy: readonly NamedBy[] = [
  {
    record: 'dns',
    column: 'query',
    condition: 'arrayExists(a -> isIPv4String(a) OR isIPv6String(a), answers)',
  },
  { record: 'tls', column: 'serverName', condition: '1' },
  { record: 'http', column: 'host', condition: '1' },
]
