/**
 * The verdict without a model of any family: clues to one confidence.
 *
 * Two logistic scores, one over calls that come back and one over a connection that is held open. Weights and
 * threshold are fitted by `bench/calibrate-beacons.ts` on the tuning captures of docs/method/held-out.md alone,
 * and live in `parameters.json` with where they come from.
 */
import { type CallClues, callClues, type HeldClues, heldClues } from './clues.ts'
import parameters from './parameters.json' with { type: 'json' }
import type { Standing } from './population.ts'

export interface Head<Clue extends string> {
  readonly bias: number
  readonly weights: Readonly<Record<Clue, number>>
}

export interface Parameters {
  readonly calls: Head<keyof CallClues>
  readonly held: Head<keyof HeldClues>
  /** Score from which a trace is accused. */
  readonly threshold: number
}

export const fitted: Parameters = parameters

/** How a trace shows itself: calls by the clock, calls in vain by the clock, or one connection held open. */
export type BeaconKind = 'calls' | 'retries' | 'held'

export interface Verdict {
  readonly kind: BeaconKind
  /** Confidence from 0 to 1 that the trace is command and control. */
  readonly score: number
  /** Each clue with its value and its share in the log odds, heaviest first. */
  readonly reasons: readonly Reason[]
  /** What would have to be otherwise for an accusation; empty when accused. */
  readonly whyNot: readonly string[]
}

export interface Reason {
  readonly clue: string
  readonly doc: string
  readonly value: number
  readonly logOdds: number
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

/** Score and reasons of one head. */
function weighed<Clue extends string>(
  head: Head<Clue>,
  clues: Readonly<Record<Clue, number>>,
  docs: Readonly<Record<Clue, { doc: string }>>,
) {
  const reasons = (Object.keys(docs) as Clue[])
    .map((clue) => ({
      clue,
      doc: docs[clue].doc,
      value: clues[clue],
      // While the list of clues changes, before it is fitted again, a new one has no weight.
      logOdds: (head.weights[clue] ?? 0) * clues[clue],
    }))
    .sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds) || a.clue.localeCompare(b.clue))
  return { score: sigmoid(reasons.reduce((sum, { logOdds }) => sum + logOdds, head.bias)), reasons }
}

export interface Considered {
  readonly standing: Standing
  readonly calls: CallClues | null
  readonly held: HeldClues | null
}

/** The stronger of the two scores. Infrastructure that every host asks by itself is never accused. */
export function beaconVerdict(
  { standing, calls, held }: Considered,
  given: Parameters = fitted,
): Verdict | null {
  const both = [
    calls && {
      kind: calls.refused > 0.5 ? ('retries' as const) : ('calls' as const),
      ...weighed(given.calls, calls, callClues),
    },
    held && { kind: 'held' as const, ...weighed(given.held, held, heldClues) },
  ].filter((each) => each !== null)
  const best = both.sort((a, b) => b.score - a.score)[0]
  if (!best) return null
  if (standing.infrastructure)
    return {
      ...best,
      score: 0,
      whyNot: [`it answers ${standing.infrastructure.toUpperCase()}, which every host asks by itself`],
    }
  return { ...best, whyNot: best.score >= given.threshold ? [] : lacking(best.kind, best.reasons, given) }
}

/** The clues whose full strength would have added most. */
function lacking(kind: BeaconKind, reasons: readonly Reason[], given: Parameters): string[] {
  const weights: Readonly<Record<string, number>> = kind === 'held' ? given.held.weights : given.calls.weights
  return reasons
    .map((each) => ({
      ...each,
      lost: (weights[each.clue] ?? 0) > 0 ? weights[each.clue]! * (1 - each.value) : -each.logOdds,
    }))
    .filter(({ lost }) => lost > 0.3)
    .sort((a, b) => b.lost - a.lost)
    .slice(0, 3)
    .map(({ clue, doc, value }) => `${clue} is ${value.toFixed(2)}: ${doc}`)
}
