/** Hosts whose work looks like an activity: told by what others ask of them. */
import type { Scope } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import { inside } from '../store/networks.ts'
import { addresses, addressText, raw, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import type { RuleScope, Serving } from './activity.ts'

/** The internal hosts that serve mail or names, asked for once for all rules: each rule looks at all flows for them. */
export const servingHosts = (store: Store, { from, to, internal }: Scope): Promise<Serving[]> =>
  store.rows<Serving>(sql`
    SELECT ${addressText('host')} AS server, toFloat64(uniqExactIf(client, isMail)) AS mailClients,
      toFloat64(uniqExactIf(client, NOT isMail)) AS nameClients
    FROM (
      SELECT client, server AS host, false AS isMail FROM dns
      WHERE start >= ${from} AND start < ${to} AND ${inside('server', internal)}
      UNION ALL
      SELECT client, server AS host, serverPort = 25 AS isMail FROM flow
      WHERE start >= ${from} AND start < ${to} AND outcome = 'established' AND ${mailOrNames}
        AND ${inside('server', internal)})
    GROUP BY host ORDER BY host`)

const mailOrNames = sql`((proto = 'tcp' AND serverPort = 25) OR serverPort = 53)`

/**
 * SQL: whether `client`, an internal host, receives mail: at least this many clients had a conversation with its port
 * 25. A bot sends mail; nobody brings it any. For rules that say `sparesServers`.
 */
export const servesMail = (scope: RuleScope, minClients: number): Query =>
  isOneOf(scope, ({ mailClients }) => mailClients >= minClients)

/** SQL: whether at least this many ask `client`, an internal host, for names: what it asks, it asks for others. */
export const servesNames = (scope: RuleScope, minClients: number): Query =>
  isOneOf(scope, ({ nameClients }) => nameClients >= minClients)

/** @throws RangeError where nobody looked: the rule does not say that it spares servers. */
function isOneOf({ serving }: RuleScope, does: (host: Serving) => boolean): Query {
  if (!serving) throw new RangeError('a rule leaves out servers without `sparesServers`')
  const found = serving.filter(does)
  return found.length === 0 ? raw('false') : sql`client IN ${addresses(found.map(({ server }) => server))}`
}

/**
 * Internal hosts that talk with more than this many outside servers on something else than mail, names and time.
 * A host that does not has hardly anybody to take orders from: a sender of newsletters, or a bot in a laboratory.
 */
export const busyOutside = ({ from, to, internal }: Scope, servers: number): Query => sql`(
  SELECT client FROM flow
  WHERE start >= ${from} AND start < ${to} AND ${inside('client', internal)} AND NOT ${inside('server', internal)}
    AND outcome = 'established' AND serverPort NOT IN (25, 465, 587, 53, 123)
  GROUP BY client HAVING uniqExact(server) > ${servers})`
