import type { ActivityType } from '../model/activity.ts'
import type { Scope } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import type { RecordName } from '../model/records.ts'

export type Options = Readonly<Record<string, number>>

/**
 * One rule of the A-plane: something hosts do that bots are made to do. Adding one is a file here and a line in
 * index.ts. Rules read all flows, before any C-plane filter: failed connections are their evidence.
 */
export interface Rule<O extends Options> {
  /** Kebab-case, unique; the `detector` of its rows. */
  readonly name: string
  readonly type: ActivityType
  readonly doc: string
  /** Tables it reads. With none of their rows the rule is blind, and the report says so. */
  readonly reads: readonly RecordName[]
  /** What cannot be seen without those tables: a sentence for the report. */
  readonly blind: string
  readonly defaults: O
  /** Rows of `activityColumns` for every internal host that did it in the scope. */
  query(scope: Scope, options: O): Query
  /** Verb phrase for the report, read after the host: "tried 412 servers on port 445; 98% did not answer". */
  did(row: { times: number; targets: number; traits: readonly string[]; sample: readonly string[] }): string
}
