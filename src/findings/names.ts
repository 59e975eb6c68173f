/** What hosts ask of the DNS, as findings: tunnels, names that flux, wildcards, and where generated names led. */
import type {
  AnsweredEvidence,
  Endpoint,
  Finding,
  Rally,
  Severity,
  SpreadEvidence,
  TunnelEvidence,
} from '../model/finding.ts'
import { sayCount, sayList, sayMany } from '../model/say.ts'
import { clampRatio, type Micros, micros } from '../model/units.ts'
import { addresses, sql, texts } from '../store/sql.ts'
import { identify, shown } from './identity.ts'

/** Names under one registered domain, its own among them. */
const under = (domain: string) => sql`(query = ${domain} OR endsWith(query, ${`.${domain}`}))`

const asked = (hosts: readonly string[], { first, last }: { first: number; last: number }) => sql`
  SELECT fromUnixTimestamp64Micro(start) AS time, toString(client) AS host, query, queryType, responseCode, answers, ttls
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

const rounded = (value: number) => clampRatio(Math.round(1e3 * value) / 1e3)

interface Spread {
  readonly addresses: number
  readonly networks: number
  readonly owners: number
  readonly systems: number | null
  readonly countries: number | null
  readonly score: number
}

interface FluxOf {
  readonly kind: 'single' | 'double'
  readonly query: string
  readonly registered: string
  readonly clients: readonly string[]
  readonly addresses: readonly string[]
  readonly lookups: number
  readonly late: number
  readonly ttl: number
  readonly spread: Spread
  readonly servers: Spread | null
  readonly first: number
  readonly last: number
  readonly confidence: number
}

/** Holz et al.'s line. */
const fluxLine = 142.38
/** Addresses of a name that flux told as its C&C. */
const toldAddresses = 10

export function fluxFinding(flux: FluxOf): Finding {
  const { query, clients, spread, servers, kind, first, last } = flux
  const rows = shown(sql`${asked(clients, flux)} AND query = ${query} ORDER BY start`)
  const base = {
    kind: 'spread' as const,
    name: query,
    lookups: flux.lookups,
    threshold: fluxLine,
    flows: [],
    query: rows,
  }
  const evidence: SpreadEvidence[] = [
    { ...base, ...spread, of: 'name', ttl: flux.ttl, late: flux.late },
    ...(servers ? [{ ...base, ...servers, of: 'name servers' as const, ttl: null, late: null }] : []),
  ]
  const severity: Severity = spread.systems === null ? 'medium' : 'high'
  return {
    id: identify('f', ['flux', query]),
    kind: 'flux',
    hosts: clients,
    from: micros(first),
    to: micros(last),
    severity,
    confidence: rounded(flux.confidence),
    claim: `${sayList(clients)} asked for ${query}, ${kind === 'double' ? 'which with its name servers is' : 'which is'} spread over infected machines.`,
    cnc: flux.addresses
      .slice(0, toldAddresses)
      .map((address) => ({ address, port: 0, protocol: '', name: query })),
    rally: { method: kind === 'double' ? 'double-flux' : 'ip-flux', names: [query] },
    evidence,
    doubts: [
      'a content network or a pool of volunteers gives each client other addresses',
      ...(spread.systems === null
        ? ['no database of autonomous systems was given (--mmdb), and the packaged table of owners has gaps']
        : []),
    ],
  }
}

interface WildcardOf {
  readonly registered: string
  readonly clients: readonly string[]
  readonly clientCount: number
  readonly queries: number
  readonly names: number
  readonly answerSets: number
  readonly first: number
  readonly last: number
  readonly confidence: number
}

export function wildcardFinding(wildcard: WildcardOf): Finding {
  const { registered, clients, names, queries, clientCount, answerSets, first, last } = wildcard
  return {
    id: identify('f', ['wildcard', registered]),
    kind: 'wildcard',
    hosts: clients,
    from: micros(first),
    to: micros(last),
    severity: 'note',
    confidence: rounded(wildcard.confidence),
    claim: `Each of ${clientCount} hosts asked for a label of its own under ${registered}, as victims of a campaign do.`,
    cnc: [],
    rally: { method: 'wildcard', names: [`*.${registered}`] },
    evidence: [
      {
        kind: 'labels',
        domain: registered,
        names,
        queries,
        clients: clientCount,
        answerSets,
        flows: [],
        query: shown(sql`${asked(clients, wildcard)} AND ${under(registered)} ORDER BY start`),
      },
    ],
    doubts: [
      'a newsletter, a survey or a service gives each of its users a name',
      'the hosts only opened a message: it says nothing of an infection',
    ],
  }
}

interface AnsweredOf {
  readonly registered: string
  readonly endpoint: Endpoint
  readonly hosts: number
  readonly first: number
}

/** The finding of a host or group that asks for generated names, with the names that answered as its C&C. */
export function withAnswered(finding: Finding, answered: readonly AnsweredOf[]): Finding {
  const [first] = answered
  if (!first) return { ...finding, rally: { method: 'generated-names', names: [] } }
  const names = answered.map(({ endpoint, registered }) => endpoint.name ?? registered)
  const query = sql`${asked(finding.hosts, { first: finding.from, last: finding.to })} AND query IN ${texts(names)} ORDER BY start`
  const evidence: AnsweredEvidence = {
    kind: 'answered',
    names,
    first: micros(first.first),
    hosts: first.hosts,
    flows: [],
    query: shown(query),
  }
  const known = new Set(finding.cnc.map(({ address, port }) => `${address} ${port}`))
  const told = answered.map(({ endpoint }) => endpoint)
  return {
    ...finding,
    to: Math.max(finding.to, first.first) as Micros,
    cnc: [...finding.cnc, ...told.filter(({ address, port }) => !known.has(`${address} ${port}`))],
    rally: { method: 'generated-names', names: names.slice(0, 5) },
    evidence: [...finding.evidence, evidence],
  }
}

/** The finding with how its hosts find their C&C; one that says so itself stays. */
export const withRally = (finding: Finding, rally: Rally | null): Finding =>
  finding.rally === null ? { ...finding, rally } : finding
