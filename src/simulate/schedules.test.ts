import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seeded } from '../math/random.ts'
import { beats } from './behaviour.ts'
import { type Bot, obeyed } from './family.ts'
import { actorOf, type Host, type Network, type Role, type Span } from './network.ts'
import { buildOutside } from './outside.ts'
import { scheduleOf, tide } from './schedules.ts'

const day = 86_400
const network = { from: 0, length: day } as Network
const host = (on: readonly Span[]): Host => ({
  address: '10.0.0.1',
  role: 'staff',
  system: 'windows',
  on,
  used: on,
})

describe('schedules', () => {
  it('keep their spans apart, in order, within the time, and people at machines that run', () => {
    const roles = fc.constantFrom<Role>('staff', 'student', 'lab', 'phone', 'printer')
    fc.assert(
      fc.property(roles, fc.integer(), fc.constantFrom(day, 3 * day), (role, seed, length) => {
        const { on, used } = scheduleOf(role, seeded(seed), length)
        for (const spans of [on, used]) {
          spans.forEach(({ from, to }, i) => {
            expect(from).toBeGreaterThanOrEqual(spans[i - 1]?.to ?? 0)
            expect(to).toBeGreaterThan(from)
            expect(to).toBeLessThanOrEqual(length)
          })
        }
        expect(used.filter(({ from, to }) => !on.some((span) => span.from <= from && to <= span.to))).toEqual(
          [],
        )
      }),
      { numRuns: 400 },
    )
  })

  it('have a tide of 1 on average, lowest at five', () => {
    const hours = Array.from({ length: 24 }, (_, i) => tide(i * 3600))
    expect(hours.reduce((sum, each) => sum + each, 0) / 24).toBeCloseTo(1, 12)
    expect(Math.min(...hours)).toBe(hours[5])
  })
})

describe('beats', () => {
  const gaps = (
    options: { jitter?: number; drift?: boolean },
    on: readonly Span[] = [{ from: 0, to: day }],
  ) => {
    const times = [...beats(actorOf(network, host(on), seeded(2)), 300, options)]
    return { times, gaps: times.slice(1).map((at, i) => at - (times[i] ?? 0)) }
  }

  it('are exact without jitter, and only while the machine runs', () => {
    const { times, gaps: between } = gaps({ jitter: 0 }, [{ from: 1000, to: 4000 }])
    expect(between.every((gap) => Math.abs(gap - 300) < 1e-6)).toBe(true)
    expect(times).toHaveLength(10)
    expect(Math.min(...times)).toBeGreaterThanOrEqual(1000)
    expect(Math.max(...times)).toBeLessThan(4000)
  })

  it('on a clock do not wander: 10 % of jitter moves no beat more than 30 s from its place', () => {
    const phase = (at: number, first: number) => Math.abs(((at - first + 150) % 300) - 150)
    const { times } = gaps({ jitter: 0.1, drift: false })
    expect(Math.max(...times.map((at) => phase(at, times[0] ?? 0)))).toBeLessThanOrEqual(60)
    const sleeping = gaps({ jitter: 0.1 }).times
    expect(Math.max(...sleeping.map((at) => phase(at, sleeping[0] ?? 0)))).toBeGreaterThan(60)
  })
})

describe('an order', () => {
  const bot = (on: readonly Span[], since = 0): Bot => ({
    ...actorOf(network, host(on), seeded(9)),
    index: 0,
    since,
  })

  it('is heard late and carried out while the bot lives', () => {
    for (let seed = 0; seed < 200; seed++) {
      const each = { ...bot([{ from: 0, to: 1100 }]), random: seeded(seed) }
      const span = obeyed(each, { at: 1000, seconds: 500 })
      if (!span) continue
      expect(span.from).toBeGreaterThan(1000)
      expect(span.to).toBeLessThanOrEqual(1100)
    }
  })

  it('reaches no bot that sleeps or is not infected yet, and only some of the others', () => {
    const order = { at: 1000, seconds: 500 }
    const count = (each: Bot) =>
      Array.from({ length: 1000 }, (_, seed) =>
        obeyed({ ...each, random: seeded(seed) }, order, { obedience: 0.8 }),
      ).filter((span) => span !== null).length
    expect(count(bot([{ from: 5000, to: 9000 }]))).toBe(0)
    expect(count(bot([{ from: 0, to: day }], 20_000))).toBe(0)
    // 800 expected, standard deviation 12.6.
    expect(count(bot([{ from: 0, to: day }]))).toBeGreaterThan(740)
    expect(count(bot([{ from: 0, to: day }]))).toBeLessThan(860)
  })
})

describe('the outside', () => {
  const outside = buildOutside(seeded(1))

  it('gives a service the same addresses whoever asks first', () => {
    const other = buildOutside(seeded(1))
    other.service('b')
    expect(other.service('a')).toEqual(outside.service('a'))
    expect(outside.service('a').addresses).not.toEqual(outside.service('b').addresses)
  })

  it('ranks the popular first and every rank within the list', () => {
    const random = seeded(3)
    const ranks = Array.from({ length: 20_000 }, () => outside.rank(random, 100))
    const count = (rank: number) => ranks.filter((each) => each === rank).length
    expect(Math.min(...ranks)).toBe(0)
    expect(Math.max(...ranks)).toBe(99)
    expect(count(0)).toBeGreaterThan(3 * count(9))
    expect(count(9)).toBeGreaterThan(count(90))
  })

  it('has global unicast addresses only', () => {
    const random = seeded(4)
    const wrong = Array.from({ length: 20_000 }, () => outside.address(random)).filter((address) =>
      /^(0|10|100|127|169|172|192|198|203|22[4-9]|2[345]\d)\./.test(address),
    )
    expect(wrong).toEqual([])
  })
})
