/** What the records say of one host, whether or not it is accused. */
import type { Called, HostSummary, KeptDays, Side, SummaryActivity } from '../model/host-summary.ts'
import type { Networks } from '../model/networks.ts'
import { micros } from '../model/units.ts'
import { daysKept, hostsSeen } from '../store/aggregates/seen.ts'
import { inside, parseNetworks } from '../store/networks.ts'
import { namesOfServers } from '../store/server-names.ts'
import { address, addressText, name, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'

/** Asks the records and the newest analysis about `host`, an address. `most` bounds the services listed. */
export async function hostSummaryOf(store: Store, host: string, most = 10): Promise<HostSummary> {
  const [asked, answered, kept, called, activities] = await Promise.all([
    sideOf(store, host, 'client'),
    sideOf(store, host, 'server'),
    keptOf(store, host),
    calledBy(store, host, most),
    store.rows<SummaryActivity>(sql`
      SELECT type, detector, toFloat64(sum(times)) AS times, toFloat64(max(targets)) AS targets, max(score) AS score
      FROM activity WHERE host = ${address(host)}
        AND analysis = (SELECT analysis FROM analysis ORDER BY made DESC LIMIT 1)
      GROUP BY type, detector ORDER BY type, score DESC`),
  ])

  return { host, asked, answered, kept, called, activities }
}

async function keptOf(store: Store, host: string): Promise<KeptDays | null> {
  const seen = await hostsSeen(store, 'service_hour', { hosts: [host], until: Number.MAX_SAFE_INTEGER })
  const own = seen.get(host)
  if (!own) return null
  return { first: micros(own.first), days: own.days.length, ofDays: await daysKept(store) }
}

async function sideOf(store: Store, host: string, side: 'client' | 'server'): Promise<Side> {
  const other = side === 'client' ? 'server' : 'client'
  const [row] = await store.rows<Side>(sql`
    SELECT toFloat64(count()) AS flows, toFloat64(uniqExact(${name(other)})) AS peers,
           toFloat64(countIf(outcome IN ('refused', 'unanswered'))) AS failed,
           toFloat64(min(start)) AS first, toFloat64(max(start)) AS last
    FROM flow WHERE ${name(side)} = ${address(host)}`)
  if (!row || row.flows === 0) return { flows: 0, peers: 0, failed: 0, first: null, last: null }
  return row
}

/** Networks whose hosts the newest analysis judged. */
async function judgedNetworks(store: Store): Promise<Networks> {
  const [row] = await store.rows<{ internal: string[] }>(sql`
    SELECT JSONExtract(answer, 'analysis', 'internal', 'Array(String)') AS internal
    FROM analysis ORDER BY made DESC LIMIT 1`)
  return parseNetworks(row?.internal ?? [])
}

async function calledBy(store: Store, host: string, most: number): Promise<Called[]> {
  const ever = { from: 0, to: Number.MAX_SAFE_INTEGER }
  const internal = await judgedNetworks(store)

  return store.rows<Called>(sql`
    WITH services AS (
      SELECT server, serverPort, proto, count() AS n FROM flow WHERE client = ${address(host)}
      GROUP BY server, serverPort, proto ORDER BY n DESC, server, serverPort LIMIT ${most}),
    known AS (
      SELECT server, argMax(name, (n, name)) AS known FROM (
        SELECT server, name, count() AS n FROM (${namesOfServers(ever)})
        WHERE client = ${address(host)} GROUP BY server, name)
      GROUP BY server),
    others AS (
      SELECT server, serverPort, proto, uniqExact(client) AS clients FROM flow
      WHERE (server, serverPort, proto) IN (SELECT server, serverPort, proto FROM services)
        AND (client = ${address(host)} OR ${inside('client', internal)})
      GROUP BY server, serverPort, proto)
    SELECT ${addressText('services.server')} AS address, toUInt32(services.serverPort) AS port,
           services.proto AS protocol, nullIf(known.known, '') AS name, toFloat64(services.n) AS flows,
           toFloat64(others.clients) AS callers
    FROM services
    LEFT JOIN known ON known.server = services.server
    LEFT JOIN others ON others.server = services.server AND others.serverPort = services.serverPort
      AND others.proto = services.proto
    ORDER BY flows DESC, address, port`)
}
