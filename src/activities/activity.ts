import type { ActivityType } from '../model/activity.ts'
import type { Scope } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import type { RecordName } from '../model/records.ts'

/**
 * What a host must have in one table for a rule to fire on it: an aggregate over its rows in the scope, and the number
 * that it must reach.
 */
export interface Need {
  readonly table: RecordName
  readonly count: Query
  readonly least: number
}

/** An internal host that others send mail to or ask for names, and how many of them. */
export interface Serving {
  readonly server: string
  /** Clients that had a conversation with its TCP port 25. */
  readonly mailClients: number
  /** Clients that asked it for a name, or had a conversation with its port 53. */
  readonly nameClients: number
}

/** The scope that rules are asked about. */
export interface RuleScope extends Scope {
  /** Table with the rows of `attempts`, where they have been made once for all rules (see attempts.ts). */
  readonly attemptsIn?: Query
  /** Internal hosts that serve mail or names, where a rule asks for them (see servers.ts). */
  readonly serving?: readonly Serving[]
}

/** What a phrase is made from: the row of one host, and for a group of hosts that of the one that did most. */
interface DonePhrase {
  readonly times: number
  readonly targets: number
  readonly traits: readonly string[]
  readonly sample: readonly string[]
  /** Hosts that the phrase is about; 1 where absent. With more, its counts are the most that one of them has. */
  readonly hosts?: number
}

/** Tables whose records activities count. */
export type CountedTable = 'flow' | 'dns' | 'mail' | 'alert' | 'file' | 'http'

/** Records of one table that a rule counts of a host, as a condition over its columns. */
export interface Counted {
  readonly table: CountedTable
  readonly where: Query
}

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
  /** What is not shown without those tables, and why, for the report: "floods: there are no flows". */
  readonly blind: string
  readonly defaults: O
  /**
   * Necessary, not sufficient, and cheap: where no internal host meets any of these needs, the query would give no
   * row and is not sent. Without it the query is always sent.
   */
  needs?(scope: Scope, options: O): readonly Need[]
  /** Whether its query reads `attempts` of attempts.ts and no other flow of the hosts that it is about. */
  readonly readsAttempts?: true
  /** Whether its query leaves out hosts that serve mail or names: they are looked for once, for all rules. */
  readonly sparesServers?: true
  /** Rows of `activityColumns` for every internal host that did it in the scope. */
  query(scope: RuleScope, options: O): Query
  /** What its rows count, given their traits: shown to whoever asks for the records behind a finding. */
  counted(traits: readonly string[]): readonly Counted[]
  /** Verb phrase for the report, read after the host or hosts: "tried 412 servers on port 445". */
  did(row: DonePhrase): string
}
