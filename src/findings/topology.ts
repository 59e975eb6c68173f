/**
 * How a botnet is organised, from who of the members calls which endpoint. The rules of the C&C topology primer
 * (star, multi-server, P2P); a two-level hierarchy needs the relays' own flows and is not told here, so what does
 * not fit is `undecided`.
 */
import type { RankedEndpoint } from './endpoints.ts'

export type Topology = 'star' | 'multi-server' | 'p2p' | 'undecided'

/** Shares are of members; `endpoints` is every service of the shared clusters, not only those shown. */
export function topologyOf(members: number, endpoints: readonly Pick<RankedEndpoint, 'members'>[]): Topology {
  if (members < 2 || endpoints.length === 0) return 'undecided'
  const cover = endpoints.map((endpoint) => endpoint.members.length / members)
  const [top = 0, second = 0] = cover.toSorted((a, b) => b - a)
  if (top >= 0.9 && second < 0.2) return 'star'
  const shared = endpoints.filter((endpoint) => endpoint.members.length >= 2)
  const covered = new Set(shared.flatMap((endpoint) => endpoint.members)).size / members
  // More than an operator keeps up; that all call one of them is how peers find the first others.
  if (shared.length > 10) return 'p2p'
  if (shared.length === 0 || covered < 0.9) return 'undecided'
  return shared.length === 1 ? 'star' : 'multi-server'
}
