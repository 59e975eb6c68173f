/** What runs of benchmarks gave: kept, compared, told. */
import { type Row, shortNumber } from './row.ts'

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

/** Which way is better. */
export const wayOf = ({ better, unit }: Row): NonNullable<Row['better']> =>
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

/** From which share of what it was a figure is told as slower, or larger. */
const notable = 0.1

/** What became worse by more than a tenth, in seconds, bytes or a ratio to a peer. */
export function slowerText(before: Recorded | undefined, found: readonly Change[]): string {
  if (!before) return 'No run is recorded to compare with.'
  const than = `than on ${before.date} at ${before.commit}`
  const slower = found.filter(
    (each) =>
      each.verdict === 'worse' && Math.abs(each.after - each.before) > notable * Math.abs(each.before),
  )
  if (slower.length === 0) return `Nothing is worse by more than 10 % ${than}.`
  const lines = slower.map(
    ({ name, before: was, after, unit }) =>
      `  ${name}: ${shortNumber(was)} to ${shortNumber(after)} ${unit} (${((100 * (after - was)) / was).toFixed(0)} %)`,
  )
  return `Worse by more than 10 % ${than}:\n${lines.join('\n')}`
}

export const rowsText = (rows: readonly Row[]): string =>
  rows
    .map(({ name, figure, unit, ratio, peer }) => {
      const beside =
        peer === undefined ? '' : ratio === undefined ? ` (${peer})` : ` (${shortNumber(ratio)} × ${peer})`
      return `  ${name}: ${shortNumber(figure)} ${unit}${beside}`
    })
    .join('\n')
