/** docs/method/real-ground.md: the sums of both sides and of the baselines, what fails, then every case. */
import { fillPage, fillPart, markdownTable } from '../row.ts'
import { figuresOf, isInfected, type Judged } from './figures.ts'

/** What the baselines make of the same cases, in the same order. */
export interface Baselines {
  readonly rita: readonly Judged[]
  readonly rare: readonly Judged[]
}

/** One case in a line, for whoever waits. */
export const caseLine = (each: Judged): string => [each.right ? '   ' : 'NOT', ...cellsOf(each)].join(' | ')

export function groundPage(all: readonly Judged[], baselines: Baselines, measured: string): void {
  fillPage('real-ground.md', `${measured}\n\n${pageOf(all, baselines)}`)
}

/** The sums of the cases over the campus, and what fails there; no baselines. */
export function campusPart(all: readonly Judged[], measured: string): void {
  const figures = figuresOf(all).filter(({ figure, of }) => !Number.isNaN(figure) && of !== 0)
  const table = markdownTable(
    ['over the campus', ''],
    figures
      .filter(({ name }) => !/capture/.test(name))
      .map(({ name, figure, of }) => [
        name.replaceAll('office', 'campus'),
        of === null ? String(Math.round(100 * figure) / 100) : `${figure} of ${of}`,
      ]),
  )
  fillPart('real-ground.md', 'campus', [measured, table, failures(all)].join('\n\n'))
}

const baselineNote = `\
*RITA*: any pair of the host scores 0.7 or more; pairs stand in the order of their scores. *Rare*: any contact that at most
one host in 50 has, in a smaller network one that no other host has; in the order of how few hosts have it, then of calls.
Both on the same records, over all cases (\`bench/real-ground/baselines.ts\`).`

const caseNote = `\
Of a clean case the verdict is that of its most suspect host. *Rank* is that of the C&C in the host’s list of contacts.
*RITA*: its best score, whether it is right at 0.7, the rank of the C&C among the pairs that it scores, and others accused.`

/** The measured part of the page. */
export function pageOf(all: readonly Judged[], baselines: Baselines): string {
  return [
    summary(all, baselines),
    baselineNote,
    '## What fails',
    failures(all),
    '## Case by case',
    caseNote,
    markdownTable(
      [
        'case',
        'kind',
        'side',
        'accused',
        'right',
        'verdict',
        'C&C first',
        'rank',
        'others accused',
        's',
        'RITA',
      ],
      all.map((each, i) => [...cellsOf(each), ritaCell(baselines.rita[i]!)]),
    ),
  ].join('\n\n')
}

function summary(all: readonly Judged[], { rita, rare }: Baselines): string {
  const sides = (['tuning', 'reporting'] as const).map((side) =>
    figuresOf(all.filter((each) => each.case.side === side)),
  )
  const cell = (figures: ReturnType<typeof figuresOf>, name: string) => {
    const found = figures.find((each) => each.name === name)
    if (!found || Number.isNaN(found.figure)) return '–'
    if (found.of !== null) return `${found.figure} of ${found.of}`
    return Number.isInteger(found.figure) && !/^(area|calibration)/.test(name)
      ? String(found.figure)
      : found.figure.toFixed(2)
  }

  const whole = figuresOf(all)
  return markdownTable(
    ['', 'all', 'tuning side', 'reporting side', 'RITA', 'rare'],
    whole.map(({ name }) => [
      name,
      ...[whole, ...sides, figuresOf(rita), figuresOf(rare)].map((figures) => cell(figures, name)),
    ]),
  )
}

function ritaCell({ case: { sort, cnc }, score, right, rank, others }: Judged): string {
  const place = cnc.length === 0 ? [] : [rank == null ? 'no rank' : `rank ${rank}`]
  const beside = isInfected(sort) && others > 0 ? [`${others} others`] : []
  return [score.toFixed(2), right ? 'right' : 'wrong', ...place, ...beside].join(', ')
}

function failures(all: readonly Judged[]): string {
  const wrong = all.filter(({ right }) => !right)
  return wrong.length === 0 ? 'Nothing.' : wrong.map(failure).join('\n')
}

function failure({ case: { name, sort }, answer, score }: Judged): string {
  const what = answer.failed
    ? answer.failed
    : isInfected(sort)
      ? `nobody of the infected is accused (verdict ${score.toFixed(2)})`
      : answer.accused
          .slice(0, 3)
          .map(({ host, claims }) => `${host}: ${claims[0] ?? ''}`)
          .join(' ')
  return `- **${name}**: ${what}`
}

function cellsOf({ case: of, answer, right, score, cncFirst, rank, others }: Judged): string[] {
  const accused = answer.accused
    .slice(0, 4)
    .map(({ host, kinds, confidence }) => `${host} ${kinds.join('+')} ${confidence.toFixed(2)}`)
  const more = answer.accused.length > 4 ? [`and ${answer.accused.length - 4} more`] : []

  return [
    of.name,
    of.sort,
    of.side,
    [...accused, ...more].join(', ') || (answer.failed ?? '–'),
    right ? 'yes' : 'no',
    score.toFixed(2),
    cncFirst === null ? '–' : cncFirst ? 'yes' : 'no',
    rank === undefined ? '–' : rank === null ? 'not in ten' : String(rank),
    isInfected(of.sort) ? String(others) : '–',
    answer.seconds.toFixed(1),
  ]
}
