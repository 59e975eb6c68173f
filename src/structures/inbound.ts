/**
 * What came in: external hosts that tried a host, and those of them that got through.
 *
 * A scanner is an outside address that tried `scanner.hosts` internal hosts, or `scanner.ports` ports of one, mostly in
 * vain (BotFlex's lines: 15 addresses, 10 ports). It got through where it exchanged data with a host on a port that
 * worms and intruders use. An alert of attack whose target is the host says the same by signature. An internal host
 * that scans is as good a scanner.
 */
import type { Scope } from '../model/networks.ts'
import { clampRatio, micros } from '../model/units.ts'
import { heldRecords } from '../store/epochs.ts'
import { inside } from '../store/networks.ts'
import { addresses, addressText, integers, sql, texts } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import type { Indicator } from './life-cycle.ts'

const scanner = { hosts: 15, ports: 10, failed: 0.6 } as const

/** Ports at which hosts are broken into. */
const attacked = [
  21, 22, 23, 135, 139, 445, 1433, 2323, 3306, 3389, 5000, 5555, 5900, 7547, 8291, 37_215, 52_869,
]

/** Bytes of the client from which a conversation is more than a knock. */
const through = 600

interface InboundRequest {
  /** Hosts that the life cycle is asked of: those with an indicator outward. */
  readonly hosts: readonly string[]
  /** Categories of alerts that mean attack, and a pattern of Zeek notices that do. */
  readonly alerts: { readonly classes: readonly string[]; readonly notices: string }
}

/** How often a host was tried, from when to when, in microseconds. */
interface TimesRow {
  readonly host: string
  readonly first: number
  readonly last: number
  readonly times: number
}

interface TriedRow extends TimesRow {
  readonly who: number
  readonly got: number
  readonly gotFirst: number
  readonly gotLast: number
  readonly ports: readonly number[]
}

interface AlertRow extends TimesRow {
  readonly message: string
}

/** Inbound indicators of the hosts. */
export async function inboundIndicators(
  store: Store,
  scope: Pick<Scope, 'from' | 'to' | 'internal'>,
  { hosts, alerts }: InboundRequest,
): Promise<Indicator[]> {
  if (hosts.length === 0) return []
  const during = sql`start >= ${scope.from} AND start < ${scope.to}`
  const asked = addresses(hosts)
  const held = await heldRecords(store)

  const scanners = sql`
    SELECT client FROM (
      SELECT client, serverPort, uniqExact(server) AS hosts,
        countIf(outcome IN ('refused', 'unanswered')) / count() AS bad
      FROM flow WHERE ${during} AND proto IN ('tcp', 'udp') AND ${inside('server', scope.internal)}
        GROUP BY client, serverPort
      HAVING hosts >= ${scanner.hosts} AND bad >= ${scanner.failed})
    UNION ALL
    SELECT client FROM (
      SELECT client, server, uniqExact(serverPort) AS ports,
        countIf(outcome IN ('refused', 'unanswered')) / count() AS bad
      FROM flow WHERE ${during} AND proto IN ('tcp', 'udp') AND serverPort < 32768
        AND ${inside('server', scope.internal)} GROUP BY client, server
      HAVING ports >= ${scanner.ports} AND bad >= ${scanner.failed})`

  const [called] = await store.rows(
    sql`SELECT 1 AS yes FROM flow WHERE ${during} AND server IN (${asked}) LIMIT 1`,
  )
  const rows = called
    ? await store.rows<TriedRow>(sql`
    SELECT ${addressText('server')} AS host, toFloat64(min(start)) AS first, toFloat64(max(start)) AS last,
      toFloat64(count()) AS times,
           toFloat64(uniqExact(client)) AS who, toFloat64(countIf(${broken})) AS got,
             toFloat64(minIf(start, ${broken})) AS gotFirst,
           toFloat64(maxIf(start, ${broken})) AS gotLast,
           arraySlice(arraySort(groupUniqArrayIf(serverPort, ${broken})), 1, 5) AS ports
    FROM flow WHERE ${during} AND server IN (${asked}) AND client IN (${scanners})
    GROUP BY server`)
    : []

  const alertRows = held.includes('alert')
    ? await store.rows<AlertRow>(sql`
    SELECT ${addressText('server')} AS host, toFloat64(min(start)) AS first, toFloat64(max(start)) AS last,
      toFloat64(count()) AS times, min(message) AS message
    FROM alert WHERE ${during} AND server IN (${asked}) AND client != server
      AND (category IN (${texts(alerts.classes)}) OR (engine = 'zeek' AND match(signature, ${alerts.notices})))
    GROUP BY server`)
    : []

  return [
    ...rows.flatMap((row): Indicator[] => [
      {
        host: row.host,
        stage: 'inbound-scan',
        first: micros(row.first),
        last: micros(row.last),
        times: row.times,
        strength: clampRatio(0.5),
        source: 'inbound flows',
        what: `was tried by ${row.who} ${row.who === 1 ? 'scanner' : 'scanners'}`,
      },
      ...(row.got > 0
        ? [
            {
              host: row.host,
              stage: 'inbound-exploit' as const,
              first: micros(row.gotFirst),
              last: micros(row.gotLast),
              times: row.got,
              strength: clampRatio(0.5),
              source: 'inbound conversations',
              what: `answered a scanner on port ${row.ports.join(', ')}`,
            },
          ]
        : []),
    ]),
    ...alertRows.map(
      (row): Indicator => ({
        host: row.host,
        stage: 'inbound-exploit',
        first: micros(row.first),
        last: micros(row.last),
        times: row.times,
        strength: clampRatio(1),
        source: 'alert',
        what: `was attacked: ${row.message.slice(0, 100)}`,
      }),
    ),
  ]
}

const broken = sql`outcome = 'established' AND serverPort IN (${integers(attacked)})
  AND ifNull(clientBytes, 0) >= ${through}`
