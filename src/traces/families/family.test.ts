import { describe, expect, it } from 'vitest'
import { traceOf } from '../../../test/fixtures/trace-of.ts'
import { UserError } from '../../errors.ts'
import { seeded } from '../../math/random.ts'
import { type FeatureName, type Features, type FeatureValue, featureNames, quality } from '../features.ts'
import { crossValidate } from './cross-validate.ts'
import { modelFormat, parseModel, writeModel } from './family-model.ts'
import { compareModels, falls, matchFamilies, scoreOf } from './match.ts'
import { trainFamily, withoutNoise } from './train.ts'

const features = (means: Partial<Record<FeatureName, number>>, spread = 0.05): Features =>
  Object.fromEntries(
    featureNames.map((name): [string, FeatureValue] => [
      name,
      { mean: means[name] ?? Number.NaN, sd: name === 'frequency' ? 0 : spread * (means[name] ?? 0) },
    ]),
  ) as Record<FeatureName, FeatureValue>

/** Traces of a bot that calls every `interval` seconds, each trace a little off. */
const family = (interval: number, count: number, seed = 1) => {
  const random = seeded(seed)
  const near = (value: number) => value * (0.98 + 0.04 * random.next())
  return Array.from({ length: count }, () =>
    features({
      interval: near(interval),
      duration: near(2),
      sent: near(600),
      received: near(1500),
      frequency: near(1 / interval),
    }),
  )
}
const train = (name: string, list: readonly Features[]) =>
  trainFamily({ family: name, from: ['test'], given: list.length, minCalls: 10, features: list })

describe('quality', () => {
  it.each([
    { mean: 10, sd: 0, expected: 1 },
    { mean: 10, sd: 1, expected: 0.7788 },
    { mean: 10, sd: 5, expected: 0.2865 },
    { mean: 0, sd: 0, expected: 1 },
    { mean: 0, sd: 1, expected: 0 },
  ])('is $expected for $mean ± $sd at beta 2.5', ({ mean, sd, expected }) => {
    expect(quality(mean, sd, 2.5)).toBeCloseTo(expected, 4)
  })
})

describe('falls', () => {
  it('takes two sd, and 5 % where the cluster has no spread', () => {
    const spread = { mean: 100, sd: 10, size: 5, quality: 1 }
    expect([79.9, 80, 120, 120.1].map((value) => falls(value, spread))).toEqual([false, true, true, false])
    const equal = { mean: 100, sd: 0, size: 5, quality: 1 }
    expect([94.9, 95, 105, 105.1].map((value) => falls(value, equal))).toEqual([false, true, true, false])
    expect(falls(Number.NaN, equal)).toBe(false)
  })
})

describe('trainFamily and matchFamilies', () => {
  const model = train('drip', family(600, 12))

  it('matches another trace of the family on all five features', () => {
    const [match] = matchFamilies(family(600, 1, 9)[0]!, [model])
    expect(match).toMatchObject({ family: 'drip', threshold: 1.75, hits: featureNames })
    expect(match!.score).toBeGreaterThan(3)
    expect(match!.score).toBeLessThanOrEqual(5)
  })

  it('adds cluster quality times trace quality, and 1 for the spread of a frequency', () => {
    const one = train('exact', [
      features({ interval: 60, frequency: 1 / 60 }),
      features({ interval: 60, frequency: 1 / 60 }),
    ])
    const { score } = scoreOf(features({ interval: 60, frequency: 1 / 60 }, 0.1), one, 2.5)
    expect(score).toBeCloseTo(Math.exp(-0.25) + 1, 12)
  })

  it('does not match a trace that shares two features of five', () => {
    expect(
      matchFamilies(features({ interval: 600, duration: 2, sent: 9000, received: 90 }), [model]),
    ).toEqual([])
  })

  it('lets versions differ in a feature: two clusters', () => {
    const both = train('two', [...family(600, 6), ...family(60, 6)])
    expect(both.features.interval).toHaveLength(2)
    expect(matchFamilies(family(60, 1, 9)[0]!, [both])).toHaveLength(1)
  })

  it('drops small and diverse clusters, the noise of a sample’s own benign traffic', () => {
    const noisy = train('noisy', [
      ...family(600, 8),
      features({ interval: 31000, duration: 900, sent: 5e6, received: 7e6 }),
    ])
    expect(noisy.features.interval).toHaveLength(1)
    expect(noisy.features.interval[0]!.mean).toBeGreaterThan(580)
    expect(noisy.features.interval[0]!.mean).toBeLessThan(620)
  })

  it('says so when nothing is left to train on', () => {
    expect(() => train('none', [])).toThrow(UserError)
  })
})

describe('compareModels', () => {
  it('covers itself wholly and a stranger not at all', () => {
    const drip = train('drip', family(600, 12))
    expect(compareModels(drip, drip)).toEqual({
      interval: 1,
      duration: 1,
      sent: 1,
      received: 1,
      frequency: 1,
    })
    expect(compareModels(drip, train('fast', family(7, 12)))).toMatchObject({
      interval: 0,
      frequency: 0,
      sent: 1,
    })
  })
})

describe('crossValidate', () => {
  it('finds and names held-out traces of families that differ, and is a function of the seed', () => {
    const samples = [
      { family: 'drip', features: family(600, 20) },
      { family: 'fast', features: family(7, 20, 2) },
    ]
    const benign = Array.from({ length: 30 }, (_, i) => features({ interval: 3 * i + 1, sent: 200 + 50 * i }))
    const result = crossValidate(samples, benign, { runs: 10 })
    for (const each of result) {
      expect(each.detected).toBeGreaterThan(0.9)
      expect(each.named).toBeGreaterThan(0.9)
      expect(each.falseAlarms).toBe(0)
    }
    expect(crossValidate(samples, benign, { runs: 10 })).toEqual(result)
  })
})

describe('a model as a file', () => {
  const model = train('drip', family(600, 12))

  it('reads as it was written', () => {
    expect(parseModel(writeModel(model), 'drip.json')).toEqual(JSON.parse(JSON.stringify(model)))
    expect(model.format).toBe(modelFormat)
  })

  it.each([
    { what: 'not JSON', text: '{' },
    { what: 'of no known format', text: '{"format":"other/1"}' },
    {
      what: 'without a feature',
      text: writeModel({ ...model, features: { ...model.features, sent: undefined as never } }),
    },
    {
      what: 'with a quality over 1',
      text: writeModel({
        ...model,
        features: { ...model.features, sent: [{ mean: 1, sd: 0, size: 1, quality: 2 }] },
      }),
    },
  ])('refuses a model $what', ({ text }) => {
    expect(() => parseModel(text, 'drip.json')).toThrow(UserError)
  })
})

describe('withoutNoise', () => {
  it('takes out what benign hosts use and what is allowlisted, with the names under it', () => {
    const trace = (server: string, name: string | null) => ({ ...traceOf([]), servers: [server], name })
    const own = trace('203.0.113.9', 'cc.example')
    const left = withoutNoise(
      [own, trace('198.51.100.1', null), trace('203.0.113.10', 'a.update.example.com')],
      { servers: new Set(['198.51.100.1']), names: new Set(['update.example.com']) },
    )
    expect(left).toEqual([own])
  })
})
