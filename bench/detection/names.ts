/**
 * Names: the classifier on families it never saw beside FANCI's forest, what failed names of one host add up to, and
 * what the DNS of real captures gives. Writes the measured parts of docs/method/names.md.
 *
 * `npm run bench -- names name-groups name-captures name-flux name-cost`
 */

import { classifierOf, fitted } from '../../src/dns/dga-classifier.ts'
import { seeded } from '../../src/math/random.ts'
import { fillPart, markdownTable, percent, type Row } from '../row.ts'
import {
  type FamilyNames,
  familyNames,
  type Labelled,
  type UsedNames,
  usedFor,
  usedNames,
  useOf,
} from '../samples/name-lists.ts'
import { atMost } from '../smallest.ts'
import { costOf } from '../speed/name-cost.ts'
import { fanciForest } from './fanci.ts'
import { capturesTable } from './name-captures.ts'
import { fluxTable } from './name-flux.ts'
import { groupsTable } from './name-groups.ts'

type Score = (name: Labelled) => number

const mostOfFamily = 600
const random = seeded('bench names')

const parts = {
  classifier: () => {
    // The largest files have 90,000 names, and no figure needs this many.
    const families = familyNames(undefined, atMost(5000, 50))
    const lists = usedNames()
    const hosts = perHost(families, lists)
    const single = singleNames(families, lists, hosts.cells)
    return { text: `${single.text}\n\n${hosts.text}`, rows: [...single.rows, ...hosts.rows] }
  },
  groups: groupsTable,
  captures: capturesTable,
  flux: fluxTable,
  cost: costOf,
} as const

/** The benchmark of one part, which writes its tables. */
export const partNamed = (name: keyof typeof parts): { readonly run: () => Promise<readonly Row[]> } => ({
  run: async () => {
    const { text, rows } = await parts[name]()
    fillPart('names.md', name, text)
    return rows
  },
})

interface Part {
  readonly text: string
  readonly rows: readonly Row[]
}

/** Recall of single names at the line that was fitted, and at exactly one used name in a thousand. */
function singleNames(
  families: readonly FamilyNames[],
  lists: readonly UsedNames[],
  hosts: ReadonlyMap<string, readonly string[]>,
): Part {
  const ours: Score = classifierOf(fitted)
  const theirs: Score = baseline(families, lists)
  const benign = usedFor('reporting', lists)
  const lineOf = (score: Score) => benign.map(score).sort((a, b) => b - a)[Math.floor(benign.length / 1000)]!
  const lines = { ours: lineOf(ours), theirs: lineOf(theirs) }
  const shareOver = (names: readonly Labelled[], score: Score, line: number) =>
    names.filter((name) => score(name) > line).length / Math.max(1, names.length)
  const rows = families.map(({ family, side, names }) => ({
    family,
    side,
    count: names.length,
    fixed: shareOver(names, ours, fitted.line),
    ours: shareOver(names, ours, lines.ours),
    theirs: shareOver(names, theirs, lines.theirs),
    mean: names.reduce((sum, name) => sum + ours(name), 0) / names.length,
  }))
  const unseen = rows.filter(({ side }) => side === 'reporting')
  const macro = (of: (row: (typeof rows)[number]) => number) =>
    unseen.reduce((sum, row) => sum + of(row), 0) / unseen.length
  const falsely = lists.map(({ list, names }) => {
    const own = names.filter((name) => useOf(name) === 'reporting')
    return [
      list,
      String(own.length),
      percent(shareOver(own, ours, fitted.line)),
      percent(shareOver(own, theirs, lines.theirs)),
    ]
  })
  const text = `### One name, and the failed names of one host

False positives are counted on ${benign.length.toLocaleString('en-US')} used names held out from the fit. The fitted threshold
is ${fitted.line}; ${percent(shareOver(benign, ours, fitted.line))} of these names are above it. The forest with FANCI's features has the threshold that one in a
thousand of these names exceeds. Families never seen in training:

${markdownTable(
  [
    'family',
    'names',
    'mean ratio',
    'above the threshold',
    'forest',
    'failed names, median',
    '90th percentile',
    'hosts accused',
  ],
  unseen.map((row) => [
    row.family,
    String(row.count),
    row.mean.toFixed(2),
    percent(row.fixed),
    percent(row.theirs),
    ...(hosts.get(row.family) ?? []),
  ]),
)}

Mean of the ${unseen.length} families: ${percent(macro(({ fixed }) => fixed))} above the fitted threshold, ${percent(macro(({ ours: each }) => each))} above that of one in a thousand; the forest ${percent(macro(({ theirs: each }) => each))}.

${markdownTable(['list, reporting half', 'names', 'above the threshold', 'forest'], falsely)}`
  return {
    text,
    rows: [
      {
        name: 'generated names of families never seen, one name alone, at 0.1 % false positives',
        figure: 100 * macro(({ ours: each }) => each),
        unit: '%',
        peer: 'FANCI features, random forest',
        ratio:
          macro(({ ours: each }) => each) /
          Math.max(
            1e-9,
            macro(({ theirs: each }) => each),
          ),
        asserted: `mean of ${unseen.length} families; ${benign.length} used names`,
      },
    ],
  }
}

/** The forest, trained on what ours was trained on. */
function baseline(families: readonly FamilyNames[], lists: readonly UsedNames[]): Score {
  const used = usedFor('trees', lists)
  const made = families
    .filter(({ side }) => side === 'tuning')
    .flatMap(({ family, names }) =>
      random
        .split(family)
        .shuffle([...names])
        .slice(0, mostOfFamily),
    )
  const forestOf = fanciForest(
    [
      ...used.map((name) => ({ ...name, made: false, weight: 1 })),
      ...made.map((name) => ({ ...name, made: true, weight: used.length / made.length })),
    ],
    random.split('forest'),
  )
  return forestOf
}

const trials = 200
const mostFailures = 500

/** How many failed names a host of each family needs, and how many benign hosts get there. */
export function perHost(
  families: readonly FamilyNames[],
  lists: readonly UsedNames[],
): Part & { readonly cells: ReadonlyMap<string, readonly string[]> } {
  const ratio: Score = classifierOf(fitted)
  const delays = families
    .filter(({ side }) => side === 'reporting')
    .map(({ family, names }) => ({
      family,
      delays: delaysOf(names.map(ratio), random.split(family)),
    }))
  const benign = usedFor('reporting', lists)
  const bySuffix = [...Map.groupBy(benign, ({ suffix }) => suffix).values()].filter((all) => all.length >= 60)
  const own = random.split('benign hosts')
  const mixed = Array.from({ length: 2000 }, () =>
    highest(Array.from({ length: 60 }, () => ratio(own.pick(benign)))),
  )
  const alike = Array.from({ length: 2000 }, () => {
    const pool = own.pick(bySuffix)
    return highest(Array.from({ length: 60 }, () => ratio(own.pick(pool))))
  })
  const over = (sums: readonly number[]) => sums.filter((sum) => sum >= fitted.sumLine).length / sums.length
  const found = delays.filter(({ delays: all }) => middle(all) <= mostFailures)
  const cells = new Map(
    delays.map(({ family, delays: all }) => [
      family,
      [
        figure(middle(all)),
        figure(all.toSorted((a, b) => a - b)[Math.floor(0.9 * all.length)]!),
        percent(all.filter(Number.isFinite).length / all.length),
      ],
    ]),
  )
  const text = `*Failed names*: a host fails at names of the family in random order, and is accused when the sum reaches ${fitted.sumLine}. ${trials} hosts
per family; at most ${mostFailures} names, or as many as the file has.

Benign hosts that fail at 60 used names: ${percent(over(mixed))} of 2,000 are accused if the names are of any suffix, ${percent(over(alike))} if all are of
one suffix. Used names are harder than mistyped ones, because the lists hold names that look random.`
  return {
    text,
    cells,
    rows: [
      {
        name: 'families never seen whose middle host is accused by its failed names',
        figure: found.length,
        unit: `of ${delays.length}`,
        asserted: `${trials} hosts a family, at most ${mostFailures} names`,
      },
      {
        name: 'failed names until a host is accused, the middle of these families',
        figure: middle(found.map(({ delays: all }) => middle(all))),
        unit: 'names',
        better: 'less',
        asserted: 'the middle host of each family',
      },
      {
        name: 'benign hosts accused that fail at 60 used names',
        figure: 100 * over(mixed),
        unit: '%',
        better: 'less',
        asserted: '2,000 hosts',
      },
    ],
  }
}

function highest(ratios: readonly number[]): number {
  let [sum, most] = [0, 0]
  for (const ratio of ratios) {
    sum = Math.max(0, sum + ratio)
    most = Math.max(most, sum)
  }
  return most
}

/** Names until the sum reaches the line; infinite where it does not. */
function delaysOf(ratios: readonly number[], own: typeof random): number[] {
  return Array.from({ length: trials }, () => {
    let sum = 0
    const order = own.shuffle([...ratios]).slice(0, mostFailures)
    const at = order.findIndex((ratio) => {
      sum = Math.max(0, sum + ratio)
      return sum >= fitted.sumLine
    })
    return at < 0 ? Number.POSITIVE_INFINITY : at + 1
  })
}

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
const figure = (value: number): string => (Number.isFinite(value) ? String(value) : 'never')
