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
import { address, addresses, addressText, sql } from '../store/sql.ts'
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
  const candidates = await candidatesIn(store, span)
  const found: Stealer[] = []

  for (let i = 0; i < candidates.length; i += together) {
    const some = candidates.slice(i, i + together)
    const around = await aroundOf(store, span, some)
    for (const candidate of some) {
      const { asked, ...pair } = around(candidate)
      const last = asked.findLast((at) => at <= candidate.first && at > candidate.first - hour)
      const checked = last === undefined ? -1 : candidate.first - last
      const stealer = stealerOf({ ...candidate, ...pair, checked }, { span, rankOf })
      if (stealer) found.push(stealer)
    }
  }

  return found.sort((a, b) => b.confidence - a.confidence || (keyOf(a) < keyOf(b) ? -1 : 1))
}

const keyOf = ({ host, server, port }: Stealer): string => `${host} ${server} ${port}`

/** Candidates that are looked at in one statement: bounds the questions that are held in memory. */
const together = 256

/** Who hands to more servers than this sends mail in bulk, which the spam rules judge, or has many boxes. */
const mostServers = 3

/** What flows to the ports alone show. */
type Candidate = Omit<StealerFacts, 'name' | 'sent' | 'received' | 'checked'>

/**
 * Hosts that hand mail or files to a server which no other internal host uses, and that read no mail box outside. Most
 * networks have none: whatever else is known of a stealer is asked for of these alone.
 */
async function candidatesIn(store: Store, { from, to, internal }: Span): Promise<Candidate[]> {
  const during = sql`start >= ${from} AND start < ${to}`
  const outward = sql`${inside('client', internal)} AND ${outside('server', internal)}`
  const handing = sql`${during} AND proto = 'tcp' AND serverPort IN ${ports} AND outcome = 'established'`
  if (!(await hasRows(store, sql`SELECT 1 AS yes FROM flow WHERE ${handing} LIMIT 1`))) return []

  return store.rows<Candidate>(sql`
    WITH handed AS (
      SELECT client, server, serverPort AS port, toFloat64(count()) AS times, min(start) AS began, max(start) AS ended,
        arrayMap(x -> toString(x.2), groupArraySorted(10)((start, id))) AS ids
      FROM flow
      WHERE ${handing} AND ${outward} AND client NOT IN (
        SELECT server FROM flow WHERE ${during} AND serverPort IN (25, 465, 587) AND outcome = 'established')
      GROUP BY client, server, port),
    used AS (
      SELECT server, serverPort AS port, toFloat64(uniqExact(client)) AS callers
      FROM flow WHERE ${during} AND serverPort IN ${ports} AND outcome = 'established' AND ${inside('client', internal)}
      GROUP BY server, port)
    SELECT ${addressText('met.client')} AS host, ${addressText('met.server')} AS server, toUInt32(met.port) AS port,
      times, used.callers AS callers, toFloat64(began) AS first, toFloat64(ended) AS last, ids
    FROM (SELECT *, count() OVER (PARTITION BY client) AS servers FROM handed) AS met
    INNER JOIN used ON used.server = met.server AND used.port = met.port
    WHERE servers <= ${mostServers} AND callers <= 1 AND met.client NOT IN (
      SELECT client FROM flow
      WHERE ${during} AND serverPort IN ${mailBoxes} AND outcome = 'established' AND ${outward})`)
}

interface Pair extends Pick<StealerFacts, 'host' | 'server' | 'name' | 'sent' | 'received'> {
  /** When the host asked which public address it has, ascending. */
  readonly asked: readonly number[]
}

/** What each candidate and its server moved in all, how the host knew it, and when it asked for its own address. */
async function aroundOf(store: Store, { from, to }: Span, candidates: readonly Candidate[]) {
  const during = sql`start >= ${from} AND start < ${to}`
  const hosts = sql`client IN (${addresses(candidates.map(({ host }) => host))})`
  const servers = sql`server IN (${addresses(candidates.map(({ server }) => server))})`

  const rows = await store.rows<Pair>(sql`
    WITH moved AS (
      SELECT client, server, toFloat64(sum(clientBytes)) AS sent, toFloat64(sum(serverBytes)) AS received
      FROM flow WHERE ${during} AND proto = 'tcp' AND ${hosts} AND ${servers} GROUP BY client, server),
    known AS (
      SELECT client, server, max(name) AS name FROM (${namesOfServers({ from, to }, hosts)})
      WHERE ${servers} GROUP BY client, server),
    asking AS (
      SELECT client, start FROM dns WHERE ${during} AND ${hosts} AND query IN ${addressChecks}
      UNION ALL SELECT client, start FROM tls WHERE ${during} AND ${hosts} AND serverName IN ${addressChecks}
      UNION ALL SELECT client, start FROM http WHERE ${during} AND ${hosts} AND host IN ${addressChecks}),
    own AS (
      SELECT client, arrayMap(at -> toFloat64(at), groupArraySorted(10000)(start)) AS asked FROM asking GROUP BY client)
    SELECT ${addressText('moved.client')} AS host, ${addressText('moved.server')} AS server, known.name AS name, sent,
      received, own.asked AS asked
    FROM moved
    LEFT JOIN known ON known.client = moved.client AND known.server = moved.server
    LEFT JOIN own ON own.client = moved.client`)

  const pairs = new Map(rows.map((row) => [`${row.host} ${row.server}`, row]))
  return ({ host, server }: Candidate): Pair => pairs.get(`${host} ${server}`)!
}

interface Around {
  readonly span: Pick<Span, 'from' | 'to'>
  readonly rankOf: (name: string) => number | null
}

/** The verdict on one host and one server; null where nothing was handed over. */
function stealerOf(facts: StealerFacts, { span, rankOf }: Around): Stealer | null {
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
