/** Records to hourly aggregates, in the engine, import by import. */
import type { Query } from '../../model/query.ts'
import type { RecordName } from '../../model/records.ts'
import { heldRecords } from '../epochs.ts'
import { ids, join, name, raw, sql } from '../sql.ts'
import type { Store } from '../store.ts'
import { type AggregateName, aggregateNames, aggregateRows, aggregates } from './tables.ts'

/**
 * Writes the aggregates of loads that are not published yet: they are seen from the moment on at which the ledger lists
 * the load. Not to be done twice for one load.
 */
export async function fillAggregates(store: Store, loads: readonly string[]): Promise<void> {
  if (loads.length === 0) return
  await fillWhere(store, sql`load IN ${ids(loads)}`)
}

/** Writes the aggregates of every record that is published, into tables that are empty. */
export const fillAllAggregates = (store: Store): Promise<void> =>
  fillWhere(store, raw('load IN (SELECT load FROM ledger)'))

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

const firstSecond = raw('toUInt32(intDiv(min(start), 1000000))')
const hourOf = raw('intDiv(start, 3600000000) * 3600000000')

/** Statements that give the rows of an aggregate, from the kinds of records that there are. */
const selections: Readonly<Record<AggregateName, (held: readonly RecordName[], where: Query) => Query[]>> = {
  service_hour: (held, where) =>
    held.includes('flow')
      ? [
          sql`
      SELECT load, ${hourOf} AS hour, client, server, serverPort, proto, count(),
        countIf(outcome IN ('established', 'reversed')),
        sum(ifNull(bytes, ifNull(clientBytes + serverBytes, 0))), sum(ifNull(clientBytes, 0)), ${firstSecond}
      FROM flow_rows WHERE ${where} GROUP BY load, hour, client, server, serverPort, proto`,
        ]
      : [],
  name_hour: (held, where) =>
    namedBy
      .filter(({ record }) => held.includes(record))
      .map(
        ({ record, column, condition }) => sql`
      SELECT load, ${hourOf} AS hour, client, ${name(column)} AS called, count(), ${firstSecond}
      FROM ${name(`${record}_rows`)}
      WHERE ${where} AND position(called, '.') > 0 AND NOT isIPv4String(called) AND ${raw(condition)}
      GROUP BY load, hour, client, called`,
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
