/**
 * What the scan rules share: attempts of internal hosts, and windows of three lengths.
 *
 * An attempt has failed where nobody answered or the answer was a refusal, has been answered where a
 * conversation came about, and is neither where the input does not say. Not counted as attempts: answers of a
 * server taken for questions (from a port under 1024 to a high one), the probes of traceroute (UDP 33434 up), and
 * what an IPv6 address that nobody outside ever answers tries outside: a broken route, not a scan.
 * Windows do not overlap, so a burst that straddles two of them may lose up to half of its score.
 */
import { randomUUID } from 'node:crypto'
import type { Networks, Scope } from '../model/networks.ts'
import type { Query, Typed } from '../model/query.ts'
import { hour, minute } from '../model/units.ts'
import { inside, isIpv4, isSpecial } from '../store/networks.ts'
import { addressText, float, integers, join, name, numbers, raw, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import type { Need, RuleScope } from './activity.ts'
import { otherPortWeight, weighedPorts } from './ports.ts'
import { insideShare, remarks } from './traits.ts'

/** Rows of (host, server, proto, port, start, id, failed, answered, weight). TCP and UDP only. */
export const attempts = (scope: RuleScope): Query =>
  scope.attemptsIn ? sql`(SELECT * FROM ${scope.attemptsIn})` : sql`(${attemptsOf(scope, raw('true'))})`

function attemptsOf({ from, to, internal }: Scope, ofHosts: Query): Query {
  const outwardByIpv6 = sql`NOT ${isIpv4('client', internal)} AND NOT ${inside('server', internal)}`
  return sql`
  SELECT client AS host, server, proto, serverPort AS port, start, id,
         outcome IN ('refused', 'unanswered') AS failed, outcome = 'established' AS answered,
         ${portWeight} AS weight
  FROM flow
  WHERE start >= ${from} AND start < ${to} AND proto IN ('tcp', 'udp') AND ${inside('client', internal)}
    AND ${ofHosts}
    AND NOT ${isSpecial('server', internal)} AND NOT ${isBroadcast(internal)}
    AND NOT (clientPort BETWEEN 1 AND 1023 AND serverPort >= 1024)
    AND NOT (proto = 'udp' AND serverPort BETWEEN 33434 AND 33534)
    AND NOT (${outwardByIpv6} AND client IN (
      SELECT client FROM flow WHERE start >= ${from} AND start < ${to} AND ${outwardByIpv6}
      GROUP BY client HAVING countIf(outcome = 'established') = 0))`
}

/**
 * Gives `work` a scope whose attempts are in a table, made once and of those hosts only that meet one of the needs. The
 * engine plans and runs a subquery anew wherever a statement mentions it, which the scan rules do up to six times.
 */
export async function withAttempts<T>(
  store: Store,
  scope: RuleScope,
  needs: readonly Need[],
  work: (scope: RuleScope) => Promise<T>,
): Promise<T> {
  const { from, to, internal } = scope
  const table = `attempt_${randomUUID().replaceAll('-', '')}`
  const reached = needs.map(({ count, least }) => sql`${count} >= ${float(least * almost)}`)
  const hosts = sql`client IN (
    SELECT client FROM flow WHERE start >= ${from} AND start < ${to} AND ${inside('client', internal)}
    GROUP BY client HAVING ${join(reached, ' OR ')})`
  await store.create({
    name: table,
    columns: `host IPv6, server IPv6, proto LowCardinality(String), port UInt16, start Int64, id UInt64,
      failed UInt8, answered UInt8, weight Float64`,
    order: 'host',
    shardBy: 'host',
  })

  try {
    const filled = sql`INSERT INTO ${name(table)} ${attemptsOf(scope, hosts)}`
    await store.byShard((shard) => shard.run(filled), { machines: true })
    return await work({ ...scope, attemptsIn: name(table) })
  } finally {
    await store.drop(table)
  }
}

/** Scores are rounded before they are held to 1, so that a rule may fire a hair under its threshold. */
export const almost = 1 - 1e-5

/** The last address of the /24 of either side: nearly always a broadcast address. */
const isBroadcast = (internal: Networks): Query => sql`(
  proto = 'udp' AND ${isIpv4('server', internal)} AND server = tupleElement(IPv6CIDRToRange(server, 120), 2))`

const key = ({ proto, port }: { proto: string; port: number }) => port + (proto === 'udp' ? 65_536 : 0)
const portWeight = sql`transform(toInt64(serverPort) + if(proto = 'udp', 65536, 0),
  ${integers(weighedPorts.map(key))}, ${numbers(weighedPorts.map(({ weight }) => weight))}, ${float(otherPortWeight)})`

/** TCP ports where few clients have business: those of weight 1. */
export const attackedPorts: Typed = {
  type: 'Array(UInt16)',
  value: weighedPorts.filter(({ proto, weight }) => proto === 'tcp' && weight === 1).map(({ port }) => port),
}

/** A line for each length of window. */
export interface Lines {
  readonly in5Minutes: number
  readonly inHour: number
  readonly inEpoch: number
}

/** `ARRAY JOIN` clause that gives each row its three windows as `w`: (number of the window, line). */
export const windows = ({ from, to }: Scope, { in5Minutes, inHour, inEpoch }: Lines): Query => sql`
  ARRAY JOIN [
    (toInt64(${5 * minute}), intDiv(start - ${from}, ${5 * minute}), ${float(in5Minutes)}),
    (toInt64(${hour}), intDiv(start - ${from}, ${hour}), ${float(inHour)}),
    (toInt64(${to - from}), toInt64(0), ${float(inEpoch)})] AS w`

/** The least of the lines: below it no window can reach its own. */
export const leastOf = ({ in5Minutes, inHour, inEpoch }: Lines): number =>
  Math.min(in5Minutes, inHour, inEpoch)

/** Aggregates over the flows of one client: never less than what the rules count of its attempts. */
export const failedServers = raw(
  "uniqExactIf(server, outcome IN ('refused', 'unanswered') AND proto IN ('tcp', 'udp'))",
)
export const failedPorts = raw(
  "uniqExactIf((proto, serverPort), outcome IN ('refused', 'unanswered') AND proto IN ('tcp', 'udp'))",
)

/** SQL of the remark `(inside only)`, where nearly all rows of a group have a server inside; else of no text. */
export const insideRemark = (internal: Networks): Query =>
  sql`if(avg(${inside('server', internal)}) >= ${insideShare}, [${remarks.insideOnly}], emptyArrayString())`

/** SQL of an address column as a network of that address alone, as text. */
export const single = (column: string): Query =>
  sql`concat(${addressText(column)}, if(startsWith(IPv6NumToString(${raw(column)}), '::ffff:'), '/32', '/128'))`

/** SQL of the /24 (IPv6: /64) of an address column, as text. */
export const subnet = (column: string): Query =>
  raw(
    `if(startsWith(IPv6NumToString(${column}), '::ffff:'),
      concat(extract(IPv6NumToString(${column}), '^::ffff:([0-9]+[.][0-9]+[.][0-9]+)'), '.0/24'),
        concat(IPv6NumToString(tupleElement(IPv6CIDRToRange(${column}, 64), 1)), '/64'))`,
  )
