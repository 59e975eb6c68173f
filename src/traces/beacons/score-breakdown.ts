/** The verdict's reckoning as evidence: every feature with its weight, and what would have changed the outcome. */
import type { WeighedFeature, Weighing } from '../../model/evidence.ts'
import { clampRatio } from '../../model/units.ts'
import { callFeatures, heldFeatures } from './features.ts'
import type { Beacon } from './find.ts'
import { fitted, type Parameters } from './verdict.ts'

/** Features that weigh nothing are left out. */
export function weighingEvidence(
  { endpoint, score, verdict, baseline }: Beacon,
  parameters: Parameters = fitted,
): Omit<Weighing, 'flows' | 'query'> {
  return {
    kind: 'weighing',
    endpoint,
    confidence: clampRatio(Math.round(score * 1e3) / 1e3),
    threshold: clampRatio(parameters.threshold),
    bias: verdict.head.bias,
    reasons: verdict.reasons.filter(({ logOdds }) => logOdds !== 0),
    wouldChange: whatWouldChange(verdict, parameters),
    baseline,
  }
}

/** Most sentences. */
const mostShown = 4

/**
 * Changes of one feature by which the score would fall under the line, the smallest change in value first; where no
 * one feature does, the fewest that do together, heaviest first.
 */
export function whatWouldChange(
  { reasons, head: { bias, weights } }: Pick<Beacon['verdict'], 'reasons' | 'head'>,
  { threshold }: Pick<Parameters, 'threshold'>,
): string[] {
  const line = Math.log(threshold / (1 - threshold))
  const over = reasons.reduce((sum, { logOdds }) => sum + logOdds, bias) - line
  if (!(over >= 0)) return []

  const single = reasons
    .filter(({ feature }) => feature !== 'crowd')
    .map((reason) => ({ reason, weight: weights[reason.feature] ?? 0 }))
    .filter(
      ({ reason, weight }) => (weight > 0 ? weight * reason.value : -weight * (1 - reason.value)) > over,
    )
    .map(({ reason, weight }) => ({ reason, to: reason.value - over / weight }))
    .sort((a, b) => Math.abs(a.to - a.reason.value) - Math.abs(b.to - b.reason.value))

  if (single.length > 0)
    return single
      .slice(0, mostShown)
      .map(
        ({ reason: { feature, value }, to }) =>
          `${feature} ${to < value ? 'under' : 'over'} ${to.toFixed(2)} (it is ${value.toFixed(2)}): ${docOf(feature)}`,
      )

  const together: WeighedFeature[] = []
  let left = over

  for (const reason of reasons.toSorted((a, b) => b.logOdds - a.logOdds)) {
    if (left < 0 || reason.logOdds <= 0) break
    together.push(reason)
    left -= reason.logOdds
  }

  return left < 0 ? [`all of these gone at once: ${together.map(({ feature }) => feature).join(', ')}`] : []
}

const docOf = (feature: string): string =>
  (({ ...callFeatures, ...heldFeatures }) as Readonly<Record<string, { doc: string }>>)[feature]?.doc ?? ''
