import type { Shown } from '../model/endpoint.ts'
import type { Trace } from './trace.ts'

/** An address as the store keeps it: IPv4 mapped into IPv6. */
export const mapped = (address: string): string => (address.includes(':') ? address : `::ffff:${address}`)

/** Shows the calls again, with the time from each to the one before. */
export function callsQuery({ trace }: { readonly trace: Trace }): Shown {
  return {
    sql: `SELECT start,
  (start - lagInFrame(start, 1, start) OVER (ORDER BY start)) / 1e6 AS interval,
  duration / 1e6 AS seconds, clientBytes, serverBytes, outcome, server
FROM flow
WHERE client = {client:IPv6} AND server IN {servers:Array(IPv6)}
  AND serverPort = {port:UInt16} AND proto = {proto:String}
ORDER BY start`,
    params: {
      client: mapped(trace.client),
      servers: trace.servers.map(mapped),
      port: trace.serverPort,
      proto: trace.proto,
    },
  }
}
