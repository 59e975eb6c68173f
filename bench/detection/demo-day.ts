/**
 * The demo day over the reporting seeds, with botnets and without, in the default and the paper's mode: what was found,
 * who was accused wrongly and by which stage. Writes docs/method/demo-day.md.
 *
 * `npm run bench -- demo-day [--seeds 11-20]`; with other seeds than the reporting ones nothing is written.
 */

import { markdownTable, type Row, writePage } from '../row.ts'
import { analysed, type Mode, type Run } from '../samples/analysed.ts'
import { reportingSeeds, seedsAsked } from '../seeds.ts'
import { few, isSmallest, shortDay } from '../smallest.ts'

interface Day {
  readonly seed: number
  readonly bots: boolean
  readonly run: Run
  readonly peakMegabytes: number
}

export async function run(): Promise<Row[]> {
  const seeds = seedsAsked(reportingSeeds)
  const days: Day[] = []
  for (const seed of seeds)
    days.push(...(await Promise.all(few([true, false]).map((bots) => dayOf(seed, bots)))).flat())
  if (seeds === reportingSeeds) writePage('demo-day.md', pageOf(days))
  return rowsOf(days, seeds)
}

async function dayOf(seed: number, bots: boolean): Promise<Day[]> {
  const { runs, failed, peakMegabytes } = await analysed({
    records: { scenario: 'campus-day', seed, bots, ...(isSmallest && shortDay) },
    modes: ['default', 'paper'],
  })
  if (failed !== null) throw new RangeError(`seed ${seed}: ${failed}`)
  console.error(`seed ${seed} ${bots ? 'with' : 'without'} bots: ${runs.map(oneLine).join('; ')}`)
  return runs.map((each) => ({ seed, bots, run: each, peakMegabytes }))
}

const oneLine = ({ mode, evaluation }: Run) =>
  `${mode} ${evaluation!.hosts.truePositives} bots and ${evaluation!.hosts.falsePositives} others accused`

const views: readonly {
  readonly name: string
  readonly mode: Mode
  readonly counts: (accused: readonly string[]) => boolean
}[] = [
  { name: 'default', mode: 'default', counts: () => true },
  {
    name: 'default, botnets and activities only',
    mode: 'default',
    counts: (kinds) => kinds.some((kind) => kind !== 'beacon' && kind !== 'family'),
  },
  { name: 'default, botnets only', mode: 'default', counts: (kinds) => kinds.includes('botnet') },
  { name: 'paper', mode: 'paper', counts: () => true },
  { name: 'paper, botnets only', mode: 'paper', counts: (kinds) => kinds.includes('botnet') },
]

interface Total {
  readonly found: number
  readonly whole: number
  readonly botnets: number
  readonly members: { readonly right: number; readonly strangers: number; readonly of: number }
  readonly cnc: { readonly first: number; readonly three: number; readonly of: number }
  readonly invented: number
  readonly hosts: { readonly caught: number; readonly bots: number; readonly wrong: number }
  readonly days: number
  readonly clean: number
}

function totalOf(days: readonly Day[], counts: (kinds: readonly string[]) => boolean): Total {
  const botnets = days.flatMap(({ run: { evaluation } }) => evaluation!.botnets)
  const hosts = days.map(({ run: { accused, evaluation } }) => {
    const wrong = new Set(evaluation!.falseAlarms.map(({ host }) => host))
    const counted = accused.filter(({ kinds }) => counts(kinds))
    const unjudged = new Set(evaluation!.hosts.unjudged)
    return {
      caught: counted.filter(({ host }) => !wrong.has(host) && !unjudged.has(host)).length,
      wrong: counted.filter(({ host }) => wrong.has(host)).length,
    }
  })
  const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0)
  const size = sum(botnets.map((each) => each.size))
  return {
    found: botnets.filter(({ match }) => match !== null).length,
    whole: botnets.filter(({ precision, recall }) => precision === 1 && recall === 1).length,
    botnets: botnets.length,
    members: {
      right: sum(botnets.map((each) => each.truePositives)),
      strangers: sum(botnets.map((each) => each.falsePositives)),
      of: size,
    },
    cnc: {
      first: botnets.filter(({ cncRank }) => cncRank === 1).length,
      three: botnets.filter(({ cncRank }) => cncRank !== null && cncRank <= 3).length,
      of: botnets.length,
    },
    invented: sum(days.map(({ run: { evaluation } }) => evaluation!.inventedBotnets.length)),
    hosts: {
      caught: sum(hosts.map((each) => each.caught)),
      bots: size,
      wrong: sum(hosts.map((each) => each.wrong)),
    },
    days: days.length,
    clean: sum(
      days.map(({ run: { evaluation } }) => {
        const { judged, truePositives, falseNegatives, days: length } = evaluation!.hosts
        return (judged - truePositives - falseNegatives) * length
      }),
    ),
  }
}

const share = (part: number, whole: number) => (whole === 0 ? null : part / whole)

function f1(right: number, wrong: number, missed: number): number | null {
  return share(2 * right, 2 * right + wrong + missed)
}

function rowsOf(days: readonly Day[], seeds: readonly number[]): Row[] {
  const over = `${seeds.length} seeds (${seeds[0]} to ${seeds.at(-1)})`
  const rows = views.flatMap(({ name, mode, counts }): Row[] => {
    const infected = totalOf(
      days.filter((day) => day.bots && day.run.mode === mode),
      counts,
    )
    const clean = totalOf(
      days.filter((day) => !day.bots && day.run.mode === mode),
      counts,
    )
    const { caught, bots, wrong } = infected.hosts
    const ofBotnets = `${infected.botnets} botnets, ${over}`
    const own: Row[] = [
      { name: 'botnets found', figure: infected.found, unit: 'botnets', asserted: ofBotnets },
      {
        name: 'botnets whole, no member missed or wrong',
        figure: infected.whole,
        unit: 'botnets',
        asserted: ofBotnets,
      },
      {
        name: 'botnets invented',
        figure: infected.invented,
        unit: 'botnets',
        better: 'less',
        asserted: over,
      },
      {
        name: 'members right',
        figure: infected.members.right,
        unit: 'hosts',
        asserted: `${infected.members.of} members, ${over}`,
      },
      { name: 'C&C named first', figure: infected.cnc.first, unit: 'botnets', asserted: ofBotnets },
    ]
    const hosts: Row[] = [
      { name: 'bots accused', figure: caught, unit: 'hosts', asserted: `${bots} bots, ${over}` },
      {
        name: 'clean hosts accused',
        figure: wrong,
        unit: 'hosts',
        better: 'less',
        asserted: `${infected.clean.toFixed(0)} clean host-days, ${over}`,
      },
      { name: 'host precision', figure: share(caught, caught + wrong) ?? 0, unit: '', asserted: over },
      { name: 'host recall', figure: share(caught, bots) ?? 0, unit: '', asserted: over },
      { name: 'host F1', figure: f1(caught, wrong, bots - caught) ?? 0, unit: '', asserted: over },
      {
        name: 'false hosts per host-day',
        figure: share(wrong, infected.clean) ?? 0,
        unit: '1/host-day',
        better: 'less',
        asserted: over,
      },
      {
        name: 'hosts accused on days without bots',
        figure: clean.hosts.wrong,
        unit: 'hosts',
        better: 'less',
        asserted: `${clean.clean.toFixed(0)} host-days, ${over}`,
      },
    ]
    const known = name === mode ? [...own, ...hosts] : hosts
    return known.map((row) => ({ ...row, name: `${name}: ${row.name}` }))
  })
  const peak = Math.max(...days.map(({ peakMegabytes }) => peakMegabytes))
  const slowest = Math.max(
    ...days.filter(({ run: { mode } }) => mode === 'default').map((day) => day.run.processorSeconds),
  )
  return [
    ...rows,
    {
      name: 'analysis of a day, slowest seed, CPU time',
      figure: slowest,
      unit: 's',
      better: 'less',
      asserted: over,
    },
    {
      name: 'peak memory, simulator and both modes',
      figure: peak,
      unit: 'MB',
      better: 'less',
      asserted: over,
    },
  ]
}

function pageOf(days: readonly Day[]): string {
  const modes = ['default', 'paper'] as const
  return `# The demo day, seed by seed

\`npm run bench -- demo-day\` writes this page; [benchmarks.md](../benchmarks.md) has totals, machine and commit. The scenario is
\`campus-day\` ([simulator.md](simulator.md)). The seeds are the reporting ones of [held-out.md](held-out.md).

A cell says how many bots of a botnet one finding names. In brackets, where they differ from the best: bots accused in any
finding, other hosts in the finding, and the rank of the C&C.

${modes.map((mode) => botnetSection(days, mode)).join('\n\n')}

## Why clean hosts were accused

Both kinds of days. The cause is the claim of the finding, without the host.

${modes.map((mode) => `### ${mode}\n\n${causes(days.filter(({ run: { mode: own } }) => own === mode))}`).join('\n\n')}
`
}

type Scored = NonNullable<Run['evaluation']>['botnets'][number]

/** `2 of 6 (5 accused, C&C not named)`. */
function botnetCell({ match, truePositives, size, accused, strangers, cncRank }: Scored): string {
  const found = match === null ? 'none' : `${truePositives} of ${size}`
  const parts = [
    accused === truePositives ? '' : `${accused} accused`,
    strangers.length === 0 ? '' : `${strangers.length} other`,
    match === null || cncRank === 1 ? '' : cncRank === null ? 'C&C not named' : `C&C at rank ${cncRank}`,
  ].filter(Boolean)
  return parts.length === 0 ? found : `${found} (${parts.join(', ')})`
}

function botnetSection(days: readonly Day[], mode: Mode): string {
  const infected = days.filter(({ bots, run }) => bots && run.mode === mode)
  const botnets = infected[0]?.run.evaluation?.botnets ?? []

  const rows = infected.map(({ seed, run: { evaluation } }) => {
    const clean = days.find((day) => !day.bots && day.seed === seed && day.run.mode === mode)
    return [
      String(seed),
      ...evaluation!.botnets.map(botnetCell),
      String(evaluation!.hosts.falsePositives),
      String(clean?.run.evaluation?.hosts.falsePositives ?? '–'),
    ]
  })

  const heads = ['seed', ...botnets.map(({ id, family }) => `${id} (${family})`)]
  const table = markdownTable(
    [...heads, 'clean hosts accused', 'clean hosts accused on the day without bots'],
    rows,
  )
  return `## Mode ${mode}\n\n${table}`
}

function causes(days: readonly Day[]): string {
  const alarms = days.flatMap(({ seed, run: { evaluation, accused } }) =>
    evaluation!.falseAlarms.flatMap(({ host, claims }) =>
      claims.map((claim) => ({
        seed,
        host,
        kind: accused.find((each) => each.host === host)?.kinds.join(', ') ?? '',
        cause: causeOf(claim, host),
      })),
    ),
  )
  const groups = [...Map.groupBy(alarms, ({ kind, cause }) => `${kind}\t${cause}`)].toSorted(
    (a, b) => b[1].length - a[1].length,
  )
  if (groups.length === 0) return 'None.'
  const rows = groups.map(([key, found]) => {
    const [kind = '', cause = ''] = key.split('\t')
    return [kind, cause, String(found.length), String(new Set(found.map(({ seed }) => seed)).size)]
  })
  return markdownTable(['kind', 'cause', 'accusations', 'seeds'], rows)
}

/** A claim without the host and with names and addresses made alike. */
function causeOf(claim: string, host: string): string {
  return claim
    .replaceAll(host, 'it')
    .replace(/(\b[a-z][a-z-]*?)-?\w*\.\w+\.example/g, '$1.….example')
    .replace(/\d+\.\d+\.\d+\.\d+/g, '…')
    .replace(/ \(…\)/g, '')
}

if (import.meta.main) console.table(await run())
