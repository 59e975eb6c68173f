/** What the proving ground is made of: grounds, evasions, seeds. The small share of it is for every day. */
import { evasions } from '../../src/simulate/evasions.ts'
import type { Scenario } from '../../src/simulate/index.ts'
import { officeNetwork } from '../../src/simulate/scenarios/networks.ts'
import { reportingNetworks, reportingSeeds, tuningNetworks } from '../seeds.ts'
import { few, isSmallest, shortDay } from '../smallest.ts'

export interface NetworkGround {
  readonly scenario: string
  readonly hosts: number
  readonly seed: number
  /** Whether thresholds were set on networks of this kind. */
  readonly side: 'tuning' | 'reporting'
}

export interface EvasionRun {
  /** null: none of them, strength 0. */
  readonly evasion: string | null
  readonly strength: number
  readonly seed: number
  readonly scenario: Scenario
  readonly hosts: number
  readonly days: number
}

export interface Plan {
  readonly networks: readonly NetworkGround[]
  readonly evasions: readonly EvasionRun[]
  readonly real: boolean
}

/** Machines of each kind of network: in a full run, and in the small share. */
const sizes: Readonly<Record<string, { readonly full: number; readonly quick: number }>> = {
  'campus-day': { full: 330, quick: 80 },
  'odd-campus': { full: 330, quick: 80 },
  office: { full: 50, quick: 50 },
  campus: { full: 300, quick: 80 },
  isp: { full: 300, quick: 80 },
  'data-centre': { full: 80, quick: 28 },
  home: { full: 43, quick: 43 },
}

/** An office whose three botnets hide in one way; what the clean hosts do is the same in every run of a seed. */
function hiding(evasion: string | null, strength: number): Scenario {
  const tried = evasion === null ? {} : { evasions: [{ evasion, strength }] }
  const botnet = (family: string, size: number) => ({
    id: family,
    family,
    size,
    among: ['staff'] as const,
    ...tried,
  })
  return {
    ...officeNetwork,
    surroundings: [{ behaviour: 'radiate', options: { perHour: 0.2, knocksPerHour: 20 } }],
    botnets: [botnet('http-fixed', 4), botnet('irc', 4), botnet('p2p', 4)],
  }
}

function evasionRuns(strengths: readonly number[], seeds: readonly number[], hosts: number): EvasionRun[] {
  const daysOf = (name: string) => (name === 'delay' ? 2 : 1)
  return seeds.flatMap((seed) => {
    const none = (days: number): EvasionRun => ({
      evasion: null,
      strength: 0,
      seed,
      hosts,
      scenario: hiding(null, 0),
      days,
    })
    return [
      none(1),
      none(2),
      ...evasions.flatMap(({ name }) =>
        strengths.map(
          (strength): EvasionRun => ({
            evasion: name,
            strength,
            seed,
            hosts,
            scenario: hiding(name, strength),
            days: daysOf(name),
          }),
        ),
      ),
    ]
  })
}

export function planOf(size: 'full' | 'quick'): Plan {
  const seeds = reportingSeeds.slice(0, size === 'full' ? 2 : 1)
  const grounds = [
    ...tuningNetworks.map((scenario) => ({ scenario, side: 'tuning' as const })),
    ...reportingNetworks.map((scenario) => ({ scenario, side: 'reporting' as const })),
  ]
  const whole: Plan = {
    networks: grounds.flatMap(({ scenario, side }) =>
      seeds.map((seed) => ({ scenario, side, seed, hosts: sizes[scenario]![size] })),
    ),
    evasions:
      size === 'full' ? evasionRuns([0.25, 0.5, 0.75, 1], seeds, 50) : evasionRuns([0.5, 1], seeds, 40),
    real: true,
  }
  if (!isSmallest) return whole

  const office = whole.networks.filter(({ scenario }) => scenario === 'office')
  const evasions = whole.evasions.map((each) => ({ ...each, ...shortDay }))
  // One shows a network, the other an evasion.
  return size === 'full'
    ? { networks: [], evasions: few(evasions), real: false }
    : { networks: few(office), evasions: [], real: false }
}
