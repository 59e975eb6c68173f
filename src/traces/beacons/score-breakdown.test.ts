import { describe, expect, it } from 'vitest'
import { whatWouldChange } from './score-breakdown.ts'

// Log odds 0 at the line of 0.5, so that what is over it can be read off the sums.
const head = { bias: -3, weights: { clock: 4, rare: 2, sentAlike: 2, named: -3 } }
const half = { threshold: 0.5 }
const reason = (feature: string, value: number, weight: number) => ({
  feature,
  doc: '',
  value,
  logOdds: value * weight,
})

describe('otherwiseOf', () => {
  it('names each feature that alone decides, with the value at which it does, the nearest first', () => {
    // -3 + 3.2 + 2 + 0 - 0 = 2.2 over the line: clock must fall by 0.55, named must rise by 0.733; rare gives only 2.
    const reasons = [reason('clock', 0.8, 4), reason('rare', 1, 2), reason('named', 0, -3)]
    const changes = whatWouldChange({ reasons, head }, half)
    expect(changes.map((each) => each.replace(/:.*/, ''))).toEqual([
      'clock under 0.25 (it is 0.80)',
      'named over 0.73 (it is 0.00)',
    ])
  })

  it('names the fewest that decide together where none does alone', () => {
    // -3 + 2.5 + 2 + 2 = 3.5 over; clock gives 2.5, so that it takes clock and one of the others.
    const heavy = { bias: -3, weights: { clock: 2.5, rare: 2, sentAlike: 2 } }
    const reasons = [reason('clock', 1, 2.5), reason('rare', 1, 2), reason('sentAlike', 1, 2)]
    expect(whatWouldChange({ reasons, head: heavy }, half)).toEqual([
      'all of these gone at once: clock, rare',
    ])
  })

  it('says nothing of a trace under the line', () => {
    expect(whatWouldChange({ reasons: [reason('clock', 0.7, 4)], head }, half)).toEqual([])
  })

  it('says nothing where the bias alone accuses', () => {
    const eager = { bias: 5, weights: { clock: 1 } }
    expect(whatWouldChange({ reasons: [reason('clock', 1, 1)], head: eager }, half)).toEqual([])
  })

  it('does not take how many hosts are watched for something that could be otherwise', () => {
    const crowded = { bias: -3, weights: { clock: 4, crowd: 2 } }
    const reasons = [reason('clock', 1, 4), reason('crowd', 1, 2)]
    expect(whatWouldChange({ reasons, head: crowded }, half)).toEqual([
      'clock under 0.25 (it is 1.00): Evidence for a clock over no clock, by the share of the time that keeps to it, log scale; 1 at 400 nats.',
    ])
  })
})
