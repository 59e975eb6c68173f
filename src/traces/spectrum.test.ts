import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { powers, transform } from '../math/fft.ts'
import { seeded } from '../math/random.ts'
import { spectrumOf } from './spectrum.ts'

interface Reference {
  readonly cases: readonly { readonly signal: readonly number[]; readonly power: readonly number[] }[]
  readonly train: { readonly starts: readonly number[]; readonly frequency: number; readonly power: number }
}
// Made by test/reference/spectrum.py.
const reference: Reference = JSON.parse(
  readFileSync(new URL('../../test/reference/spectrum.json', import.meta.url), 'utf8'),
)

/** Starts in microseconds: `count` calls, `period` seconds apart, each interval off by up to the share `jitter`. */
function clock(count: number, period: number, { jitter = 0, seed = 1 } = {}): Float64Array {
  const random = seeded(seed)
  let at = 1e15
  return Float64Array.from({ length: count }, () => {
    at += Math.round(1e6 * period * (1 + jitter * (2 * random.next() - 1)))
    return at
  })
}

function atRandom(count: number, mean: number, seed: number): Float64Array {
  const random = seeded(seed)
  let at = 1e15
  return Float64Array.from({ length: count }, () => {
    at += Math.round(1e6 * random.exponential(mean))
    return at
  })
}

describe('powers', () => {
  it.each(reference.cases.map(({ signal, power }) => ({ size: signal.length, signal, power })))(
    'agrees with SciPy on $size points',
    ({ signal, power }) => {
      const mean = signal.reduce((a, b) => a + b, 0) / signal.length
      const centred = Float64Array.from(signal, (each) => each - mean)
      const [first, second] = powers(
        centred.slice(),
        Float64Array.from(centred, (each) => 2 * each),
      )
      for (const [k, expected] of power.entries()) {
        expect(first[k]).toBeCloseTo(expected, 9)
        expect(second[k]).toBeCloseTo(4 * expected, 9)
      }
    },
  )

  it('refuses sizes that are no power of two', () => {
    expect(() => transform(new Float64Array(12), new Float64Array(12))).toThrow(RangeError)
    expect(() => transform(new Float64Array(16), new Float64Array(8))).toThrow(RangeError)
  })
})

describe('spectrumOf', () => {
  it('finds the frequency that SciPy finds', () => {
    const { frequency } = spectrumOf(Float64Array.from(reference.train.starts))
    expect(frequency).toBeCloseTo(reference.train.frequency, 10)
  })

  it('finds a jittered clock and passes it', () => {
    const spectrum = spectrumOf(clock(144, 600, { jitter: 0.1 }))
    expect(spectrum.passes).toBe(true)
    expect(spectrum.period).toBeGreaterThan(570)
    expect(spectrum.period).toBeLessThan(630)
    expect(spectrum.peakOverThreshold).toBeGreaterThan(2)
  })

  it('gives calls at random no rhythm, more often than not at 95 %', () => {
    const passed = Array.from({ length: 20 }, (_, seed) => spectrumOf(atRandom(60, 100, seed))).filter(
      ({ passes }) => passes,
    )
    expect(passed.length).toBeLessThanOrEqual(4)
  })

  it('needs four starts', () => {
    expect(spectrumOf(clock(3, 60)).frequency).toBeNaN()
    expect(spectrumOf(clock(4, 60)).frequency).not.toBeNaN()
  })

  it('has at most 512 points, longest period first, no power over 1', () => {
    const { points, threshold } = spectrumOf(clock(100, 60, { jitter: 0.3 }))
    expect(points.length).toBeLessThanOrEqual(512)
    expect(points.map(({ period }) => period)).toEqual(
      points.map(({ period }) => period).sort((a, b) => b - a),
    )
    expect(Math.max(...points.map(({ power }) => power))).toBeLessThanOrEqual(1)
    expect(threshold).toBeGreaterThan(0)
  })

  it('gives the same starts the same answer', () => {
    expect(spectrumOf(clock(30, 10, { jitter: 0.2 }))).toEqual(spectrumOf(clock(30, 10, { jitter: 0.2 })))
  })
})
