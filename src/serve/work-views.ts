/** What is read, what may be, what runs and what resulted: the types that server, pages and OpenAPI share. */
import type { EpochReport, InputReport } from '../model/answer.ts'
import type { Decision } from '../model/review/decision.ts'

export interface ImportsView {
  readonly inputs: readonly InputReport[]
  /** Names of inputs that the newest analysis has not seen. */
  readonly waiting: readonly string[]
  readonly epochs: readonly EpochReport[]
  readonly options: Readonly<Record<string, unknown>>
  readonly internal: readonly string[]
  /** Id of the newest analysis; null where there is none. */
  readonly analysis: string | null
  /** Folders of which files may be imported from a page. */
  readonly folders: readonly string[]
  /** The folder that is asked for. */
  readonly folder: FolderView | null
  readonly job: JobView | null
}

/** A folder of which files may be imported. */
export interface FolderView {
  readonly path: string
  /** The folder above, where that may be looked at too. */
  readonly above: string | null
  readonly entries: readonly {
    readonly name: string
    readonly path: string
    readonly kind: 'file' | 'folder'
    /** 0 of a folder. */
    readonly bytes: number
    /** Microseconds since 1970. */
    readonly changed: number
  }[]
  /** Entries that are not listed. */
  readonly more: number
}

/** An import or an analysis that was started from a page. */
export interface JobView {
  /** From 1, in the order in which they were started. */
  readonly number: number
  /** Paths that are imported. */
  readonly imports: number
  readonly analyses: boolean
  readonly state: 'running' | 'done' | 'failed' | 'stopped'
  /** What is at hand; empty before the first step and after the last. */
  readonly step: string
  /** How much is done, 0 to 1. */
  readonly share: number
  /** Microseconds since 1970. */
  readonly begun: number
  readonly ended: number | null
  /** What resulted, in sentences. */
  readonly output: string
  readonly fault: Fault['error'] | null
}

/** What was started from a page last. */
export interface WorkView {
  readonly job: JobView | null
}

/** What a decision did. */
export interface DecisionOutcome {
  readonly decision: Decision
  readonly gone: readonly string[]
  readonly back: readonly string[]
  readonly warnings: readonly string[]
  readonly milliseconds: number
}

/** What the decisions of another file did. */
export interface AdoptOutcome extends Omit<DecisionOutcome, 'decision'> {
  /** Decisions of the file. */
  readonly added: number
}

export interface Fault {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly hint: string
    readonly warnings?: readonly string[]
  }
}
