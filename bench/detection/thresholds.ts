/**
 * What θ and the allowance of chance rest on: on the tuning seeds, the largest score of a host on days without bots,
 * and the least score of the true bots. Writes the measured part of docs/method/thresholds.md.
 *
 * `npm run bench -- thresholds [--seeds 1-10]`
 */
import { defaults } from '../../src/config.ts'
import { inRounds } from '../../src/correlations/rounds.ts'
import { isStrong } from '../../src/correlations/score.ts'
import type { Planes } from '../../src/model/correlation.ts'
import { fillPage, markdownTable, percent, type Row, shortNumber } from '../row.ts'
import { analysed } from '../samples/analysed.ts'
import { seedsAsked, tuningSeeds } from '../seeds.ts'
import { few, isSmallest, shortDay } from '../smallest.ts'

interface Day {
  readonly scenario: Scenario
  readonly seed: number
  readonly bots: boolean
  readonly botnetOf: ReadonlyMap<string, string>
  readonly planes: readonly Planes[]
  readonly hosts: number
}

/** On `odd-campus` clean hosts scan, mail and install together: half of the seeds are enough for it. */
const scenarios = ['campus-day', 'odd-campus'] as const
type Scenario = (typeof scenarios)[number]

export async function run(): Promise<Row[]> {
  const seeds = seedsAsked(tuningSeeds)
  const days: Day[] = []
  for (const scenario of few(scenarios))
    for (const seed of scenario === 'odd-campus' ? seeds.slice(0, 5) : seeds)
      days.push(...(await Promise.all([true, false].map((bots) => dayOf({ scenario, seed, bots })))))
  if (seeds === tuningSeeds) fillPage('thresholds.md', pageOf(days))
  return rowsOf(days)
}

async function dayOf({ scenario, seed, bots }: Pick<Day, 'scenario' | 'seed' | 'bots'>): Promise<Day> {
  const { runs, truth, failed } = await analysed({
    records: { scenario, seed, bots, ...(isSmallest && shortDay) },
    modes: ['default'],
    options: { beacons: false },
    withPlanes: true,
  })
  const [seen] = runs
  if (failed !== null || !seen || !truth) throw new RangeError(`${scenario}, seed ${seed}: ${failed}`)
  const botnetOf = new Map(truth.botnets.flatMap(({ id, hosts }) => hosts.map((host) => [host, id] as const)))
  const day = { scenario, seed, bots, botnetOf, planes: seen.planes, hosts: seen.hosts }
  console.error(
    `${scenario}, seed ${seed} ${bots ? 'with' : 'without'} bots: ${JSON.stringify(extremes(day, defaults.chance))}`,
  )
  return day
}

type Choice = Partial<Pick<typeof defaults, 'chance' | 'threshold' | 'weak'>>

/** What the correlation makes of the planes at other options. */
const joined = (planes: readonly Planes[], choice: Choice) =>
  planes.map((each) => inRounds(each, { ...defaults, ...choice }))

/** s(h) of every host that a strong term names, with terms likelier than the allowance left out. */
function scoresAt(planes: readonly Planes[], choice: Choice): Map<string, number> {
  const { weak } = { ...defaults, ...choice }
  const scores = new Map<string, number>()
  for (const { scores: all, terms } of joined(planes, choice)) {
    const named = new Set(terms.filter((term) => isStrong(term, weak)).flatMap(({ shared }) => shared))
    for (const host of named) scores.set(host, Math.max(all.get(host) ?? 0, scores.get(host) ?? 0))
  }
  return scores
}

interface Extremes {
  /** Largest score of a clean host. */
  readonly clean: number
  /** Clean hosts with a score at all. */
  readonly cleanScored: number
  /** Scores of bots that have one, ascending. */
  readonly bots: readonly number[]
  readonly botsWithout: number
}

function extremes({ planes, botnetOf }: Day, chance: number, weak = defaults.weak): Extremes {
  const scores = scoresAt(planes, { chance, weak })
  const clean = [...scores].filter(([host]) => !botnetOf.has(host)).map(([, score]) => score)
  const bots = [...scores]
    .filter(([host]) => botnetOf.has(host))
    .map(([, score]) => score)
    .sort((a, b) => a - b)
  return {
    clean: Math.max(0, ...clean),
    cleanScored: clean.length,
    bots,
    botsWithout: botnetOf.size - bots.length,
  }
}

const chances = [0.001, 0.01, 0.05, 0.2, 1, Number.POSITIVE_INFINITY]
const thetas = [0, 0.05, 0.1, 0.2, 0.3, 0.5, 1]

function atLine(days: readonly Day[], chance: number, theta: number) {
  let [clean, wrong, caught, bots] = [0, 0, 0, 0]
  for (const day of days) {
    const over = joined(day.planes, { chance, threshold: theta }).flatMap(({ bots }) => bots)
    // One host over the line is no group.
    const accused = over.length < 2 ? [] : over
    const benign = accused.filter((host) => !day.botnetOf.has(host)).length
    if (day.bots) wrong += benign
    else clean += benign
    caught += accused.length - benign
    bots += day.bots ? day.botnetOf.size : 0
  }
  return { clean, wrong, caught, bots }
}

function rowsOf(days: readonly Day[]): Row[] {
  const numbers = days.map(({ seed }) => seed)
  const asserted = `tuning seeds ${Math.min(...numbers)} to ${Math.max(...numbers)}, ${days.length} days, of odd-campus too`
  const [clean, infected] = [days.filter(({ bots }) => !bots), days.filter(({ bots }) => bots)]
  const { chance, threshold } = defaults
  const largest = (of: readonly Day[], at: number) => Math.max(...of.map((day) => extremes(day, at).clean))
  const all = infected.flatMap((day) => extremes(day, chance).bots).sort((a, b) => a - b)
  const { caught, bots, clean: accused } = atLine(days, chance, threshold)
  return [
    {
      name: `largest s(h) on clean days, chance ${chance}`,
      figure: largest(clean, chance),
      unit: '',
      better: 'less',
      asserted,
    },
    {
      name: 'largest s(h) on clean days, every term counted',
      figure: largest(clean, Number.POSITIVE_INFINITY),
      unit: '',
      better: 'less',
      asserted,
    },
    {
      name: `largest s(h) of clean hosts beside bots, chance ${chance}`,
      figure: largest(infected, chance),
      unit: '',
      better: 'less',
      asserted,
    },
    { name: `least s(h) of a bot that has one, chance ${chance}`, figure: all[0] ?? 0, unit: '', asserted },
    {
      name: 'largest s(h) on clean days, every term counted, downloads too',
      figure: Math.max(...clean.map((day) => extremes(day, Number.POSITIVE_INFINITY, []).clean)),
      unit: '',
      better: 'less',
      asserted,
    },
    {
      name: `largest s(h) on clean days, chance ${chance}, downloads too`,
      figure: Math.max(...clean.map((day) => extremes(day, chance, []).clean)),
      unit: '',
      better: 'less',
      asserted,
    },
    { name: `bots over ${threshold}`, figure: caught, unit: 'hosts', asserted: `${bots} bots, ${asserted}` },
    {
      name: `clean hosts over ${threshold} on clean days`,
      figure: accused,
      unit: 'hosts',
      better: 'less',
      asserted,
    },
  ]
}

const dayName = ({ scenario, seed, bots }: Day) =>
  `${scenario === 'odd-campus' ? 'odd ' : ''}${seed}${bots ? '' : ', no bots'}`

const sayChance = (chance: number) => (Number.isFinite(chance) ? String(chance) : 'any')

function pageOf(days: readonly Day[]): string {
  const { chance, threshold } = defaults
  const infected = days.filter((day) => day.bots)
  const bots = infected.reduce((sum, { botnetOf }) => sum + botnetOf.size, 0)
  const grid = chances.map((each) => [
    each === chance ? `${each} **default**` : sayChance(each),
    ...thetas.map((theta) => gridCell(days, each, theta)),
  ])
  const seeds = days.map((day) => {
    const at = extremes(day, chance)
    const every = extremes(day, Number.POSITIVE_INFINITY)
    const [weak, weakEvery] = [extremes(day, chance, []), extremes(day, Number.POSITIVE_INFINITY, [])]
    const quantile = (share: number) => at.bots[Math.floor(share * (at.bots.length - 1))]
    return [
      dayName(day),
      String(day.hosts),
      `${shortNumber(at.clean)} (${at.cleanScored})`,
      `${shortNumber(every.clean)} (${every.cleanScored})`,
      `${shortNumber(weak.clean)} (${weak.cleanScored})`,
      `${shortNumber(weakEvery.clean)} (${weakEvery.cleanScored})`,
      day.bots ? shortNumber(at.bots[0] ?? 0) : '–',
      day.bots ? shortNumber(quantile(0.5) ?? 0) : '–',
      day.bots ? `${at.botsWithout} of ${day.botnetOf.size}` : '–',
    ]
  })
  return `## Scores at the default chance, ${chance}

Highest score of a clean host and, in brackets, how many clean hosts have a score; scores of bots. *Downloads too*: as if no activity were weak.

${markdownTable(['seed', 'hosts', `clean, chance ${chance}`, 'clean, every term', `clean, downloads too, chance ${chance}`, 'clean, downloads too, every term', 'lowest of a bot', 'median of bots', 'bots without a score'], seeds)}

${leastBots(infected, chance)}

## What each choice accuses

Bots of ${bots} above θ; in brackets the clean hosts on days without and with bots, if there are any. One host is no group.

${markdownTable(['chance', ...thetas.map((theta) => `θ ${theta}${theta === threshold ? ' **default**' : ''}`)], grid)}

## The largest scores of clean hosts

${largestClean(days)}
`
}

/** Bots above θ, and clean hosts if there are any. */
function gridCell(days: readonly Day[], chance: number, theta: number): string {
  const { clean, wrong, caught } = atLine(days, chance, theta)
  return clean + wrong === 0 ? String(caught) : `${caught} (${clean}, ${wrong})`
}

function leastBots(days: readonly Day[], chance: number): string {
  const botnets = [...new Set(days.flatMap(({ botnetOf }) => [...botnetOf.values()]))].sort()
  const rows = botnets.map((id) => {
    const scores = days.flatMap((day) => {
      const all = scoresAt(day.planes, { chance })
      return [...day.botnetOf].filter(([, own]) => own === id).map(([host]) => all.get(host) ?? 0)
    })
    const scored = scores.filter((score) => score > 0).sort((a, b) => a - b)
    const over = scores.filter((score) => score > defaults.threshold).length
    return [
      id,
      String(scores.length),
      percent(scored.length / scores.length),
      shortNumber(scored[0] ?? 0),
      shortNumber(scored[scored.length >> 1] ?? 0),
      percent(over / scores.length),
    ]
  })
  return markdownTable(
    ['botnet', 'bots', 'with a score', 'lowest', 'median', `above ${defaults.threshold}`],
    rows,
  )
}

function largestClean(days: readonly Day[]): string {
  const every = { chance: Number.POSITIVE_INFINITY, weak: [] }
  const found = days.flatMap((day) => {
    const terms = joined(day.planes, every).flatMap((each) => each.terms)
    return [...scoresAt(day.planes, every)]
      .filter(([host]) => !day.botnetOf.has(host))
      .map(([host, score]) => ({
        day,
        host,
        score,
        own: terms.filter(({ shared }) => shared.includes(host)),
      }))
  })
  const rows = found
    .toSorted((a, b) => b.score - a.score)
    .slice(0, 12)
    .map(({ day, host, score, own }) => {
      const best = own.toSorted((a, b) => a.expected - b.expected)[0]
      return [
        dayName(day),
        host,
        shortNumber(score),
        best ? `${best.a.type} × ${best.plane === 'A-C' ? `${best.b.kind} ${best.b.id}` : best.b.type}` : '',
        shortNumber(best?.expected ?? 0),
      ]
    })
  return `Every term counted, downloads too; the last columns are its least likely term and how many such overlaps chance would give.\n\n${markdownTable(['seed', 'host', 's(h)', 'least likely term', 'by chance'], rows)}`
}

if (import.meta.main) console.table(await run())
