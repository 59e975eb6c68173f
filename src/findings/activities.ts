/** A host that is accused for what it did alone. */
import type { Activity, ActivityType } from '../model/activity.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { ActivityEvidence } from '../model/evidence.ts'
import type { Finding, Severity } from '../model/finding.ts'
import type { Query } from '../model/query.ts'
import { clampRatio, micros } from '../model/units.ts'
import type { DatedIndicator } from './combined-indicators.ts'
import { identify, shown } from './identity.ts'

/** An activity with its phrase for one host, and a statement that shows the records of such as it. */
export type ToldActivity = Activity & {
  readonly did: string
  readonly recordsOf: (activities: readonly Activity[]) => Query
}

/** One host, one type of activity, enough by itself to accuse. */
export interface Verdict {
  readonly host: string
  readonly type: ActivityType
  readonly severity: Severity
  readonly confidence: number
  readonly claim: string
  readonly doubts: readonly [string, ...string[]]
  readonly reportsTo: readonly Endpoint[]
  /** The activities it rests on, worst first, with their phrases. */
  readonly basis: readonly ToldActivity[]
}

/** Writes the finding of a verdict. */
export function activityFinding(
  { host, type, severity, confidence, claim, doubts, basis, reportsTo }: Verdict,
  epochKey: number,
): Finding {
  return {
    id: identify('f', [type, host, epochKey]),
    kind: type,
    hosts: [host],
    from: micros(Math.min(...basis.map(({ first }) => first))),
    to: micros(Math.max(...basis.map(({ last }) => last))),
    severity,
    confidence: clampRatio(confidence),
    claim,
    cnc: reportsTo,
    rally: null,
    evidence: basis.slice(0, 4).map(activityEvidence),
    doubts,
  }
}

const activityEvidence = (row: ToldActivity): ActivityEvidence => ({
  kind: 'activity',
  activity: row.type,
  detector: row.detector,
  did: row.did,
  hosts: [row.host],
  times: row.times,
  first: micros(row.first),
  last: micros(row.last),
  flows: row.flows.slice(0, 10),
  query: shown(row.recordsOf([row])),
})

/** An activity under the line that accuses, as an indicator to be weighed with others. */
export const activityIndicator = ({
  activity,
  strength,
  doubts,
}: {
  readonly activity: ToldActivity
  readonly strength: number
  readonly doubts: readonly string[]
}): DatedIndicator => ({
  host: activity.host,
  kind: activity.type,
  strength,
  description: activity.did,
  from: micros(activity.first),
  to: micros(activity.last),
  cnc: [],
  evidence: () => [activityEvidence(activity)],
  doubts,
})
