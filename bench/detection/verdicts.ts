/**
 * The joint verdict against each detector alone and RITA's score, per host, on the reporting side: precision and
 * recall, false alarms a host-day, and how well its confidence is calibrated. Writes the measured part of
 * docs/method/verdict.md.
 *
 *     npm run bench -- verdicts
 */
import { verdictLine, verdictOf } from '../../src/findings/verdict.ts'
import { type FindingKind, findingKinds } from '../../src/model/finding.ts'
import { withLoneBots } from '../fit/fit-verdict.ts'
import { fillPage, markdownTable, type Row } from '../row.ts'
import { reportingGrounds, tuningGrounds } from '../samples/verdict-grounds.ts'
import {
  type HostSample,
  type SampledGround,
  sampled,
  type VerdictGround,
} from '../samples/verdict-samples.ts'
import { isSmallest } from '../smallest.ts'
import { areaUnderRoc } from './beacon-curves.ts'

const ritaLine = 0.7

export async function run(): Promise<Row[]> {
  const reporting = await all(isSmallest ? reportingGrounds.filter(isShort).slice(0, 1) : reportingGrounds)
  const tuning = process.argv.includes('--with-tuning') ? await all(tuningGrounds) : []
  fillPage('verdict.md', pageOf(reporting, tuning))
  return rowsOf(reporting)
}

/** A capture of one infected host. */
const isShort = (ground: VerdictGround): boolean => 'paths' in ground && ground.bots.length > 0

async function all(grounds: readonly VerdictGround[]): Promise<SampledGround[]> {
  const found: SampledGround[] = []
  for (const ground of grounds) {
    const one = await sampled(ground)
    console.error(ground.name, one.samples.length, 'hosts')
    found.push(one)
  }
  return found
}

/** A way to decide on a host: a score, and the line from which it accuses. */
interface Decider {
  readonly name: string
  readonly line: number
  score(sample: HostSample): number
}

/** The verdict on the indicators that a sample has, some of which may have been taken out. */
const jointly = ({ host, strengths }: HostSample): number =>
  verdictOf(
    host,
    Object.entries(strengths).map(([kind, strength]) => ({
      host,
      kind: kind as FindingKind,
      strength,
      description: '',
    })),
  ).confidence

const highest = ({ strengths }: HostSample): number => Math.max(0, ...Object.values(strengths))

const deciders = (samples: readonly HostSample[]): Decider[] => [
  { name: 'joint verdict', line: verdictLine, score: jointly },
  {
    name: 'joint verdict, or any detector',
    line: verdictLine,
    score: (each) => Math.max(jointly(each), highest(each)),
  },
  { name: 'any detector (before joining)', line: 0.5, score: highest },
  ...findingKinds
    .filter((kind) => samples.some(({ strengths }) => (strengths[kind] ?? 0) >= 0.5))
    .map((kind) => ({
      name: `${kind} alone`,
      line: 0.5,
      score: (each: HostSample) => each.strengths[kind] ?? 0,
    })),
  { name: `RITA at ${ritaLine}`, line: ritaLine, score: ({ rita }) => rita },
]

interface Counts {
  readonly caught: number
  readonly bots: number
  readonly wrong: number
  readonly clean: number
}

function countsOf(samples: readonly HostSample[], { line, score }: Decider): Counts {
  const over = samples.filter((each) => score(each) >= line)
  return {
    caught: over.filter(({ bot }) => bot).length,
    bots: samples.filter(({ bot }) => bot).length,
    wrong: over.filter(({ bot }) => !bot).length,
    clean: samples.filter(({ bot }) => !bot).length,
  }
}

const f1 = ({ caught, wrong, bots }: Counts): number =>
  caught === 0 ? 0 : (2 * caught) / (caught + wrong + bots)

const auc = (samples: readonly HostSample[], { score }: Decider): number =>
  areaUnderRoc(samples.filter(({ bot }) => bot).map(score), samples.filter(({ bot }) => !bot).map(score))

const isClean = ({ samples }: SampledGround): boolean => samples.every(({ bot }) => !bot)
const isReal = ({ ground }: SampledGround): boolean => 'paths' in ground

function comparison(grounds: readonly SampledGround[], lone: boolean): string {
  const own = grounds.flatMap(({ samples }) => samples)
  const samples = lone
    ? withLoneBots(own).filter(({ strengths, bot, real }) => !bot || real || strengths.botnet === undefined)
    : own
  return markdownTable(
    ['decided by', 'bots accused', 'clean hosts accused', 'precision', 'recall', 'F1', 'area under ROC'],
    deciders(samples).map((decider) => {
      const counts = countsOf(samples, decider)
      const { caught, bots, wrong, clean } = counts
      return [
        decider.name,
        `${caught} of ${bots}`,
        `${wrong} of ${clean}`,
        caught + wrong === 0 ? '–' : (caught / (caught + wrong)).toFixed(3),
        (caught / bots).toFixed(3),
        f1(counts).toFixed(3),
        auc(samples, decider).toFixed(3),
      ]
    }),
  )
}

function falseAlarms(grounds: readonly SampledGround[]): string {
  const clean = grounds.filter(isClean)
  const names = deciders(clean.flatMap(({ samples }) => samples))
  const shown = deciders(grounds.flatMap(({ samples }) => samples)).filter(
    ({ name }) => names.some((each) => each.name === name) || !name.endsWith('alone'),
  )
  return markdownTable(
    ['records', 'host-days', ...shown.map(({ name }) => name)],
    clean.map((each) => [
      each.ground.name,
      each.hostDays.toFixed(2),
      ...shown.map((decider) => {
        const { wrong } = countsOf(each.samples, decider)
        return wrong === 0 ? '0' : `${wrong} (${(wrong / each.hostDays).toFixed(3)} per host-day)`
      }),
    ]),
  )
}

const bins = [0, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 1.0001]

/** Hosts by confidence, beside the share of them that are bots. */
function reliability(samples: readonly HostSample[]): { table: string; error: number } {
  const scored = samples.map((each) => ({ confidence: jointly(each), bot: each.bot ? 1 : 0 }))
  const rows = bins.slice(1).flatMap((to, i) => {
    const own = scored.filter(({ confidence }) => confidence >= bins[i]! && confidence < to)
    if (own.length === 0) return []
    const mean = own.reduce((sum, { confidence }) => sum + confidence, 0) / own.length
    const share = own.reduce((sum, { bot }) => sum + bot, 0) / own.length
    return [{ from: bins[i]!, to: Math.min(1, to), hosts: own.length, mean, share }]
  })
  const error =
    rows.reduce((sum, { hosts, mean, share }) => sum + hosts * Math.abs(mean - share), 0) / scored.length
  return {
    error,
    table: markdownTable(
      ['confidence', 'hosts', 'mean confidence', 'share of bots'],
      rows.map(({ from, to, hosts, mean, share }) => [
        `${from} to ${to}`,
        String(hosts),
        mean.toFixed(3),
        share.toFixed(3),
      ]),
    ),
  }
}

function pageOf(reporting: readonly SampledGround[], tuning: readonly SampledGround[]): string {
  const samples = reporting.flatMap((each) => each.samples)
  const { table, error } = reliability(samples)
  const lone = reliability(withLoneBots(samples))
  const real = reporting.filter(isReal)
  const simulated = reporting.filter((each) => !isReal(each))
  return `### Simulated days

${comparison(simulated, false)}

The same bots as if each were the only one of its network: without the indicator of the group.

${comparison(simulated, true)}

### Real captures

${comparison(real, false)}

### False alarms on clean records

${falseAlarms(reporting)}

### Reliability

Expected calibration error ${error.toFixed(4)} over ${samples.length} hosts; if each simulated bot counts once more as if alone, ${lone.error.toFixed(4)}.

${table}

${tuning.length > 0 ? `### The tuning side, for comparison\n\n${comparison(tuning, false)}\n\nAs if alone:\n\n${comparison(tuning, true)}` : ''}

### Hosts wrongly judged

${mistakes(reporting)}
`
}

function mistakes(grounds: readonly SampledGround[]): string {
  const rows = grounds.flatMap(({ ground, samples }) =>
    samples
      .filter((each) => jointly(each) >= verdictLine !== each.bot || each.alone !== each.bot)
      .map((each) => [
        ground.name,
        each.host,
        each.bot ? 'bot' : 'clean',
        jointly(each).toFixed(3),
        each.alone ? 'yes' : 'no',
        Object.entries(each.strengths)
          .map(([kind, strength]) => `${kind} ${strength.toFixed(2)}`)
          .join(', ') || 'none',
      ]),
  )
  return rows.length === 0
    ? 'None.'
    : markdownTable(['records', 'host', 'is', 'joint verdict', 'a detector accuses it', 'indicators'], rows)
}

function rowsOf(grounds: readonly SampledGround[]): Row[] {
  const samples = grounds.flatMap((each) => each.samples)
  const over = `${samples.length} hosts of ${grounds.length} grounds`
  const rows = deciders(samples).flatMap((decider): Row[] => {
    const counts = countsOf(samples, decider)
    return [
      {
        name: `${decider.name}: bots accused`,
        figure: counts.caught,
        unit: 'hosts',
        asserted: `${counts.bots} bots`,
      },
      {
        name: `${decider.name}: clean hosts accused`,
        figure: counts.wrong,
        unit: 'hosts',
        better: 'less',
        asserted: over,
      },
      { name: `${decider.name}: F1`, figure: f1(counts), unit: '', asserted: over },
    ]
  })
  return [
    ...rows,
    {
      name: 'expected calibration error',
      figure: reliability(samples).error,
      unit: '',
      better: 'less',
      asserted: over,
    },
  ]
}

if (import.meta.main) console.table(await run())
