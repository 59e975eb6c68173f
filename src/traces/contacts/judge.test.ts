import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ContactFeatures, contactFeatureNames, contactFeatures } from './feature-list.ts'
import { fittedContacts, judgeContact, thresholds, withoutFeature } from './judge.ts'

const none = Object.fromEntries(contactFeatureNames.map((feature) => [feature, 0])) as ContactFeatures
const scoreOf = (features: Partial<ContactFeatures>) => judgeContact({ ...none, ...features }).score

describe('the score of a contact', () => {
  it('is monotone: each weight keeps the side of its feature', () => {
    for (const feature of contactFeatureNames)
      expect(
        fittedContacts.weights[feature] * (contactFeatures[feature].side === 'for' ? 1 : -1),
      ).toBeGreaterThanOrEqual(0)
    fc.assert(
      fc.property(
        fc.constantFrom(...contactFeatureNames),
        fc.record(
          Object.fromEntries(
            contactFeatureNames.map((feature) => [feature, fc.double({ min: 0, max: 1, noNaN: true })]),
          ),
        ),
        (feature, values) => {
          const features = values as ContactFeatures
          const [less, more] = [0, 1].map(
            (value) => judgeContact({ ...features, [feature]: value }).score,
          ) as [number, number]
          return contactFeatures[feature].side === 'for' ? more >= less : more <= less
        },
      ),
    )
  })

  it('says what each feature adds, and together they are the score', () => {
    const { score, reasons } = judgeContact({ ...none, clock: 1, bare: 0.5, popular: 0.25 })
    const sum = reasons.reduce((total, { logOdds }) => total + logOdds, fittedContacts.bias)
    expect(1 / (1 + Math.exp(-sum))).toBeCloseTo(score, 2)
    expect(reasons.map(({ feature }) => feature).toSorted()).toEqual(['bare', 'clock', 'popular'])
  })

  it('needs more than one feature: none accuses alone', () => {
    for (const feature of contactFeatureNames)
      expect(scoreOf({ [feature]: 1 })).toBeLessThan(thresholds.normal)
  })

  it('never accuses a popular name or a named service, whatever else speaks', () => {
    const all = Object.fromEntries(
      contactFeatureNames.map((feature) => [feature, contactFeatures[feature].side === 'for' ? 1 : 0]),
    ) as ContactFeatures
    expect(judgeContact({ ...all, popular: 1 }).score).toBeLessThan(thresholds.high)
    expect(judgeContact({ ...all, service: 1 }).score).toBeLessThan(thresholds.high)
    expect(judgeContact({ ...all, popular: 0.5 }).score).toBeGreaterThan(thresholds.normal)
  })

  it('is lower without a feature that speaks', () => {
    const features = { ...none, clock: 1, bare: 1, oddPort: 1 }
    expect(withoutFeature(features, 'bare')).toBeLessThan(judgeContact(features).score)
    expect(withoutFeature(features, 'held')).toBe(judgeContact(features).score)
  })
})
