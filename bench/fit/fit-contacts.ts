/**
 * Fits src/traces/contacts/weights.json on labelled contacts of real captures and of behaviours over an office, and
 * says what they are worth on families that were left out.
 *
 *     node bench/fit/fit-contacts.ts [--fresh] [--write] [--final] [--page]
 *
 * The samples are few beside the features, so that the fit starts from what an analyst would set
 * (`prior-contacts.json`) and leaves it only as far as the samples pull: the loss is the weighted log loss plus a ridge
 * towards the prior. An infected host gives its best C&C contact, every host its most suspicious others. Weights keep
 * the sign of their feature, so that the score is monotone. Each capture weighs the same. Grounds kept back are looked
 * at with --final alone, and `--page` fills the measured part of docs/method/contacts.md with the weights in force.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  type ContactFeature,
  contactFeatureNames,
  contactFeatures,
} from '../../src/traces/contacts/feature-list.ts'
import {
  type ContactWeights,
  fittedContacts,
  logOddsOf,
  thresholds,
} from '../../src/traces/contacts/judge.ts'
import { fillPage, markdownTable } from '../row.ts'
import {
  type ContactGround,
  type ContactSample,
  contactGrounds,
  contactSamples,
} from '../samples/contact-samples.ts'

const priorPath = fileURLToPath(new URL('prior-contacts.json', import.meta.url))
const outPath = fileURLToPath(new URL('../../src/traces/contacts/weights.json', import.meta.url))
const priorContacts = JSON.parse(readFileSync(priorPath, 'utf8')) as ContactWeights

interface Labelled {
  readonly ground: ContactGround
  readonly samples: readonly ContactSample[]
}

/** Contacts of one ground that are not C&C and count: the most suspicious of each host. */
const othersOfHost = 3
/** A positive must be found by its records: C&C of which nothing is to be seen (a name, one packet) teaches nothing. */
const ridge = 0.02

interface Row {
  readonly values: readonly number[]
  readonly positive: boolean
  readonly weight: number
}

/** The rows of one ground under the weights so far: which contact is the best one changes with them. */
function rowsOf({ ground, samples }: Labelled, weights: ContactWeights): Row[] {
  const odds = (sample: ContactSample) => logOddsOf(sample.features, weights)
  const row = (sample: ContactSample, positive: boolean, weight: number): Row => ({
    values: contactFeatureNames.map((feature) => sample.features[feature]),
    positive,
    weight,
  })
  const hosts = [...Map.groupBy(samples, ({ host }) => host).values()]
  const best = hosts.flatMap((own) => {
    const [top] = own.filter(({ cnc }) => cnc).toSorted((a, b) => odds(b) - odds(a))
    return top ? [top] : []
  })
  // Contacts of an infected host that the truth does not name may belong to the infection all the same.
  const others = hosts
    .filter((own) => !own.some(({ bot }) => bot))
    .flatMap((own) => own.toSorted((a, b) => odds(b) - odds(a)).slice(0, othersOfHost))
    .toSorted((a, b) => odds(b) - odds(a))
    .slice(0, 20)
  // An office is one ground in many cases: what is clean in it counts once.
  const share = ground.kind === 'office' && ground.bots.length > 0 ? 0 : ground.kind === 'office' ? 0.3 : 1
  return [
    ...best.map((sample) => row(sample, true, 1 / best.length)),
    ...(share > 0 ? others.map((sample, i) => row(sample, false, (share * (i === 0 ? 1 : 0.3)) / 1)) : []),
  ]
}

/** Weights that the grounds pull from the prior; a few rounds, since the best contacts change with them. */
function fitContacts(grounds: readonly Labelled[]): ContactWeights {
  let weights = priorContacts
  for (let round = 0; round < 3; round++) weights = pulled(grounds.flatMap((each) => rowsOf(each, weights)))
  return weights
}

function pulled(rows: readonly Row[]): ContactWeights {
  const total = rows.reduce((sum, { weight }) => sum + weight, 0)
  const prior = contactFeatureNames.map((feature) => priorContacts.weights[feature])
  const weights = [...prior]
  let bias = priorContacts.bias
  const rate = 1
  for (let step = 0; step < 600; step++) {
    const slope = weights.map((weight, i) => 2 * ridge * (weight - prior[i]!))
    let biasSlope = 0
    for (const { values, positive, weight } of rows) {
      const odds = values.reduce((sum, value, i) => sum + weights[i]! * value, bias)
      const error = ((1 / (1 + Math.exp(-odds)) - (positive ? 1 : 0)) * weight) / total
      biasSlope += error
      for (let i = 0; i < values.length; i++) slope[i]! += error * values[i]!
    }
    bias -= rate * biasSlope
    for (let i = 0; i < weights.length; i++) {
      const next = weights[i]! - rate * slope[i]!
      const side = contactFeatures[contactFeatureNames[i]!].side === 'for' ? 1 : -1
      weights[i] = next * side < 0 ? 0 : next
    }
  }
  const rounded = (value: number) => Math.round(value * 1e3) / 1e3
  return {
    bias: rounded(bias),
    weights: Object.fromEntries(
      contactFeatureNames.map((feature, i) => [feature, rounded(weights[i]!)]),
    ) as Record<ContactFeature, number>,
  }
}

/** What weights say of one ground. */
interface Outcome {
  readonly ground: ContactGround
  /** Log odds of the most suspicious contact of an infected host, or of any host of a clean ground. */
  readonly top: number
  /** Of clean hosts beside infected ones. */
  readonly other: number
  /** Rank of the C&C among the contacts of its host; null where it is not among them or not known. */
  readonly rank: number | null
}

function outcomeOf({ ground, samples }: Labelled, weights: ContactWeights): Outcome {
  const odds = (sample: ContactSample) => logOddsOf(sample.features, weights)
  const best = (all: readonly ContactSample[]) => all.reduce((most, each) => Math.max(most, odds(each)), -20)
  const bots = samples.filter(({ bot }) => bot)
  const ranks = [...Map.groupBy(bots, ({ host }) => host).values()].flatMap((own) => {
    const place = own.toSorted((a, b) => odds(b) - odds(a)).findIndex(({ cnc }) => cnc)
    return place < 0 ? [] : [place + 1]
  })
  return {
    ground,
    top: ground.bots.length > 0 ? best(bots) : best(samples),
    other: best(samples.filter(({ bot }) => !bot)),
    rank: ranks.length > 0 ? Math.min(...ranks) : null,
  }
}

/** Each ground judged by weights of the grounds of all other families. */
function leaveFamilyOut(grounds: readonly Labelled[]): Outcome[] {
  const families = [...Map.groupBy(grounds, ({ ground }) => ground.family)]
  return families.flatMap(([family, own]) => {
    const weights = fitContacts(grounds.filter(({ ground }) => ground.family !== family))
    return own.map((each) => outcomeOf(each, weights))
  })
}

const sigmoid = (odds: number): number => 1 / (1 + Math.exp(-odds))

/** Expected calibration error over ten bins of the score, each ground once. */
function calibrationError(outcomes: readonly Outcome[]): number {
  const bins = Map.groupBy(outcomes, ({ top }) => Math.min(9, Math.floor(10 * sigmoid(top))))
  return [...bins.values()].reduce((sum, own) => {
    const expected = own.reduce((total, { top }) => total + sigmoid(top), 0) / own.length
    const true_ = own.filter(({ ground }) => ground.bots.length > 0).length / own.length
    return sum + (Math.abs(expected - true_) * own.length) / outcomes.length
  }, 0)
}

/** Share of pairs of an infected and a clean ground that the top scores order rightly. */
function areaOf(outcomes: readonly Outcome[]): number {
  const [infected, clean] = [true, false].map((bad) =>
    outcomes.filter(({ ground }) => ground.bots.length > 0 === bad).map(({ top }) => top),
  ) as [number[], number[]]
  let won = 0
  for (const a of infected) for (const b of clean) won += a > b ? 1 : a === b ? 0.5 : 0
  return won / (infected.length * clean.length)
}

function summaryOf(outcomes: readonly Outcome[], line = 0): string {
  const of = (kind: ContactGround['kind'], bad: boolean) =>
    outcomes.filter(({ ground }) => ground.kind === kind && ground.bots.length > 0 === bad)
  const accused = (all: readonly Outcome[]) => `${all.filter(({ top }) => top >= line).length}/${all.length}`
  const within = (all: readonly Outcome[], most: number) =>
    `${all.filter(({ rank }) => rank !== null && rank <= most).length}`
  const [real, office] = [of('real', true), of('office', true)]
  return [
    `real infected ${accused(real)}, C&C first ${within(real, 1)}, in three ${within(real, 3)}`,
    `real clean ${accused(of('real', false))}`,
    `office C&C ${accused(office)}, first ${within(office, 1)}`,
    `office honest ${accused(of('office', false))}`,
    `AUC real ${areaOf([...real, ...of('real', false)]).toFixed(3)}, office ${areaOf([...office, ...of('office', false)]).toFixed(3)}`,
    `ECE ${calibrationError(outcomes).toFixed(3)}`,
  ].join('; ')
}

/** Wilson's interval of a share at 95 %. */
function intervalOf(n: number, of: number): string {
  if (of === 0) return '–'
  const [z, share] = [1.96, n / of]
  const middle = (share + z ** 2 / (2 * of)) / (1 + z ** 2 / of)
  const half = (z * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2))) / (1 + z ** 2 / of)
  return `${n} of ${of} (${Math.max(0, middle - half).toFixed(2)}–${Math.min(1, middle + half).toFixed(2)})`
}

/** The measured part of docs/method/contacts.md: contacts alone, by sensitivity, on both sides. */
function pageOf(sides: readonly (readonly [name: string, outcomes: readonly Outcome[]])[]): string {
  const rows = sides.flatMap(([name, outcomes]) =>
    (['low', 'normal', 'high'] as const).map((sensitivity) => {
      const line = Math.log(thresholds[sensitivity] / (1 - thresholds[sensitivity]))
      const accused = (kind: ContactGround['kind'], bad: boolean) => {
        const all = outcomes.filter(({ ground }) => ground.kind === kind && ground.bots.length > 0 === bad)
        return intervalOf(all.filter(({ top }) => top >= line).length, all.length)
      }
      return [
        name,
        sensitivity,
        accused('real', true),
        accused('real', false),
        accused('office', true),
        accused('office', false),
      ]
    }),
  )
  const ranks = sides.map(([name, outcomes]) => {
    const known = outcomes.filter(({ rank }) => rank !== null)
    const within = (most: number) => known.filter(({ rank }) => rank! <= most).length
    const [real, office] = (['real', 'office'] as const).map((kind) =>
      areaOf(outcomes.filter(({ ground }) => ground.kind === kind)).toFixed(2),
    )
    const error = calibrationError(outcomes).toFixed(2)
    return [name, `${within(1)} of ${known.length}`, `${within(3)} of ${known.length}`, real!, office!, error]
  })
  return [
    'Contacts alone, without what other stages find (DNS tunnels, scans, stealers); whole analyses are on',
    '[real ground](real-ground.md). Captures with a host accused, with 95 % intervals.',
    '`node bench/fit/fit-contacts.ts --final --page`',
    '',
    markdownTable(
      [
        'side',
        '`--sensitivity`',
        'infected captures',
        'clean captures',
        'C&C in an office',
        'honest in an office',
      ],
      rows,
    ),
    '',
    'Rank of the C&C among the contacts of its host, where its contacts are in the records; area under the curve of the most',
    'suspicious contact; calibration error over ten bins, a capture each.',
    '',
    markdownTable(['side', 'first', 'in three', 'area, real', 'area, office', 'calibration error'], ranks),
  ].join('\n')
}

if (import.meta.main) {
  const [fresh, write, final] = ['--fresh', '--write', '--final'].map((flag) => process.argv.includes(flag))
  const all: Labelled[] = []
  for (const ground of contactGrounds())
    if (final || !ground.reserved) all.push({ ground, samples: await contactSamples(ground, fresh) })
  const tuning = all.filter(({ ground }) => !ground.reserved)

  if (process.argv.includes('--page')) {
    const judgedBy = (side: readonly Labelled[]) => side.map((each) => outcomeOf(each, fittedContacts))
    const kept = all.filter(({ ground }) => ground.reserved)
    fillPage(
      'contacts.md',
      pageOf([['tuning', judgedBy(tuning)], ...(final ? [['kept back', judgedBy(kept)] as const] : [])]),
    )
    process.exit()
  }
  const weights = fitContacts(tuning)
  console.log(`prior: ${summaryOf(tuning.map((each) => outcomeOf(each, priorContacts)))}`)
  console.log(`fitted, in sample: ${summaryOf(tuning.map((each) => outcomeOf(each, weights)))}`)
  // Rounds are many and the machine may be shared: a fit a family takes minutes.
  const left = leaveFamilyOut(tuning)
  console.log(`fitted, family left out: ${summaryOf(left)}`)
  for (const { ground, top, other, rank } of left.toSorted((a, b) =>
    a.ground.name.localeCompare(b.ground.name),
  )) {
    const wrong = ground.bots.length > 0 ? top < 0 || rank !== 1 || other >= 0 : top >= 0
    console.log(
      `${wrong ? '!' : ' '} ${ground.name.padEnd(36)} ${top.toFixed(2).padStart(6)} ${other.toFixed(2).padStart(6)} rank ${rank}`,
    )
  }
  if (final) {
    const kept = all.filter(({ ground }) => ground.reserved)
    console.log(`kept back: ${summaryOf(kept.map((each) => outcomeOf(each, weights)))}`)
    for (const each of kept) {
      const { ground, top, other, rank } = outcomeOf(each, weights)
      console.log(
        `  ${ground.name.padEnd(36)} ${top.toFixed(2).padStart(6)} ${other.toFixed(2).padStart(6)} rank ${rank}`,
      )
    }
  }
  for (const feature of contactFeatureNames)
    console.log(
      `${feature.padEnd(16)}${String(priorContacts.weights[feature]).padStart(6)} -> ${weights.weights[feature]}`,
    )
  console.log(`bias ${priorContacts.bias} -> ${weights.bias}`)
  if (write) {
    const provenance = { command: 'node bench/fit/fit-contacts.ts --write', grounds: tuning.length }
    const before = JSON.parse(readFileSync(outPath, 'utf8')) as { thresholds: unknown }
    writeFileSync(
      outPath,
      `${JSON.stringify({ provenance, thresholds: before.thresholds, ...weights }, null, 2)}\n`,
    )
  }
}
