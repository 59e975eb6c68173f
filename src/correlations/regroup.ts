/**
 * Which detected bots are one botnet, beyond the paper.
 *
 * The paper's similarity (equation 2) is mostly about what bots were told to do, and two botnets that both send mail
 * are told the same. Here the C&C decides: bots that call one rare service are one botnet; bots whose traffic only
 * looks alike are one unless each has a service of its own; and who else calls the service is a member too, though it
 * has done nothing yet.
 */
import type { CCluster, Term } from '../model/correlation.ts'

/** A botnet must hold at least this share of all that call a service for the others to be taken as members. */
const memberShare = 0.5

/**
 * Least share of a service's callers that are bots for it to be taken for theirs: a third where it is kept up, as C&C is
 * and bots may be idle; three quarters where it is only visited, or a site that several botnets' hosts happened to see
 * joins them.
 */
const ownShare = { kept: 1 / 3, visited: 3 / 4 }

export interface GroupingTerms {
  /** Those that counted. */
  readonly strong: readonly Term[]
  /** Those and others that chance gives less than once: enough to say which channel somebody accused is on. */
  readonly near: readonly Term[]
}

/** Botnets of the bots, from the terms that count. Hosts not among the bots may join; see above. */
export function regrouped(bots: readonly string[], { strong, near }: GroupingTerms): string[][] {
  const isBot = new Set(bots)
  const among = (hosts: readonly string[]) => hosts.filter((host) => isBot.has(host))
  const isTheirs = (b: CCluster, share: number) => among(b.hosts).length >= share * b.hosts.length
  const links = strong.filter((term) => term.plane === 'A-C')
  const services = [
    ...near.filter(({ plane, b }) => plane === 'A-C' && b.kept && isTheirs(b, ownShare.kept)),
    ...links.filter(({ b }) => b.kind === 'service' && !b.kept && isTheirs(b, ownShare.visited)),
  ]
  const groups = new Groups(bots)
  for (const { b } of services) groups.join(among(b.hosts))
  const owned = new Set(services.flatMap(({ b }) => among(b.hosts)))
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
