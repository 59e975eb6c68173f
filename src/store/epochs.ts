import { sql } from './sql.ts'
import type { Store } from './store.ts'

/** Epochs that hold a flow: the whole of a recording no longer than one, else aligned to UTC. */
export async function epochsIn(store: Store, epochHours: number): Promise<{ from: number; to: number }[]> {
  const length = Math.round(epochHours * 3.6e9)
  const [range] = await store.rows<{ n: number; first: number; last: number }>(
    sql`SELECT toFloat64(count()) AS n, toFloat64(min(start)) AS first, toFloat64(max(start)) AS last FROM flow`,
  )
  if (!range || range.n === 0) return []
  if (range.last - range.first < length) return [{ from: range.first, to: range.last + 1 }]
  const rows = await store.rows<{ number: number }>(
    sql`SELECT DISTINCT toFloat64(intDiv(start, ${length})) AS number FROM flow ORDER BY number`,
  )
  return rows.map(({ number }) => ({ from: number * length, to: (number + 1) * length }))
}
