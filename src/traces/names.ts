/** What servers are called: TLS server name, HTTP Host, DNS answers. */
import { flowColumns } from '../model/flow.ts'
import type { Query } from '../model/query.ts'
import { raw, sql } from '../store/sql.ts'

/** A name that is not an address in disguise. */
export const isName = (column: string) =>
  `(NOT isIPv4String(${column}) AND NOT isIPv6String(${column}) AND position(${column}, '.') > 0)`

/** (uid, name) of connections whose handshake or request told it. */
const byConnection: Query = {
  parts: [
    `SELECT uid, max(called) AS name FROM (
      SELECT uid, serverName AS called FROM tls UNION ALL SELECT uid, host AS called FROM http)
    WHERE uid != '' AND ${isName('called')} GROUP BY uid`,
  ],
  params: [],
}

/** (server, serverPort, name): what a server was most often called, by whoever met it. */
export const byService: Query = {
  parts: [
    `SELECT server, serverPort, argMax(called, (calls, called)) AS name FROM (
      SELECT server, serverPort, called, count() AS calls FROM (
        SELECT server, serverPort, serverName AS called FROM tls
        UNION ALL SELECT server, serverPort, host AS called FROM http)
      WHERE ${isName('called')} GROUP BY server, serverPort, called)
    GROUP BY server, serverPort`,
  ],
  params: [],
}

/** (server, name): the name in whose answers an address stood most often. */
export const byAnswer: Query = {
  parts: [
    `SELECT server, argMax(query, (answered, query)) AS name FROM (
      SELECT toIPv6(answer) AS server, query, count() AS answered
      FROM dns ARRAY JOIN answers AS answer
      WHERE (isIPv4String(answer) OR isIPv6String(answer)) AND ${isName('query')}
      GROUP BY server, query)
    GROUP BY server`,
  ],
  params: [],
}

const flowList = Object.keys(flowColumns)
  .map((each) => `f.${each} AS ${each}`)
  .join(', ')

/** Flows of `where` with `name`, empty where none is known; a table expression. */
export const flowNames = (where: Query): Query => sql`(
  SELECT ${raw(flowList)}, multiIf(u.name != '', u.name, s.name != '', s.name, d.name) AS name
  FROM (SELECT * FROM flow WHERE ${where}) AS f
  LEFT ANY JOIN (${byConnection}) AS u ON f.uid = u.uid
  LEFT ANY JOIN (${byService}) AS s ON f.server = s.server AND f.serverPort = s.serverPort
  LEFT ANY JOIN (${byAnswer}) AS d ON f.server = d.server)`

/** (server, name) of every server that any record names; a table expression. */
export const serverNames: Query = sql`(
  SELECT server, argMin(called, rank) AS name FROM (
    SELECT server, name AS called, 0 AS rank FROM (${byService})
    UNION ALL SELECT server, name AS called, 1 AS rank FROM (${byAnswer}))
  GROUP BY server)`

/** Whether a name is one of `names` or under one. */
export function isUnder(name: string | null, names: ReadonlySet<string>): boolean {
  for (let rest = name; rest; rest = rest.includes('.') ? rest.slice(rest.indexOf('.') + 1) : null)
    if (names.has(rest)) return true
  return false
}
