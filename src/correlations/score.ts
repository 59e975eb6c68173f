/**
 * The cross-plane score. Gu et al., BotMiner 2008, section 3.5, equation 1:
 *
 *     s(h) = Σ_{j>i, t(Ai)≠t(Aj)} w(Ai) w(Aj) |Ai∩Aj|/|Ai∪Aj|  +  Σ_{i,k} w(Ai) |Ai∩Ck|/|Ai∪Ck|
 *
 * over the A-clusters Ai and C-clusters Ck that hold h. Each unordered pair of A-clusters counts once.
 */
import type { ActivityType } from '../model/activity.ts'
import type { ACluster, CCluster, Planes, Term } from '../model/correlation.ts'
import { overlapByChance } from './chance.ts'

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
}

/** Scores every host that is in an A-cluster. */
export function crossPlaneScores(planes: Planes, options: ScoreOptions): Scores {
  const terms = [...activityTerms(planes, options), ...communicationTerms(planes, options)].filter(
    ({ expected }) => expected <= options.chance,
  )
  const of = new Map<string, number>()
  for (const { hosts } of planes.activities) for (const host of hosts) of.set(host, 0)
  for (const { shared, worth } of terms) for (const host of shared) of.set(host, of.get(host)! + worth)
  return { of, terms }
}

function activityTerms({ activities, population }: Planes, { weights }: ScoreOptions): Term[] {
  const pairs = activities.flatMap((a, i) =>
    activities
      .slice(i + 1)
      .flatMap((b) => (a.type === b.type ? [] : [{ a, b, weight: weights[a.type] * weights[b.type] }])),
  )
  return pairs.flatMap((pair) =>
    overlapOf({ ...pair, population, looks: pairs.length }).map((term) => ({
      ...term,
      plane: 'A-A' as const,
    })),
  )
}

/**
 * Looks are counted by family: strong and weak activities, shapes and services apart. Each family has its own
 * allowance of chance, so that many services do not hide a shape, nor many downloads a scan.
 */
function communicationTerms(
  { activities, communications, population }: Planes,
  { weights, weak }: ScoreOptions,
): Term[] {
  const isWeak = ({ type }: ACluster) => weak.includes(type)
  const weakOnes = activities.filter(isWeak).length
  const services = communications.filter(({ kind }) => kind === 'service').length
  const looks = (a: ACluster, { kind }: CCluster) =>
    (isWeak(a) ? weakOnes : activities.length - weakOnes) *
    (kind === 'service' ? services : communications.length - services)
  const byHost = new Map<string, CCluster[]>()
  for (const cluster of communications) {
    for (const host of cluster.hosts) byHost.set(host, [...(byHost.get(host) ?? []), cluster])
  }
  return activities.flatMap((a) => {
    const met = new Set(a.hosts.flatMap((host) => byHost.get(host) ?? []))
    return [...met].flatMap((b) =>
      overlapOf({ a, b, weight: weights[a.type], population, looks: looks(a, b) }).map((term) => ({
        ...term,
        plane: 'A-C' as const,
      })),
    )
  })
}

interface Pair<B> {
  readonly a: ACluster
  readonly b: B
  readonly weight: number
  readonly population: number
  readonly looks: number
}

function overlapOf<B extends ACluster | CCluster>({ a, b, weight, population, looks }: Pair<B>) {
  const inB = new Set(b.hosts)
  const shared = a.hosts.filter((host) => inB.has(host))
  if (shared.length === 0) return []
  const union = a.hosts.length + b.hosts.length - shared.length
  const chance = overlapByChance({
    population: Math.max(population, union),
    a: a.hosts.length,
    b: b.hosts.length,
    shared: shared.length,
  })
  return [{ a, b, shared, worth: (weight * shared.length) / union, expected: chance * looks }]
}
