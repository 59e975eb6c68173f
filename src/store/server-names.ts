import type { Scope } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import { sql } from './sql.ts'

/** Rows (client, server, name): how each client knew each server. */
export const namesOfServers = ({ from, to }: Pick<Scope, 'from' | 'to'>): Query => sql`
  SELECT client, server, serverName AS name FROM tls WHERE start >= ${from} AND start < ${to} AND serverName != ''
  UNION ALL
  SELECT client, server, host AS name FROM http WHERE start >= ${from} AND start < ${to} AND host != ''
  UNION ALL
  SELECT client, toIPv6OrDefault(answer) AS server, query AS name FROM dns ARRAY JOIN answers AS answer
  WHERE start >= ${from} AND start < ${to} AND toIPv6OrNull(answer) IS NOT NULL`
