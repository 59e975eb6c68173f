/** Hosts whose work looks like an activity: told by what others ask of them. */
import type { Scope } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import { inside } from '../store/networks.ts'
import { sql } from '../store/sql.ts'

/**
 * Addresses that receive mail: at least this many clients had a conversation with their port 25. A bot sends
 * mail; nobody brings it any.
 */
export const mailServers = ({ from, to }: Scope, minClients: number): Query => sql`(
  SELECT server FROM flow
  WHERE start >= ${from} AND start < ${to} AND proto = 'tcp' AND serverPort = 25 AND outcome = 'established'
  GROUP BY server HAVING uniqExact(client) >= ${minClients})`

/** Addresses that at least this many clients ask for names: what they ask, they ask for others. */
export const resolvers = ({ from, to }: Scope, minClients: number): Query => sql`(
  SELECT server FROM (
    SELECT client, server FROM dns WHERE start >= ${from} AND start < ${to}
    UNION ALL
    SELECT client, server FROM flow
    WHERE start >= ${from} AND start < ${to} AND serverPort = 53 AND outcome = 'established')
  GROUP BY server HAVING uniqExact(client) >= ${minClients})`

/**
 * Internal hosts that talk with more than this many outside servers on something else than mail, names and time.
 * A host that does not has hardly anybody to take orders from: a sender of newsletters, or a bot in a laboratory.
 */
export const busyOutside = ({ from, to, internal }: Scope, servers: number): Query => sql`(
  SELECT client FROM flow
  WHERE start >= ${from} AND start < ${to} AND ${inside('client', internal)} AND NOT ${inside('server', internal)}
    AND outcome = 'established' AND serverPort NOT IN (25, 465, 587, 53, 123)
  GROUP BY client HAVING uniqExact(server) > ${servers})`
