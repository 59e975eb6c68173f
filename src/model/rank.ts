import { type Severity, severities } from './finding.ts'

interface Ranked {
  readonly severity: Severity
  readonly confidence: number
}

/** From 0 for a note to 3 for high. */
export const badness = (severity: Severity): number => severities.indexOf(severity)

/** Orders the worst first and, of equally bad ones, the surest first. For `toSorted`. */
export const worstFirst = (a: Ranked, b: Ranked): number =>
  badness(b.severity) - badness(a.severity) || b.confidence - a.confidence
