/** What runs of benchmarks gave: kept, compared, told. */
import type { Benchmark } from './index.ts'
import { markdownTable, type Row, shortNumber } from './row.ts'

export interface Recorded {
  readonly command: string
  /** Day of the run, UTC. */
  readonly date: string
  readonly commit: string
  readonly machine: { readonly cores: number; readonly memoryGigabytes: number; readonly processor: string }
  readonly node: string
  readonly engine: string
  /** How long the whole benchmark took. */
  readonly seconds: number
  readonly rows: readonly Row[]
}

export type Results = Readonly<Record<string, Recorded>>

interface Change {
  readonly name: string
  readonly before: number
  readonly after: number
  readonly unit: string
  readonly verdict: 'better' | 'worse' | 'changed' | 'new' | 'gone'
}

const lessIsBetter = new Set(['s', 'ms', 'MB', 'GB', 'bytes'])

const wayOf = ({ better, unit }: Row): NonNullable<Row['better']> =>
  better ?? (lessIsBetter.has(unit) ? 'less' : 'more')

/** Rows whose figure moved by more than 2 %, those that are new, and those that are gone. */
export function changes(before: Recorded | undefined, after: Recorded): Change[] {
  const known = new Map(before?.rows.map((row) => [keyOf(row), row]))
  const now = after.rows.flatMap((row): Change[] => {
    const old = known.get(keyOf(row))
    known.delete(keyOf(row))
    const { name, unit, figure } = row
    if (!old) return [{ name, before: Number.NaN, after: figure, unit, verdict: 'new' }]
    if (Math.abs(figure - old.figure) <= 0.02 * Math.abs(old.figure)) return []
    const way = wayOf(row)
    const verdict =
      way === 'neither' ? 'changed' : figure > old.figure === (way === 'more') ? 'better' : 'worse'
    return [{ name, before: old.figure, after: figure, unit, verdict }]
  })
  const gone = [...known.values()].map(
    ({ name, unit, figure }): Change => ({ name, before: figure, after: Number.NaN, unit, verdict: 'gone' }),
  )
  return [...now, ...gone]
}

/** A benchmark may give one name several rows, one a peer. */
const keyOf = ({ name, peer = '' }: Row) => `${name}\n${peer}`

/** What moved, the worse first. */
export function changesText(found: readonly Change[]): string {
  const moved = found.filter(({ verdict }) => verdict !== 'new')
  if (moved.length === 0)
    return found.length > 0
      ? 'Nothing to compare with, or nothing moved by more than 2 %.'
      : 'Nothing moved by more than 2 %.'
  const order = ['worse', 'gone', 'changed', 'better']
  return moved
    .toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict))
    .map(({ name, before, after, unit, verdict }) =>
      verdict === 'gone'
        ? `  gone    ${name} (was ${shortNumber(before)} ${unit})`
        : `  ${verdict.padEnd(8)}${name}: ${shortNumber(before)} to ${shortNumber(after)} ${unit}`,
    )
    .join('\n')
}

export const rowsText = (rows: readonly Row[]): string =>
  rows
    .map(({ name, figure, unit, ratio, peer }) => {
      const beside =
        peer === undefined ? '' : ratio === undefined ? ` (${peer})` : ` (${shortNumber(ratio)} × ${peer})`
      return `  ${name}: ${shortNumber(figure)} ${unit}${beside}`
    })
    .join('\n')

/** docs/benchmarks.md. */
export function benchmarksPage(
  results: Results,
  benchmarks: readonly Pick<Benchmark, 'name' | 'doc'>[],
): string {
  const sections = benchmarks.flatMap(({ name, doc }) => {
    const run = results[name]
    return run ? [section(name, doc, run)] : []
  })
  return `# Benchmarks

Written by \`npm run bench\`; the same as data in [benchmarks.json](benchmarks.json). Each benchmark has the day, the commit and
the machine of its last run. The result is checked before a clock counts: the last column says how, or over what a share was
counted. A ratio is our figure over the peer's, in the same run.

${sections.join('\n\n')}
`
}

function section(
  name: string,
  doc: string,
  { command, date, commit, machine, node, engine, seconds, rows }: Recorded,
) {
  const withPeer = rows.some(({ peer }) => peer !== undefined)
  const heads = [
    'measured',
    'figure',
    'unit',
    ...(withPeer ? ['peer', 'ratio'] : []),
    'checked, or counted over',
  ]
  const cells = rows.map((row) => [
    row.name,
    shortNumber(row.figure),
    `${row.unit}${wayOf(row) === 'less' ? ' ↓' : ''}`,
    ...(withPeer ? [row.peer ?? '', row.ratio === undefined ? '' : shortNumber(row.ratio)] : []),
    row.asserted,
  ])
  return `## ${name}

${doc}

\`${command}\`: ${seconds} s on ${date} at ${commit}, Node ${node}, engine ${engine}, ${machine.cores} cores (${machine.processor}), ${machine.memoryGigabytes} GB.
${rows.some((row) => wayOf(row) === 'less') ? '↓ less is better.\n' : ''}
${markdownTable(heads, cells)}`
}
