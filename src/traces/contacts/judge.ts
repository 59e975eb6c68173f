/**
 * From clues to a score: one additive model. Each clue adds its weight times its value to the log odds; what speaks for
 * C&C never lowers the score and what clears never raises it. Weights are in `weights.json`; docs/method/contacts.md
 * says where they come from and what they were measured to be worth.
 */
import { type ContactClue, type ContactClues, contactClueNames, contactClues } from './clue-list.ts'
import fittedFile from './weights.json' with { type: 'json' }

export interface ContactWeights {
  /** Log odds before any clue. */
  readonly bias: number
  readonly weights: Readonly<Record<ContactClue, number>>
}

export const fittedContacts: ContactWeights = fittedFile

/** Score from which a contact accuses its host, by sensitivity. */
export const thresholds = fittedFile.thresholds

export interface ContactReason {
  readonly clue: ContactClue
  readonly doc: string
  readonly said: string
  readonly value: number
  readonly logOdds: number
}

export interface ContactVerdict {
  /** 0 to 1: share of such contacts that were C&C where it was fitted. */
  readonly score: number
  /** Heaviest first; clues without weight here are left out. */
  readonly reasons: readonly ContactReason[]
}

/** Popular domains and named services come to no more log odds, whatever else speaks: a score of 0.12. */
const mostWellKnown = -2
/** From this value on, `popular` and `service` are of that kind; rented services are not, by their clues. */
const wellKnownFrom = 0.75

export function logOddsOf(clues: ContactClues, { bias, weights }: ContactWeights): number {
  const sum = contactClueNames.reduce((total, clue) => total + weights[clue] * clues[clue], bias)
  return Math.max(clues.popular, clues.service) >= wellKnownFrom ? Math.min(sum, mostWellKnown) : sum
}

export function judgeContact(clues: ContactClues, given: ContactWeights = fittedContacts): ContactVerdict {
  const reasons = contactClueNames
    .map((clue) => ({
      clue,
      doc: contactClues[clue].doc,
      said: contactClues[clue].said,
      value: Math.round(clues[clue] * 1e3) / 1e3,
      logOdds: Math.round(given.weights[clue] * clues[clue] * 1e3) / 1e3,
    }))
    .filter(({ logOdds }) => logOdds !== 0)
    .sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds) || a.clue.localeCompare(b.clue))
  return { score: 1 / (1 + Math.exp(-logOddsOf(clues, given))), reasons }
}

/** The score that would remain had the clue not spoken. */
export const withoutClue = (
  clues: ContactClues,
  clue: ContactClue,
  given: ContactWeights = fittedContacts,
): number => 1 / (1 + Math.exp(-logOddsOf({ ...clues, [clue]: 0 }, given)))
