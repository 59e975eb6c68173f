/** Findings as events: one for each host that a finding accuses. */

import type { Answer } from '../model/answer.ts'
import { type Technique, techniquesOf } from '../model/attack.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { Finding, Severity } from '../model/finding.ts'
import type { Micros } from '../model/units.ts'

export interface Alert {
  readonly finding: Finding
  readonly host: string
  /** Of the host, from all findings together, 0 to 1. */
  readonly verdict: number
  readonly botnet: string | null
  /** Where it calls; the first of several. */
  readonly endpoint: Endpoint | null
  readonly techniques: readonly Technique[]
}

export function alertsIn(answer: Answer): Alert[] {
  const hosts = new Map(answer.hosts.map((each) => [each.host, each]))
  return answer.findings.flatMap((finding) => {
    const techniques = techniquesOf(finding)
    return finding.hosts.map((host) => ({
      finding,
      host,
      verdict: hosts.get(host)?.confidence ?? finding.confidence,
      botnet: hosts.get(host)?.botnet ?? null,
      endpoint: finding.cnc[0] ?? null,
      techniques,
    }))
  })
}

/** Whole milliseconds since 1970. */
export const milliseconds = (at: Micros): number => Math.floor(at / 1000)

/** RFC 3339 in UTC, to the millisecond. */
export const timestamp = (at: Micros): string => new Date(milliseconds(at)).toISOString()

/** 0 to 10, as CEF and LEEF have it: note 1, low 3, medium 6, high 9. */
export const severityOfTen: Readonly<Record<Severity, number>> = { note: 1, low: 3, medium: 6, high: 9 }
