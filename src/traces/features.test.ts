import { expect, it } from 'vitest'
import { traceOf } from '../../test/fixtures/trace-of.ts'
import { companionsOf, featuresOf, samenessOf } from './features.ts'
import { intervalsOf } from './intervals.ts'

it('measures the five features of the paper', () => {
  const calls = [0, 10, 20, 30, 40].map((at, i) => ({ at, duration: i, sent: 100 + i, received: 50 }))
  const features = featuresOf(traceOf(calls))
  expect(features.interval).toEqual({ mean: 10, sd: 0 })
  expect(features.duration.mean).toBe(2)
  expect(features.duration.sd).toBeCloseTo(Math.SQRT2, 12)
  expect(features.sent.mean).toBeCloseTo(102, 12)
  expect(features.received).toEqual({ mean: 50, sd: 0 })
})

it('gives a frequency only where the spectrum passes, unless the gate is off', () => {
  const steady = traceOf(Array.from({ length: 40 }, (_, i) => ({ at: 30 * i })))
  const { frequency } = featuresOf(steady)
  expect(Math.round(frequency.mean * 30)).toBeGreaterThanOrEqual(1)
  expect(frequency.mean * 30).toBeCloseTo(Math.round(frequency.mean * 30), 1)
  const few = traceOf([0, 7, 30, 31].map((at) => ({ at })))
  expect(featuresOf(few).frequency.mean).toBeNaN()
  expect(featuresOf(few, { gate: false }).frequency.mean).not.toBeNaN()
})

it('leaves parallel connections under 100 ms out of the intervals', () => {
  const start = Float64Array.of(0, 99_999, 1e6, 1.1e6, 3e6)
  expect([...intervalsOf(start)]).toEqual([1, 0.1, 1.9])
})

it('is robust where a night moves the mean', () => {
  const calls = [0, 300, 600, 900, 40_000, 40_300, 40_600].map((at) => ({ at }))
  expect(companionsOf(traceOf(calls))).toMatchObject({
    medianInterval: 300,
    intervalDeviation: 0,
    secondDifference: 0,
    medianSent: 500,
  })
  expect(featuresOf(traceOf(calls)).interval.mean).toBeGreaterThan(6000)
})

it.each([
  { sizes: [100, 100, 100, 100], alike: 1 },
  { sizes: [100, 105, 110], alike: 1 },
  { sizes: [100, 111, 125], alike: 0 },
  { sizes: [100, 100, 100, 9000, 20], alike: 0.5 },
  { sizes: [0, 0, 0], alike: 1 },
  { sizes: [1, 100, 10_000], alike: 0 },
])('calls $sizes alike by $alike', ({ sizes, alike }) => {
  expect(samenessOf(Float64Array.from(sizes))).toBeCloseTo(alike, 12)
})

it('cannot tell sameness of one size', () => {
  expect(samenessOf(Float64Array.of(5))).toBeNaN()
  expect(samenessOf(Float64Array.of(5, Number.NaN))).toBeNaN()
})
