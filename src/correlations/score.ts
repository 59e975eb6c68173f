/**
 * The cross-plane score. Gu et al., BotMiner 2008, section 3.5, equation 1:
 *
 *     s(h) = Σ_{j>i, t(Ai)≠t(Aj)} w(Ai) w(Aj) |Ai∩Aj|/|Ai∪Aj|  +  Σ_{i,k} w(Ai) |Ai∩Ck|/|Ai∪Ck|
 *
 * over the A-clusters Ai and C-clusters Ck that hold h. Each unordered pair of A-clusters counts once.
 */
import type { ActivityType } from '../model/activity.ts'
import type { ACluster, CCluster, Planes, Term } from '../model/correlation.ts'
import { expectedBelow, overlapTails } from './chance.ts'

export interface ScoreOptions {
  /** w of each activity type, ≥ 1. The paper's experiments use 1 for all. */
  readonly weights: Readonly<Record<ActivityType, number>>
  /**
   * Most overlaps by chance that a term may be expected to have, over all pairs looked at; a likelier term counts 0.
   * Infinity counts every term, as the paper does.
   */
  readonly chance: number
  /**
   * Activities that make no bot by themselves, such as downloads: half a campus fetches the same update and calls the
   * same vendor. Their terms count only for hosts that a stronger term names. Empty in the paper.
   */
  readonly weak: readonly ActivityType[]
}

export interface Scores {
  /** s(h) of every host in an A-cluster; 0 where no term counted. */
  readonly of: ReadonlyMap<string, number>
  readonly terms: readonly Term[]
  /** Terms too that did not count, but of which chance would give less than one. */
  readonly near: readonly Term[]
}

/** Of an activity that makes a bot by itself, on one side at least. */
export const isStrong = (term: Term, weak: readonly ActivityType[]): boolean =>
  !weak.includes(term.a.type) || (term.plane === 'A-A' && !weak.includes(term.b.type))

/** Scores every host that is in an A-cluster. */
export function crossPlaneScores(planes: Planes, options: ScoreOptions): Scores {
  const hosts = new Set([...planes.activities, ...planes.communications].flatMap((each) => each.hosts))
  const population = Math.max(planes.population, hosts.size)
  const every = families(planes, options).flatMap((pairs) => termsOf(pairs, population))
  const terms = every.filter(({ expected }) => expected <= options.chance)
  const near = every.filter(({ expected }) => expected <= Math.max(1, options.chance))
  const of = new Map<string, number>()
  for (const { hosts } of planes.activities) for (const host of hosts) of.set(host, 0)
  for (const { shared, worth } of terms) for (const host of shared) of.set(host, of.get(host)! + worth)
  return { of, terms, near }
}

/** Clusters that are set against each other, each with each. */
interface Family {
  readonly plane: Term['plane']
  readonly pairs: readonly Pair[]
  /** Every pair, also of clusters that share no host, by the sizes of both. */
  readonly comparisons: readonly { readonly a: number; readonly b: number; readonly times: number }[]
}

interface Pair {
  readonly a: ACluster
  readonly b: ACluster | CCluster
  readonly weight: number
}

/**
 * Looks are counted by family: pairs of activities; and strong and weak activities apart against shapes, services
 * that are kept up, and services that are only visited. Each family has its own allowance of chance, so that many
 * visits do not hide a channel, nor many downloads a scan. What makes a family says nothing about the activity of
 * its hosts: Bourgon, Gentleman and Huber, "Independent filtering increases detection power", PNAS 107, 2010.
 */
function families({ activities, communications }: Planes, { weights, weak }: ScoreOptions): Family[] {
  const strength = (each: ACluster) => (weak.includes(each.type) ? 'weak' : 'strong')
  const kindOf = ({ kind, kept }: CCluster) => (kept ? `kept ${kind}` : kind)
  const byKind = [...Map.groupBy(communications, kindOf).values()]
  const byStrength = [...Map.groupBy(activities, strength).values()]
  const across = byStrength.flatMap((own) =>
    byKind.map(
      (others): Family => ({
        plane: 'A-C',
        pairs: meetings(own, others).map(([a, b]) => ({ a, b, weight: weights[a.type] })),
        comparisons: sizesOf(own).flatMap(([a, n]) =>
          sizesOf(others).map(([b, m]) => ({ a, b, times: n * m })),
        ),
      }),
    ),
  )

  return [activityFamily(activities, weights), ...across]
}

function activityFamily(activities: readonly ACluster[], weights: ScoreOptions['weights']): Family {
  const pairs = activities.flatMap((a, i) =>
    activities
      .slice(i + 1)
      .flatMap((b) => (a.type === b.type ? [] : [{ a, b, weight: weights[a.type] * weights[b.type] }])),
  )
  const comparisons = pairs.map(({ a, b }) => ({ a: a.hosts.length, b: b.hosts.length, times: 1 }))
  return { plane: 'A-A', pairs, comparisons }
}

/** Pairs that share a host. */
function meetings(activities: readonly ACluster[], others: readonly CCluster[]): [ACluster, CCluster][] {
  const byHost = new Map<string, CCluster[]>()
  for (const cluster of others)
    for (const host of cluster.hosts) {
      const own = byHost.get(host)
      if (own) own.push(cluster)
      else byHost.set(host, [cluster])
    }
  return activities.flatMap((a) =>
    [...new Set(a.hosts.flatMap((host) => byHost.get(host) ?? []))].map((b): [ACluster, CCluster] => [a, b]),
  )
}

/** How many clusters there are of each size. Clusters of the same hosts are one look: the answer is the same. */
function sizesOf(
  clusters: readonly { readonly hosts: readonly string[] }[],
): [size: number, count: number][] {
  const distinct = new Map(clusters.map(({ hosts }) => [[...hosts].sort().join(' '), hosts.length]))
  return [...Map.groupBy(distinct.values(), (size) => size)].map(([size, all]) => [size, all.length])
}

function termsOf({ plane, pairs, comparisons }: Family, population: number): Term[] {
  const expected = expectedBelow(comparisons.map((each) => ({ ...each, population })))
  const tails = new Map<string, Float64Array>()
  return pairs.flatMap(({ a, b, weight }) => {
    const inB = new Set(b.hosts)
    const shared = a.hosts.filter((host) => inB.has(host))
    if (shared.length === 0) return []
    const sizes = { population, a: a.hosts.length, b: b.hosts.length }
    const key = `${sizes.a} ${sizes.b}`
    const own = tails.get(key) ?? overlapTails(sizes)
    tails.set(key, own)
    const union = sizes.a + sizes.b - shared.length
    const term = { plane, a, b, shared, worth: (weight * shared.length) / union }
    return [{ ...term, expected: expected(own[shared.length]!) } as Term]
  })
}
