import type { Scope } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import { raw, sql } from './sql.ts'

/** Rows (client, server, name): how each client knew each server; of the clients that the condition holds for. */
export const namesOfServers = (
  { from, to }: Pick<Scope, 'from' | 'to'>,
  ofClients: Query = raw('true'),
): Query => sql`
  SELECT client, server, serverName AS name FROM tls
  WHERE start >= ${from} AND start < ${to} AND ${ofClients} AND serverName != ''
  UNION ALL
  SELECT client, server, host AS name FROM http
  WHERE start >= ${from} AND start < ${to} AND ${ofClients} AND host != ''
  UNION ALL
  SELECT client, toIPv6OrDefault(answer) AS server, query AS name
  FROM (SELECT client, query, answers FROM dns WHERE start >= ${from} AND start < ${to} AND ${ofClients})
  ARRAY JOIN answers AS answer
  WHERE toIPv6OrNull(answer) IS NOT NULL`
