import type { Endpoint } from './endpoint.ts'
import type { Evidence } from './evidence.ts'
import type { Micros, Ratio } from './units.ts'

export const severities = ['note', 'low', 'medium', 'high'] as const
export type Severity = (typeof severities)[number]

/**
 * What a finding says. `botnet` is a group; all others are about one host; `together` is of indicators that are too
 * weak alone.
 */
export const findingKinds = [
  'botnet',
  'beacon',
  'family',
  'scan',
  'spam',
  'download',
  'exploit',
  'dga',
  'relay',
  'p2p',
  'threat-list',
  'tunnel',
  'flux',
  'wildcard',
  'exfiltration',
  'together',
] as const
export type FindingKind = (typeof findingKinds)[number]

/**
 * How the bots find their C&C. Damballa, "Botnet communication topologies", 2009; a tunnel counts as a way
 * of its own, and so is the list of peers that a bot of an overlay keeps.
 */
export const rallyMethods = [
  'address',
  'addresses',
  'peers',
  'name',
  'ip-flux',
  'double-flux',
  'wildcard',
  'generated-names',
  'tunnel',
] as const
export type RallyMethod = (typeof rallyMethods)[number]

export interface Rally {
  readonly method: RallyMethod
  /** Names by which they find it; at most 5, none for addresses and peers. */
  readonly names: readonly string[]
}

/**
 * One claim about the network, with what it rests on.
 *
 * A finding must be checkable without this program: every piece of evidence carries the numbers it used, some
 * of the flows it saw, and the query that shows them again.
 */
export interface Finding {
  /** Hash of kind, hosts, endpoints and epoch: the same input gives the same id, so reports can be compared. */
  readonly id: string
  readonly kind: FindingKind
  /** Accused hosts, worst first. Never empty. */
  readonly hosts: readonly string[]
  readonly from: Micros
  readonly to: Micros
  /** How bad, if true. */
  readonly severity: Severity
  /** How sure. Kept apart from severity on purpose. */
  readonly confidence: Ratio
  /** One sentence that could be wrong. */
  readonly claim: string
  readonly cnc: readonly Endpoint[]
  /** How the accused find their C&C; null where the records do not tell. */
  readonly rally: Rally | null
  readonly evidence: readonly Evidence[]
  /** Innocent causes that would look the same. Never empty. */
  readonly doubts: readonly [string, ...string[]]
}
