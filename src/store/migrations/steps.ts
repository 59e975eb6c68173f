/** How a database of each version becomes one of the next. A step that was cut short may be run again. */
import { records } from '../../model/records.ts'
import { fillAllAggregates } from '../aggregates/fill.ts'
import { aggregateTables, mergedTable, tables } from '../ddl.ts'
import { name, raw, sql } from '../sql.ts'
import type { Store } from '../store.ts'
import type { TableShape } from '../tables/shape.ts'

export interface Step {
  /** The version that it makes of the one before. */
  readonly to: number
  /** What it changes, as a person reads it. */
  readonly changes: string
  /** Whether it copies records: up to as much disk again is needed meanwhile. */
  readonly copies?: true
  readonly run: (store: Store) => Promise<void>
}

/** Words of the answer that version 2 calls otherwise: keys, and values of `rule`. */
const renamed: readonly (readonly [before: string, after: string])[] = [
  ['"said":', '"description":'],
  ['"clue":', '"feature":'],
  ['"signs":', '"indicators":'],
  ['"otherwise":', '"wouldChange":'],
  ['"hints":', '"weakIndicators":'],
  ['"infected-and-outward"', '"infected-and-outbound"'],
  ['"two-outward-signs"', '"two-outbound-indicators"'],
]

/** A key is `"said":` in no text: there its quotes are escaped. */
async function renameWords(store: Store): Promise<void> {
  const inNewWords = (column: string) =>
    renamed.reduce((done, [before, after]) => sql`replaceAll(${done}, ${before}, ${after})`, name(column))
  await store.alter(
    'analysis',
    sql`UPDATE answer = ${inNewWords('answer')}, figures = ${inNewWords('figures')}
        WHERE 1 SETTINGS mutations_sync = 1`,
  )
}

/** Adds what publications in turns need, and copies the records to tables that are parted by day. */
async function partByDay(store: Store): Promise<void> {
  await store.alter('ledger', raw('ADD COLUMN IF NOT EXISTS turn UInt64'))
  await store.alter('ledger', raw('MODIFY SETTING non_replicated_deduplication_window = 10000'))

  const rows = Object.keys(records).map((record) => `${record}_rows`)
  for (const table of tables.filter((each) => rows.includes(each.name))) await copyTable(store, table)
}

/** Puts the rows of a table into one of the shape of today, which takes its place at one moment. */
async function copyTable(store: Store, shape: TableShape): Promise<void> {
  const [now] = await store.rows<{ partition: string }>(
    sql`SELECT partition_key AS partition FROM system.tables
        WHERE database = currentDatabase() AND name = ${shape.name}`,
  )
  if (now?.partition === shape.partition) return

  const copy = `${shape.name}_copy`
  await store.drop(copy)
  await store.create({ ...shape, name: copy })
  const columns = await store.rows<{ name: string }>(
    sql`SELECT name FROM system.columns WHERE database = currentDatabase() AND table = ${shape.name}`,
  )
  const list = raw(columns.map((each) => `\`${each.name}\``).join(', '))
  await store.run(sql`INSERT INTO ${name(copy)} (${list}) SELECT ${list} FROM ${name(shape.name)}`)
  await store.run(sql`EXCHANGE TABLES ${name(copy)} AND ${name(shape.name)}`)
  await store.drop(copy)
}

/** Makes the hourly aggregates of all records that are published. */
async function fillHours(store: Store): Promise<void> {
  for (const table of aggregateTables) {
    await store.drop(table.name)
    await store.create(table)
  }
  await fillAllAggregates(store)
}

export const steps: readonly Step[] = [
  { to: 2, changes: 'words in the kept answers', run: renameWords },
  {
    to: 3,
    changes: 'records parted by day and packed closer (copied), numbered publications in the ledger',
    copies: true,
    run: partByDay,
  },
  { to: 4, changes: 'hourly aggregates, filled from the records', run: fillHours },
  {
    to: 5,
    changes: 'hourly aggregates of many imports can be merged; the next imports do it',
    run: (store) => store.create(mergedTable),
  },
]
