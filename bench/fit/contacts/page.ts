/** The measured part of docs/method/contacts.md. */
import { thresholds } from '../../../src/traces/contacts/judge.ts'
import { markdownTable } from '../../row.ts'
import {
  area,
  balancedLoss,
  calibrationError,
  type Figure,
  isReal,
  lineFor,
  rankedWithin,
  shareOver,
  withInterval,
} from './figures.ts'
import type { Outcome } from './folds.ts'

type Named = readonly (readonly [name: string, outcomes: readonly Outcome[]])[]

/** Cases of one kind, with their name in the table. */
const grounds = [
  ['infected captures', 'real', true],
  ['clean captures', 'real', false],
  ['C&C in an office', 'office', true],
  ['honest in an office', 'office', false],
  ['drawn implants', 'implant', true],
  ['transplanted C&C', 'transplant', true],
  ['drawn honest software', 'honest', false],
  ['captures of one protocol', 'sample', false],
  ['clean captures as if no list knew a name', 'unlisted', false],
] as const

const among = (outcomes: readonly Outcome[], kind: string, infected: boolean): Outcome[] =>
  outcomes.filter(({ of }) => of.kind === kind && of.infected === infected)

/** Of clean cases that may be accused where weights are compared. */
const allowedShare = 0.04

export function contactsPage(all: Named): string {
  const [first] = all
  const counts = grounds.map(([, kind, infected]) => among(first?.[1] ?? [], kind, infected).length)

  return [
    'Contacts alone, without what other stages find (DNS tunnels, scans, stealers); whole analyses are on',
    '[real ground](real-ground.md). Shares with 95 % intervals over families (400 resamples of whole families).',
    '`node bench/fit/fit-contacts.ts --page`',
    '',
    'Cases accused at a score of 0.5:',
    '',
    accusedTable(all, counts, () => lineOf(thresholds.normal)),
    '',
    'The same with the line of each set of weights where 4 % of its clean captures and honest software are accused:',
    '',
    accusedTable(all, counts, (outcomes) =>
      lineFor(
        outcomes.filter(({ of }) => of.kind === 'real' || of.kind === 'honest'),
        allowedShare,
      ),
    ),
    '',
    'By `--sensitivity`, with the weights in force:',
    '',
    sensitivityTable(all.at(-1)?.[1] ?? []),
    '',
    'Over real captures: rank of the C&C among the contacts of its host, where its contacts are in the records; area under',
    'the curve of the most suspicious contact; log loss with both kinds counted alike; calibration error over ten bins.',
    '',
    markdownTable(
      [
        '',
        'C&C first',
        'in three',
        'area, real',
        'area, office',
        'area, drawn',
        'log loss',
        'calibration error',
      ],
      all.map(([name, outcomes]) => {
        const real = outcomes.filter(isReal)
        const drawn = outcomes.filter(({ of }) => ['implant', 'transplant', 'honest'].includes(of.kind))
        const office = outcomes.filter(({ of }) => of.kind === 'office')
        const cells: readonly (readonly [readonly Outcome[], Figure])[] = [
          [real, rankedWithin(1)],
          [real, rankedWithin(3)],
          [real, area],
          [office, area],
          [drawn, area],
          [real, balancedLoss],
          [real, calibrationError],
        ]
        return [name, ...cells.map(([of, figure]) => withInterval(of, figure))]
      }),
    ),
  ].join('\n')
}

const accusedTable = (
  all: Named,
  counts: readonly number[],
  lineOf: (outcomes: readonly Outcome[]) => number,
): string =>
  markdownTable(
    ['', ...all.map(([name]) => name)],
    grounds.map(([title, kind, infected], i) => [
      `${title} (${counts[i]})`,
      ...all.map(([, outcomes]) =>
        withInterval(among(outcomes, kind, infected), shareOver(lineOf(outcomes))),
      ),
    ]),
  )

const lineOf = (score: number): number => Math.log(score / (1 - score))

const sensitivityTable = (outcomes: readonly Outcome[]): string =>
  markdownTable(
    ['', 'low', 'normal', 'high'],
    grounds.map(([title, kind, infected]) => [
      title,
      ...[thresholds.low, thresholds.normal, thresholds.high].map((score) => {
        const own = among(outcomes, kind, infected)
        return `${own.filter(({ top }) => top >= lineOf(score)).length} of ${own.length}`
      }),
    ]),
  )
