/** What the two planes and their correlation are made of. BotMiner 2008, sections 3.4 and 3.5. */
import type { ActivityType } from './activity.ts'

/** Hosts that did the same thing. */
export interface ACluster {
  readonly id: string
  readonly type: ActivityType
  readonly hosts: readonly string[]
}

/** Hosts told by how they communicate. */
export interface CCluster {
  readonly id: string
  /** `shape`: their C-flows look alike, as in the paper. `service`: they call the same server and port. */
  readonly kind: 'shape' | 'service'
  readonly hosts: readonly string[]
  /** Of services: half of their clients or more come back through the day, or stay. */
  readonly kept?: boolean
}

export interface Planes {
  readonly activities: readonly ACluster[]
  readonly communications: readonly CCluster[]
  /** Hosts with C-flows in the epoch: the population that chance is measured against. */
  readonly population: number
}

interface TermBase {
  readonly a: ACluster
  /** Hosts of both clusters. */
  readonly shared: readonly string[]
  /** Weight × Jaccard: what it adds to the score of each shared host. */
  readonly worth: number
  /** Overlaps as unlikely as this one that chance alone would give, over all pairs looked at. */
  readonly expected: number
}

/** One term of the cross-plane score that counted. */
export type Term =
  | (TermBase & { readonly plane: 'A-A'; readonly b: ACluster })
  | (TermBase & { readonly plane: 'A-C'; readonly b: CCluster })

/** One detected botnet of one epoch: at least two hosts. */
export interface Group {
  /** Highest score first. */
  readonly hosts: readonly string[]
  readonly scores: readonly number[]
  readonly activities: readonly ActivityType[]
  /** The counted terms that hold at least two members. */
  readonly terms: readonly Term[]
}
