import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seeded } from '../../math/random.ts'
import { beatsOf, rhythmOf } from './rhythm.ts'

const starts = (seconds: readonly number[]) =>
  Float64Array.from(seconds, (each) => 1e15 + Math.round(each * 1e6))
const every = (period: number, count: number) => Array.from({ length: count }, (_, i) => i * period)

/** Calls of a source with this interval, some left out. */
function calls(
  count: number,
  interval: (random: ReturnType<typeof seeded>) => number,
  { missed = 0, seed = 1 } = {},
) {
  const random = seeded(seed)
  const at: number[] = []
  for (let now = 0; at.length < count; now += interval(random)) if (random.next() >= missed) at.push(now)
  return starts(at)
}
const jittered = (period: number, jitter: number) => (random: ReturnType<typeof seeded>) =>
  period * (1 + jitter * (2 * random.next() - 1))

describe('beatsOf', () => {
  it('makes one beat of starts within the scale of the one before', () => {
    const together = starts([0, 0.05, 0.1, 5, 5.099, 5.3])
    expect([...beatsOf(together, 0.1)].map((each) => Math.round(each * 1000))).toEqual([0, 5000, 5300])
    expect(beatsOf(together, 1)).toHaveLength(2)
  })
})

describe('rhythmOf', () => {
  it('finds an exact clock', () => {
    const rhythm = rhythmOf(starts(every(60, 20)), 4)!
    expect(rhythm).toMatchObject({ beats: 20, period: 60, kept: 1, jitter: 0, scale: 0.1, span: 1140 })
    expect(rhythm.evidence).toBeGreaterThan(50)
  })

  it('needs the given number of beats', () => {
    expect(rhythmOf(starts(every(60, 4)), 4)).not.toBeNull()
    expect(rhythmOf(starts(every(60, 3)), 4)).toBeNull()
    expect(rhythmOf(starts([0, 0.01, 0.02, 0.03, 60, 120]), 4)).toBeNull()
  })

  it.each([
    { jitter: 0.1, missed: 0, count: 20, evidence: 25 },
    { jitter: 0.3, missed: 0, count: 20, evidence: 8 },
    { jitter: 0.5, missed: 0, count: 50, evidence: 8 },
    { jitter: 0.1, missed: 0.3, count: 30, evidence: 15 },
    { jitter: 0.1, missed: 0.5, count: 50, evidence: 15 },
    { jitter: 1, missed: 0, count: 500, evidence: 20 },
  ])(
    'has evidence for a clock with jitter $jitter and $missed missed',
    ({ jitter, missed, count, evidence }) => {
      for (let seed = 0; seed < 10; seed++)
        expect(rhythmOf(calls(count, jittered(60, jitter), { missed, seed }), 4)!.evidence).toBeGreaterThan(
          evidence,
        )
    },
  )

  it('names the period through missed beats and jitter', () => {
    const { period } = rhythmOf(calls(100, jittered(60, 0.2), { missed: 0.3 }), 4)!
    expect(period).toBeGreaterThan(57)
    expect(period).toBeLessThan(63)
  })

  it.each([
    { name: 'Poisson', interval: (random: ReturnType<typeof seeded>) => random.exponential(60) },
    { name: 'a person', interval: (random: ReturnType<typeof seeded>) => random.logNormal(4, 2) },
  ])('has little evidence for $name', ({ interval }) => {
    const evidence = Array.from(
      { length: 50 },
      (_, seed) => rhythmOf(calls(50, interval, { seed }), 4)!.evidence,
    )
    expect(Math.max(...evidence)).toBeLessThan(10)
    expect(evidence.filter((each) => each > 4).length).toBeLessThanOrEqual(3)
  })

  it('takes a sleep with a jitter of all of it for a clock, and no Poisson process', () => {
    const evidenceOf = (interval: (random: ReturnType<typeof seeded>) => number) =>
      Array.from({ length: 20 }, (_, seed) => rhythmOf(calls(200, interval, { seed }), 4)!.evidence)
    const loose = evidenceOf(({ next }) => 600 * next())
    expect(Math.min(...loose)).toBeGreaterThan(20)
    expect(Math.max(...evidenceOf((random) => random.exponential(300)))).toBeLessThan(20)
  })

  it('covers little of the time with retries in pairs, and all of it with a clock that misses beats', () => {
    const random = seeded(3)
    const pairs: number[] = []
    for (let now = 0; pairs.length < 22; now += 300 + random.exponential(900)) pairs.push(now, now + 21)
    expect(rhythmOf(starts(pairs), 4)!.covered).toBeLessThan(0.3)
    expect(rhythmOf(calls(50, jittered(60, 0.1), { missed: 0.3 }), 4)!.covered).toBeGreaterThan(0.9)
    // Half an hour each in the morning and in the evening: the night is not covered.
    const twice = [...every(60, 30), ...every(60, 30).map((at) => at + 36_000)]
    expect(rhythmOf(starts(twice), 4)).toMatchObject({ longest: 36_000 - 29 * 60 })
    expect(rhythmOf(starts(twice), 4)!.covered).toBeCloseTo(3480 / (36_000 + 29 * 60), 2)
  })

  it('knows a schedule of two intervals', () => {
    const rhythm = rhythmOf(starts(every(398, 20).flatMap((each) => [each, each + 98])), 4)!
    expect([...rhythm.modes].sort((a, b) => a - b)).toEqual([98, 300])
    expect(rhythm.kept).toBe(1)
    expect(rhythm.evidence).toBeGreaterThan(50)
  })

  it('hears the beat of bursts: four calls within seconds, every quarter of an hour', () => {
    const bursts = every(930, 8).flatMap((each, i) => [each, each + 3.9, each + 8.2 + (i % 3), each + 12])
    const rhythm = rhythmOf(starts(bursts), 4)!
    expect(rhythm.evidence).toBeGreaterThan(30)
    expect(rhythm.period).toBeGreaterThan(915)
    expect(rhythm.period).toBeLessThan(931)
  })

  it('bears a pause of a night', () => {
    const nights = [0, 1, 2].flatMap((day) => every(600, 48).map((each) => each + day * 86400))
    const rhythm = rhythmOf(starts(nights), 4)!
    expect(rhythm.period).toBe(600)
    expect(rhythm.kept).toBeGreaterThan(0.98)
  })

  it('does not depend on when it began', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 1000 }), (shift, seed) => {
        const at = calls(12, jittered(30, 0.4), { seed })
        const moved = at.map((each) => each + shift * 1e6)
        expect(rhythmOf(moved, 4)).toEqual(rhythmOf(at, 4))
      }),
      { numRuns: 50 },
    )
  })

  it('never breaks on any series', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 1e10 }), { maxLength: 60 }), (offsets) => {
        const rhythm = rhythmOf(Float64Array.from(offsets.sort((a, b) => a - b)), 4)
        if (!rhythm) return
        expect(rhythm.evidence).toBeGreaterThanOrEqual(0)
        expect(rhythm.evidence).toBeLessThan(Number.POSITIVE_INFINITY)
        expect(rhythm.kept).toBeGreaterThanOrEqual(0)
        expect(rhythm.kept).toBeLessThanOrEqual(1)
        expect(rhythm.period).toBeGreaterThan(0)
      }),
      { numRuns: 500 },
    )
  })
})
