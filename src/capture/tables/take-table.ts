/** The rows of a table as flows, under a profile and what their content tells. */
import type { Query } from '../../model/query.ts'
import { join, raw, sql, texts } from '../../store/sql.ts'
import { andOwn, pieceOf, take } from '../logs/lines.ts'
import { type Cells, compile, rejectFirst } from '../logs/mapping.ts'
import type { Sink } from '../reader.ts'
import type { RejectReason } from '../rejects.ts'
import { fieldsOf, type Profile } from './profile.ts'
import { type Value, wholeOf } from './profile-ends.ts'
import { isSample, isTrue, type Known, mappingOf, valuesOf } from './profile-mapping.ts'
import { type Alike, alike } from './table-content.ts'
import { exchanged, isTurned, mayTurn, turnedRound } from './table-sides.ts'

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
  const looked = rowsOf()
  const groups = await alike({ ...table, cells: looked.cells, over: () => looked.over(raw('true')) })
  for (const group of groups) await takeAlike(table, group, rowsOf)
}

/** Takes rows that are read alike; those whose source is the server apart. */
async function takeAlike(table: Table, group: Alike, rowsOf: () => Rows): Promise<void> {
  const { sink, profile, fields } = table
  const found = fieldsOf(profile, fields)
  const all = { table, group, rowsOf }
  if (group.known.unfilled || !mayTurn(profile, found))
    return takeRows({ ...all, records: group.records, isOurs: null })

  const condition = (given: (column: string) => Query) => isTurned(given, 'flags' in found)
  const { cells, over } = rowsOf()
  const { value, told } = asColumns(profile, fields, { known: group.known, cells })
  const isBack = condition((column) => value(column)(cells))
  const [counted] = await sink.rows<{ n: number }>(
    sql`SELECT toFloat64(countIf(${isBack})) AS n FROM (SELECT *, ${told} FROM ${over(group.rows)})
        WHERE true${andOwn(sink)}`,
  )
  const back = counted?.n ?? 0
  const turned = { ...table, profile: turnedRound(profile) }
  if (back === 0) return takeRows({ ...all, records: group.records, isOurs: null })
  await takeRows({ ...all, records: group.records - back, isOurs: (given) => sql`NOT (${condition(given)})` })
  const asWritten = (given: (column: string) => Query) => condition((column) => given(exchanged(column)))
  await takeRows({ ...all, table: turned, records: back, isOurs: asWritten })
}

interface Part {
  readonly table: Table
  readonly group: Alike
  readonly rowsOf: () => Rows
  readonly records: number
  /** Which rows of the group; null for all. */
  readonly isOurs: ((given: (column: string) => Query) => Query) | null
}

/**
 * What rows say of the columns of the profile, as columns of the table: they are asked many times, and an engine has a
 * longest statement.
 */
function asColumns(
  profile: Profile,
  fields: readonly string[],
  { known, cells }: { readonly known: Known; readonly cells: Cells },
): { value: Value; told: Query } {
  const value = valuesOf(profile, fields)
  const silent = (name: string) => known.unfilled && /^server(?:Packets|Bytes)$/.test(name)
  const names = Object.keys({ ...fieldsOf(profile, fields), ...profile.fixed }).filter(
    (name) => !silent(name),
  )

  return {
    value: (name) => () => (names.includes(name) ? raw(`told_${name}`) : raw(`''`)),
    told: join(
      names.map((name) => sql`${value(name)(cells)} AS ${raw(`told_${name}`)}`),
      ', ',
    ),
  }
}

async function takeRows({ table, group, rowsOf, records, isOurs }: Part): Promise<void> {
  const { sink, profile, fields } = table
  const { known, rows: where } = group
  const { cells, over, first } = rowsOf()
  const { value, told } = asColumns(profile, fields, { known, cells })
  const given = (column: string) => value(column)(cells)
  const found = fieldsOf(profile, fields)
  const running = isRunning(profile, found)
  const checks: (readonly [Query, RejectReason])[] = [...first]
  if (profile.unused) checks.push([holdsNoFlow(profile.unused, given), 'not-used'])
  if (('samplingRate' in found || 'sampled' in found) && !known.scale)
    checks.push([isSample(value)(cells), 'sampled'])
  // A row that is not used is no later total of the flow that it names.
  const isUnused =
    checks.length > 0
      ? sql`(${join(
          checks.map(([when]) => when),
          ' OR ',
        )})`
      : raw('0')
  if (running) checks.push([raw('NOT isLast'), 'superseded'])

  const compiled = rejectFirst(checks, compile('flow', mappingOf(profile, fields, { known, value }), cells))
  const order = running ? placeInFlow(profile, given, sql`${pieceOf(sink)}, ${isUnused}`) : null
  const condition = isOurs?.(given)
  const rows = sql`(SELECT *, ${told} FROM ${over(where)})`
  const all = condition ? sql`(SELECT * FROM ${rows} WHERE ${condition})` : rows
  const numbered = order ? sql`(SELECT *, ${order} = 1 AS isLast FROM ${all})` : all
  await take(sink, { record: 'flow', compiled, table: numbered, records })
}

/** SQL: whether a row says itself that it holds no flow, or has nothing of one. */
function holdsNoFlow(unused: readonly string[], given: (column: string) => Query): Query {
  const nothing = ['client', 'server', 'clientPackets', 'clientBytes'].map(
    (column) => sql`${given(column)} = ''`,
  )
  const kind = sql`replaceRegexpOne(lower(${given('status')}), '^zeek[.]', '')`
  return sql`(${kind} IN ${texts(unused.map((each) => each.toLowerCase()))} OR (${join(nothing, ' AND ')}))`
}

/** Whether rows of the table are running totals of flows. */
const isRunning = ({ running, columns }: Profile, found: Readonly<Record<string, unknown>>): boolean =>
  running !== undefined && (!('final' in columns) || 'final' in found)

/** SQL: 1 for the rows that are flows, and more for those that an earlier or later row of their flow tells of. */
function placeInFlow(
  { running = [], deltas }: Profile,
  given: (column: string) => Query,
  apart: Query,
): Query {
  const counts = ['packets', 'clientPackets', 'serverPackets', 'bytes', 'clientBytes', 'serverBytes']
  const total = join(
    counts.map((column) => sql`ifNull(${wholeOf(given(column))}, 0)`),
    ' + ',
  )
  const key = join(
    running.map((column) => given(column)),
    ', ',
  )
  const ofFlow = sql`PARTITION BY ${apart}, ${key}`
  const final = isTrue(given('final'))
  const place = sql`row_number() OVER (${ofFlow} ORDER BY ${final} DESC, ${total} DESC, row DESC)`
  // Without its id a row is a flow of its own.
  if (!deltas) return running.includes('uid') ? sql`if(${given('uid')} = '', 1, ${place})` : place
  const isEvent = sql`${given('final')} != ''`

  return sql`multiIf(
    NOT ${isEvent} OR ${final}, 1,
    max(${final}) OVER (${ofFlow}) OR ${total} = 0, 2,
    1)`
}
