/**
 * The two planes joined: which hosts are bots, and which of them are one botnet. Gu et al., BotMiner 2008,
 * section 3.5. Pure: sets of hosts in, groups out.
 */
import { daviesBouldin } from '../math/davies-bouldin.ts'
import { cutTree, linkage, type Merge } from '../math/linkage.ts'
import { pointsOf } from '../math/points.ts'
import type { Group, Planes, Term } from '../model/correlation.ts'
import { regrouped } from './regroup.ts'
import { inRounds, type RoundOptions, type Rounds } from './rounds.ts'
import { isStrong } from './score.ts'
import { distance, type Membership, type SimilarityForm } from './similarity.ts'

interface CorrelationOptions extends RoundOptions {
  readonly similarity: SimilarityForm
}

export interface Correlation {
  readonly scores: ReadonlyMap<string, number>
  readonly groups: readonly Group[]
  /** Bots in the order of `merges`; null with fewer than two. */
  readonly tree: {
    readonly hosts: readonly string[]
    readonly merges: readonly Merge[]
    readonly cut: number
    readonly labels: readonly number[]
  } | null
}

/** Scores hosts, takes those over the threshold, and cuts their dendrogram into botnets. */
export function correlate(planes: Planes, options: CorrelationOptions): Correlation {
  const rounds = inRounds(planes, options)
  const { scores, bots, terms } = rounds
  if (bots.length < 2) return { scores, groups: [], tree: null }
  const memberships = membershipsOf(bots, planes, { terms, options })
  const tree = treeOf(memberships, options.similarity)
  const paperWay = options.chance === Number.POSITIVE_INFINITY
  const parts = paperWay ? cutInto(bots, tree.labels) : regroupedOf(rounds, options)
  return { scores, groups: groupsOf(parts, { scores, terms }), tree: { hosts: bots, ...tree } }
}

/** The botnets alone, without the dendrogram, which costs far more and of which the default takes no botnets. */
export function botnetsIn(planes: Planes, options: RoundOptions): readonly Group[] {
  const rounds = inRounds(planes, options)
  return rounds.bots.length < 2 ? [] : groupsOf(regroupedOf(rounds, options), rounds)
}

const cutInto = (bots: readonly string[], labels: readonly number[]): string[][] =>
  [...Map.groupBy(bots, (_, i) => labels[i]!).values()].map((hosts) => [...hosts])

const regroupedOf = ({ bots, terms, near }: Rounds, { weak }: Pick<RoundOptions, 'weak'>): string[][] =>
  regrouped(bots, {
    strong: terms.filter((term) => isStrong(term, weak)),
    near: near.filter((term) => isStrong(term, weak)),
  })

/** K(B): the clusters that hold a bot; without the literal form only those of a term that counted. */
function membershipsOf(
  bots: readonly string[],
  { activities, communications }: Planes,
  { terms, options }: { terms: readonly Term[]; options: CorrelationOptions },
): Membership[] {
  const isBot = new Set(bots)
  const counted = new Set(terms.flatMap(({ a, b }) => [a.id, b.id]))
  const kept = <C extends { id: string; hosts: readonly string[] }>(clusters: readonly C[]) =>
    clusters
      .filter(
        ({ id, hosts }) =>
          hosts.some((host) => isBot.has(host)) && (options.chance === Infinity || counted.has(id)),
      )
      .map(({ hosts }) => new Set(hosts))
  const [a, c] = [kept(activities), kept(communications)]
  return bots.map((host) => ({ a: a.map((set) => set.has(host)), c: c.map((set) => set.has(host)) }))
}

/**
 * Average-linkage dendrogram, cut where the Davies–Bouldin index of the membership vectors is least. The index is
 * not defined for one group; bots that are all equally near are one (pitfall 2).
 */
export function treeOf(memberships: readonly Membership[], form: SimilarityForm) {
  const n = memberships.length
  const condensed = new Float64Array((n * (n - 1)) / 2)
  let at = 0
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) condensed[at++] = distance(memberships[i]!, memberships[j]!, form)
  const merges = linkage(condensed, n)
  const labels = bestCut(memberships, condensed, merges)
  const groups = new Set(labels).size
  const below = merges[n - groups - 1]?.height ?? 0
  const above = merges[n - groups]?.height ?? 1
  return { merges, labels, cut: (below + above) / 2 }
}

function bestCut(
  memberships: readonly Membership[],
  condensed: Float64Array,
  merges: readonly Merge[],
): number[] {
  const n = memberships.length
  const [least, most] = condensed.reduce(([low, high], d) => [Math.min(low, d), Math.max(high, d)], [1, 0])
  if (n === 2) return least < 1 ? [0, 0] : [0, 1]
  if (most - least < 1e-9) return most < 1 ? memberships.map(() => 0) : memberships.map((_, i) => i)
  const vectors = vectorsOf(memberships)
  let best = { index: Infinity, labels: memberships.map(() => 0) }
  for (let k = 2; k < n; k++) {
    const labels = cutTree(merges, k)
    const index = daviesBouldin(vectors, labels)
    if (index < best.index - 1e-12) best = { index, labels: [...labels] }
  }

  return best.labels
}

const vectorsOf = (memberships: readonly Membership[]) =>
  pointsOf(memberships.map(({ a, c }) => [...a, ...c].map(Number)))

/** Hosts to botnets, the largest first; groups of one host are none. */
const groupsOf = (parts: readonly (readonly string[])[], rounds: Pick<Rounds, 'scores' | 'terms'>): Group[] =>
  parts
    .filter((hosts) => hosts.length >= 2)
    .map((hosts) => groupOf(hosts, rounds))
    .sort((a, b) => b.hosts.length - a.hosts.length || (a.hosts[0]! < b.hosts[0]! ? -1 : 1))

function groupOf(hosts: readonly string[], { scores, terms }: Pick<Rounds, 'scores' | 'terms'>): Group {
  const members = new Set(hosts)
  const within = terms.filter(({ shared }) => shared.filter((host) => members.has(host)).length >= 2)
  const scoreOf = (host: string) => scores.get(host) ?? 0
  const ranked = [...hosts].sort((a, b) => scoreOf(b) - scoreOf(a) || (a < b ? -1 : 1))
  const did = within.flatMap((term) => (term.plane === 'A-A' ? [term.a.type, term.b.type] : [term.a.type]))
  return {
    hosts: ranked,
    scores: ranked.map(scoreOf),
    activities: [...new Set(did)].sort(),
    terms: within,
  }
}
