/** A host whose indicators accuse it together, though no detector accuses it alone. */
import type { Answer, HostVerdict } from '../model/answer.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { Evidence } from '../model/evidence.ts'
import type { Finding } from '../model/finding.ts'
import { type Micros, micros } from '../model/units.ts'
import { sayList } from '../model/words/say.ts'
import { distinctEndpoints } from './hosts.ts'
import { identify } from './identity.ts'
import type { Indicator } from './verdict.ts'

/** An indicator under its detector's line, with what a finding needs should it count with others. */
export interface DatedIndicator extends Indicator {
  readonly from: Micros
  readonly to: Micros
  readonly cnc: readonly Endpoint[]
  /** Made only for hosts that come over the line. */
  evidence(): readonly Evidence[]
  readonly doubts: readonly string[]
}

/**
 * The indicators of an answer that was kept, save those that its findings say; they can be weighed again, not
 * shown.
 */
export const storedIndicators = ({
  hosts,
  suspects,
  findings,
  analysis: { from, to },
}: Answer): DatedIndicator[] =>
  [...hosts, ...suspects].flatMap(({ host, parts }) =>
    parts
      .filter(({ kind }) => !findings.some((each) => each.kind === kind && each.hosts.includes(host)))
      .map(({ kind, strength, description }) => ({
        host,
        kind,
        strength,
        description,
        from: from ?? micros(0),
        to: to ?? micros(0),
        cnc: [],
        evidence: () => [],
        doubts: [],
      })),
  )

/** Whether a finding of one detector alone accuses: a detector's threshold is 0.5. */
export const isAccusing = ({ confidence }: Finding): boolean => confidence >= 0.5

/** A finding that does not accuse, as a sign of each of its hosts. */
export const weakIndicatorsIn = (finding: Finding): DatedIndicator[] =>
  finding.hosts.map((host) => ({
    host,
    kind: finding.kind,
    strength: finding.confidence,
    description: phraseIn(finding.claim, host),
    from: finding.from,
    to: finding.to,
    cnc: finding.cnc,
    evidence: () => finding.evidence,
    doubts: finding.doubts,
  }))

/** The claim to be read after the host. */
function phraseIn(claim: string, host: string): string {
  const words = claim.replace(/\.$/, '')
  return words.startsWith(`${host} `) ? words.slice(host.length + 1) : words
}

/** The finding of one host over the line; null where none of the hints is about it. */
export function combinedFinding(
  { host, confidence, parts }: HostVerdict,
  weakIndicators: readonly DatedIndicator[],
): Finding | null {
  const strongest = parts.flatMap(({ kind }) => {
    const own = weakIndicators.filter((indicator) => indicator.host === host && indicator.kind === kind)
    return own.toSorted((a, b) => b.strength - a.strength).slice(0, 1)
  })
  const [first] = strongest
  if (!first) return null
  const { from, to } = first

  return {
    id: identify('f', ['together', host, parts.map(({ kind }) => kind).toSorted()]),
    kind: 'together',
    hosts: [host],
    from: strongest.reduce((least, each) => (each.from < least ? each.from : least), from),
    to: strongest.reduce((most, each) => (each.to > most ? each.to : most), to),
    severity: 'medium',
    confidence,
    claim:
      `${host} shows ${parts.length} indicators of a bot, none ` +
      `enough alone: it ${sayList(parts.map(({ description }) => description))}.`,
    cnc: distinctEndpoints(strongest.flatMap(({ cnc }) => cnc)),
    rally: null,
    evidence: strongest.flatMap((indicator) => indicator.evidence()),
    doubts: [
      'no indicator alone reaches the threshold of its detector, and chance may have brought them together',
      ...new Set(strongest.flatMap(({ doubts }) => doubts)),
    ],
  }
}
