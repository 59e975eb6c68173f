/**
 * docs/benchmarks.md, from the recorded runs. Rows named `CASE: MEASURE` become one table with a row per case or
 * measure.
 */
import type { Benchmark } from './index.ts'
import { type Recorded, type Results, wayOf } from './results.ts'
import { markdownTable, type Row, shortNumber } from './row.ts'

export function benchmarksPage(
  results: Results,
  benchmarks: readonly Pick<Benchmark, 'name' | 'doc' | 'hasPage'>[],
): string {
  const sections = benchmarks.flatMap(({ name, doc, hasPage = false }) => {
    const run = results[name]
    if (!run) return []
    const head = `## ${name}\n\n${doc}\n\n${settingOf(run)}`
    return [hasPage ? head : `${head}\n\n${tablesOf(run)}`]
  })
  return `# Benchmarks

\`npm run bench\` writes this page; [benchmarks.json](benchmarks.json) has the same data. Each benchmark has the day, the commit and the machine
of its last run. Results are checked before a time counts; *checked* says how, or over what a share was counted. A ratio is Gannet's
figure divided by the peer's, in the same run. ↓ means that less is better. Benchmarks with a page of their own have their figures there.

${sections.join('\n\n')}
`
}

function settingOf({ command, date, commit, machine, node, engine, seconds }: Recorded): string {
  const { cores, processor, memoryGigabytes } = machine
  return `\`${command}\`: ${seconds} s on ${date} at ${commit}, Node ${node}, engine ${engine}, ${cores} cores (${processor}), ${memoryGigabytes} GB.`
}

function tablesOf({ rows }: Recorded): string {
  const crossed = rows.filter((row) => row.name.includes(': ') && row.ratio === undefined)
  const isCrossed = crossed.length >= 4 && !hasGoals(rows)
  const plain = isCrossed ? rows.filter((row) => !crossed.includes(row)) : rows
  const tables = [
    ...(isCrossed ? [crossTable(crossed)] : []),
    ...(plain.length > 0 ? [plainTable(plain)] : []),
  ]
  return tables.join('\n\n')
}

const hasGoals = (rows: readonly Row[]): boolean =>
  rows.some(({ goal, before }) => goal !== undefined || before !== undefined)

/** What it was, and what is wanted. */
const besides = (row: Row): [before: string, goal: string] => {
  const { before, goal, figure } = row
  const isMet = goal !== undefined && (wayOf(row) === 'less' ? figure <= goal : figure >= goal)
  return [
    before === undefined ? '' : shortNumber(before),
    goal === undefined ? '' : `${shortNumber(goal)}${isMet ? ' ✓' : ''}`,
  ]
}

const unitOf = (row: Row): string => `${row.unit}${wayOf(row) === 'less' ? ' ↓' : ''}`

function plainTable(rows: readonly Row[]): string {
  const hasPeer = rows.some(({ peer }) => peer !== undefined)
  const isCheckedAlike = rows.length > 1 && new Set(rows.map(({ asserted }) => asserted)).size === 1
  const withGoals = hasGoals(rows)
  const heads = [
    'measured',
    ...(withGoals ? ['at c380d27'] : []),
    'figure',
    ...(withGoals ? ['goal'] : []),
    'unit',
    ...(hasPeer ? ['peer', 'ratio'] : []),
  ]
  const cells = rows.map((row) => [
    row.name,
    ...(withGoals ? [besides(row)[0]] : []),
    shortNumber(row.figure),
    ...(withGoals ? [besides(row)[1]] : []),
    unitOf(row),
    ...(hasPeer ? [row.peer ?? '', row.ratio === undefined ? '' : shortNumber(row.ratio)] : []),
    ...(isCheckedAlike ? [] : [row.asserted]),
  ])
  const table = markdownTable([...heads, ...(isCheckedAlike ? [] : ['checked'])], cells)
  return isCheckedAlike ? `${table}\n\nChecked: ${rows[0]!.asserted}.` : table
}

/** A row of a cross table, with the parts of its name. */
interface Crossed {
  readonly of: string
  readonly measure: string
  readonly row: Row
}

function crossTable(rows: readonly Row[]): string {
  const parts = rows.map((row): Crossed => {
    const at = row.name.lastIndexOf(': ')
    return {
      of: row.name.slice(0, at),
      measure: `${row.name.slice(at + 2)} (${unitOf(row)})`.replace(' ()', ''),
      row,
    }
  })
  const cases = new Set(parts.map(({ of }) => of)).size
  const measures = new Set(parts.map(({ measure }) => measure)).size
  return cases > measures ? crossed(parts, 'of', 'measure') : crossed(parts, 'measure', 'of')
}

/** The table, and below it what was checked, if that belongs to a column. */
function crossed(parts: readonly Crossed[], down: 'of' | 'measure', across: 'of' | 'measure'): string {
  const heads = [...new Set(parts.map((each) => each[across]))]
  const byRow = Map.groupBy(parts, (each) => each[down])
  const checksByColumn = heads.map((head) => checksOf(parts.filter((each) => each[across] === head)))
  const isByColumn = checksByColumn.every((checks) => checks.length === 1)

  const cells = [...byRow].map(([name, own]) => [
    name,
    ...heads.map((head) =>
      own
        .filter((each) => each[across] === head)
        .map(cellOf)
        .join(', '),
    ),
    ...(isByColumn ? [] : [checksOf(own).join('; ')]),
  ])
  const table = markdownTable(
    [down === 'of' ? 'case' : 'measured', ...heads, ...(isByColumn ? [] : ['checked'])],
    cells,
  )
  if (!isByColumn) return table

  const byCheck = Map.groupBy(heads, (_, i) => checksByColumn[i]![0]!)
  return `${table}\n\nChecked:\n\n${[...byCheck].map(([check, own]) => `- ${own.join('; ')}: ${check}`).join('\n')}`
}

const checksOf = (parts: readonly Crossed[]): string[] => [...new Set(parts.map(({ row }) => row.asserted))]

const cellOf = ({ row: { figure, peer } }: Crossed): string =>
  peer === undefined ? shortNumber(figure) : `${shortNumber(figure)} (${peer})`
