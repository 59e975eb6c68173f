/** `dns` joined to `queried`, cut by registered domain so that memory is bounded by the names of one part. */
import type { Scope } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import { inside } from '../store/networks.ts'
import { sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'

/** Names to a part, about. */
const partNames = 1_000_000

export type Span = Pick<Scope, 'from' | 'to' | 'internal'>

/** Parts that the names fall into. */
export async function partsIn(store: Store): Promise<number> {
  const [size] = await store.rows<{ n: number }>(
    "SELECT toFloat64(count()) AS n FROM queried WHERE registered != ''",
  )
  return Math.ceil((size?.n ?? 0) / partNames)
}

/** Rows of `dns` of internal clients with the columns of `queried`, of one part of the registered domains. */
export const askedIn = ({ from, to, internal }: Span, part: number, parts: number): Query => sql`(
  SELECT start, client, query, queryType, responseCode, answers, ttls, nameServers, nameServerAddresses,
    registered, payload, entropy,
    ifNull(answerBytes, arraySum(x -> length(x), answers)) AS size
  FROM dns LEFT SEMI JOIN (
    SELECT query, registered, payload, entropy FROM queried
    WHERE registered != '' AND cityHash64(registered) % ${parts} = ${part}) AS known USING (query)
  WHERE start >= ${from} AND start < ${to} AND ${inside('client', internal)})`

/** Rows of the query, over all parts. */
export async function rowsOfParts<Row>(
  store: Store,
  span: Span,
  query: (asked: Query) => Query,
): Promise<Row[]> {
  const parts = await partsIn(store)
  const rows: Row[] = []
  for (let part = 0; part < parts; part++)
    rows.push(...(await store.rows<Row>(query(askedIn(span, part, parts)))))
  return rows
}
