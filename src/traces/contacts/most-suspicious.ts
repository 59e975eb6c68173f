/** The most suspicious contacts of one host, found without the rhythm of those that cannot be among them. */
import type { NetworkFacts } from './facts.ts'
import type { ContactFeatures } from './feature-list.ts'
import { featureGroups, featuresOf } from './features.ts'
import type { ContactTrace } from './gather.ts'
import { type ContactWeights, ceilingOf, scoreOf } from './judge.ts'
import { firstWhere } from './presence.ts'
import { type ContactFigures, figuresOf, idealFiguresOf, type Situation } from './situation.ts'
import type { WireFacts } from './wire-facts.ts'

/** A contact with its score alone: most of all contacts are not kept, and nobody asks for their reasons. */
export interface Scored {
  readonly trace: ContactTrace
  readonly features: ContactFeatures
  readonly figures: ContactFigures
  readonly network: NetworkFacts
  readonly wire: WireFacts
  readonly situation: Situation
  readonly score: number
}

export const bySuspicion = (a: Scored, b: Scored): number =>
  b.score - a.score ||
  a.trace.client.localeCompare(b.trace.client) ||
  (a.trace.name ?? a.trace.servers[0]!).localeCompare(b.trace.name ?? b.trace.servers[0]!) ||
  a.trace.serverPort - b.trace.serverPort

/** Contacts that are kept. */
export interface Most {
  readonly ofHost: number
  /** Score from which a contact beyond the share of its host is kept. */
  readonly telling: number
  /** Score under which a contact is not among those kept of all hosts; rises as more are known. */
  least: number
}

/** Contacts that an answer lists in all. */
export const mostListed = 1000

/** Contacts of a host that are kept at least, if it has them. */
const leastShare = 3

/** Contacts of each host that are kept whatever their score: its share of the list. */
export const shareOf = (hosts: number): number => Math.max(leastShare, Math.floor(mostListed / hosts))

interface Situated {
  readonly trace: ContactTrace
  readonly situation: Situation
}

/**
 * Those of `best`, contacts of one host in the order of suspicion, and of more of its contacts, that are the most
 * suspicious. The rhythm of the calls, which costs more than all else, is found only where a contact could be among
 * them by the rest. Where the share of a host is less than is kept of it, contacts that cannot reach the telling score
 * fill the share in the order of what the rest would let them reach.
 */
export function mostSuspicious(
  best: readonly Scored[],
  more: readonly Situated[],
  { weights, most, share }: { readonly weights: ContactWeights; readonly most: Most; readonly share: number },
): Scored[] {
  const candidates = more.map((each, place) => withCeiling(each, place, weights))
  const scored = best.map((contact) => ({ contact, place: -1 }))
  const scores = best.map(({ score }) => score)

  const telling = share < most.ofHost ? most.telling : 0
  const reach = () => Math.max(most.least, scores[most.ofHost - 1] ?? 0, scores.length < share ? 0 : telling)

  for (const { place, ceiling, ...candidate } of candidates.sort((a, b) => b.ceiling - a.ceiling)) {
    if (ceiling < reach()) break
    const contact = scoredOf(candidate, weights)
    scored.push({ contact, place })
    const behind = firstWhere(scores, (score) => score < contact.score)
    scores.splice(behind, 0, contact.score)
  }

  return scored
    .sort((a, b) => bySuspicion(a.contact, b.contact) || a.place - b.place)
    .slice(0, most.ofHost)
    .map(({ contact }) => contact)
    .filter(({ score }, i) => i < share || score >= telling)
}

function withCeiling({ trace, situation }: Situated, place: number, weights: ContactWeights) {
  const ideal = idealFiguresOf(trace, situation)
  const ceiling = ceilingOf(featureGroups(trace, situation, ideal), weights)
  return { trace, situation, ideal, place, ceiling }
}

function scoredOf(
  { trace, situation, ideal }: Situated & { readonly ideal: ContactFigures },
  weights: ContactWeights,
): Scored {
  const figures = figuresOf(trace, situation, ideal)
  const features = featuresOf(trace, situation, figures)
  const { network, wire } = situation
  return { trace, features, figures, score: scoreOf(features, weights), network, wire, situation }
}
