/**
 * Merges the hourly aggregates of many imports into one row of each key and hour: the key of the tables has the import,
 * so that the rows of an import can be taken back, and the engine by itself merges only rows of the same import.
 *
 * The merged rows are written under a number of their own, which no view shows. One insert into `merged` then shows
 * them and hides the rows that they stand for, at one moment. A process that dies before leaves rows that nobody sees.
 */
import type { Columns } from '../../model/record.ts'
import { oneChunk } from '../chunk.ts'
import { newLoad } from '../load-number.ts'
import { id, ids, name, raw, sql } from '../sql.ts'
import type { Store } from '../store.ts'
import { encoder } from '../tsv.ts'
import { isDeferred } from './fill.ts'
import { type AggregateName, aggregateNames, aggregateRows, aggregates } from './tables.ts'

/** Imports after which their aggregates are merged: an hour has no more rows of one key, and those of two merges. */
export const mergedAt = 64

/** Imports that were published and are merged into none. */
const unmerged = `SELECT DISTINCT load FROM (SELECT load FROM ledger UNION ALL SELECT load FROM removed)
  WHERE load NOT IN (SELECT arrayJoin(loads) FROM merged)`

/**
 * Merges if `least` imports have aggregates of their own; gives how many were merged. On a server, where another
 * process may do the same at this moment, the second one gives its work up.
 */
export async function mergeHours(store: Store, least = mergedAt): Promise<number> {
  if (isDeferred(store)) return 0
  const loads = (await store.rows<{ load: string }>(`SELECT toString(load) AS load FROM (${unmerged})`))
    .map(({ load }) => load)
    .sort()
  if (loads.length < Math.max(2, least)) return 0

  const [last] = await store.rows<{ turn: number }>('SELECT toFloat64(max(turn)) AS turn FROM merged')
  const row = { load: newLoad(), loads, turn: 1 + (last?.turn ?? 0) }
  for (const aggregate of aggregateNames)
    await store.byShard((shard) => shard.run(mergedRows(aggregate, row)))

  const encoded = oneChunk(encode([row]))
  await store.insert('merged', columnNames, encoded, { token: `merge ${row.turn}` })
  const taken = await store.rows(sql`SELECT load FROM merged WHERE load = ${id(row.load)}`)
  return taken.length > 0 ? loads.length : 0
}

const columns = {
  load: { kind: 'id', doc: '' },
  loads: { kind: 'counts', doc: '' },
  turn: { kind: 'count', doc: '' },
} as const satisfies Columns

const columnNames = Object.keys(columns)
const encode = encoder(columns, columnNames)

function mergedRows(aggregate: AggregateName, { load, loads }: { load: string; loads: readonly string[] }) {
  const all = Object.entries<{ readonly type: string }>(aggregates[aggregate].columns)
  const merging = (type: string) => /^SimpleAggregateFunction\((\w+),/.exec(type)?.[1]
  const keys = all.flatMap(([column, { type }]) => (merging(type) ? [] : [column]))
  const states = all.flatMap(([column, { type }]) => {
    const by = merging(type)
    return by ? [`${by}(${column})`] : []
  })
  const columnsInOrder = [...keys, ...all.flatMap(([column, { type }]) => (merging(type) ? [column] : []))]
  const table = name(aggregateRows(aggregate))

  return sql`INSERT INTO ${table} (load, ${raw(columnsInOrder.join(', '))})
    SELECT ${id(load)}, ${raw([...keys, ...states].join(', '))} FROM ${table}
    WHERE load IN ${ids(loads)} GROUP BY ${raw(keys.join(', '))}`
}
