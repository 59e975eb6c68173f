/**
 * Time-out fragments made one again.
 *
 * NetFlow exporters and Argus cut a long connection into records at an active time-out; each would count as a
 * flow of its own and look like a perfect beacon (pitfall 28). A record continues the one before it when the
 * five-tuple is the same and it starts within `gap` of the other's end: no host opens a second connection from
 * the same port so soon, for TCP keeps the pair in TIME-WAIT (RFC 9293, section 3.6.1).
 */
import type { Query } from '../model/query.ts'
import { raw, sql } from '../store/sql.ts'
import { allSortedUpTo, fiveTuple, fiveTupleHash } from '../store/tables/five-tuple.ts'

/** Microseconds; records nearer than this to the end of the one before are the same connection. */
const stitchGap = 5_000_000

/** Up to so many are held in memory, 115 bytes each by their columns; more are read and filtered at each mention. */
const heldFlows = 2_000_000

/**
 * The flows with fragments joined. Columns: client, server, serverPort, proto, start, duration, packets, bytes, id,
 * fragments. Most five-tuples have one record; where there are many flows, it is taken as it stands. A hash tells
 * five-tuples apart: two that share one are sorted, as those with more records are.
 */
export function stitched(
  flows: Query,
  { count, sortedUpTo = allSortedUpTo, heldUpTo = heldFlows }: Size,
): Query {
  if (count <= sortedUpTo) return joined(flows)

  const split = (every: Query) => sql`
    SELECT client, server, serverPort, proto, start, duration, ${packets} AS packets, ${bytes} AS bytes, id,
      toUInt64(1) AS fragments
    FROM ${every} WHERE ${fiveTupleHash} NOT IN (${repeated(every)})
    UNION ALL ${joined(sql`SELECT * FROM ${every} WHERE ${fiveTupleHash} IN (${repeated(every)})`)}`
  if (count > heldUpTo) return split(sql`(${flows})`)

  return sql`
    WITH every AS MATERIALIZED (
      SELECT client, server, serverPort, proto, clientPort, start, duration, id, packets, clientPackets, serverPackets,
        bytes, clientBytes, serverBytes
      FROM (${flows}))
    ${split(raw('every'))}`
}

interface Size {
  /** Of flows, about. */
  readonly count: number
  readonly sortedUpTo?: number | undefined
  readonly heldUpTo?: number | undefined
}

const packets = sql`coalesce(packets, clientPackets + serverPackets, clientPackets)`
const bytes = sql`coalesce(bytes, clientBytes + serverBytes, clientBytes)`

/** Hashes of five-tuples with more than one record. */
const repeated = (flows: Query): Query =>
  sql`SELECT ${fiveTupleHash} AS tuple FROM ${flows} GROUP BY tuple HAVING count() > 1`

const joined = (flows: Query): Query => sql`
  SELECT client, server, serverPort, proto, min(begin) AS start, max(end) - min(begin) AS duration,
         sum(packetsOf) AS packets, sum(bytesOf) AS bytes, argMin(record, (begin, record)) AS id, count() AS fragments
  FROM (
    SELECT *, sum(fresh) OVER (PARTITION BY ${fiveTuple} ORDER BY begin, record
                               ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS part
    FROM (
      SELECT client, server, serverPort, proto, clientPort, start AS begin, start + duration AS end, id AS record,
             ${packets} AS packetsOf, ${bytes} AS bytesOf,
             row_number() OVER same = 1 OR begin > lagInFrame(end) OVER same + ${stitchGap} AS fresh
      FROM (${flows})
      WINDOW same AS (PARTITION BY ${fiveTuple} ORDER BY start, id
                      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    )
  )
  GROUP BY ${fiveTuple}, part`
