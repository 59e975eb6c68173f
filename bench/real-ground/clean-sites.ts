/**
 * Clean simulated sites of 45 hosts: days on which anybody is accused, and of what.
 *
 *     npm run bench -- clean-sites [--seeds 11-13]
 *
 * Every kind of network that has no hosts which scan and mail on purpose (those of `odd-campus` do), each seed a day.
 * Fills a part of docs/method/real-ground.md where the seeds are the usual ones.
 */
import { fillPart, markdownTable, type Row } from '../row.ts'
import { analysed, type Run } from '../samples/analysed.ts'
import { reportingNetworks, reportingSeeds, seedsAsked } from '../seeds.ts'
import { few, isSmallest } from '../smallest.ts'

const hosts = 45
const scenarios = ['campus-day', ...reportingNetworks]
const usualSeeds = reportingSeeds.slice(0, 3)

interface Day {
  readonly scenario: string
  readonly seed: number
  readonly run: Run
}

export async function run(): Promise<Row[]> {
  const seeds = seedsAsked(usualSeeds)
  const days: Day[] = []
  for (const scenario of few(scenarios))
    for (const seed of seeds) {
      const { runs, failed } = await analysed({
        records: { scenario, seed, hosts, bots: false, ...(isSmallest && { days: 0.3 }) },
        modes: ['default'],
        withRita: true,
      })
      if (failed !== null) throw new RangeError(`${scenario} ${seed}: ${failed}`)
      days.push({ scenario, seed, run: runs[0]! })
      console.error(scenario, seed, runs[0]!.hosts, runs[0]!.accused.map(({ claims }) => claims[0]).join(' '))
    }

  if (seeds === usualSeeds) fillPart('real-ground.md', 'clean sites', pageOf(days))
  return rowsOf(days)
}

const isQuiet = ({ run }: Day): boolean => run.accused.length === 0
const ritaAccuses = ({ run }: Day): number =>
  Object.values(run.rita ?? {}).filter((score) => score >= 0.7).length

function pageOf(days: readonly Day[]): string {
  const table = markdownTable(
    ['network', 'days', 'hosts', 'days with a host accused', 'hosts accused', 'RITA at 0.7'],
    [...Map.groupBy(days, ({ scenario }) => scenario)].map(([scenario, own]) => [
      scenario,
      String(own.length),
      own.map(({ run }) => run.hosts).join(', '),
      String(own.filter((each) => !isQuiet(each)).length),
      String(own.reduce((sum, { run }) => sum + run.accused.length, 0)),
      String(own.reduce((sum, each) => sum + ritaAccuses(each), 0)),
    ]),
  )
  const claims = days.flatMap(({ scenario, seed, run }) =>
    run.accused.map(
      ({ claims: [claim = ''], confidence }) => `- ${scenario} ${seed}: ${claim} (${confidence.toFixed(2)})`,
    ),
  )
  return [table, ...(claims.length > 0 ? [claims.join('\n')] : [])].join('\n\n')
}

function rowsOf(days: readonly Day[]): Row[] {
  const over = `${days.length} days of ${scenarios.length} networks, ${hosts} hosts`
  return [
    {
      name: 'days with a clean host accused',
      figure: days.filter((each) => !isQuiet(each)).length,
      unit: 'days',
      better: 'less',
      goal: days.length / 20,
      asserted: over,
    },
    {
      name: 'clean hosts accused',
      figure: days.reduce((sum, { run }) => sum + run.accused.length, 0),
      unit: 'hosts',
      better: 'less',
      peer: `RITA at 0.7: ${days.reduce((sum, each) => sum + ritaAccuses(each), 0)}`,
      asserted: over,
    },
  ]
}

if (import.meta.main) console.table(await run())
