/** A contact as a finding and the ranked list say it: claim, evidence with its query, reasons, doubts. */

import type { ContactReason } from '../../model/answer.ts'
import type { Endpoint } from '../../model/endpoint.ts'
import type { Evidence, Weighing } from '../../model/evidence.ts'
import { clampRatio } from '../../model/units.ts'
import { sayFirst } from '../../model/words/explain.ts'
import { sayCount, sayList, sayMany, saySpan } from '../../model/words/say.ts'
import { rarityEvidence, rhythmEvidence, samenessEvidence } from '../beacons/evidence.ts'
import { ritaOf } from '../beacons/rita.ts'
import { callsQuery } from '../calls-query.ts'
import type { Contact } from './find.ts'
import { historyQuery, isNew } from './history.ts'
import { type ContactWeights, fittedContacts, withoutFeature } from './judge.ts'
import { longestOf, reasonText } from './words.ts'

/** Servers of one contact that a finding names. */
const mostServers = 20

/** Where the contact is: the server that was called first, under the name the host used. */
export const endpointOf = ({ trace }: Contact): Endpoint => ({
  address: trace.servers[0]!,
  port: trace.ports?.[0] ?? trace.serverPort,
  protocol: trace.proto,
  name: trace.name,
})

/** The other servers of a contact that stands behind several. */
const othersOf = (contact: Contact): Endpoint[] =>
  contact.trace.servers.slice(1, mostServers).map((address, i) => ({
    ...endpointOf(contact),
    address,
    port: contact.trace.ports?.[i + 1] ?? contact.trace.serverPort,
  }))

/** How the contact shows itself. */
type ContactKind = 'calls' | 'tried' | 'retries' | 'held' | 'turns'

/** Attempts from which a host goes on without an answer. */
const leastRetries = 3

/** Calls from which a contact is said to be called, unless one of them lasts nearly all the time. */
const manyCalls = 5

export function kindOf({ trace, features }: Contact): ContactKind {
  if (trace.failed > trace.connections / 2) return trace.connections < leastRetries ? 'tried' : 'retries'
  const isHeld = trace.connections < manyCalls ? features.held >= 0.3 : features.held >= 0.9
  if (isHeld && features.held > features.clock) return 'held'
  return trace.by === 'moves' ? 'turns' : 'calls'
}

const placeOf = ({ trace }: Contact): string => {
  const [first] = trace.servers
  const at = trace.proto.startsWith('icmp') ? '' : `:${trace.serverPort}`
  const by = trace.proto === 'tcp' ? '' : ` by ${trace.proto.toUpperCase()}`
  const how = trace.via === 'proxy' ? ` through the proxy ${first}` : ''
  if (trace.by === 'moves') {
    return `${sayMany(trace.servers.length, 'server')} in turn (${sayTurns(trace)})`
  }
  if (trace.name === null) return `${first}${at}${by}`
  return trace.via === 'proxy' ? `${trace.name}${at}${how}` : `${trace.name} (${first})${at}${by}`
}

/** The first and the last of the servers with their ports; of servers on one port, the port once. */
function sayTurns({
  servers,
  serverPort,
  ports,
}: Pick<Contact['trace'], 'servers' | 'serverPort' | 'ports'>) {
  const at = (i: number) => (ports ? `${servers.at(i)}:${ports.at(i)}` : servers.at(i))
  const among = [...new Set(ports ?? [serverPort])].sort((a, b) => a - b).map(String)
  return `${at(0)} to ${at(-1)}, ${among.length === 1 ? 'port' : 'ports'} ${sayList(among)}`
}

/** "10.0.0.7 calls 203.0.113.9:443 at regular intervals." */
export function contactClaim(contact: Contact): string {
  const { trace, features } = contact
  const place = placeOf(contact)
  const clocked = features.clock >= 0.4 ? ' at regular intervals' : ''

  switch (kindOf(contact)) {
    case 'held':
      return `${trace.client} holds a connection to ${place} open, for ${saySpan(longestOf(trace))}.`
    case 'tried':
      return `${trace.client} tried ${place} ${trace.connections === 1 ? 'once' : 'twice'}; nobody answered.`
    case 'retries':
      return (
        `${trace.client} retries ${place}${clocked}; ` +
        `${trace.failed === trace.connections ? 'none' : `only ${trace.connections - trace.failed}`} of ` +
        `${sayCount(trace.connections)} attempts ${trace.connections - trace.failed === 1 ? 'succeeds' : 'succeed'}.`
      )
    case 'turns':
      return `${trace.client} calls ${place}${clocked}.`
    case 'calls':
      if (clocked !== '') return `${trace.client} calls ${place}${clocked}.`
      return trace.connections >= manyCalls
        ? `${trace.client} calls ${place} again and again.`
        : `${trace.client} contacts ${place}; the traffic looks like command and control.`
  }
}

export function contactEvidence(
  contact: Contact,
  { threshold, extent, weights = fittedContacts }: Line,
): Evidence[] {
  const { trace, figures, network } = contact
  const called = { trace, endpoint: endpointOf(contact) }

  return [
    rhythmEvidence({ ...called, rhythm: figures.rhythm, held: kindOf(contact) === 'held' }),
    samenessEvidence(called),
    rarityEvidence({ ...called, hosts: figures.hosts, ofHosts: network.hosts }),
    historyEvidence(contact),
    {
      ...weighingOf(contact, { threshold, extent, weights }),
      flows: trace.flows,
      query: callsQuery(contact),
    },
  ].filter((each) => each !== null)
}

/** null where too few days are kept. */
function historyEvidence(contact: Contact): Evidence | null {
  const { trace, history } = contact
  if (!history) return null
  const { first, days, ofDays, daysBefore } = history
  const query = historyQuery(trace, history)
  return {
    kind: 'history',
    endpoint: endpointOf(contact),
    first,
    days,
    ofDays,
    daysBefore,
    flows: trace.flows,
    query,
  }
}

/** By what a contact is accused. */
export interface Line {
  /** Score from which it is. */
  readonly threshold: number
  readonly extent: { readonly first: number; readonly last: number }
  readonly weights?: ContactWeights
}

/** Sentences on what would change the verdict, most. */
const mostChanges = 4

function weighingOf(
  contact: Contact,
  { threshold, extent, weights }: Required<Line>,
): Omit<Weighing, 'flows' | 'query'> {
  const { trace, features, verdict } = contact
  const deciding = verdict.reasons.filter(
    ({ feature, logOdds }) => logOdds > 0 && withoutFeature(features, feature, weights) < threshold,
  )

  return {
    kind: 'weighing',
    endpoint: endpointOf(contact),
    confidence: clampRatio(Math.round(verdict.score * 1e3) / 1e3),
    threshold: clampRatio(threshold),
    bias: weights.bias,
    reasons: verdict.reasons.map(({ feature, doc, value, logOdds }) => ({
      feature,
      description: reasonText(contact, feature),
      doc,
      value,
      logOdds,
    })),
    wouldChange: deciding.slice(0, mostChanges).map(({ feature }) => {
      const score = withoutFeature(features, feature, weights).toFixed(2)
      return `without “${reasonText(contact, feature)}” it would score ${score}`
    }),
    baseline: trace.by === 'moves' ? null : ritaOf(trace, extent),
  }
}

/** Innocent causes that would look the same, the likeliest first; a known service by its name. */
export function contactDoubts(contact: Contact): [string, ...string[]] {
  const { figures, network, trace } = contact
  const known =
    figures.service === null ? [] : [`it looks like ${figures.service.title} (${figures.service.source})`]
  const rented =
    figures.rented === null
      ? []
      : [
          `${figures.rented.title} serves many honest programs, and the records do not say who is behind this use`,
        ]
  const few = network.hosts < 3 ? ['the records show too few hosts to say whether the server is rare'] : []
  const unnamed =
    trace.name === null && network.namedShare === 0
      ? ['the records name no server on ports 80 and 443, so that a well-known service cannot be recognised']
      : []
  return [...known, benign[kindOf(contact)], ...rented, ...few, ...unnamed] as [string, ...string[]]
}

const benign: Readonly<Record<ContactKind, string>> = {
  calls:
    'it is a monitoring agent, an update check, the cloud of a device or a status page that was left open',
  turns: 'it is a program that chooses among its servers, such as a game, a VPN or a client of peers',
  held: 'it is a remote session, a push service, a game or a tunnel that a person set up',
  tried: 'it is a program set up for a server that is gone, or an answer that the records do not show',
  retries: 'it is a program set up for a server that is gone: a printer, a mail account, a licence server',
}

/** All that a finding says of the contact. */
export function contactFacts(contact: Contact, line: Line) {
  const { trace, verdict } = contact
  return {
    host: trace.client,
    endpoint: endpointOf(contact),
    movedTo: othersOf(contact),
    confidence: verdict.score,
    from: trace.firstStart,
    to: trace.lastEnd,
    claim: contactClaim(contact),
    evidence: contactEvidence(contact, line),
    doubts: contactDoubts(contact),
  }
}

/** Reasons in an analyst's words, heaviest first; then since when the host has it, which has no weight. */
export const contactReasons = (contact: Contact): ContactReason[] => [
  ...contact.verdict.reasons.map((reason) => ({
    feature: reason.feature,
    description: reasonText(contact, reason.feature),
    value: reason.value,
    logOdds: reason.logOdds,
  })),
  ...historyReason(contact),
]

const historyReason = ({ history }: Contact): ContactReason[] =>
  history
    ? [{ feature: 'history', description: sayFirst(history), value: isNew(history) ? 1 : 0, logOdds: 0 }]
    : []
