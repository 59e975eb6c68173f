/**
 * `dns` joined to `queried`, cut so that memory is bounded: only names of domains that have many are joined, and of
 * these a part of the domains at a time.
 */
import type { Scope } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import { inside } from '../store/networks.ts'
import { raw, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'

/** Names to a part, about. */
const partNames = 1_000_000

export type Span = Pick<Scope, 'from' | 'to' | 'internal'>

/** Conditions that cut `column` into this many parts. */
export const cut = (column: string, parts: number): Query[] =>
  Array.from({ length: parts }, (_, part) => sql`cityHash64(${raw(column)}) % ${parts} = ${part}`)

/** Conditions that cut all names that were asked for by `query` into parts of bounded size. */
export async function partsOfNames(store: Store): Promise<Query[]> {
  const [size] = await store.rows<{ n: number }>('SELECT toFloat64(count()) AS n FROM queried')
  return cut('query', Math.ceil((size?.n ?? 0) / partNames))
}

/** SQL that is true of a name with an address backwards in front: block lists, and look-ups of who owns an address. */
export const backwards = raw("match(query, '^([0-9]{1,3}[.]){4}|^([0-9a-f][.]){16}')")

/** Rows of `dns` of internal clients with the columns of `queried`, of the names that `which` chooses there. */
export const askedIn = ({ from, to, internal }: Span, which: Query): Query => sql`(
  SELECT start, client, query, queryType, responseCode, answers, ttls, nameServers, nameServerAddresses,
    registered, payload, entropy,
    ifNull(answerBytes, arraySum(x -> length(x), answers)) AS size
  FROM dns LEFT SEMI JOIN (
    SELECT query, registered, payload, entropy FROM queried WHERE registered != '' AND ${which}) AS known USING (query)
  WHERE start >= ${from} AND start < ${to} AND ${inside('client', internal)})`

/** Rows of the query, over all parts of the domains that have at least `leastNames` names. */
export async function rowsOfParts<Row>(
  store: Store,
  span: Span,
  leastNames: number,
  query: (asked: Query) => Query,
): Promise<Row[]> {
  // A name that two analyses took apart may count twice until the engine merges its parts, which chooses more only.
  const wide = (part: Query) => sql`
    SELECT registered FROM queried WHERE registered != '' AND ${part} GROUP BY registered
      HAVING count() >= ${leastNames}`
  const [size] = await store.rows<{ n: number }>(sql`
    SELECT toFloat64(sum(n)) AS n FROM (SELECT registered, count() AS n FROM queried WHERE registered != ''
      GROUP BY registered HAVING n >= ${leastNames})`)
  const rows: Row[] = []
  for (const part of cut('registered', Math.ceil((size?.n ?? 0) / partNames)))
    for (const row of await store.rows<Row>(
      query(askedIn(span, sql`${part} AND registered IN (${wide(part)})`)),
    ))
      rows.push(row)

  return rows
}
