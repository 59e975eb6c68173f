/**
 * Real captures, and described behaviours laid over a clean office, as `gannet run` judges them: who is accused,
 * rightly or not, and where the C&C stands. Writes docs/method/real-ground.md when nothing is left out.
 *
 * `npm run bench -- real-ground [--only NAME,…] [--sort clean,infected,honest,cnc] [--side tuning|reporting] [--quick]`
 *
 * `--baselines-of COMMIT` takes what the baselines answered there, where it is kept. `--ground campus` lays the described
 * behaviours over a simulated campus instead (campus.ts), without the baselines; with `--kept` only the cases that were
 * answered before, so that several processes may share the work.
 */
import { parseArgs } from 'node:util'
import type { Row } from '../row.ts'
import { few } from '../smallest.ts'
import { isAnswered, overCampus } from './campus.ts'
import { type GroundCase, groundCases, sorts } from './cases.ts'
import { figuresOf, type Judged, judged } from './figures.ts'
import { type Baselines, campusPart, caseLine, groundPage } from './page.ts'
import { answerOf, baselineSources, baselinesOf, commitOf, sourcesAt, sourcesOf } from './run.ts'

interface Asked {
  readonly only: readonly string[]
  readonly sorts: readonly string[]
  readonly side: string | undefined
  readonly quick: boolean
  readonly ground: string
  /** Over the campus, only cases that were answered before. */
  readonly kept: boolean
  /** Commit whose answers of the baselines are taken, where they are kept; null for the sources as they are. */
  readonly baselinesOf: string | null
}

function asked(): Asked {
  const { values } = parseArgs({
    args: process.argv.slice(process.argv.indexOf('real-ground') + 1),
    options: {
      only: { type: 'string' },
      sort: { type: 'string' },
      side: { type: 'string' },
      quick: { type: 'boolean', default: false },
      ground: { type: 'string', default: 'office' },
      'baselines-of': { type: 'string' },
      kept: { type: 'boolean', default: false },
    },
  })
  return {
    only: values.only?.split(',') ?? [],
    sorts: values.sort?.split(',') ?? sorts,
    side: values.side,
    quick: values.quick,
    ground: values.ground,
    kept: values.kept,
    baselinesOf: values['baselines-of'] ?? null,
  }
}

/** The cases that are asked for. `--only` takes beginnings of names; `--quick` every fifth of each sort. */
function chosen(all: readonly GroundCase[], { only, sorts: wanted, side, quick }: Asked): GroundCase[] {
  const some = all.filter(
    (each) =>
      wanted.includes(each.sort) &&
      (side === undefined || each.side === side) &&
      (only.length === 0 || only.some((begin) => each.name.startsWith(begin))),
  )
  if (!quick) return some

  return [...Map.groupBy(some, ({ sort }) => sort).values()].flatMap((same) =>
    same.filter((_, i) => i % 5 === 2),
  )
}

export async function run(): Promise<Row[]> {
  const all = groundCases()
  const cases = few(chosen(all, asked()))
  if (cases.length === 0) throw new RangeError('no case: is ../shared/data there, and the name right?')

  if (asked().ground === 'campus') return onCampus(all, cases)

  const sources = sourcesOf()
  const { baselinesOf: commit } = asked()
  const ofBaselines = commit === null ? sourcesOf(baselineSources) : sourcesAt(commit, baselineSources)
  const tried: Judged[] = []
  const rita: Judged[] = []
  const rare: Judged[] = []

  for (const each of cases) {
    const one = judged(each, await answerOf(each, sources))
    tried.push(one)
    console.error(caseLine(one))

    const others = await baselinesOf(each, ofBaselines)
    rita.push(judged(each, others.rita))
    rare.push(judged(each, others.rare))
  }

  const measured = [
    `Measured at \`${commitOf()}\``,
    ...(commit === null ? [] : [`the baselines at \`${commit}\``]),
  ]
  if (cases.length === all.length) groundPage(tried, { rita, rare }, `${measured.join(', ')}.`)
  return rowsOf(tried, { rita, rare })
}

const isDescribed = ({ sort }: GroundCase): boolean => sort === 'honest' || sort === 'cnc'

async function onCampus(all: readonly GroundCase[], cases: readonly GroundCase[]): Promise<Row[]> {
  const sources = sourcesOf()
  const described = all.filter(isDescribed)
  const wanted = cases.filter(isDescribed).filter((each) => !asked().kept || isAnswered(each, sources))
  const tried: Judged[] = []
  for await (const { of, answer } of overCampus(wanted, sources)) {
    const one = judged(of, answer)
    tried.push(one)
    console.error(caseLine(one))
  }

  const share = tried.length === described.length ? '' : `, ${tried.length} of ${described.length} cases`
  if (share === '' || asked().kept) campusPart(tried, `Measured at \`${commitOf()}\`${share}.`)
  return figuresOf(tried)
    .filter(({ figure, of }) => !Number.isNaN(figure) && of !== 0)
    .map(({ name, figure, of, better }) => ({
      name: `${name.replaceAll('office', 'campus')}`,
      figure,
      unit: of === null ? unitOf(name) : 'cases',
      better,
      asserted: of === null ? `${tried.length} cases` : `of ${of}`,
    }))
}

function rowsOf(tried: readonly Judged[], { rita, rare }: Baselines): Row[] {
  const figureIn = (baseline: readonly Judged[], name: string) =>
    Number((figuresOf(baseline).find((each) => each.name === name)?.figure ?? Number.NaN).toFixed(2))

  return figuresOf(tried)
    .filter(({ figure }) => !Number.isNaN(figure))
    .map(({ name, figure, of, better }) => ({
      name,
      figure,
      unit: of === null ? unitOf(name) : 'cases',
      better,
      peer: `RITA ${figureIn(rita, name)}, rare ${figureIn(rare, name)}`,
      asserted: of === null ? `${tried.length} cases` : `of ${of}`,
    }))
}

const unitOf = (name: string): string =>
  /^(area|calibration)/.test(name) ? '' : name.includes('services') ? 'services' : 'hosts'

if (import.meta.main) console.table(await run())
