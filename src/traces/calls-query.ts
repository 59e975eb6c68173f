import type { Shown } from '../model/endpoint.ts'
import { addressText, bound } from '../store/sql.ts'
import type { Trace } from './trace.ts'

/** SQL that prints a column of addresses as usual text. */
export const textOf = (column: string): string => bound(addressText(column)).text

/** SQL: flows to the servers of a trace, each on its own port, with the parameters that it names. */
export const toServers = ({ servers, serverPort, ports }: Pick<Trace, 'servers' | 'serverPort' | 'ports'>) =>
  ports
    ? {
        where:
          '(server, serverPort) IN (SELECT arrayJoin(arrayZip({servers:Array(IPv6)}, {ports:Array(UInt16)})))',
        params: { servers: servers.map(mapped), ports },
      }
    : {
        where: 'server IN {servers:Array(IPv6)} AND serverPort = {port:UInt16}',
        params: { servers: servers.map(mapped), port: serverPort },
      }

/** An address as the store keeps it: IPv4 mapped into IPv6. */
export const mapped = (address: string): string => (address.includes(':') ? address : `::ffff:${address}`)

/** Shows the calls again, with the time from each to the one before. */
export function callsQuery({ trace }: { readonly trace: Trace }): Shown {
  const { where, params } = toServers(trace)

  return {
    sql: `SELECT fromUnixTimestamp64Micro(start) AS time,
  (start - lagInFrame(start, 1, start) OVER (ORDER BY start)) / 1e6 AS interval,
  duration / 1e6 AS seconds, clientBytes, serverBytes, outcome,
  ${textOf('server')} AS peer, serverPort
FROM flow
WHERE client = {client:IPv6} AND ${where}
  AND proto = {proto:String}
ORDER BY start`,
    params: {
      client: mapped(trace.client),
      ...params,
      proto: trace.proto,
    },
  }
}
