/**
 * Where a DNS tunnel ends. The resolver of the site passes the questions on and is no C&C: the far end is
 * whoever answers for the domain. That is the server asked, where it lies outside and answers for no other
 * domain; else the domain's name servers, where a record shows their addresses; else the domain itself
 * stands for it.
 */
import type { Endpoint } from '../model/endpoint.ts'
import { inside } from '../store/networks.ts'
import { addressText, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import type { Span } from './partitions.ts'

/** The C&C of a tunnel under `registered`; its port is 53, its name the domain. */
export async function tunnelEnd(
  store: Store,
  { from, to, internal }: Span,
  registered: string,
): Promise<Endpoint> {
  const during = sql`start >= ${from} AND start < ${to}`
  const under = sql`(query = ${registered} OR endsWith(query, ${`.${registered}`}))`
  const [direct] = await store.rows<{ address: string }>(sql`
    SELECT ${addressText('server')} AS address FROM dns
    WHERE ${during} AND NOT ${inside('server', internal)} AND server IN (
      SELECT server FROM dns WHERE ${during} AND ${under})
    GROUP BY server HAVING countIf(NOT ${under} AND responseCode = 'NOERROR' AND notEmpty(answers)) = 0
    ORDER BY countIf(${under}) DESC, server LIMIT 1`)
  const [known] = direct
    ? [direct]
    : await store.rows<{ address: string }>(sql`
        SELECT arrayJoin(nameServerAddresses) AS address FROM dns
        WHERE ${during} AND ${under} AND notEmpty(nameServerAddresses)
        GROUP BY address ORDER BY count() DESC, address LIMIT 1`)

  return { address: known?.address ?? registered, port: 53, protocol: 'udp', name: registered }
}
