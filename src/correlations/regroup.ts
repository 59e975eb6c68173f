/**
 * Which detected bots are one botnet, beyond the paper.
 *
 * The paper's similarity (equation 2) is mostly about what bots were told to do, and two botnets that both send mail
 * are told the same. Here the C&C decides: bots that call one rare service are one botnet; bots whose traffic only
 * looks alike are one unless each has a service of its own; and who else calls the service is a member too, though it
 * has done nothing yet.
 */
import type { Term } from '../model/correlation.ts'

/** A botnet must hold at least this share of all that call a service for the others to be taken as members. */
const memberShare = 0.5

/**
 * Least share of a service's callers that are bots for it to be taken for theirs: a third where it is kept up, as
 * C&C is and bots may be idle; three quarters where it is only visited, or a site that several botnets' hosts
 * happened to see joins them.
 */
const ownShare = { kept: 1 / 3, visited: 3 / 4 }

interface GroupingTerms {
  /** Those that counted. */
  readonly strong: readonly Term[]
  /** Those and others that chance gives less than once: enough to say which channel somebody accused is on. */
  readonly near: readonly Term[]
}

/** Two botnets are one where this many services join them: one site may have been seen by the hosts of both. */
const bridges = 3

/** A term that pairs an activity with a C-cluster. */
type Link = Extract<Term, { plane: 'A-C' }>

/** Botnets of the bots, from the terms that count. Hosts not among the bots may join; see above. */
export function regrouped(bots: readonly string[], { strong, near }: GroupingTerms): string[][] {
  const isBot = new Set(bots)
  const among = (hosts: readonly string[]) => hosts.filter((host) => isBot.has(host))
  const isTheirs = ({ b }: Link) =>
    b.kind === 'service' && among(b.hosts).length >= ownShare[b.kept ? 'kept' : 'visited'] * b.hosts.length
  const links = strong.filter((term) => term.plane === 'A-C')
  const groups = new Groups(bots)
  const services = links.filter(isTheirs)
  const owned = joinByServices(groups, services, among)

  // The rest by what they are likeliest to be on; whoever has a channel keeps it.
  const others = near.filter((term) => term.plane === 'A-C').filter((term) => term.b.kept && isTheirs(term))

  for (const term of leastFirst(others)) {
    const loose = among(term.b.hosts).filter((host) => !owned.has(host))
    if (loose.length < 2) continue
    groups.join(loose)
    for (const host of loose) owned.add(host)
    services.push(term)
  }

  for (const { shared } of links.filter(({ b }) => b.kind === 'shape')) {
    const members = among(shared)
    const loose = members.filter((host) => !owned.has(host))
    groups.join(loose)
    const homes = new Set(members.filter((host) => owned.has(host)).map((host) => groups.of(host)))
    if (loose.length > 0 && homes.size === 1) groups.join([loose[0]!, [...homes][0]!])
  }

  for (const { a, b, plane } of strong)
    if (plane === 'A-A') groups.join(among(a.hosts.filter((host) => b.hosts.includes(host))))

  return groups.all().map((hosts) => withCallers(hosts, services))
}

/** In order of what they say; those that would join two groups wait until there are enough of them. */
function joinByServices(
  groups: Groups,
  services: readonly Link[],
  among: (hosts: readonly string[]) => string[],
): Set<string> {
  const owned = new Set<string>()
  const waiting = new Map<string, string[]>()

  for (const { b } of leastFirst(services)) {
    const members = among(b.hosts)
    const homes = new Set(members.filter((host) => owned.has(host)).map((host) => groups.of(host)))
    if (homes.size > 1) waiting.set(members.join(' '), members)
    else {
      groups.join(members)
      for (const host of members) owned.add(host)
    }
  }

  const between = new Map<string, string[][]>()

  for (const members of waiting.values()) {
    const homes = [...new Set(members.map((host) => groups.of(host)))].sort()
    for (const [i, one] of homes.entries())
      for (const other of homes.slice(i + 1)) {
        const key = `${one} ${other}`
        between.set(key, [...(between.get(key) ?? []), [one, other]])
      }
  }

  for (const pairs of between.values()) if (pairs.length >= bridges) groups.join(pairs[0]!)

  return owned
}

/** Channels that are kept up before sites that are visited; then the least likely. */
const leastFirst = (terms: readonly Link[]): Link[] =>
  terms.toSorted((x, y) => Number(y.b.kept ?? false) - Number(x.b.kept ?? false) || x.expected - y.expected)

function withCallers(hosts: readonly string[], services: readonly Term[]): string[] {
  const members = new Set(hosts)
  for (const { b } of services) {
    const own = b.hosts.filter((host) => members.has(host))
    if (2 * own.length >= hosts.length && own.length >= memberShare * b.hosts.length)
      for (const host of b.hosts) members.add(host)
  }
  return [...members]
}

/** Disjoint sets by representative. */
class Groups {
  readonly #parent: Map<string, string>

  constructor(items: readonly string[]) {
    this.#parent = new Map(items.map((item) => [item, item]))
  }

  of(item: string): string {
    const parent = this.#parent.get(item)!
    return parent === item ? item : this.of(parent)
  }

  join([first, ...rest]: readonly string[]): void {
    if (first === undefined) return
    for (const item of rest) this.#parent.set(this.of(item), this.of(first))
  }

  all(): string[][] {
    return [...Map.groupBy(this.#parent.keys(), (item) => this.of(item)).values()]
  }
}
