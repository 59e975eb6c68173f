import type { Query } from '../model/query.ts'
import { type RecordName, records } from '../model/records.ts'
import { join, name, sql } from './sql.ts'
import type { Store } from './store.ts'

/**
 * Epochs that hold a record: the whole of a recording no longer than one, else aligned to UTC. Where there is a flow
 * flows alone decide, since one stray record of another kind would stretch them; but where the
 * DNS records of one epoch last twice as long as its flows they count too: one flow to a resolver may carry all questions
 * of a day.
 */
export async function epochsIn(store: Store, epochHours: number): Promise<{ from: number; to: number }[]> {
  const length = Math.round(epochHours * 3.6e9)
  const flows = await rangeOf(store, sql`SELECT start FROM flow`)
  const starts = flows ? sql`SELECT start FROM flow` : anyStart
  const range = flows ?? (await rangeOf(store, anyStart))
  if (!range) return []
  const talked = await rangeOf(store, sql`SELECT start FROM flow UNION ALL SELECT start FROM dns`)
  const span = talked ? talked.last - talked.first : 0
  if (talked && span < length && range.last - range.first < span / 2)
    return [{ from: talked.first, to: talked.last + 1 }]
  if (range.last - range.first < length) return [{ from: range.first, to: range.last + 1 }]
  const rows = await store.rows<{ number: number }>(
    sql`SELECT DISTINCT toFloat64(intDiv(start, ${length})) AS number FROM (${starts}) ORDER BY number`,
  )
  return rows.map(({ number }) => ({ from: number * length, to: (number + 1) * length }))
}

const anyStart: Query = join(
  (Object.keys(records) as RecordName[]).map((record) => sql`SELECT start FROM ${name(record)}`),
  ' UNION ALL ',
)

async function rangeOf(store: Store, starts: Query): Promise<{ first: number; last: number } | null> {
  const [range] = await store.rows<{ n: number; first: number; last: number }>(
    sql`SELECT toFloat64(count()) AS n, toFloat64(min(start)) AS first, toFloat64(max(start)) AS last FROM (${starts})`,
  )
  return range && range.n > 0 ? range : null
}
