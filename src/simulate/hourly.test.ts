import { describe, expect, it } from 'vitest'
import type { Exchange } from './exchange.ts'
import { byHour } from './hourly.ts'
import { recordsOf } from './records.ts'
import type { Records } from './simulated-records.ts'

const hour = 3600e6

describe('hour by hour', () => {
  const of = recordsOf('working-month', 3, { hosts: 40, days: 1 })
  const hours = [...byHour(of)]

  it('is the whole: each record once, in the same order', () => {
    const whole = Array.from(of.records, ({ uid }) => uid)
    expect(hours.flatMap(({ records }) => records.map(({ uid }) => uid))).toEqual(whole)
    expect(new Set(whole).size).toBe(whole.length)
    expect(whole.length).toBeGreaterThan(10_000)
  })

  it('has every hour, one after the other, with what ended in it', () => {
    const { from, to } = of.truth
    expect(hours.map((each) => each.from)).toEqual(Array.from({ length: 24 }, (_, i) => from + i * hour))
    expect(hours.map((each) => each.to)).toEqual([...hours.slice(1).map((each) => each.from), to])
    for (const { from, to, records } of hours)
      expect(records.filter(({ end }) => end < from || end >= to)).toEqual([])
  })

  it('is the same again, and a stream: an hour is there before the next is made', () => {
    let made = 0
    const counted: Records = {
      ...of,
      records: {
        *[Symbol.iterator]() {
          for (const each of of.records) {
            made++
            yield each
          }
        },
      },
    }
    const [first] = byHour(counted)
    expect(first!.records.map(({ uid }) => uid)).toEqual(hours[0]!.records.map(({ uid }) => uid))
    expect(made).toBe(first!.records.length + 1)
  })
})

describe('at the edges', () => {
  const ending = (end: number) => ({ uid: String(end), end }) as Exchange
  const hoursOf = (ends: readonly number[], length: number) =>
    Array.from(
      byHour({
        records: ends.map(ending),
        truth: { about: '', internal: [], botnets: [], benign: null, from: 0, to: length },
      }),
      ({ records }) => records.map(({ end }) => end),
    )

  it('an hour begins with its first microsecond, and one without records is there', () => {
    expect(hoursOf([0, hour - 1, hour, 3 * hour], 4 * hour)).toEqual([[0, hour - 1], [hour], [], [3 * hour]])
    expect(hoursOf([], 2 * hour)).toEqual([[], []])
  })

  it('what ends after the last hour is in the last', () => {
    expect(hoursOf([1, 2 * hour, 9 * hour], 2 * hour)).toEqual([[1], [2 * hour, 9 * hour]])
  })
})
