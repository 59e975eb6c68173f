/** Contacts as findings, as hints under the line, and as the ranked list of the answer. */
import type { AnalysisOptions } from '../config.ts'
import {
  type Allowing,
  type BotnetFinding,
  type DatedIndicator,
  sharedContactFinding,
} from '../findings/index.ts'
import type { RankedContact } from '../model/answer.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { Evidence } from '../model/evidence.ts'
import type { Finding, FindingKind } from '../model/finding.ts'
import { clampRatio } from '../model/units.ts'
import {
  contactClaim,
  contactDoubts,
  contactEvidence,
  contactReasons,
  endpointOf,
  type Line,
} from '../traces/contacts/evidence.ts'
import type { Contact } from '../traces/contacts/find.ts'
import { thresholds } from '../traces/contacts/judge.ts'
import { mostListed } from '../traces/contacts/most-suspicious.ts'
import type { SlowContact } from '../traces/slow/find.ts'
import { slowRanked } from './slow.ts'

export const thresholdOf = ({ sensitivity }: Pick<AnalysisOptions, 'sensitivity'>): number =>
  thresholds[sensitivity]

/** Microseconds that the contacts cover together. */
export const extentOf = (contacts: readonly Contact[]): Line['extent'] =>
  contacts[0] ? { first: contacts[0].network.first, last: contacts[0].network.last } : { first: 0, last: 0 }

/**
 * Contacts over the line, each server of a host once: where a pool of servers and its members are both over it, the
 * stronger says it for both.
 */
export function accusingOf(contacts: readonly Contact[], threshold: number): Contact[] {
  const serversOf = new Map<string, Set<string>>()
  return contacts.filter(({ trace, verdict }) => {
    if (verdict.score < threshold) return false
    const servers = serversOf.get(trace.client) ?? new Set<string>()
    serversOf.set(trace.client, servers)
    const keys = trace.servers.map((server) => `${trace.name ?? server} ${trace.proto}`)
    const known = keys.every((key) => servers.has(key))
    for (const key of keys) servers.add(key)
    return !known
  })
}

/** Groups of hosts that one server accuses, where their calls are alike. */
export function sharedContacts(accusing: readonly Contact[], line: Line): BotnetFinding[] {
  const serviceOf = ({ trace }: Contact) =>
    `${trace.name ?? trace.servers[0]} ${trace.serverPort}/${trace.proto}`
  const alike = accusing.filter(({ figures }) => figures.alike > 0 && figures.fewness > 0)
  return [...Map.groupBy(alike, serviceOf).values()]
    .filter((members) => new Set(members.map(({ trace }) => trace.client)).size > 1)
    .map((members) =>
      sharedContactFinding({
        endpoint: endpointOf(members[0]!),
        callers: members[0]!.figures.hosts,
        members: members.map((contact) => callerOf(contact, line)),
      }),
    )
}

const callerOf = (contact: Contact, line: Line) => ({
  host: contact.trace.client,
  confidence: contact.verdict.score,
  calls: contact.trace.connections,
  from: contact.trace.firstStart,
  to: contact.trace.lastEnd,
  evidence: contactEvidence(contact, line).filter(({ kind }) => kind === 'rhythm' || kind === 'weighing'),
})

/** Score from which a contact under the line counts with other indicators. */
const weakest = 0.1

/** Indicators of contacts under the line that say something. */
export const contactIndicators = (contacts: readonly Contact[], line: Line): DatedIndicator[] =>
  contacts
    .filter(({ verdict: { score } }) => score < line.threshold && score >= weakest)
    .map((contact) => contactIndicator(contact, line))

function contactIndicator(contact: Contact, line: Line): DatedIndicator {
  const { trace, verdict } = contact
  return {
    host: trace.client,
    kind: 'beacon',
    strength: verdict.score,
    description: contactClaim(contact).slice(trace.client.length + 1, -1),
    from: trace.firstStart,
    to: trace.lastEnd,
    cnc: [endpointOf(contact)],
    evidence: () => contactEvidence(contact, line),
    doubts: contactDoubts(contact),
  }
}

/** Contacts that an answer lists: of one host, and in all. */
const most = { ofHost: 20, inAll: mostListed } as const

interface Around {
  /** Contacts whose calls lie hours to weeks apart. */
  readonly slow: readonly SlowContact[]
  /** Findings, of which some name a C&C that is no contact. */
  readonly channels: readonly Finding[]
  readonly threshold: number
  /** What the user allows is not listed. */
  readonly allowing: Allowing
}

/** The ranked list; where a tunnel, a stealer or a spray of datagrams goes is a contact of its host. */
export function rankedContacts(
  contacts: readonly Contact[],
  { channels, slow, threshold, allowing }: Around,
): RankedContact[] {
  const all = [
    ...channels.flatMap(channelContacts),
    ...slowRanked(slow, threshold),
    ...contacts.map((contact) => ({
      host: contact.trace.client,
      ...endpointOf(contact),
      score: clampRatio(Math.round(contact.verdict.score * 1e3) / 1e3),
      exact: contact.verdict.score,
      accused: contact.verdict.score >= threshold,
      servers: contact.trace.addresses,
      calls: contact.trace.connections,
      from: contact.trace.firstStart,
      to: contact.trace.lastEnd,
      reasons: contactReasons(contact),
    })),
  ]
    .filter(({ host, ...end }) => !allowing.indicator({ kind: 'beacon', host, cnc: [end] }))
    .toSorted((a, b) => b.exact - a.exact)
    .filter(isFirstOfPlace())

  const places = new Map<string, number>()
  return all
    .flatMap(({ exact: _, ...each }) => {
      const rank = (places.get(each.host) ?? 0) + 1
      places.set(each.host, rank)
      return rank <= most.ofHost ? [{ ...each, rank }] : []
    })
    .slice(0, most.inAll)
}

/** Of a place that is listed by its calls of a day and by those of weeks, the more suspicious says it. */
function isFirstOfPlace() {
  const known = new Set<string>()
  return ({ host, address, name, port, protocol }: Endpoint & { readonly host: string }): boolean => {
    const place = `${host} ${address} ${name} ${port} ${protocol}`
    const isNew = !known.has(place)
    known.add(place)
    return isNew
  }
}

/** Kinds that name a C&C which is no service that is called: a domain, an address that is pinged, a spray. */
const unserved: readonly FindingKind[] = ['tunnel', 'exfiltration', 'scan']

function channelContacts({ kind, hosts, cnc, confidence, from, to, claim, evidence }: Finding) {
  if (!unserved.includes(kind)) return []

  // A spray has many addresses that are alike: the first stands for them.
  const ends = kind === 'scan' ? cnc.slice(0, 1) : cnc
  return hosts.flatMap((host) =>
    ends.map((endpoint: Endpoint) => ({
      host,
      ...endpoint,
      score: confidence,
      exact: confidence as number,
      accused: true,
      servers: kind === 'scan' ? cnc.length : 1,
      calls: callsIn(evidence, endpoint),
      from,
      to,
      reasons: [
        { feature: kind, description: claim.replace(/\.$/, ''), value: 1, logOdds: logit(confidence) },
      ],
    })),
  )
}

/** Questions, pings, conversations or attempts that the evidence of a channel counts. */
function callsIn(evidence: readonly Evidence[], { name }: Endpoint): number {
  for (const each of evidence) {
    if (each.kind === 'tunnel' && each.domain === name) return each.queries
    if (each.kind === 'pings') return each.requests
    if (each.kind === 'handed' || each.kind === 'activity') return each.times
  }
  return 0
}

const logit = (share: number): number => {
  const held = Math.min(0.999, Math.max(0.001, share))
  return Math.round(Math.log(held / (1 - held)) * 1e3) / 1e3
}
