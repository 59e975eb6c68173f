/** What of an answer to a case counts, whoever gave it. */
import type { Contacted } from './cases.ts'

interface GroundHost {
  readonly host: string
  readonly confidence: number
  readonly kinds: readonly string[]
  /** First named first; at most 10. */
  readonly cnc: readonly Contacted[]
  /** What it is accused of, or, of a suspect, what was seen; at most 6. */
  readonly claims: readonly string[]
}

export interface GroundContact extends Contacted {
  readonly host: string
  readonly score: number
  /** Within the host, from 1. */
  readonly rank: number
  /** In the whole list, from 1. */
  readonly place: number
}

export interface GroundAnswer {
  readonly accused: readonly GroundHost[]
  /** The five most suspect hosts below the threshold, and every victim among the suspects. */
  readonly suspects: readonly GroundHost[]
  /** The first ten of each victim and of the three hosts that lead the list; null where the answer has no such list. */
  readonly contacts: readonly GroundContact[] | null
  readonly hosts: number
  readonly hostDays: number
  readonly seconds: number
  /** Why there is no answer. */
  readonly failed: string | null
}
