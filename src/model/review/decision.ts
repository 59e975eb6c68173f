/** What an analyst decided about a host or a place, and what resulted. */
import type { Finding, FindingKind, Severity } from '../finding.ts'

export const verbs = ['allow', 'confirm', 'note', 'tag'] as const
/** allow: benign, accuse nobody for it. confirm: a bot, or its C&C. note: a remark. tag: words to sort by. */
export type Verb = (typeof verbs)[number]

export const subjectKinds = ['host', 'service', 'name', 'network', 'owner'] as const
export type SubjectKind = (typeof subjectKinds)[number]

export interface Subject {
  readonly kind: SubjectKind
  /**
   * host: an address. service: `203.0.113.9:443/tcp`. name: itself and all under it. network: CIDR, of hosts or of
   * destinations. owner: `AS8075`, of an address by the MaxMind database of the analysis.
   */
  readonly value: string
}

export interface Decision {
  /** Hash of verb, subject, scope and time: `d0123456789ab`. */
  readonly id: string
  readonly verb: Verb
  readonly subject: Subject
  /** Words by which hosts are found again, in lower case; none but of a tag. */
  readonly tags: readonly string[]
  /** Why. Never empty of a note. */
  readonly reason: string
  readonly author: string
  /** RFC 3339. */
  readonly made: string
  /** Day or time from which it counts no more; null: never. */
  readonly expires: string | null
  /** Network of the hosts that it is about, as CIDR; null: all. */
  readonly scope: string | null
}

/** A finding that decisions took out of the ranked list, whole or for some of its hosts. */
export interface AllowedFinding extends Pick<Finding, 'id' | 'claim' | 'cnc'> {
  readonly kind: FindingKind
  readonly severity: Severity
  readonly confidence: number
  /** The hosts that it accuses no more. */
  readonly hosts: readonly string[]
  /** Ids of the decisions, and what each says. */
  readonly by: readonly string[]
}

/** A host that a decision says is a bot. */
export interface ConfirmedHost {
  readonly host: string
  readonly by: string
  /** Whether findings accuse it too. */
  readonly accused: boolean
}

/** A host that decisions give tags. */
export interface TaggedHost {
  readonly host: string
  readonly tags: readonly string[]
}

/** What decisions made of an answer. */
export interface Decided {
  /** In force, newest first. */
  readonly decisions: readonly Decision[]
  /** Ids of those that have expired. */
  readonly expired: readonly string[]
  readonly allowed: readonly AllowedFinding[]
  /** Hosts that were accused without the decisions and are not with them. */
  readonly allowedHosts: readonly string[]
  readonly confirmed: readonly ConfirmedHost[]
  readonly tagged: readonly TaggedHost[]
  /** What a person should look at: a decision that hides a confirmed bot. */
  readonly warnings: readonly string[]
}
