/**
 * Fits the name classifier on the tuning families and the training half of used names.
 *
 * `node bench/fit/fit-names.ts` prints what it found; `--write` keeps it in src/dns/parameters.json.
 * Five folds by family and by used name: what a name says is measured by trees that saw neither its family nor itself.
 * The line of one name and the line of a host's sum are set on those folds; no reporting family is read here.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'tldts'
import { type NameParameters, shortest, sumOf } from '../../src/dns/dga-classifier.ts'
import { featuresOf, nameFeatures } from '../../src/dns/dga-features.ts'
import { lettersFrom, letterTable } from '../../src/dns/letter-model.ts'
import { seeded } from '../../src/math/random.ts'
import { familyNames, type Labelled, usedFor, usedNames } from '../samples/name-lists.ts'
import { fitLogistic } from './logistic.ts'
import { type BoostOptions, boosted, type Samples } from './trees.ts'

const folds = 5
/** Names taken of one family at most: no family is learned by heart. */
const mostOfFamily = 600
const options: BoostOptions = { trees: 200, depth: 5, rate: 0.1, ridge: 5 }
/** Names a benign host is let fail of one country's or one kind's names, when the line of the sum is set. */
const failures = 60
const most = 4

interface Known {
  readonly label: string
  readonly suffix: string
  readonly values: Float64Array
  /** Family, or empty for a used name. */
  readonly family: string
  readonly fold: number
  readonly weight: number
}

const random = seeded('fit-names')
const enough = ({ label }: Labelled) => label.length >= shortest && !label.startsWith('xn--')
/** Under a private suffix the owner of the suffix often makes the names. */
const isOwn = ({ registered }: Labelled) =>
  parse(registered, { allowPrivateDomains: true }).isPrivate !== true
const lists = usedNames()
const table = letterTable(
  usedFor('letters', lists)
    .filter(isOwn)
    .map(({ label }) => label),
  12,
)
const letters = lettersFrom(table)
const used = random.split('used').shuffle(usedFor('trees', lists).filter(isOwn).filter(enough))
const families = familyNames().filter(({ side }) => side === 'tuning')

const known: Known[] = [
  ...used.map((name, i) => ({
    ...name,
    ...knownOf(name),
    family: '',
    fold: i % folds,
    weight: 1 / used.length,
  })),
  ...families.flatMap(({ family, names }, i) => {
    const own = random.split(family).shuffle(names.filter(enough)).slice(0, mostOfFamily)
    // A family with few examples weighs less, but not as little as it has.
    const weight = Math.sqrt(own.length) / own.length
    return own.map((name) => ({ ...name, ...knownOf(name), family, fold: i % folds, weight }))
  }),
  ...drawn(),
]

/**
 * Letters drawn at random in the alphabets that generators use, at any length: without them the trees learn which
 * alphabets the tuning families happen to have. In every fold's training part, and in none that is measured.
 */
function drawn(): Known[] {
  const [letters26, digits] = ['abcdefghijklmnopqrstuvwxyz', '0123456789']
  const kinds = [
    { name: 'letters', alphabet: letters26, lengths: [6, 26] },
    { name: 'letters and digits', alphabet: letters26 + digits, lengths: [6, 28] },
    { name: 'hexadecimal', alphabet: `${digits}abcdef`, lengths: [6, 32] },
    { name: 'base 32', alphabet: `${letters26}234567`, lengths: [8, 24] },
  ] as const
  return kinds.flatMap(({ name, alphabet, lengths: [shortestOne, longest] }) => {
    const own = random.split(name)
    return Array.from({ length: mostOfFamily }, (): Known => {
      const length = shortestOne + own.integer(longest - shortestOne + 1)
      const label = Array.from({ length }, () => alphabet[own.integer(alphabet.length)]).join('')
      const values = featuresOf(label, letters)
      return { label, suffix: '', values, family: name, fold: -1, weight: 1 / Math.sqrt(mostOfFamily) }
    })
  })
}

function knownOf({ label }: Labelled) {
  return { values: featuresOf(label, letters) }
}

function samplesOf(part: readonly Known[]): Samples {
  const total = (made: boolean) =>
    part.reduce((sum, { family, weight }) => sum + ((family !== '') === made ? weight : 0), 0)
  const [made, benign] = [total(true), total(false)]
  return {
    values: part.map(({ values }) => values),
    positive: part.map(({ family }) => family !== ''),
    // Both sides weigh alike, and together as much as there are samples: the sum is then a log-likelihood ratio.
    weights: part.map(({ family, weight }) => (part.length / 2) * (weight / (family === '' ? benign : made))),
  }
}

const outside: { known: Known; sum: number }[] = []
for (let fold = 0; fold < folds; fold++) {
  const model = boosted(samplesOf(known.filter((each) => each.fold !== fold)), options)
  outside.push(
    ...known
      .filter((each) => each.fold === fold)
      .map((each) => ({ known: each, sum: sumOf(model, each.values) })),
  )
}
const weights = samplesOf(outside.map((each) => each.known)).weights
const { bias: offset, weights: slopes } = fitLogistic(
  outside.map(({ known: { family }, sum }, i) => ({
    values: [sum],
    positive: family !== '',
    weight: weights[i]!,
  })),
  [1],
  { ridge: 0, rounds: 1500 },
)
const slope = slopes[0]!
const ratioOf = (sum: number) => Math.max(-most, Math.min(most, slope * sum + offset))

const benign = outside.filter(({ known: { family } }) => family === '')
const highest = benign.map(({ sum }) => slope * sum + offset).sort((a, b) => b - a)
const line = highest[Math.floor(benign.length / 1000)]!

/**
 * The highest sum of a benign host: hosts that fail at `failures` names of one suffix, as those of one country or of
 * one kind of site do, since their names are alike. One such host in a thousand may be over the line.
 */
function sumLineOf(): number {
  const bySuffix = [...Map.groupBy(benign, ({ known: { suffix } }) => suffix).values()].filter(
    (all) => all.length >= failures,
  )
  const own = random.split('sums')
  const sums = Array.from({ length: 20_000 }, () => {
    const pool = own.pick(bySuffix)
    let [sum, top] = [0, 0]
    for (let i = 0; i < failures; i++) {
      sum = Math.max(0, sum + ratioOf(own.pick(pool).sum))
      top = Math.max(top, sum)
    }
    return top
  }).sort((a, b) => b - a)
  console.error(
    `sums over ${bySuffix.length} suffixes: median ${sums[10_000]}, 1 % ${sums[200]}, 0.1 % ${sums[20]}, most ${sums[0]}`,
  )
  return sums[20]!
}

const sumLine = sumLineOf()
const final = boosted(samplesOf(known), options)
for (const { family } of families) {
  const own = outside.filter((each) => each.known.family === family)
  const over = own.filter(({ sum }) => slope * sum + offset > line).length
  const mean = own.reduce((all, { sum }) => all + ratioOf(sum), 0) / own.length
  console.error(
    `${family.padEnd(20)} ${own.length} names, ${((100 * over) / own.length).toFixed(1)} % over the line, mean ratio ${mean.toFixed(2)}`,
  )
}
console.error({
  used: used.length,
  made: known.length - used.length - 4 * mostOfFamily,
  slope,
  offset,
  line,
  sumLine,
})

/** Private suffixes under which used names look drawn. */
function machineSuffixesOf(): string[] {
  const ratio = (label: string) => ratioOf(sumOf(final, featuresOf(label, letters)))
  const hosted = [...usedFor('trees', lists), ...usedFor('letters', lists)].filter(
    (name) => !isOwn(name) && enough(name),
  )
  return [...Map.groupBy(hosted, ({ suffix }) => suffix)]
    .filter(([, names]) => names.length >= 4)
    .filter(([, names]) => names.reduce((sum, { label }) => sum + ratio(label), 0) > 0)
    .map(([suffix]) => suffix)
    .sort()
}

const rounded = (value: number) => Math.round(value * 1e4) / 1e4
const parameters: NameParameters & { readonly provenance: object } = {
  provenance: {
    command: 'node bench/fit/fit-names.ts --write',
    families: families.map(({ family }) => family),
    used: 'a quarter of lists/opendns and lists/misp for the table of letters, another for the trees; see bench/samples/name-lists.ts',
    usedNames: used.length,
    madeNames: known.length - used.length - 4 * mostOfFamily,
    drawnNames: 4 * mostOfFamily,
    options,
    folds,
    failures,
  },
  machineSuffixes: machineSuffixesOf(),
  features: nameFeatures,
  letters: { ...table, strange: rounded(table.strange) },
  bias: rounded(final.bias),
  trees: final.trees.map(({ features, thresholds, leaves }) => ({
    features,
    thresholds: thresholds.map(rounded),
    leaves,
  })),
  slope: rounded(slope),
  offset: rounded(offset),
  most,
  line: rounded(line),
  sumLine: Math.ceil(10 * sumLine) / 10,
}
if (process.argv.includes('--write')) {
  writeFileSync(
    fileURLToPath(new URL('../../src/dns/parameters.json', import.meta.url)),
    `${JSON.stringify(parameters)}\n`,
  )
}
