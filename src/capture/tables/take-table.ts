/** The rows of a table as flows, under a profile and what their content tells. */
import type { Query } from '../../model/query.ts'
import { join, raw, sql, texts } from '../../store/sql.ts'
import { pieceOf, take } from '../logs/lines.ts'
import { type Cells, compile, rejectFirst } from '../logs/mapping.ts'
import type { Sink } from '../reader.ts'
import type { RejectReason } from '../rejects.ts'
import { fieldsOf, type Profile } from './profile.ts'
import { wholeOf } from './profile-ends.ts'
import { isSample, isTrue, mappingOf, valuesOf } from './profile-mapping.ts'
import { alike } from './table-content.ts'

/** A table, of which a profile says what it holds. */
interface Table {
  readonly sink: Sink
  readonly profile: Profile
  readonly fields: readonly string[]
  readonly scale: boolean
  readonly records: number
  /** Names the layout, where one input has several. */
  readonly key: string
}

/** One look at the rows of a table. */
interface Rows {
  readonly cells: Cells
  /** The rows that meet a condition, with every cell that was asked for until now. */
  over(where: Query): Query
  /** Reasons to leave a row out that come before those of the profile. */
  readonly first: readonly (readonly [Query, RejectReason])[]
}

/** Takes the rows of a table as flows. `rowsOf` is called for each look at them. */
export async function takeTable(table: Table, rowsOf: () => Rows): Promise<void> {
  const { sink, profile, fields } = table
  const looked = rowsOf()
  const groups = await alike({ ...table, cells: looked.cells, over: () => looked.over(raw('true')) })

  for (const { known, rows: where, records } of groups) {
    const { cells, over, first } = rowsOf()
    const value = valuesOf(profile, fields)
    const found = fieldsOf(profile, fields)
    const sample = isSample(value)(cells)
    const asksSample = 'samplingRate' in found || 'sampled' in found
    const running = isRunning(profile, found)
    const checks: (readonly [Query, RejectReason])[] = [...first]
    if (profile.unused)
      checks.push([holdsNoFlow(profile.unused, (column) => value(column)(cells)), 'not-used'])
    if (asksSample && !known.scale) checks.push([sample, 'sampled'])
    if (running) checks.push([raw('NOT isLast'), 'superseded'])
    const compiled = rejectFirst(checks, compile('flow', mappingOf(profile, fields, known), cells))
    const order = running ? placeInFlow(profile, (column) => value(column)(cells), sink) : null
    const all = over(where)
    const numbered = order ? sql`(SELECT *, ${order} = 1 AS isLast FROM ${all})` : all
    await take(sink, { record: 'flow', compiled, table: numbered, records })
  }
}

/** SQL: whether a row says itself that it holds no flow, or has nothing of one. */
function holdsNoFlow(unused: readonly string[], given: (column: string) => Query): Query {
  const nothing = ['client', 'server', 'clientPackets', 'clientBytes'].map(
    (column) => sql`${given(column)} = ''`,
  )
  return sql`(${given('status')} IN ${texts(unused)} OR (${join(nothing, ' AND ')}))`
}

/** Whether rows of the table are running totals of flows. */
const isRunning = ({ running, columns }: Profile, found: Readonly<Record<string, unknown>>): boolean =>
  running !== undefined && (!('final' in columns) || 'final' in found)

/** SQL: 1 for the rows that are flows, and more for those that an earlier or later row of their flow tells of. */
function placeInFlow({ running = [], deltas }: Profile, given: (column: string) => Query, sink: Sink): Query {
  const counts = ['packets', 'clientPackets', 'serverPackets', 'bytes', 'clientBytes', 'serverBytes']
  const total = join(
    counts.map((column) => sql`ifNull(${wholeOf(given(column))}, 0)`),
    ' + ',
  )
  const key = join(
    running.map((column) => given(column)),
    ', ',
  )
  const ofFlow = sql`PARTITION BY ${pieceOf(sink)}, ${key}`
  const final = isTrue(given('final'))
  if (!deltas) return sql`row_number() OVER (${ofFlow} ORDER BY ${final} DESC, ${total} DESC, row DESC)`
  const isEvent = sql`${given('final')} != ''`

  return sql`multiIf(
    NOT ${isEvent} OR ${final}, 1,
    max(${final}) OVER (${ofFlow}) OR ${total} = 0, 2,
    1)`
}
