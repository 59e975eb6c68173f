import { describe, expect, it } from 'vitest'
import { busiestSession, heldOf, presenceOf } from './presence.ts'

const starts = (...seconds: number[]) => Float64Array.from(seconds, (each) => each * 1e6)
const calls = (start: Float64Array, duration = start.map(() => 1)) => {
  const same = start.map(() => 100)
  return { start, duration, sent: same, received: same, bytes: same, packets: same }
}
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe('presence', () => {
  const host = { slots: range(0, 100) }

  it('is the share of the host’s time from the first call on', () => {
    const all = calls(starts(...range(0, 100).map((i) => 60 * i)))
    expect(presenceOf({ calls: all, begun: [] }, host, { slotSeconds: 60, period: 60 })).toBe(1)
    const late = calls(starts(...range(50, 100).map((i) => 60 * i)))
    expect(presenceOf({ calls: late, begun: [] }, host, { slotSeconds: 60, period: 60 })).toBe(1)
    const once = calls(starts(0, 60, 120))
    expect(presenceOf({ calls: once, begun: [] }, host, { slotSeconds: 60, period: 60 })).toBeLessThan(0.1)
  })

  it('does not ask for calls while the machine is off', () => {
    const nights = { slots: [...range(0, 50), ...range(500, 550)] }
    const awake = calls(starts(...nights.slots.map((slot) => 60 * slot)))
    expect(presenceOf({ calls: awake, begun: [] }, nights, { slotSeconds: 60, period: 60 })).toBe(1)
  })

  it('allows an hourly caller its hour, and no caller more than a tenth of the time', () => {
    const hourly = calls(starts(...range(0, 24).map((i) => 3600 * i)))
    const day = { slots: range(0, 288) }
    expect(presenceOf({ calls: hourly, begun: [] }, day, { slotSeconds: 300, period: 3600 })).toBe(1)
    const twice = calls(starts(0, 43_200))
    const seldom = { calls: twice, begun: [] }
    expect(presenceOf(seldom, day, { slotSeconds: 300, period: 43_200 })).toBeLessThan(0.5)
  })

  it('goes on behind the calls that are kept', () => {
    const kept = calls(starts(...range(0, 10).map((i) => 60 * i)))
    const options = { slotSeconds: 60, period: 60 }
    expect(presenceOf({ calls: kept, begun: range(0, 100) }, host, options)).toBe(1)
    expect(presenceOf({ calls: kept, begun: range(0, 50) }, host, options)).toBe(0.5)
  })
})

describe('a held connection', () => {
  const held = (seconds: number, answered = 1) => ({
    calls: calls(starts(0), Float64Array.from([seconds])),
    answered,
    failed: 0,
    connections: 1,
  })

  it('counts from a minute on, against the time that its host is seen', () => {
    expect(heldOf(held(59), { last: 100e6 })).toBe(0)
    expect(heldOf(held(60), { last: 120e6 })).toBe(0.5)
    expect(heldOf(held(7200), { last: 7200e6 })).toBe(1)
  })

  it('counts nothing where nobody answered', () => {
    expect(heldOf({ ...held(600, 0), failed: 1 }, { last: 600e6 })).toBe(0)
  })
})

describe('the busiest session', () => {
  it('takes the calls of one stretch in which the host was on', () => {
    const slots = [...range(0, 10), ...range(100, 120)]
    const all = starts(...range(0, 10).map((i) => 60 * i), ...range(100, 120).map((i) => 60 * i))
    expect(busiestSession(all, { slots }, 60)).toHaveLength(20)
    // A pause of less than half an hour is none.
    const near = [...range(0, 10), ...range(30, 40)]
    const kept = starts(...near.map((i) => 60 * i))
    expect(busiestSession(kept, { slots: near }, 60)).toHaveLength(20)
  })

  it('goes on through the pauses of a machine of which only seldom calls are heard, and not through its nights', () => {
    // A call an hour, ten times, on a machine that is silent between them: a slot an hour, a minute long.
    const hourly = range(0, 10).map((i) => 60 * i)
    expect(busiestSession(starts(...hourly.map((i) => 60 * i)), { slots: hourly }, 60)).toHaveLength(10)

    // A call at each of ten mornings, on a machine that is on for eight hours of the day.
    const mornings = starts(...range(0, 10).map((day) => 86_400 * day))
    const days = range(0, 10).flatMap((day) => range(1440 * day, 1440 * day + 480))
    expect(busiestSession(mornings, { slots: days }, 60)).toHaveLength(1)
  })
})
