/**
 * Botnet after botnet, beyond the paper.
 *
 * Where several botnets are in one network each hides the others: all that send mail are one A-cluster, and the
 * peers of one are looks that the channel of another is judged against. What has been found is explained, so it is
 * taken out, and the rest is looked at again among the hosts that are left. A hypothesis that was rejected is no
 * look any more: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
 * Statistics 6, 1979. Where nothing is found there is no second round.
 */
import type { Planes, Term } from '../model/correlation.ts'
import { regrouped } from './regroup.ts'
import { crossPlaneScores, isStrong, type ScoreOptions } from './score.ts'

export interface RoundOptions extends ScoreOptions {
  /** θ: a host whose score is over it is taken for a bot. */
  readonly threshold: number
}

export interface Rounds {
  /** s(h) of every host in an A-cluster, from the round in which it was highest. */
  readonly scores: ReadonlyMap<string, number>
  /** Sorted. */
  readonly bots: readonly string[]
  /** Those that counted in a round, of the clusters as they are in the planes. */
  readonly terms: readonly Term[]
  /** Those and others that chance gives less than once. */
  readonly near: readonly Term[]
}

/** Scores the hosts, takes the botnets out that this shows, and scores what is left, until there is no more. */
export function inRounds(planes: Planes, options: RoundOptions): Rounds {
  const scores = new Map<string, number>()
  const bots = new Set<string>()
  const terms = new Map<string, Term>()
  const near = new Map<string, Term>()
  const whole = new Map([...planes.activities, ...planes.communications].map((each) => [each.id, each]))
  const inWhole = (term: Term) => ({ ...term, a: whole.get(term.a.id)!, b: whole.get(term.b.id)! }) as Term

  for (let left = planes; ; ) {
    const round = crossPlaneScores(left, options)
    for (const [host, score] of round.of) scores.set(host, Math.max(score, scores.get(host) ?? 0))
    for (const term of round.terms) if (!terms.has(keyOf(term))) terms.set(keyOf(term), inWhole(term))
    for (const term of round.near) {
      const before = near.get(keyOf(term))
      if (!before || (before.expected > options.chance && term.expected < before.expected))
        near.set(keyOf(term), inWhole(term))
    }
    const found = botsIn(round, options)
    for (const host of found) bots.add(host)
    const strong = (all: readonly Term[]) => all.filter((term) => isStrong(term, options.weak))
    const explained = new Set(
      options.chance === Number.POSITIVE_INFINITY
        ? []
        : regrouped(found, { strong: strong(round.terms), near: strong(round.near) })
            .filter(({ length }) => length >= 2)
            .flat(),
    )
    if (explained.size === 0)
      return { scores, bots: [...bots].sort(), terms: [...terms.values()], near: [...near.values()] }
    left = without(left, explained)
  }
}

const keyOf = ({ a, b }: Term) => `${a.id} ${b.id}`

/** Hosts over the threshold that a strong term names. */
function botsIn(
  { of, terms }: ReturnType<typeof crossPlaneScores>,
  { threshold, weak }: RoundOptions,
): string[] {
  const named = new Set(terms.filter((term) => isStrong(term, weak)).flatMap(({ shared }) => shared))
  return [...of]
    .filter(([host, score]) => score > threshold && (weak.length === 0 || named.has(host)))
    .map(([host]) => host)
    .sort()
}

/** The planes of the other hosts; a cluster of one host is none (section 3.2 of the paper). */
function without({ activities, communications, population }: Planes, hosts: ReadonlySet<string>): Planes {
  const kept = <C extends { readonly hosts: readonly string[] }>(clusters: readonly C[]): C[] =>
    clusters
      .map((cluster) => ({ ...cluster, hosts: cluster.hosts.filter((host) => !hosts.has(host)) }))
      .filter((cluster) => cluster.hosts.length >= 2)
  return {
    activities: kept(activities),
    communications: kept(communications),
    population: population - hosts.size,
  }
}
