/** What changed from one analysis to the next. */
import type { Finding, Severity } from '../finding.ts'

export const changes = ['new', 'back', 'raised', 'lowered', 'gone'] as const
/** raised, lowered: another severity, or a confidence that moved by 0.1. back: gone for a while and found again. */
export type ChangeKind = (typeof changes)[number]

export interface Weight {
  readonly severity: Severity
  readonly confidence: number
}

export interface Changed {
  readonly change: ChangeKind
  /** As it is now; as it was, of one that is gone. */
  readonly finding: Finding
  /** null of what was not there. */
  readonly was: Weight | null
}

export interface HostChange {
  readonly change: ChangeKind
  readonly host: string
  readonly is: Weight | null
  readonly was: Weight | null
}

export interface Comparison {
  readonly analysis: string
  /** Id of the analysis before; null where there is none. */
  readonly before: string | null
  /** Worst first, those that are gone last. */
  readonly findings: readonly Changed[]
  readonly hosts: readonly HostChange[]
}
