/**
 * Whole analyses with contacts judged out of fold: what real ground would be if the weights of contacts had seen
 * neither the family nor the network of the case that they judge. Other detectors are as they are; they were fitted on
 * other records. With what chance alone gives as calibration error on so few cases. Fills a part of
 * docs/method/real-ground.md.
 *
 *     npm run bench -- held-out
 */
import { type Random, seeded } from '../../src/math/random.ts'
import { sigmoid } from '../../src/math/sigmoid.ts'
import { contactCases, isTried } from '../fit/contacts/cases.ts'
import { foldOf, outOfFold } from '../fit/contacts/folds.ts'
import { fitOptions } from '../fit/contacts/options.ts'
import { fillPart, markdownTable, type Row } from '../row.ts'
import type { GroundAnswer } from './answer.ts'
import { type GroundCase, groundCases, type Sort } from './cases.ts'
import { isInfected } from './figures.ts'
import { answerOf, commitOf, sourcesOf } from './run.ts'

/** One case with its verdict. */
interface HeldOut {
  readonly name: string
  readonly family: string
  readonly sort: Sort
  readonly infected: boolean
  /** 0 to 1. */
  readonly verdict: number
}

/** What detectors other than contacts say of the victims, or of anybody where there are none. */
function othersSay({ victims, sort }: GroundCase, { accused, suspects }: GroundAnswer): number {
  const hosts = [...accused, ...suspects].filter(
    ({ host, kinds }) =>
      (!isInfected(sort) || victims.includes(host)) &&
      kinds.some((kind) => kind !== 'beacon' && kind !== 'botnet'),
  )
  return Math.max(0, ...hosts.map(({ confidence }) => confidence))
}

async function heldOut(): Promise<HeldOut[]> {
  const judged = outOfFold(await contactCases(), fitOptions)
  const itself = judged.filter(({ of }) => of.kind === 'real' || of.kind === 'office')
  const outcomes = new Map(itself.map((each) => [each.of.name, each]))
  const sources = sourcesOf()
  const found: HeldOut[] = []

  for (const each of groundCases().filter(isTried)) {
    const described = each.sort === 'honest' || each.sort === 'cnc'
    const outcome = outcomes.get(described ? `office-${each.name}` : each.name)
    if (!outcome) throw new RangeError(`no contacts of ${each.name}`)
    found.push({
      name: each.name,
      family: outcome.of.family,
      sort: each.sort,
      infected: isInfected(each.sort),
      verdict: Math.max(sigmoid(outcome.top), othersSay(each, await answerOf(each, sources))),
    })
  }
  return found
}

type Said = Pick<HeldOut, 'verdict' | 'infected'>

/** Expected calibration error over ten bins. */
function calibrationError(cases: readonly Said[]): number {
  const bins = Map.groupBy(cases, ({ verdict }) => Math.min(9, Math.floor(10 * verdict)))
  return [...bins.values()].reduce((sum, own) => {
    const said = own.reduce((total, { verdict }) => total + verdict, 0)
    return sum + Math.abs(said - own.filter(({ infected }) => infected).length) / cases.length
  }, 0)
}

const draws = 2000

/** The error that verdicts would show on as many cases if each were right: half of the draws lie under the first. */
function byChance(
  cases: readonly Said[],
  random: Random,
): { readonly middle: number; readonly most: number } {
  const errors = Array.from({ length: draws }, () =>
    calibrationError(cases.map(({ verdict }) => ({ verdict, infected: random.next() < verdict }))),
  ).sort((a, b) => a - b)
  return { middle: errors[draws / 2]!, most: errors[Math.floor(0.95 * draws)]! }
}

const logit = (share: number): number => {
  const held = Math.min(0.999, Math.max(0.001, share))
  return Math.log(held / (1 - held))
}

/**
 * Verdicts mapped by slope and shift of their log odds (Platt, 1999), fitted on the cases of the other folds; drawn to
 * no map at all by as much as four cases weigh.
 */
function mapped(cases: readonly HeldOut[]): HeldOut[] {
  return cases.map((each) => {
    const others = cases.filter(({ family }) => foldOf(family) !== foldOf(each.family))
    const { slope, shift } = mapFittedOn(others)
    return { ...each, verdict: sigmoid(slope * logit(each.verdict) + shift) }
  })
}

const drawnToNone = 4

function mapFittedOn(cases: readonly Said[]): { readonly slope: number; readonly shift: number } {
  let [slope, shift] = [1, 0]
  const rate = 0.5 / cases.length
  for (let step = 0; step < 2000; step++) {
    let [bySlope, byShift] = [drawnToNone * (slope - 1), drawnToNone * shift]
    for (const { verdict, infected } of cases) {
      const off = sigmoid(slope * logit(verdict) + shift) - (infected ? 1 : 0)
      bySlope += off * logit(verdict)
      byShift += off
    }
    slope -= (rate * bySlope) / 4
    shift -= rate * byShift
  }
  return { slope, shift }
}

/** A figure with its 95 % interval over whole families. */
function withInterval(cases: readonly HeldOut[], figure: (of: readonly HeldOut[]) => number): string {
  const random = seeded('families')
  const families = [...Map.groupBy(cases, ({ family }) => family).values()]
  const drawn = Array.from({ length: 400 }, () => figure(families.flatMap(() => random.pick(families))))
    .filter((each) => !Number.isNaN(each))
    .sort((a, b) => a - b)
  const at = (share: number) =>
    drawn[Math.min(drawn.length - 1, Math.floor(share * drawn.length))] ?? Number.NaN
  return `${figure(cases).toFixed(2)} (${at(0.025).toFixed(2)}–${at(0.975).toFixed(2)})`
}

const accusedShare = (cases: readonly HeldOut[]): number =>
  cases.filter(({ verdict }) => verdict >= 0.5).length / cases.length

const titles: Readonly<Record<Sort, string>> = {
  clean: 'clean captures accused',
  infected: 'infected captures accused',
  honest: 'honest over the office, somebody accused',
  cnc: 'C&C over the office, victim accused',
}

export async function run(): Promise<Row[]> {
  const all = await heldOut()
  const real = all.filter(({ sort }) => sort === 'clean' || sort === 'infected')
  const after = mapped(real)
  const chance = byChance(real, seeded('chance'))
  const sorts = Object.keys(titles) as Sort[]
  const ofSort = (sort: Sort) => all.filter((each) => each.sort === sort)
  const missed = all.filter(({ infected, verdict }) => infected !== verdict >= 0.5)

  const table = markdownTable(
    ['whole analysis, contacts out of fold', 'cases', 'share (95 % over families)'],
    [
      ...sorts.map((sort) => [
        titles[sort],
        `${ofSort(sort).filter(({ verdict }) => verdict >= 0.5).length} of ${ofSort(sort).length}`,
        withInterval(ofSort(sort), accusedShare),
      ]),
      [
        'calibration error of the verdict, real captures',
        String(real.length),
        withInterval(real, calibrationError),
      ],
      [
        '… mapped by slope and shift, fitted on other folds',
        String(real.length),
        withInterval(after, calibrationError),
      ],
      [
        '… that right verdicts would show on so few cases',
        String(real.length),
        `${chance.middle.toFixed(2)} in the middle case, up to ${chance.most.toFixed(2)} in 95 of 100`,
      ],
    ],
  )
  const wrong = missed.map(({ name, verdict }) => `${name} (${verdict.toFixed(2)})`).join(', ')
  fillPart(
    'real-ground.md',
    'held out',
    `Measured at \`${commitOf()}\`.\n\n${table}\n\nWrong: ${wrong || 'none'}.`,
  )

  const over = `${real.length} real captures`
  return [
    ...sorts.map((sort) => ({
      name: titles[sort],
      figure: ofSort(sort).filter(({ verdict }) => verdict >= 0.5).length,
      unit: 'cases',
      better: isInfected(sort) ? ('more' as const) : ('less' as const),
      asserted: `of ${ofSort(sort).length}`,
    })),
    {
      name: 'calibration error',
      figure: calibrationError(real),
      unit: '',
      better: 'less',
      goal: 0.05,
      asserted: over,
    },
    {
      name: 'calibration error, mapped',
      figure: calibrationError(after),
      unit: '',
      better: 'less',
      asserted: over,
    },
    {
      name: 'calibration error by chance',
      figure: chance.middle,
      unit: '',
      better: 'neither',
      asserted: over,
    },
  ]
}

if (import.meta.main) console.table(await run())
