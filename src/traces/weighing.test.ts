import { describe, expect, it } from 'vitest'
import type { Parameters } from './verdict.ts'
import { otherwiseOf } from './weighing.ts'

// Log odds 0 at the line of 0.5, so that what is over it can be read off the sums.
const parameters = {
  calls: { bias: -3, weights: { clock: 4, rare: 2, sentAlike: 2, named: -3 } },
  held: { bias: 0, weights: { long: 1 } },
  threshold: 0.5,
} as unknown as Parameters
const reason = (clue: string, value: number, weight: number) => ({
  clue,
  doc: '',
  value,
  logOdds: value * weight,
})

describe('otherwiseOf', () => {
  it('names each clue that alone decides, with the value at which it does, the nearest first', () => {
    // -3 + 3.2 + 2 + 0 - 0 = 2.2 over the line: clock must fall by 0.55, named must rise by 0.733; rare gives only 2.
    const reasons = [reason('clock', 0.8, 4), reason('rare', 1, 2), reason('named', 0, -3)]
    const told = otherwiseOf({ kind: 'calls', reasons }, parameters)
    expect(told.map((each) => each.replace(/:.*/, ''))).toEqual([
      'clock under 0.25 (it is 0.80)',
      'named over 0.73 (it is 0.00)',
    ])
  })

  it('names the fewest that decide together where none does alone', () => {
    // -3 + 2.5 + 2 + 2 = 3.5 over; clock gives 2.5, so that it takes clock and one of the others.
    const heavy = {
      ...parameters,
      calls: { bias: -3, weights: { clock: 2.5, rare: 2, sentAlike: 2 } },
    } as never
    const reasons = [reason('clock', 1, 2.5), reason('rare', 1, 2), reason('sentAlike', 1, 2)]
    expect(otherwiseOf({ kind: 'calls', reasons }, heavy)).toEqual(['all of these gone at once: clock, rare'])
  })

  it('says nothing of a trace under the line', () => {
    expect(otherwiseOf({ kind: 'calls', reasons: [reason('clock', 0.7, 4)] }, parameters)).toEqual([])
  })

  it('says nothing where the bias alone accuses', () => {
    const eager = { ...parameters, calls: { bias: 5, weights: { clock: 1 } } } as never
    expect(otherwiseOf({ kind: 'calls', reasons: [reason('clock', 1, 1)] }, eager)).toEqual([])
  })
})
