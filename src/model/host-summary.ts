import type { ActivityType } from './activity.ts'
import type { Micros } from './units.ts'

/** What the records say of one host, accused or not. */
export interface HostSummary {
  readonly host: string
  /** Its flows as the side that spoke first. */
  readonly asked: Side
  /** Flows of others to it. */
  readonly answered: Side
  /** Its days by the hourly aggregates, which are kept longer than the records; null where there is none. */
  readonly kept: KeptDays | null
  /** Services it called most. */
  readonly called: readonly Called[]
  /** Rows of the A-plane about it, in the newest analysis; an activity may be too weak to accuse by itself. */
  readonly activities: readonly SummaryActivity[]
}

/** How long a host has been seen. */
export interface KeptDays {
  readonly first: Micros
  /** Days with a flow of it, and days with a flow of anyone. */
  readonly days: number
  readonly ofDays: number
}

export interface Side {
  readonly flows: number
  /** Other hosts met. */
  readonly peers: number
  /** Flows that were refused or not answered. */
  readonly failed: number
  readonly first: Micros | null
  readonly last: Micros | null
}

export interface Called {
  readonly address: string
  readonly port: number
  readonly protocol: string
  readonly name: string | null
  readonly flows: number
  /** Internal hosts that call the same service, and the host itself. */
  readonly callers: number
}

export interface SummaryActivity {
  readonly type: ActivityType
  readonly detector: string
  readonly times: number
  readonly targets: number
  /** In units of the rule's threshold. */
  readonly score: number
}
