/** Equal false alarms are equal, and callers are what their kind says. */
import { describe, expect, it } from 'vitest'
import { callersOf } from './callers.ts'
import { compared } from './compare.ts'
import { fits, type Kind, kinds } from './kinds.ts'

const kind: Kind = { over: 'jitter', period: 100, jitter: 0.3, skew: 'both', calls: null }

describe('recall at equal false alarms', () => {
  it('sets the threshold of the other score where it raises as many as one at its own', () => {
    const callers = [
      { ours: 0.6, rita: 0.95 },
      { ours: 0.25, rita: 0.75 },
      { ours: 0.1, rita: 0.2 },
    ]
    const { alarms, kinds: found } = compared({
      ours: [0.4, 0.3, 0.2],
      rita: [0.9, 0.8, 0.1],
      hosts: 1,
      kinds: [{ kind, callers }],
    })
    expect(alarms).toEqual({ atTheirs: 2, atOurs: 0 })

    // Two alarms: ours falls to just above 0.2, RITA stays at 0.7. None: ours stays at 0.5, RITA rises above 0.9.
    expect(found[0]!.atTheirs).toEqual({ ours: 2 / 3, rita: 2 / 3 })
    expect(found[0]!.atOurs).toEqual({ ours: 1 / 3, rita: 1 / 3 })
  })

  it('falls below a threshold in use that raises none', () => {
    const { kinds: found } = compared({
      ours: [0.2],
      rita: [0.6],
      hosts: 1,
      kinds: [{ kind, callers: [{ ours: 0.3, rita: 0.65 }] }],
    })
    expect(found[0]).toMatchObject({ atTheirs: { ours: 1, rita: 0 }, atOurs: { ours: 0, rita: 1 } })
  })
})

describe('callers', () => {
  const gapsOf = (skew: Kind['skew']) => {
    const plan = { hosts: ['10.0.0.1'], first: 0, last: 86_400e6, named: true }
    const [caller] = callersOf({ ...kind, skew }, 7, plan)
    return caller!.starts.slice(1).map((at, i) => (at - caller!.starts[i]!) / 1e6)
  }

  it.each([
    ['both', 70, 130],
    ['longer', 100, 130],
    ['shorter', 70, 100],
  ] as const)('of skew %s keep their intervals between %i and %i s', (skew, low, high) => {
    const gaps = gapsOf(skew)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(low - 1e-3)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(high + 1e-3)
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeGreaterThan(0.9 * (high - low))
  })

  it('of a number of calls make so many, within the records', () => {
    const plan = { hosts: ['10.0.0.1', '10.0.0.2'], first: 0, last: 86_400e6, named: true }
    const made = callersOf({ ...kind, over: 'calls', calls: 40 }, 8, plan)
    expect(made.map(({ starts }) => starts.length)).toEqual([40, 40])
    expect(made.every(({ starts }) => starts.at(-1)! < 86_400e6)).toBe(true)
    expect(made.map(({ name }) => name === null)).toEqual([false, true])
  })

  it('are left out where they do not fit, and no two kinds are the same', () => {
    expect(fits({ ...kind, period: 3600 }, 86_400)).toBe(true)
    expect(fits({ ...kind, period: 3600 }, 7200)).toBe(false)
    expect(fits({ ...kind, calls: 40 }, 4000)).toBe(false)
    expect(new Set(kinds.map((each) => JSON.stringify(each))).size).toBe(kinds.length)
  })
})
