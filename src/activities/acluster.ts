/**
 * Two-layer A-clustering (Gu et al., BotMiner 2008, section 3.4): first by type of activity, then by what the
 * activity was aimed at. A host may be in several clusters.
 *
 * Layer 2, default: scan by like sets of ports (Jaccard) or one target network; spam by shared mail servers;
 * exploit by signature; download by like content (min-hashes.ts); dga by shared names; and in each of these the
 * hosts that acted at the same time (busy-slots.ts), where that sets some of them apart. Paper: scan by equal sets
 * of ports, spam as one cluster, download by equal content; dga, which the paper has not, as by default; no times.
 */
import { createHash } from 'node:crypto'
import type { Activity, ActivityType } from '../model/activity.ts'
import { activityTypes } from '../model/activity.ts'
import { type BusySlots, slotKey } from './busy-slots.ts'
import { type MinHashes, similarPrograms } from './min-hashes.ts'
import { areAlike, statisticsOf } from './name-statistics.ts'
import { isNetwork, isPort, isRemark } from './traits.ts'

export interface ACluster {
  /** Hash of type, layer 2 and hosts: the same input gives the same id. */
  readonly id: string
  readonly type: ActivityType
  /** Sorted; two at least, except in `singles`. */
  readonly hosts: readonly string[]
  /** What the hosts have in common, in words: `ports tcp/445`, `network 10.1.2.0/24`, `suricata 2024897`. */
  readonly layer2: string
}

export interface AClusters {
  readonly clusters: readonly ACluster[]
  /** Clusters of one host, which the paper drops (section 3.2). */
  readonly singles: readonly ACluster[]
}

export interface AClusterOptions {
  /** What the paper implemented, for comparison. */
  readonly paper?: boolean
  /** Least Jaccard index of two sets of scanned ports. */
  readonly ports?: number
  /** Least share of the smaller set of mail servers that two hosts have in common. */
  readonly mailServers?: number
  /** Least Jaccard index of two MinHash sketches of failed names. */
  readonly names?: number
  /** What is known of the content of programs beside its hash. */
  readonly minHashes?: MinHashes
  /** Least Dice coefficient of two programs that are alike. */
  readonly programs?: number
  /** When hosts were busy; without them nothing is distinguished by time. */
  readonly busySlots?: BusySlots
  /** Least Jaccard index of the slots in which two hosts were busy: bots stop early, and hear late. */
  readonly times?: number
}

/** What one host did, as one rule saw it: a host that scans in two ways has two. */
interface HostTraits {
  readonly host: string
  readonly traits: ReadonlySet<string>
}
type Group = readonly [layer2: string, hosts: readonly string[]]

/** Clusters activities of one epoch. The order of the activities does not matter. */
export function clusterActivities(activities: readonly Activity[], options: AClusterOptions = {}): AClusters {
  const all = activityTypes.flatMap((type) =>
    distinct(groupsOf(type, activities, options), options)
      .map(([what, hosts]) => acluster(type, what, hosts))
      .toSorted((a, b) => compare(a.layer2, b.layer2) || compare(a.id, b.id)),
  )
  return {
    clusters: all.filter(({ hosts }) => hosts.length > 1),
    singles: all.filter(({ hosts }) => hosts.length === 1),
  }
}

function groupsOf(
  type: ActivityType,
  activities: readonly Activity[],
  options: AClusterOptions,
): readonly Group[] {
  const groups = layer2[type](traitsOf(activities.filter((each) => each.type === type)), options)
  return options.paper ? groups : [...groups, ...groups.flatMap((group) => atOnce(type, group, options))]
}

/** The hosts of a group that were busy at the same times, where they are some of it and not all. */
function atOnce(
  type: ActivityType,
  [what, hosts]: Group,
  { busySlots = new Map(), times = 1 / 3 }: AClusterOptions,
): Group[] {
  const members = [...new Set(hosts)]
  const busy = members.flatMap((host) => {
    const slots = busySlots.get(slotKey(type, host))
    return slots ? [{ host, traits: new Set([...slots].map(String)) }] : []
  })
  return linked(busy, (a, b) => jaccard(a, b) >= times, '')
    .filter(([, same]) => same.length > 1 && same.length < members.length)
    .map(([, same]): Group => [`${what}, at the same time`, same])
}

function acluster(type: ActivityType, what: string, members: readonly string[]): ACluster {
  const hosts = [...new Set(members)].toSorted(compare)
  const id = createHash('sha256')
    .update(JSON.stringify([type, what, hosts]))
    .digest('hex')
    .slice(0, 12)
  return { id, type, hosts, layer2: what }
}

/**
 * By default, groups of the same hosts are one: what they have in common in several ways is still one thing in
 * common, and the cross-plane score would count it twice.
 */
function distinct(groups: readonly Group[], { paper = false }: AClusterOptions): readonly Group[] {
  if (paper) return groups
  const merged = Map.groupBy(groups, ([, hosts]) => [...new Set(hosts)].toSorted(compare).join(' '))
  return [...merged.values()].map((same) => {
    const names = same.map(([what]) => what).toSorted(compare)
    const more = names.length > 3 ? `; ${names.length - 3} more` : ''
    return [`${names.slice(0, 3).join('; ')}${more}`, same[0]![1]]
  })
}

const traitsOf = (activities: readonly Activity[]): HostTraits[] =>
  activities
    .toSorted((a, b) => compare(a.host, b.host) || compare(a.detector, b.detector))
    .map(({ host, traits }) => ({ host, traits: new Set(traits.filter((trait) => !isRemark(trait))) }))

const layer2: Readonly<
  Record<ActivityType, (active: readonly HostTraits[], options: AClusterOptions) => readonly Group[]>
> = {
  scan: (active, { paper = false, ports = 0.5 }) =>
    paper
      ? byEqualSet(only(wholeHosts(active), isPort), 'ports')
      : [
          ...linked(only(active, isPort), (a, b) => jaccard(a, b) >= ports, 'ports'),
          ...byTrait(only(active, isNetwork), 'network '),
          ...byTrait(
            only(active, (trait) => !isPort(trait) && !isNetwork(trait)),
            '',
          ),
        ],
  spam: (active, { paper = false, mailServers = 0.1 }) =>
    paper
      ? active.length === 0
        ? []
        : [['spam', active.map(({ host }) => host)]]
      : linked(wholeHosts(active), (a, b) => overlap(a, b) >= mailServers, 'mail servers'),
  download: (active, { paper = false, minHashes = new Map(), programs = 0.8 }) => {
    if (paper) return byTrait(active, '')
    const similar = similarPrograms(minHashes, programs)
    const named = ({ host, traits }: HostTraits) => ({
      host,
      traits: new Set([...traits].map((trait) => similar.get(trait) ?? trait)),
    })
    return byTrait(active.map(named), '')
  },
  exploit: (active) => byTrait(active, ''),
  dga: (active, { paper = false, names = 0.1 }) => {
    if (paper) return linked(active, (a, b) => jaccard(a, b) >= names, 'names')
    const whole = wholeHosts(active)
    const statistics = new Map(whole.map(({ traits }) => [traits, statisticsOf(traits)]))
    // Three failed names in common are no accident: those that fail for many hosts are left out by the rules.
    const same = (a: ReadonlySet<string>, b: ReadonlySet<string>) =>
      jaccard(a, b) >= names || shared(a, b) >= 3 || areAlike(statistics.get(a)!, statistics.get(b)!)
    return linked(whole, same, 'names')
  },
}

/** Deeds with only the traits that are wanted, where any are left. */
const only = (active: readonly HostTraits[], wanted: (trait: string) => boolean): HostTraits[] =>
  active
    .map(({ host, traits }) => ({ host, traits: new Set([...traits].filter(wanted)) }))
    .filter(({ traits }) => traits.size > 0)

/** One activity of each host, with all its traits. */
function wholeHosts(active: readonly HostTraits[]): HostTraits[] {
  const hosts = new Map<string, Set<string>>()
  for (const { host, traits } of active) hosts.set(host, (hosts.get(host) ?? new Set()).union(traits))
  return [...hosts].map(([host, traits]) => ({ host, traits }))
}

/** One cluster a trait. */
function byTrait(active: readonly HostTraits[], prefix: string): Group[] {
  const groups = new Map<string, string[]>()
  for (const { host, traits } of active)
    for (const trait of traits) {
      const members = groups.get(trait)
      if (members) members.push(host)
      else groups.set(trait, [host])
    }
  return [...groups].map(([trait, members]) => [`${prefix}${trait}`, members])
}

/** One cluster a set of traits. */
function byEqualSet(active: readonly HostTraits[], word: string): Group[] {
  const groups = new Map<string, string[]>()
  for (const { host, traits } of active) {
    const key = summary(word, traits)
    groups.set(key, [...(groups.get(key) ?? []), host])
  }
  return [...groups]
}

/** Hosts joined by a chain of likeness; a cluster is named by the traits that half of it have. */
function linked(
  active: readonly HostTraits[],
  like: (a: ReadonlySet<string>, b: ReadonlySet<string>) => boolean,
  word: string,
): Group[] {
  const left = new Set(active)
  const groups: Group[] = []
  for (const seed of active) {
    if (!left.delete(seed)) continue
    const members = [seed]
    for (const member of members) {
      for (const other of left) {
        if (like(member.traits, other.traits) && left.delete(other)) members.push(other)
      }
    }
    groups.push([summary(word, mostShared(members)), members.map(({ host }) => host)])
  }

  return groups
}

/** Traits that at least half of the members have, or all traits where none is. */
function mostShared(members: readonly HostTraits[]): ReadonlySet<string> {
  const counts = new Map<string, number>()
  for (const { traits } of members)
    for (const trait of traits) counts.set(trait, (counts.get(trait) ?? 0) + 1)
  const shared = [...counts].filter(([, n]) => n * 2 >= members.length)
  return new Set((shared.length > 0 ? shared : [...counts]).map(([trait]) => trait))
}

function summary(word: string, traits: ReadonlySet<string>): string {
  const sorted = [...traits].toSorted(compare)
  const digest = createHash('sha256').update(sorted.join('\n')).digest('hex').slice(0, 8)
  return sorted.length <= 8
    ? `${word} ${sorted.join(' ')}`
    : `${word} ${sorted.slice(0, 4).join(' ')} and ${sorted.length - 4} more (${digest})`
}

function shared(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let count = 0
  for (const each of a) if (b.has(each)) count++
  return count
}

const jaccard = (a: ReadonlySet<string>, b: ReadonlySet<string>): number => {
  const both = shared(a, b)
  return both / (a.size + b.size - both)
}

/** Share of the smaller set that is in the other. */
const overlap = (a: ReadonlySet<string>, b: ReadonlySet<string>): number =>
  shared(a, b) / Math.min(a.size, b.size)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
