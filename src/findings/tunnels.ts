/** DNS tunnels and channels over several zones as findings. */

import type { TunnelEvidence } from '../model/dns-evidence.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { Finding } from '../model/finding.ts'
import { clampRatio, type Micros, micros } from '../model/units.ts'
import { sayCount, sayList, sayMany, saySpan } from '../model/words/say.ts'
import { addresses, sql } from '../store/sql.ts'
import { identify, shown } from './identity.ts'

/** Names under one registered domain, its own among them. */
export const under = (domain: string) => sql`(query = ${domain} OR endsWith(query, ${`.${domain}`}))`

export const asked = (hosts: readonly string[], { first, last }: { first: number; last: number }) => sql`
  SELECT fromUnixTimestamp64Micro(start) AS time, toString(client) AS host, query, queryType, responseCode,
    answers, ttls
  FROM dns WHERE start >= ${first} AND start <= ${last} AND client IN (${addresses(hosts)})`

interface TunnelOf {
  readonly client: string
  readonly registered: string
  readonly way: 'both ways' | 'one way' | 'at rest'
  readonly queries: number
  readonly names: number
  readonly payload: number
  readonly entropy: number
  readonly up: number
  readonly down: number
  readonly replies: number
  readonly type: string
  readonly first: number
  readonly last: number
  readonly confidence: number
  /** Rank of the domain among popular ones; null for one in no list. */
  readonly rank: number | null
  /** Title of the ordinary service that the domain is known for; null for none. */
  readonly service: string | null
  /** Internal hosts that ask alike under the domain. */
  readonly hosts: number
  /** Who answers for the domain. */
  readonly endpoint: Endpoint
}

const tunnelClaims: Readonly<Record<TunnelOf['way'], (host: string, domain: string) => string>> = {
  'both ways': (host, domain) =>
    `${host} exchanges data through the DNS: names below ${domain} and their answers carry it.`,
  'one way': (host, domain) => `${host} sends data out in names below ${domain}.`,
  'at rest': (host, domain) =>
    `${host} keeps asking for orders through the DNS, by fresh names below ${domain}.`,
}

const tunnelSeverities = { 'both ways': 'high', 'at rest': 'high', 'one way': 'low' } as const

export function tunnelFinding(tunnel: TunnelOf): Finding {
  const { client, registered, way, endpoint, first, last, rank, hosts } = tunnel

  return {
    id: identify('f', ['tunnel', client, registered]),
    kind: 'tunnel',
    hosts: [client],
    from: micros(first),
    to: micros(last),
    severity: tunnelSeverities[way],
    confidence: rounded(tunnel.confidence),
    claim: tunnelClaims[way](client, registered),
    cnc: [endpoint],
    rally: { method: 'tunnel', names: [registered] },
    evidence: [tunnelEvidence(tunnel)],
    doubts: [
      'a security product or a content network sends hashes or keys in names',
      way === 'one way'
        ? 'the answers say nothing, as those of reputation services do'
        : 'somebody uses a tunnel on purpose, to get through a captive portal or in a test',
      ...(tunnel.service === null ? [] : [`${registered} is known for ${tunnel.service}`]),
      ...(rank === null ? [] : [`${registered} is among the ${sayCount(rank)} most popular domains`]),
      ...(hosts > 1 ? [`${sayMany(hosts, 'host')} ask such names: it may be a product of the site`] : []),
    ],
  }
}

const tunnelEvidence = (
  tunnel: Omit<TunnelOf, 'way' | 'confidence' | 'rank' | 'service' | 'hosts' | 'endpoint'>,
): TunnelEvidence => ({
  kind: 'tunnel',
  host: tunnel.client,
  domain: tunnel.registered,
  names: tunnel.names,
  queries: tunnel.queries,
  payload: tunnel.payload,
  entropy: tunnel.entropy,
  up: tunnel.up,
  down: tunnel.down,
  answers: tunnel.replies,
  type: tunnel.type,
  flows: [],
  query: shown(sql`${asked([tunnel.client], tunnel)} AND ${under(tunnel.registered)} ORDER BY start`),
})

interface CheckInOf extends Omit<TunnelOf, 'way' | 'up' | 'rank' | 'service'> {
  readonly name: string
  /** Seconds. */
  readonly period: number
  readonly because: 'no address' | 'a public resolver' | 'an unusual type' | null
}

const uselessAnswers = {
  'no address': 'the answers name no address',
  'a public resolver': 'the answers name a public resolver, which the host does not contact',
  'an unusual type': 'the questions are of a type that programs of people hardly ask',
} as const

/** A host that asks for orders by the same name, by the clock. */
export function checkInFinding(checkIn: CheckInOf): Finding {
  const { client, registered, name, period, because, endpoint, first, last, hosts } = checkIn
  const why = because === null ? 'nobody contacts the addresses in the answers' : uselessAnswers[because]

  return {
    id: identify('f', ['tunnel', client, registered]),
    kind: 'tunnel',
    hosts: [client],
    from: micros(first),
    to: micros(last),
    severity: 'high',
    confidence: rounded(checkIn.confidence),
    claim:
      `${client} asks the DNS for ${name} about every ${saySpan((1e6 * period) as Micros)}, ` +
      `as an implant that waits for orders does; ${why}.`,
    cnc: [endpoint],
    rally: { method: 'tunnel', names: [registered] },
    evidence: [tunnelEvidence({ ...checkIn, up: checkIn.names * checkIn.payload })],
    doubts: [
      'a program that checks whether the DNS works asks for one name at regular intervals',
      'a monitor of your own domains asks for them at regular intervals and contacts nobody',
      ...(hosts > 1 ? [`${sayMany(hosts, 'host')} ask such names: it may be a product of the site`] : []),
    ],
  }
}

interface RotationOf {
  readonly client: string
  readonly types: readonly string[]
  readonly confidence: number
  readonly zones: readonly {
    readonly registered: string
    readonly odd: number
    readonly types: readonly string[]
    readonly names: number
    readonly payload: number
    readonly entropy: number
    readonly down: number
    readonly replies: number
    readonly first: number
    readonly last: number
    /** Who answers for the domain. */
    readonly endpoint: Endpoint
  }[]
}

/** Domains of a channel over many that its finding lists. */
const listedZones = 10

/** One channel over several domains. */
export function rotationFinding({ client, types, zones, confidence }: RotationOf): Finding {
  const domains = zones.map(({ registered }) => registered)

  return {
    id: identify('f', ['tunnel', client, domains.toSorted()]),
    kind: 'tunnel',
    hosts: [client],
    from: micros(Math.min(...zones.map(({ first }) => first))),
    to: micros(Math.max(...zones.map(({ last }) => last))),
    severity: 'high',
    confidence: rounded(confidence),
    claim:
      `${client} asks ${sayMany(domains.length, 'unpopular domain')} in turn by the types ${sayList(types)}, ` +
      `as a channel through the DNS does: ${sayList(domains)}.`,
    cnc: zones.slice(0, listedZones).map(({ endpoint }) => endpoint),
    rally: { method: 'tunnel', names: domains.slice(0, 5) },
    evidence: zones.slice(0, listedZones).map((zone) =>
      tunnelEvidence({
        ...zone,
        client,
        queries: zone.odd,
        up: zone.names * zone.payload,
        type: zone.types[0] ?? '',
      }),
    ),
    doubts: [
      'a mail server, a resolver or a tool that tests domains asks for such types too',
      'a search for who owns domains asks many of them alike',
    ],
  }
}

export const rounded = (value: number) => clampRatio(Math.round(1e3 * value) / 1e3)
