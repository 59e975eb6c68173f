/**
 * ICMP as a channel: echo requests and answers that carry data (MITRE ATT&CK T1095; icmpsh, ptunnel, icmptunnel).
 *
 * The answer to a ping holds what the request held (RFC 792), so that both have the same size, and a program that pings
 * uses one size. A channel does neither: what is sent and what is answered differ in size, and sizes change from one
 * exchange to the next. Only exchanges with the outside count; monitoring pings a network from inside.
 */
import type { Scope } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import { inside, outside } from '../store/networks.ts'
import { address, addressText, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { hasRows } from '../store/tables/has-rows.ts'

interface IcmpFacts {
  readonly host: string
  /** The address outside. */
  readonly peer: string
  readonly flows: number
  /** Requests and answers. */
  readonly requests: number
  readonly answers: number
  /** IP bytes a packet, each way. */
  readonly sent: number
  readonly received: number
  /** Standard deviation over the flows of the mean bytes of a request or of an answer, whichever is larger. */
  readonly spread: number
  /** Bytes both ways without the headers. */
  readonly carried: number
  readonly first: number
  readonly last: number
  /** Ids of some of the flows. */
  readonly ids: readonly string[]
}

export interface IcmpChannel extends IcmpFacts {
  readonly confidence: number
  readonly query: Query
}

/** Thresholds; docs/method/channels.md says what each rests on. */
export const icmpThresholds = {
  leastRequests: 50,
  /** Answers over requests. */
  leastAnswered: 0.5,
  /** Bytes by which a request and its answer differ, or the flows among each other. */
  leastDifference: 8,
  leastSpread: 8,
  leastFlows: 3,
  /** Bytes without headers. */
  leastCarried: 10_000,
} as const

/** Bytes of an IPv4 and an ICMP echo header. */
const headers = 28

/** Echo requests of ICMP and ICMPv6, as type × 256 + code. */
const echo = [8 * 256, 128 * 256]

type Span = Pick<Scope, 'from' | 'to' | 'internal'>

export async function icmpChannelsIn(store: Store, span: Span): Promise<IcmpChannel[]> {
  const { from, to, internal } = span
  const pings = sql`start >= ${from} AND start < ${to} AND proto = 'icmp' AND serverPort IN ${echo}
    AND clientPackets > 0 AND serverPackets > 0`
  if (!(await hasRows(store, sql`SELECT 1 AS yes FROM flow WHERE ${pings} LIMIT 1`))) return []

  const rows = await store.rows<IcmpFacts>(sql`
    SELECT ${addressText('client')} AS host, ${addressText('server')} AS peer, toFloat64(count()) AS flows,
      toFloat64(sum(clientPackets)) AS requests, toFloat64(sum(serverPackets)) AS answers,
      sum(clientBytes) / requests AS sent, sum(serverBytes) / answers AS received,
      greatest(stddevPop(clientBytes / clientPackets), stddevPop(serverBytes / serverPackets)) AS spread,
      toFloat64(sum(clientBytes) + sum(serverBytes)) - ${headers} * (requests + answers) AS carried,
      toFloat64(min(start)) AS first, toFloat64(max(start + duration)) AS last,
      arrayMap(x -> toString(x.2), groupArraySorted(10)((start, id))) AS ids
    FROM flow
    WHERE ${pings} AND ${inside('client', internal)} AND ${outside('server', internal)}
    GROUP BY client, server HAVING requests >= ${icmpThresholds.leastRequests}`)

  return rows
    .flatMap((row) => icmpChannelOf(row, span) ?? [])
    .sort((a, b) => b.confidence - a.confidence || b.carried - a.carried || (a.host < b.host ? -1 : 1))
}

/** The verdict on the pings of one host to one server; null for no channel. */
function icmpChannelOf(facts: IcmpFacts, span: Pick<Span, 'from' | 'to'>): IcmpChannel | null {
  const lines = icmpThresholds
  if (facts.requests < lines.leastRequests || facts.answers < lines.leastAnswered * facts.requests)
    return null
  if (facts.carried < lines.leastCarried) return null

  const differs = Math.abs(facts.sent - facts.received) >= lines.leastDifference
  const varies = facts.flows >= lines.leastFlows && facts.spread >= lines.leastSpread
  if (!differs && !varies) return null
  // Several sizes of ping alone: somebody looks for the largest packet that passes.
  const confidence = differs && varies ? 0.9 : differs ? 0.75 : 0.3
  return { ...facts, confidence, query: flowsOf(facts, span) }
}

const flowsOf = ({ host, peer }: IcmpFacts, { from, to }: Pick<Span, 'from' | 'to'>): Query => sql`
  SELECT fromUnixTimestamp64Micro(start) AS time, duration / 1e6 AS seconds,
    clientPackets, clientBytes, serverPackets, serverBytes
  FROM flow WHERE start >= ${from} AND start < ${to} AND proto = 'icmp'
    AND client = ${address(host)} AND server = ${address(peer)} ORDER BY start`
