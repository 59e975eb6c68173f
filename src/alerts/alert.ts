/** What an alert says: one finding that is new, back or raised. */
import { createHash } from 'node:crypto'
import { techniquesOf } from '../model/attack.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { Severity } from '../model/finding.ts'
import { badness } from '../model/rank.ts'
import type { Changed, ChangeKind, Comparison } from '../model/review/comparison.ts'
import { sayConfidence, sayEndpoint, sayList } from '../model/words/say.ts'

export interface AlertMessage {
  /** The same finding in the same state has the same id: a receiver can leave out what it has. */
  readonly id: string
  readonly change: ChangeKind
  readonly finding: string
  readonly kind: string
  readonly severity: Severity
  readonly confidence: number
  readonly was: { readonly severity: Severity; readonly confidence: number } | null
  /** At most 100; `hostCount` says how many there are. */
  readonly hosts: readonly string[]
  readonly hostCount: number
  readonly claim: string
  readonly cnc: readonly Endpoint[]
  readonly techniques: readonly string[]
  /** RFC 3339. */
  readonly from: string
  readonly to: string
}

const alerting: readonly ChangeKind[] = ['new', 'back', 'raised']

/** Alerts of a comparison, worst first; `least` leaves out what is less severe. */
export const alertsOf = ({ findings }: Comparison, least: Severity = 'low'): AlertMessage[] =>
  findings
    .filter(({ change, finding }) => alerting.includes(change) && badness(finding.severity) >= badness(least))
    .map(messageOf)

function messageOf({ change, finding, was }: Changed): AlertMessage {
  const { id, kind, severity, confidence, hosts, claim, cnc, from, to } = finding
  const state = [id, change, severity, change === 'raised' ? Math.floor(confidence * 10) : 0]

  return {
    id: `n${createHash('sha256').update(JSON.stringify(state)).digest('hex').slice(0, 16)}`,
    change,
    finding: id,
    kind,
    severity,
    confidence,
    was,
    hosts: hosts.slice(0, 100),
    hostCount: hosts.length,
    claim,
    cnc: cnc.slice(0, 20),
    techniques: techniquesOf(finding).map((each) => each.id),
    from: new Date(from / 1000).toISOString(),
    to: new Date(to / 1000).toISOString(),
  }
}

/** One line for a person. */
export const alertLine = ({ change, severity, claim, confidence, cnc, finding }: AlertMessage): string =>
  `${severity.toUpperCase()} ${change}: ${claim} (confidence ${sayConfidence(confidence)}, ${finding}${
    cnc.length > 0 ? `, C&C ${sayList(cnc.map(sayEndpoint), 3)}` : ''
  })`
