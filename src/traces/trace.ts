import type { Micros } from '../model/units.ts'

/**
 * All that one client did with one service: a server address, or a name that may stand for several addresses,
 * with a port and a transport, in the order of time. Tegeler et al., "BotFinder", CoNEXT 2012, section 3.
 */
export interface Trace {
  readonly client: string
  /** One address; several where a name joins them, or a caller that moves on. In the order of first use. */
  readonly servers: readonly string[]
  readonly serverPort: number
  /** Port of each of `servers`, where not all were called on `serverPort`. */
  readonly ports?: readonly number[]
  readonly proto: string
  /** What the clients call the server (TLS SNI, HTTP Host, DNS answer); null where no record says. */
  readonly name: string | null
  /**
   * `address`: flows to one address. `name`: flows to one name, whatever address it had. `moves`: flows to one address
   * after another, that go on with one behaviour.
   */
  readonly by: 'address' | 'name' | 'moves'
  /** Connections after time-out fragments were joined; may be more than `calls` holds. */
  readonly connections: number
  /** Records that were joined to an earlier one, since they went on with the same conversation. */
  readonly stitched: number
  /** Connections that were refused or had no answer. */
  readonly failed: number
  /** TCP connections whose opening the sensor did not see, so that no record could name the server. */
  readonly midstream: number
  readonly firstStart: Micros
  readonly lastEnd: Micros
  /** The earliest connections, at most the cap of `tracesIn`. */
  readonly calls: Calls
  /** Ids of the first flows, at most 10. */
  readonly flows: readonly string[]
}

/** Connections as columns, ordered by start. NaN stands where the input does not say. */
export interface Calls {
  /** Microseconds since the Unix epoch. */
  readonly start: Float64Array
  /** Seconds. */
  readonly duration: Float64Array
  /** Bytes from the client. */
  readonly sent: Float64Array
  /** Bytes from the server. */
  readonly received: Float64Array
  /** Bytes both ways. */
  readonly bytes: Float64Array
  /** Packets both ways. */
  readonly packets: Float64Array
}

/** A text that names a trace, the same in every run. */
export const traceKey = ({ client, servers, serverPort, proto, name, by }: Trace): string =>
  [client, by === 'name' ? name : by === 'moves' ? servers.join('>') : servers[0], serverPort, proto].join(
    ' ',
  )
