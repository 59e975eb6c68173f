/**
 * One verdict per host from every detector.
 *
 * Each detector says how strong its indicator is, from 0 to 1, also under its own line. Of each kind the strongest
 * indicator counts. Its strength becomes evidence, 0 at 0.05 and 1 at 0.5, even steps of the log odds; evidence times
 * the kind's weight adds to the log odds of the host being a bot. Weights are not negative, so that more evidence never
 * lowers a verdict. They and the prior are fitted by `bench/fit/fit-verdict.ts` on the tuning side of
 * docs/method/held-out.md and live in `verdict.json`, with where they come from; docs/method/verdict.md has what
 * they were measured to be worth. An indicator at its line or over it comes to its own strength alone.
 */
import { sigmoid } from '../math/sigmoid.ts'
import type { HostVerdict, VerdictPart } from '../model/answer.ts'
import type { FindingKind } from '../model/finding.ts'
import { clampRatio } from '../model/units.ts'
import { sayConfidence } from '../model/words/say.ts'
import verdictFile from './verdict.json' with { type: 'json' }

interface VerdictWeights {
  /** Log odds of a host of which nothing is seen. */
  readonly prior: number
  /** By kind; kinds that were not fitted yet count `unfittedWeight`. At least 0. */
  readonly weights: Readonly<Partial<Record<FindingKind, number>>>
}

export const fittedVerdict: VerdictWeights = verdictFile

/** Confidence from which a host is accused by its indicators together. */
export const verdictLine = 0.5

/** A detector that joined after the last fit: at its own line about half of what a host needs. */
export const unfittedWeight = 2.5

/** What one detector saw of one host. */
export interface Indicator {
  readonly host: string
  readonly kind: FindingKind
  /** The detector's own confidence, 0 to 1; its line is 0.5. */
  readonly strength: number
  /** To be read after the host: "calls 203.0.113.9:443 at regular intervals". */
  readonly description: string
}

/** Strengths under the first say nothing; over the second no more. */
const strengths = { least: 0.05, most: 0.99 } as const

const logit = (share: number): number => Math.log(share / (1 - share))
/** 0 at a strength of 0.05 or less, 1 at 0.5, 2 at 0.95, in even steps of the log odds. */
export function evidenceIn(strength: number): number {
  const held = Math.min(strengths.most, Math.max(strengths.least, strength))
  return 1 - logit(held) / logit(strengths.least)
}

/** The strength that has this evidence; the inverse of `evidenceIn` between its ends. */
const strengthOf = (evidence: number): number => sigmoid((1 - evidence) * logit(strengths.least))

const weightOf = ({ weights }: VerdictWeights, kind: FindingKind): number => weights[kind] ?? unfittedWeight

/** The verdict on one host from its indicators, of any order. */
export function verdictOf(
  host: string,
  indicators: readonly Indicator[],
  given: VerdictWeights = fittedVerdict,
): HostVerdict {
  const strongest = new Map<FindingKind, Indicator>()
  for (const indicator of indicators)
    if (indicator.strength > (strongest.get(indicator.kind)?.strength ?? strengths.least))
      strongest.set(indicator.kind, indicator)
  const parts = [...strongest.values()]
    .map(({ kind, strength, description }) => ({
      kind,
      strength: clampRatio(round(strength)),
      logOdds: round(shareOf(given, kind, strength)),
      description,
    }))
    .toSorted((a, b) => b.logOdds - a.logOdds || (a.kind < b.kind ? -1 : 1))
  const confidence = confidenceOf(given.prior, parts)

  return {
    host,
    confidence,
    prior: given.prior,
    parts,
    wouldChange: whatWouldChange(confidence, parts, given),
  }
}

/**
 * What an indicator adds to the log odds; grows with its strength. Where it accuses, it alone comes to its own strength
 * at least, whatever its kind: the confidence of a finding is the share of such findings that are right. Under the line
 * strengths promise nothing of the kind, and weights say what they are worth beside others.
 */
function shareOf(given: VerdictWeights, kind: FindingKind, strength: number): number {
  const weighed = weightOf(given, kind) * evidenceIn(strength)
  if (strength < verdictLine) return weighed
  return Math.max(weighed, logit(Math.min(strengths.most, strength)) - given.prior)
}

const round = (value: number): number => Math.round(value * 1e3) / 1e3

/** No verdict is certain, however it is rounded. */
const mostSure = 0.999

const confidenceOf = (prior: number, parts: readonly Pick<VerdictPart, 'logOdds'>[]) =>
  clampRatio(Math.min(mostSure, round(sigmoid(parts.reduce((sum, { logOdds }) => sum + logOdds, prior)))))

/** Whether the indicators accuse together what none accuses alone: over the line, and of two kinds at least. */
export const accusesCombined = ({ confidence, parts }: HostVerdict): boolean =>
  confidence >= verdictLine && parts.filter(({ logOdds }) => logOdds > 0).length > 1

/**
 * What would change the verdict, as sentences: indicators without which it falls under the line, or that would lift it
 * over.
 */
function whatWouldChange(confidence: number, parts: readonly VerdictPart[], given: VerdictWeights): string[] {
  const without = (part: VerdictPart) =>
    confidenceOf(
      given.prior,
      parts.filter((each) => each !== part),
    )

  if (confidence >= verdictLine) {
    const deciding = parts.filter((part) => without(part) < verdictLine)
    if (deciding.length > 0)
      return deciding.map((part) => `without ${part.kind} it would come to ${sayConfidence(without(part))}`)
    const [heaviest] = parts
    return heaviest
      ? [
          `no indicator decides it alone: without ${heaviest.kind}, the ` +
            `heaviest, it would still come to ${sayConfidence(without(heaviest))}`,
        ]
      : []
  }

  const lacking = logit(verdictLine) - parts.reduce((sum, { logOdds }) => sum + logOdds, given.prior)

  // At its line an indicator accuses alone.
  return parts.map(({ kind, strength, logOdds }) => {
    const weight = weightOf(given, kind)
    const needed = weight > 0 ? Math.min(verdictLine, strengthOf((logOdds + lacking) / weight)) : verdictLine
    return `${kind} at ${needed.toFixed(2)} instead of ${strength.toFixed(2)} would bring it to the line`
  })
}
