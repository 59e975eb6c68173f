/** An answer that was kept, judged again from what remains of its findings and indicators. */
import type { Answer, Botnet, Figures, WeakIndicator } from '../model/answer.ts'
import type { Finding } from '../model/finding.ts'
import { combinedFinding, type DatedIndicator, storedIndicators } from './combined-indicators.ts'
import { accusedHosts, botnetVerdict, rankedFindings, suspectsOf, verdictsOf } from './hosts.ts'
import { accusesCombined } from './verdict.ts'

/**
 * Indicators under their detectors' thresholds, as they are kept: with evidence where they accuse a host by
 * themselves.
 */
export function weakIndicatorsOf(weakIndicators: readonly DatedIndicator[]): WeakIndicator[] {
  const verdicts = verdictsOf([], weakIndicators)
  const accusing = new Set([...verdicts.values()].filter(accusesCombined).map(({ host }) => host))
  return weakIndicators.map(({ evidence, ...rest }) =>
    accusing.has(rest.host) ? { ...rest, evidence: evidence() } : rest,
  )
}

/** The indicators that an analysis kept; of older analyses, those that verdicts show. */
export const indicatorsBelow = (answer: Answer, { weakIndicators }: Figures): DatedIndicator[] =>
  weakIndicators
    ? weakIndicators.map((each) => ({ ...each, evidence: () => each.evidence ?? [] }))
    : storedIndicators(answer)

interface Remaining {
  readonly findings: readonly Finding[]
  readonly weakIndicators: readonly DatedIndicator[]
  readonly botnets: readonly Botnet[]
}

/**
 * The answer with verdicts of what remains. A host whose own finding is gone may still be accused by its weaker
 * indicators together. `fallen` are findings of indicators together that no longer suffice.
 */
export function judge(
  answer: Answer,
  { findings, weakIndicators, botnets }: Remaining,
): { readonly answer: Answer; readonly dropped: readonly Finding[] } {
  const verdicts = verdictsOf(findings, weakIndicators)
  const holds = ({ kind, hosts }: Finding) => {
    const verdict = verdicts.get(hosts[0] ?? '')
    return kind !== 'together' || (verdict !== undefined && accusesCombined(verdict))
  }
  const kept = findings
    .filter(holds)
    .map((each) =>
      each.kind === 'together' ? { ...each, confidence: verdicts.get(each.hosts[0]!)!.confidence } : each,
    )
  const accused = new Set(kept.flatMap(({ hosts }) => hosts))
  const combined = [...verdicts.values()]
    .filter((verdict) => !accused.has(verdict.host) && accusesCombined(verdict))
    .flatMap((verdict) => combinedFinding(verdict, weakIndicators) ?? [])
  const remaining = [...kept, ...combined.filter(({ evidence }) => evidence.length > 0)]
  const hosts = accusedHosts(remaining, { botnets, verdicts, contacts: answer.contacts })

  return {
    answer: {
      ...answer,
      hosts,
      suspects: suspectsOf(verdicts, hosts),
      botnets: botnets
        .map((botnet) => botnetVerdict(botnet, verdicts))
        .toSorted((a, b) => b.confidence - a.confidence || b.hosts.length - a.hosts.length),
      findings: rankedFindings(remaining),
    },
    dropped: findings.filter((each) => !holds(each)),
  }
}
