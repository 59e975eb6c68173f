/** A host that met what a threat list names, as a finding: one for each host and list. */

import type { Endpoint } from '../model/endpoint.ts'
import type { ListMatch } from '../model/evidence.ts'
import type { Finding, Severity } from '../model/finding.ts'
import type { Query } from '../model/query.ts'
import { badness } from '../model/rank.ts'
import { clampRatio, type Micros, micros } from '../model/units.ts'
import { sayList, sayMany } from '../model/words/say.ts'
import { identify, shown } from './identity.ts'

/** What the structures stage says of one host and one indicator. */
export interface ThreatFacts extends Omit<ListMatch, 'kind' | 'query' | 'hosts'> {
  readonly host: string
  readonly hosts: number
  readonly endpoints: readonly Endpoint[]
  readonly query: Query
}

/**
 * How far a match of each type is believed: no list comes with its own truth, so these are not measured. An exact thing
 * (name, service, file) is believed as RITA believes threat intelligence (0.8); an address changes hands and is shared;
 * a network holds strangers; a port is a hint.
 */
const belief: Readonly<Record<string, { confidence: number; severity: Severity }>> = {
  hash: { confidence: 0.8, severity: 'high' },
  url: { confidence: 0.8, severity: 'medium' },
  name: { confidence: 0.8, severity: 'medium' },
  service: { confidence: 0.8, severity: 'medium' },
  address: { confidence: 0.6, severity: 'medium' },
  network: { confidence: 0.3, severity: 'low' },
  port: { confidence: 0.15, severity: 'note' },
}

const year = 365 * 86_400e6
const mostEvidence = 5

/** Listed over a year before it was met, or never dated: believed less. */
const aged = ({ listed, first }: Pick<ThreatFacts, 'listed' | 'first'>): number =>
  listed !== null && first - listed > year ? 0.6 : 1

const believed = (facts: ThreatFacts): number => (belief[facts.type]?.confidence ?? 0.15) * aged(facts)

/** Findings of all matches, a host and a list each. */
export function threatFindings(matches: readonly ThreatFacts[]): Finding[] {
  return [...Map.groupBy(matches, ({ host, list }) => `${host} ${list}`).values()].map(threatFinding)
}

function threatFinding(matches: readonly ThreatFacts[]): Finding {
  const ranked = matches.toSorted(
    (a, b) => believed(b) - believed(a) || b.times - a.times || (a.indicator < b.indicator ? -1 : 1),
  )
  const { host, list, first, last } = ranked[0]!
  const severities = ranked.map(({ type }) => belief[type]?.severity ?? 'note')

  return {
    id: identify('f', ['threat-list', host, list]),
    kind: 'threat-list',
    hosts: [host],
    from: micros(ranked.reduce<number>((least, each) => Math.min(least, each.first), first)) as Micros,
    to: micros(ranked.reduce<number>((most, each) => Math.max(most, each.last), last)) as Micros,
    severity: severities.reduce((worst, each) => (badness(each) > badness(worst) ? each : worst)),
    confidence: clampRatio(Math.round(100 * believed(ranked[0]!)) / 100),
    claim: `${host} met ${sayMany(ranked.length, 'indicator')} of the threat list ${list}: ${sayList(
      ranked.map(({ indicator }) => indicator),
      3,
    )}.`,
    cnc: placesOf(ranked),
    rally: null,
    evidence: ranked
      .slice(0, mostEvidence)
      .map(({ host: _host, endpoints: _endpoints, query, ...facts }) => ({
        ...facts,
        kind: 'indicator',
        query: shown(query),
      })),
    doubts: doubtsOf(ranked),
  }
}

const placesOf = (matches: readonly ThreatFacts[]): Endpoint[] =>
  [
    ...new Map(
      matches
        .filter(({ type }) => type === 'service' || type === 'address')
        .flatMap(({ endpoints }) => endpoints)
        .map((each) => [`${each.address} ${each.port}/${each.protocol}`, each]),
    ).values(),
  ].slice(0, 10)

function doubtsOf(matches: readonly ThreatFacts[]): [string, ...string[]] {
  const types = new Set(matches.map(({ type }) => type))
  const doubts = ['someone followed up on the list itself, as an analyst or a scanner of indicators does']
  if (types.has('address') || types.has('service') || types.has('network'))
    doubts.push('the address serves others too, or has changed hands since it was listed')
  if (types.has('name') || types.has('url'))
    doubts.push('the name was asked for but is now a sinkhole, or its owner has cleaned it')
  if (types.has('port')) doubts.push('the program that uses the port is harmless; a port alone says little')
  if (matches.some((each) => aged(each) < 1)) doubts.push('it was listed over a year before it was met')
  return doubts as [string, ...string[]]
}
