/**
 * Stealers: programs that hand what they took to a mail box or an FTP server of their owner (MITRE ATT&CK
 * T1048.003; AgentTesla, Snake Keylogger, HawkEye). A workstation submits mail to a server that nobody else
 * uses, or uploads by FTP, without reading a mail box there, and mostly after it asked which public address
 * it has.
 *
 * One person with a mail box elsewhere does the same but for two things: the mail program reads the box too
 * (POP, IMAP), and it asks for no address. Backups by FTP ask for none either. So a submission or an upload
 * alone is a weak sign.
 */
import type { Scope } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import { inside, outside } from '../store/networks.ts'
import { namesOfServers } from '../store/server-names.ts'
import { address, addressText, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { hasRows } from '../store/tables/has-rows.ts'
import { addressChecks } from './address-checks.ts'

interface StealerFacts {
  readonly host: string
  readonly server: string
  /** 21, 25, 465, 587 or 2525. */
  readonly port: number
  /** Name by which the host knew the server; empty for none. */
  readonly name: string
  /** Conversations on that port, and bytes each way; of FTP, with its data connections. */
  readonly times: number
  readonly sent: number
  readonly received: number
  /** Internal hosts that use that port of the server. */
  readonly callers: number
  /** Whether the host reads mail anywhere outside by POP or IMAP. */
  readonly reads: number
  /** Microseconds from the last question for its own address to the first conversation; negative: none in an hour. */
  readonly checked: number
  readonly first: number
  readonly last: number
  readonly ids: readonly string[]
}

export interface Stealer extends StealerFacts {
  readonly confidence: number
  readonly query: Query
}

/** What each sign adds; docs/method/channels.md says what they rest on. */
const stealerWeights = {
  /** A server that nobody else uses and that is not popular. */
  alone: 0.25,
  /** A server of a popular provider that nobody else uses: never enough to accuse. */
  popular: 0.02,
  /** The host asked for its own address within an hour before. */
  checked: 0.35,
  /** It sends more than it gets, several times. */
  repeats: 0.1,
} as const

const ports = [21, 25, 465, 587, 2525]
const mailBoxes = [110, 143, 993, 995]
const hour = 3600e6

type Span = Pick<Scope, 'from' | 'to' | 'internal'>

/** Stealers, and hosts that might have one, the surest first. `rankOf`: how popular a name is; null for not at all. */
export async function stealersIn(
  store: Store,
  span: Span,
  { rankOf }: { readonly rankOf: (name: string) => number | null },
): Promise<Stealer[]> {
  const { from, to, internal } = span
  const during = sql`start >= ${from} AND start < ${to}`
  const outward = sql`${inside('client', internal)} AND ${outside('server', internal)}`
  const handing = sql`${during} AND proto = 'tcp' AND serverPort IN ${ports} AND outcome = 'established'`
  if (!(await hasRows(store, sql`SELECT 1 AS yes FROM flow WHERE ${handing} LIMIT 1`))) return []

  const known = namesOfServers(span, sql`client IN (SELECT client FROM handed)`)
  const rows = await store.rows<StealerFacts>(sql`
    WITH handed AS MATERIALIZED (
      SELECT client, server, serverPort AS port, toFloat64(count()) AS times, min(start) AS began, max(start) AS ended,
        arrayMap(x -> toString(x.2), groupArraySorted(10)((start, id))) AS ids
      FROM flow
      WHERE ${during} AND proto = 'tcp' AND serverPort IN ${ports} AND outcome = 'established' AND ${outward}
        AND client NOT IN (
          SELECT server FROM flow WHERE ${during} AND serverPort IN (25, 465, 587) AND outcome = 'established')
      GROUP BY client, server, port),
    moved AS (
      SELECT client, server, toFloat64(sum(clientBytes)) AS sent, toFloat64(sum(serverBytes)) AS received
      FROM flow WHERE ${during} AND proto = 'tcp' AND (client, server) IN (SELECT client, server FROM handed)
      GROUP BY client, server),
    used AS (
      SELECT server, serverPort AS port, toFloat64(uniqExact(client)) AS callers
      FROM flow WHERE ${during} AND serverPort IN ${ports} AND outcome = 'established' AND ${inside('client', internal)}
      GROUP BY server, port),
    readers AS (
      SELECT client, toFloat64(count()) AS reads FROM flow
      WHERE ${during} AND serverPort IN ${mailBoxes} AND outcome = 'established' AND ${outward} GROUP BY client),
    known AS (
      SELECT client, server, max(name) AS name FROM (${known})
      WHERE (client, server) IN (SELECT client, server FROM handed) GROUP BY client, server),
    asked AS (
      SELECT client, start FROM dns WHERE ${during} AND query IN ${addressChecks}
      UNION ALL SELECT client, start FROM tls WHERE ${during} AND serverName IN ${addressChecks}
      UNION ALL SELECT client, start FROM http WHERE ${during} AND host IN ${addressChecks}),
    own AS (SELECT client, groupArraySorted(10000)(start) AS asking FROM asked GROUP BY client)
    SELECT ${addressText('handed.client')} AS host, ${addressText('handed.server')} AS server,
      toUInt32(handed.port) AS port,
      known.name AS name, handed.times AS times, moved.sent AS sent, moved.received AS received,
      used.callers AS callers,
      readers.reads AS reads, toFloat64(began) AS first, toFloat64(ended) AS last, ids,
      arrayLast(t -> t <= began AND t > began - ${hour}, own.asking) AS asked_at,
      if(asked_at = 0, -1., toFloat64(began - asked_at)) AS checked
    FROM handed
    LEFT JOIN moved ON moved.client = handed.client AND moved.server = handed.server
    LEFT JOIN used ON used.server = handed.server AND used.port = handed.port
    LEFT JOIN readers ON readers.client = handed.client
    LEFT JOIN known ON known.client = handed.client AND known.server = handed.server
    LEFT JOIN own ON own.client = handed.client`)

  const byHost = Map.groupBy(rows, ({ host }) => host)

  return rows
    .flatMap((row) => stealerOf(row, { span, rankOf, servers: byHost.get(row.host)?.length ?? 1 }) ?? [])
    .sort((a, b) => b.confidence - a.confidence || (a.host < b.host ? -1 : 1))
}

/** Who hands to more servers than this sends mail in bulk, which the spam rules judge, or has many boxes. */
const mostServers = 3

interface Around {
  readonly span: Pick<Span, 'from' | 'to'>
  readonly rankOf: (name: string) => number | null
  /** Servers to which the host hands mail or files. */
  readonly servers: number
}

/** The verdict on one host and one server; null for no sign. */
function stealerOf(facts: StealerFacts, { span, rankOf, servers }: Around): Stealer | null {
  if (facts.callers > 1 || facts.reads > 0 || servers > mostServers) return null
  if (facts.sent === 0) return null

  const { alone, popular, checked, repeats } = stealerWeights
  const isPopular = facts.name !== '' && rankOf(facts.name) !== null
  const confidence =
    (isPopular ? popular : alone) +
    (facts.checked >= 0 ? checked : 0) +
    (facts.times >= 3 && facts.sent > facts.received ? repeats : 0)
  return { ...facts, confidence, query: flowsOf(facts, span) }
}

const flowsOf = ({ host, server }: StealerFacts, { from, to }: Pick<Span, 'from' | 'to'>): Query => sql`
  SELECT fromUnixTimestamp64Micro(start) AS time, serverPort, duration / 1e6 AS seconds, clientBytes, serverBytes
  FROM flow WHERE start >= ${from} AND start < ${to}
    AND client = ${address(host)} AND server = ${address(server)} ORDER BY start`
