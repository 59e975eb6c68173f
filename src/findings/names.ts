/** What hosts ask of the DNS, as findings: tunnels, names that flux, wildcards, and where generated names led. */

import type { AnsweredEvidence, SpreadEvidence } from '../model/dns-evidence.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { Finding, Rally, Severity } from '../model/finding.ts'
import { type Micros, micros } from '../model/units.ts'
import { sayList } from '../model/words/say.ts'
import { sql, texts } from '../store/sql.ts'
import { identify, shown } from './identity.ts'
import { asked, rounded, under } from './tunnels.ts'

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
const mostAddresses = 10

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
    claim:
      `${sayList(clients)} asked for ${query}, ` +
      `${kind === 'double' ? 'which with its name servers is' : 'which is'} spread over infected machines.`,
    cnc: flux.addresses
      .slice(0, mostAddresses)
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
    claim:
      `Each of ${clientCount} hosts asked for a label of its ` +
      `own under ${registered}, as victims of a campaign do.`,
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
  const query = sql`${asked(finding.hosts, { first: finding.from, last: finding.to })}
    AND query IN ${texts(names)} ORDER BY start`

  const evidence: AnsweredEvidence = {
    kind: 'answered',
    names,
    first: micros(first.first),
    hosts: first.hosts,
    flows: [],
    query: shown(query),
  }

  const known = new Set(finding.cnc.map(({ address, port }) => `${address} ${port}`))
  const endpoints = answered.map(({ endpoint }) => endpoint)

  return {
    ...finding,
    to: Math.max(finding.to, first.first) as Micros,
    cnc: [...finding.cnc, ...endpoints.filter(({ address, port }) => !known.has(`${address} ${port}`))],
    rally: { method: 'generated-names', names: names.slice(0, 5) },
    evidence: [...finding.evidence, evidence],
  }
}

/** The finding with how its hosts find their C&C; one that says so itself stays. */
export const withRally = (finding: Finding, rally: Rally | null): Finding =>
  finding.rally === null ? { ...finding, rally } : finding
