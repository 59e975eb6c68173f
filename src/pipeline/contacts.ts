/** Contacts as findings, as hints under the line, and as the ranked list of the answer. */
import type { AnalysisOptions } from '../config.ts'
import type { Hint } from '../findings/index.ts'
import type { RankedContact } from '../model/answer.ts'
import type { Endpoint, Finding } from '../model/finding.ts'
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
  const told = new Map<string, Set<string>>()
  return contacts.filter(({ trace, verdict }) => {
    if (verdict.score < threshold) return false
    const servers = told.get(trace.client) ?? new Set<string>()
    told.set(trace.client, servers)
    const keys = trace.servers.map((server) => `${trace.name ?? server} ${trace.proto}`)
    const known = keys.every((key) => servers.has(key))
    for (const key of keys) servers.add(key)
    return !known
  })
}

/** Score from which a contact under the line counts with other signs. */
const weakest = 0.1

/** Signs of contacts under the line that say something. */
export const contactHints = (contacts: readonly Contact[], line: Line): Hint[] =>
  contacts
    .filter(({ verdict: { score } }) => score < line.threshold && score >= weakest)
    .map((contact) => contactHint(contact, line))

function contactHint(contact: Contact, line: Line): Hint {
  const { trace, verdict } = contact
  return {
    host: trace.client,
    kind: 'beacon',
    strength: verdict.score,
    said: contactClaim(contact).slice(trace.client.length + 1, -1),
    from: trace.firstStart,
    to: trace.lastEnd,
    cnc: [endpointOf(contact)],
    evidence: () => contactEvidence(contact, line),
    doubts: contactDoubts(contact),
  }
}

/** Contacts that an answer lists: of one host, and in all. */
const most = { ofHost: 20, inAll: 1000 } as const

/** The ranked list; a domain that a DNS tunnel goes to is a contact of its host. */
export function rankedContacts(
  contacts: readonly Contact[],
  { tunnels, threshold }: { readonly tunnels: readonly Finding[]; readonly threshold: number },
): RankedContact[] {
  const all = [
    ...tunnels.flatMap(tunnelContacts),
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
  ].toSorted((a, b) => b.exact - a.exact)

  const places = new Map<string, number>()
  return all
    .flatMap(({ exact: _, ...each }) => {
      const rank = (places.get(each.host) ?? 0) + 1
      places.set(each.host, rank)
      return rank <= most.ofHost ? [{ ...each, rank }] : []
    })
    .slice(0, most.inAll)
}

function tunnelContacts({ kind, hosts, cnc, confidence, from, to, claim, evidence }: Finding) {
  if (kind !== 'tunnel') return []
  const asked = evidence.find((each) => each.kind === 'tunnel')
  return hosts.flatMap((host) =>
    cnc.map((endpoint: Endpoint) => ({
      host,
      ...endpoint,
      name: asked?.kind === 'tunnel' ? asked.domain : endpoint.name,
      score: confidence,
      exact: confidence as number,
      accused: true,
      servers: 1,
      calls: asked?.kind === 'tunnel' ? asked.queries : 0,
      from,
      to,
      reasons: [{ clue: 'tunnel', said: claim.replace(/\.$/, ''), value: 1, logOdds: logit(confidence) }],
    })),
  )
}

const logit = (share: number): number => {
  const held = Math.min(0.999, Math.max(0.001, share))
  return Math.round(Math.log(held / (1 - held)) * 1e3) / 1e3
}
