import type { Query } from '../model/query.ts'
import { type RecordName, records } from '../model/records.ts'
import { join, name, sql } from './sql.ts'
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
 */
export async function epochsIn(store: Store, epochHours: number): Promise<Epoch[]> {
  const length = Math.round(epochHours * 3.6e9)
  const flows = await rangeOf(store, sql`SELECT start FROM flow`)
  const held = flows ?? (await rangeOf(store, anyStart))
  if (!held) return []
  if (held.last - held.first >= length) {
    const cell = sql`intDiv(start, ${length})`
    return (await cellsOf(store, cell)).map(({ number }) => ({
      from: number * length,
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
  return (await cellsOf(store, cell)).map(({ number, last }) => ({
    from: origin + number * length + (number > 0 ? slack : 0),
    to: last + 1,
  }))
}

/** Records of each kind in the epoch; kinds of which there is none are left out. */
export async function recordsIn(
  store: Store,
  { from, to }: Epoch,
): Promise<Partial<Record<RecordName, number>>> {
  const counts = recordNames.map(
    (record, order) => sql`
      SELECT ${record} AS record, ${order} AS order, toFloat64(count()) AS n
      FROM ${name(record)} WHERE start >= ${from} AND start < ${to}`,
  )
  const rows = await store.rows<{ record: RecordName; n: number }>(
    sql`SELECT record, n FROM (${join(counts, ' UNION ALL ')}) WHERE n > 0 ORDER BY order`,
  )
  return Object.fromEntries(rows.map(({ record, n }) => [record, n]))
}

const recordNames = Object.keys(records) as RecordName[]

const anyStart: Query = join(
  recordNames.map((record) => sql`SELECT start FROM ${name(record)}`),
  ' UNION ALL ',
)

/** The numbers of the cells that hold a record, with the last start in each. */
const cellsOf = (store: Store, cell: Query): Promise<{ number: number; last: number }[]> =>
  store.rows(sql`
    SELECT toFloat64(${cell}) AS number, toFloat64(max(start)) AS last FROM (${anyStart})
    GROUP BY number ORDER BY number`)

async function rangeOf(store: Store, starts: Query): Promise<{ first: number; last: number } | null> {
  const [range] = await store.rows<{ n: number; first: number; last: number }>(
    sql`SELECT toFloat64(count()) AS n, toFloat64(min(start)) AS first, toFloat64(max(start)) AS last FROM (${starts})`,
  )
  return range && range.n > 0 ? range : null
}
