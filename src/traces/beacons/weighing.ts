/** The verdict's reckoning as evidence: every clue with its weight, and what would have changed the outcome. */
import type { WeighedClue, Weighing } from '../../model/evidence.ts'
import { clampRatio } from '../../model/units.ts'
import { callClues, heldClues } from './clues.ts'
import type { Beacon } from './find.ts'
import { fitted, type Parameters } from './verdict.ts'

/** Clues that weigh nothing are left out. */
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
    otherwise: otherwiseOf(verdict, parameters),
    baseline,
  }
}

/** Most sentences. */
const told = 4

/**
 * Changes of one clue by which the score would fall under the line, the smallest change in value first; where no
 * one clue does, the fewest that do together, heaviest first.
 */
export function otherwiseOf(
  { reasons, head: { bias, weights } }: Pick<Beacon['verdict'], 'reasons' | 'head'>,
  { threshold }: Pick<Parameters, 'threshold'>,
): string[] {
  const line = Math.log(threshold / (1 - threshold))
  const over = reasons.reduce((sum, { logOdds }) => sum + logOdds, bias) - line
  if (!(over >= 0)) return []

  const single = reasons
    .filter(({ clue }) => clue !== 'crowd')
    .map((reason) => ({ reason, weight: weights[reason.clue] ?? 0 }))
    .filter(
      ({ reason, weight }) => (weight > 0 ? weight * reason.value : -weight * (1 - reason.value)) > over,
    )
    .map(({ reason, weight }) => ({ reason, to: reason.value - over / weight }))
    .sort((a, b) => Math.abs(a.to - a.reason.value) - Math.abs(b.to - b.reason.value))

  if (single.length > 0)
    return single
      .slice(0, told)
      .map(
        ({ reason: { clue, value }, to }) =>
          `${clue} ${to < value ? 'under' : 'over'} ${to.toFixed(2)} (it is ${value.toFixed(2)}): ${docOf(clue)}`,
      )

  const together: WeighedClue[] = []
  let left = over

  for (const reason of reasons.toSorted((a, b) => b.logOdds - a.logOdds)) {
    if (left < 0 || reason.logOdds <= 0) break
    together.push(reason)
    left -= reason.logOdds
  }

  return left < 0 ? [`all of these gone at once: ${together.map(({ clue }) => clue).join(', ')}`] : []
}

const docOf = (clue: string): string =>
  (({ ...callClues, ...heldClues }) as Readonly<Record<string, { doc: string }>>)[clue]?.doc ?? ''
