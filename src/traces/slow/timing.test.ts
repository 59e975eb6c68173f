import { describe, expect, it } from 'vitest'
import { seeded } from '../../math/random.ts'
import { isKept, timingOf } from './timing.ts'

const hour = 3600
const day = 24 * hour

/** Hours from 8 to 20 of each day. */
const office = new Set(
  Array.from({ length: 40 }, (_, date) => Array.from({ length: 12 }, (_, i) => date * 24 + 8 + i)).flat(),
)

/** Calls of a program that waits so long after each call, and for the machine to be on. */
function callsOf(pause: (at: number) => number): number[] {
  const calls: number[] = []
  for (let at = 9.2 * hour; at < 30 * day; at = at + pause(at)) {
    while (!office.has(Math.floor(at / hour))) at = (Math.floor(at / hour) + 1) * hour
    calls.push(at)
  }
  return calls
}

describe('the clock of visits', () => {
  it('is that of a machine that is off at night', () => {
    const random = seeded(3)
    const calls = callsOf(() => 4 * hour * (0.9 + 0.2 * random.next()))
    expect(isKept(timingOf(calls)!)).toBe(false)

    const timing = timingOf(calls, office)!
    expect(timing.period / hour).toBeCloseTo(4, 0)
    expect(timing).toMatchObject({ coverage: 1, visits: calls.length, waited: 30 })
    expect(timing.kept).toBeGreaterThan(0.9)
    expect(timing.decades).toBeGreaterThan(10)
  })

  it('leaves nothing out where the host is seen for its calls alone', () => {
    const calls = Array.from({ length: 8 }, (_, i) => i * 7 * day)
    const alone = new Set(calls.map((at) => Math.floor(at / hour)))
    expect(timingOf(calls, alone)).toEqual(timingOf(calls))
    expect(timingOf(calls, alone)).toMatchObject({ waited: 0, period: 7 * day })
  })

  it('is none of a person who looks in the morning and after lunch', () => {
    const random = seeded(4)
    const about = (at: number) => at + (random.next() - 0.5) * hour
    const looks = Array.from({ length: 30 }, (_, date) => [
      about(date * day + 9 * hour),
      about(date * day + 13 * hour),
    ])
    const timing = timingOf(looks.flat(), office)!
    expect(isKept(timing) && timing.decades >= 3).toBe(false)
  })
})
