import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ContactClues, contactClueNames, contactClues } from './clue-list.ts'
import { fittedContacts, judgeContact, thresholds, withoutClue } from './judge.ts'

const none = Object.fromEntries(contactClueNames.map((clue) => [clue, 0])) as ContactClues
const scoreOf = (clues: Partial<ContactClues>) => judgeContact({ ...none, ...clues }).score

describe('the score of a contact', () => {
  it('is monotone: each weight keeps the side of its clue', () => {
    for (const clue of contactClueNames)
      expect(
        fittedContacts.weights[clue] * (contactClues[clue].side === 'for' ? 1 : -1),
      ).toBeGreaterThanOrEqual(0)
    fc.assert(
      fc.property(
        fc.constantFrom(...contactClueNames),
        fc.record(
          Object.fromEntries(
            contactClueNames.map((clue) => [clue, fc.double({ min: 0, max: 1, noNaN: true })]),
          ),
        ),
        (clue, values) => {
          const clues = values as ContactClues
          const [less, more] = [0, 1].map((value) => judgeContact({ ...clues, [clue]: value }).score) as [
            number,
            number,
          ]
          return contactClues[clue].side === 'for' ? more >= less : more <= less
        },
      ),
    )
  })

  it('says what each clue adds, and together they are the score', () => {
    const { score, reasons } = judgeContact({ ...none, clock: 1, bare: 0.5, popular: 0.25 })
    const sum = reasons.reduce((total, { logOdds }) => total + logOdds, fittedContacts.bias)
    expect(1 / (1 + Math.exp(-sum))).toBeCloseTo(score, 2)
    expect(reasons.map(({ clue }) => clue).toSorted()).toEqual(['bare', 'clock', 'popular'])
  })

  it('needs more than one clue: none accuses alone', () => {
    for (const clue of contactClueNames) expect(scoreOf({ [clue]: 1 })).toBeLessThan(thresholds.normal)
  })

  it('never accuses a popular name or a named service, whatever else speaks', () => {
    const all = Object.fromEntries(
      contactClueNames.map((clue) => [clue, contactClues[clue].side === 'for' ? 1 : 0]),
    ) as ContactClues
    expect(judgeContact({ ...all, popular: 1 }).score).toBeLessThan(thresholds.high)
    expect(judgeContact({ ...all, service: 1 }).score).toBeLessThan(thresholds.high)
    expect(judgeContact({ ...all, popular: 0.5 }).score).toBeGreaterThan(thresholds.normal)
  })

  it('is lower without a clue that speaks', () => {
    const clues = { ...none, clock: 1, bare: 1, oddPort: 1 }
    expect(withoutClue(clues, 'bare')).toBeLessThan(judgeContact(clues).score)
    expect(withoutClue(clues, 'held')).toBe(judgeContact(clues).score)
  })
})
