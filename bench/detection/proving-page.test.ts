import { describe, expect, it } from 'vitest'
import { reportingSeeds } from '../seeds.ts'
import {
  checksOf,
  curvesIn,
  type EvasionResult,
  fairLine,
  type NetworkResult,
  provingPage,
  provingRows,
  strengthAtHalf,
} from './proving-page.ts'
import { planOf } from './proving-plan.ts'

type Bots = readonly [joint: number, group: number, beacon: number, rita: number]

/** Ten bots, this many of which each detector accuses; RITA by a score of 0.8, else 0.4. */
const result = (
  evasion: string | null,
  strength: number,
  [joint, group, beacon, rita]: Bots,
  clean = 0,
): EvasionResult => ({
  evasion,
  strength,
  seed: 11,
  days: 1,
  bots: Array.from({ length: 10 }, (_, i) => ({
    family: i < 5 ? 'irc' : 'p2p',
    joint: i < joint,
    group: i < group,
    beacon: i < beacon,
    rita: i < rita ? 0.8 : 0.4,
  })),
  clean: { hosts: 40, joint: clean, rita: [0.95, 0.75, 0.3] },
})

const network = (
  scenario: string,
  side: 'tuning' | 'reporting',
  caught: number,
  alarms: number,
): NetworkResult => ({
  scenario,
  side,
  hosts: 100,
  seed: 11,
  clean: {
    name: scenario,
    hosts: 100,
    hostDays: 1000,
    accused: Array.from({ length: alarms }, (_, i) => ({
      host: `10.0.0.${i}`,
      kinds: ['beacon'],
      claims: ['it calls.'],
    })),
    rita: 30,
  },
  infected: { bots: 20, caught, wrong: 0, botnets: 2, found: 2, missed: [] },
  processorSeconds: 10,
})

const real = [{ name: 'desktop 008', hosts: 1, hostDays: 1, accused: [], rita: 1 }]

const good = {
  evasions: [
    result(null, 0, [10, 8, 5, 9]),
    result('padding', 0.5, [8, 8, 3, 2]),
    result('padding', 1, [6, 6, 0, 0]),
  ],
  networks: [network('campus-day', 'tuning', 18, 1), network('office', 'reporting', 18, 1)],
  real,
}

describe('the evaluation suite', () => {
  it('holds RITA to the line at which it accuses no more clean hosts than we do', () => {
    expect(fairLine(good.evasions)).toBeCloseTo(0.951, 6)
    expect(fairLine([result(null, 0, [10, 8, 5, 9], 1)])).toBeCloseTo(0.751, 6)
  })

  it('says at which strength detection falls under a half', () => {
    const padding = curvesIn(good.evasions).find(({ evasion }) => evasion === 'padding')!
    expect(padding.points.map(({ strength, detected }) => [strength, detected.joint])).toEqual([
      [0, 1],
      [0.5, 0.8],
      [1, 0.6],
    ])
    expect(strengthAtHalf(padding, 'joint')).toBeNull()
    // From 0.9 at 0 to 0.2 at 0.5: a half at 4/7 of the way.
    expect(strengthAtHalf(padding, 'rita')).toBeCloseTo((0.5 * 4) / 7, 9)
    expect(strengthAtHalf(padding, 'ritaFair')).toBe(0)
  })

  it('holds all criteria on good ground, at the edge of each', () => {
    expect(checksOf(good).filter(({ holds }) => !holds)).toEqual([])
  })

  it.each([
    ['below the best single', { ...good, evasions: [...good.evasions, result('churn', 1, [7, 8, 0, 0])] }],
    ['falls below 50', { ...good, evasions: [...good.evasions, result('churn', 1, [4, 4, 0, 0])] }],
    ['More than one clean host', { ...good, networks: [network('campus-day', 'tuning', 18, 2)] }],
    [
      'verified benign host',
      { ...good, real: [{ ...real[0]!, accused: [{ host: '10.0.0.1', kinds: ['scan'], claims: [] }] }] },
    ],
    [
      'other kinds of network',
      { ...good, networks: [network('campus-day', 'tuning', 18, 0), network('office', 'reporting', 17, 0)] },
    ],
  ])('says first that %s', (text, found) => {
    const failed = checksOf(found).filter(({ holds }) => !holds)
    expect(failed.map((each) => each.text).join()).toContain(text)
    const page = provingPage(found, { size: 'quick', minutes: 9, done: 4, of: 34 })
    expect(page).toContain('4 of 34 runs were made')
    expect(page.indexOf(failed[0]!.text)).toBeLessThan(page.indexOf('## What holds'))
    expect(provingRows(found).at(-1)?.figure).toBe(checksOf(found).length - failed.length)
  })
})

it('is made of reporting seeds alone', () => {
  for (const size of ['full', 'quick'] as const) {
    const { evasions, networks } = planOf(size)
    const seeds = [...evasions, ...networks].map(({ seed }) => seed)
    expect(seeds.filter((seed) => !reportingSeeds.includes(seed))).toEqual([])
  }
})
