import type { Query } from '../model/query.ts'
import { type RecordName, records } from '../model/records.ts'
import type { Micros } from '../model/units.ts'
import { join, name, raw, sql, texts } from './sql.ts'
import type { Store } from './store.ts'

/** Microseconds: from the first on, up to but not at the second. */
export interface Epoch {
  readonly from: number
  readonly to: number
}

/**
 * Epochs that hold a record of any kind, in order; they do not overlap, and every record lies in one.
 *
 * What is no longer than an epoch is one epoch. Flows that are no longer than one stay together where other records
 * lie further off: their epoch begins with the first record that it can hold with all of the flows, and the rest have
 * epochs of the same length before and after it. So that the last requests of a day do not make an epoch, the one of
 * the flows may be longer by a twenty-fourth. Else epochs are aligned to UTC.
 *
 * With `last`, only records that began within that time before the newest, or before now where that lies ahead.
 */
export async function epochsIn(store: Store, epochHours: number, last?: Micros): Promise<Epoch[]> {
  const length = Math.round(epochHours * 3.6e9)
  const kinds = await heldRecords(store)
  const after = last === undefined ? null : await momentBefore(store, last)
  const recent = after === null ? raw('true') : sql`start > ${after}`
  const anyStart = unionOf(kinds, (kind) => sql`SELECT start FROM ${name(kind)} WHERE ${recent}`)
  const all = await rangeOf(store, anyStart)
  if (!all) return []
  if (all.last - all.first < length) return [{ from: all.first, to: all.last + 1 }]

  const held = (await rangeOf(store, sql`SELECT start FROM flow WHERE ${recent}`)) ?? all

  if (held.last - held.first >= length) {
    const cell = sql`intDiv(start, ${length})`
    return (await cellsOf(store, anyStart, cell)).map(({ number }) => ({
      from: Math.max(number * length, (after ?? Number.NEGATIVE_INFINITY) + 1),
      to: (number + 1) * length,
    }))
  }

  const near = await rangeOf(
    store,
    sql`SELECT start FROM (${anyStart}) WHERE start > ${held.last - length} AND start <= ${held.first}`,
  )
  const origin = near?.first ?? held.first
  const slack = Math.round(length / 24)
  const cell = sql`if(start < ${origin}, floor((start - ${origin}) / ${length}),
    greatest(0, floor((start - ${origin + slack}) / ${length})))`

  return (await cellsOf(store, anyStart, cell)).map(({ number, last }) => ({
    from: origin + number * length + (number > 0 ? slack : 0),
    to: last + 1,
  }))
}

/** From the first record of the stretch to just after the last; the stretch itself where it holds none. */
export async function recordedIn(store: Store, { from, to }: Epoch): Promise<Epoch> {
  const within = sql`start >= ${from} AND start < ${to}`
  const kinds = await heldRecords(store)
  const range = await rangeOf(
    store,
    unionOf(kinds, (kind) => sql`SELECT start FROM ${name(kind)} WHERE ${within}`),
  )
  return range ? { from: range.first, to: range.last + 1 } : { from, to }
}

async function momentBefore(store: Store, last: Micros): Promise<number> {
  const each = unionOf(await heldRecords(store), (kind) => sql`SELECT max(start) AS start FROM ${name(kind)}`)
  const newest = await rangeOf(store, each)
  return Math.min(Date.now() * 1000, newest?.last ?? 0) - last
}

/**
 * Records of each kind in each epoch, by its beginning; kinds of which there is none are left out. The epochs
 * follow each other.
 */
export async function recordsIn(
  store: Store,
  epochs: readonly Epoch[],
): Promise<ReadonlyMap<number, Partial<Record<RecordName, number>>>> {
  const held = await heldRecords(store)
  if (held.length === 0) return new Map()
  const counts = held.map(
    (record) => sql`
      SELECT toFloat64(${epochOf(epochs)}) AS epoch, ${raw(`'${record}'`)} AS record, toFloat64(count()) AS n
      FROM ${name(record)} WHERE start >= ${epochs[0]!.from} AND start < ${epochs.at(-1)!.to} GROUP BY epoch`,
  )
  const rows = await store.rows<{ epoch: number; record: RecordName; n: number }>(join(counts, ' UNION ALL '))
  const inOrder = rows.toSorted((a, b) => recordNames.indexOf(a.record) - recordNames.indexOf(b.record))

  return new Map(
    [...Map.groupBy(inOrder, ({ epoch }) => epoch)].map(([epoch, own]) => [
      epoch,
      Object.fromEntries(own.map(({ record, n }) => [record, n])),
    ]),
  )
}

/**
 * Kinds with a row, hidden ones counted: a kind that is left out has none. In the order of `records`. What an
 * engine does not count by itself, such as a table over several nodes, is taken to have rows.
 */
export async function heldRecords(store: Store): Promise<RecordName[]> {
  const known = settled.get(store)
  if (known) return [...known]
  const kinds = Object.keys(records) as RecordName[]
  const held = await tablesWithRows(store, kinds.map(rowsOf))
  return kinds.filter((kind) => held.has(rowsOf(kind)))
}

/** What databases hold that nobody imports into any more. */
const settled = new WeakMap<Store, readonly RecordName[]>()

/** Says that these stay the kinds with a row. Only where one process has the store, and its imports have ended. */
export const settleRecords = (store: Store, held: readonly RecordName[]): void =>
  void settled.set(store, held)

const rowsOf = (kind: RecordName) => `${kind}_rows`

/** Whether imports into the store have ended. */
export const areSettled = (store: Store): boolean => settled.has(store)

/** Those of the tables that have a row, or of which the engine does not count the rows by itself. */
export async function tablesWithRows(store: Store, tables: readonly string[]): Promise<ReadonlySet<string>> {
  const made = tables.filter((table) => !store.isUnmade?.(table))
  if (made.length === 0) return new Set()
  const rows = await store.rows<{ name: string }>(sql`
    SELECT name FROM system.tables
    WHERE database = currentDatabase() AND name IN ${texts(made)} AND ifNull(total_rows, 1) > 0`)
  return new Set(rows.map(({ name }) => name))
}

/** The statements that `of` makes of kinds, as one; of the first kind where there is none, which then gives no row. */
export const unionOf = (kinds: readonly RecordName[], of: (kind: RecordName) => Query): Query =>
  join((kinds.length > 0 ? kinds : (['flow'] as const)).map(of), ' UNION ALL ')

/** SQL: the epoch, named by its beginning, that a row of these epochs lies in; they follow each other without a gap. */
export const epochOf = (epochs: readonly { readonly from: number }[]): Query =>
  epochs.length === 1
    ? sql`toInt64(${epochs[0]!.from})`
    : sql`roundDown(start, ${{ type: 'Array(Int64)', value: epochs.map(({ from }) => String(from)) }})`

const recordNames = Object.keys(records) as RecordName[]

/** The numbers of the cells that hold a record, with the last start in each. */
const cellsOf = (store: Store, starts: Query, cell: Query): Promise<{ number: number; last: number }[]> =>
  store.rows(sql`
    SELECT toFloat64(${cell}) AS number, toFloat64(max(start)) AS last FROM (${starts})
    GROUP BY number ORDER BY number`)

async function rangeOf(store: Store, starts: Query): Promise<{ first: number; last: number } | null> {
  const [range] = await store.rows<{ n: number; first: number; last: number }>(
    sql`SELECT toFloat64(count()) AS n, toFloat64(min(start)) AS first, toFloat64(max(start)) AS last FROM (${starts})`,
  )
  return range && range.n > 0 ? range : null
}
