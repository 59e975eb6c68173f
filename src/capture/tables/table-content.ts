/**
 * What the rows of a table tell about its columns, where their names do not: whether the counts of the server are
 * filled, and the unit of durations. Asked before the rows are taken, file by file.
 */
import type { Query } from '../../model/query.ts'
import { join, raw, sql } from '../../store/sql.ts'
import { pieceOf } from '../logs/lines.ts'
import type { Cells } from '../logs/mapping.ts'
import type { Sink } from '../reader.ts'
import { fieldsOf, type Profile } from './profile.ts'
import { wholeOf } from './profile-ends.ts'
import { instantOf, type Known, nothingKnown, type Unit, valuesOf } from './profile-mapping.ts'

/** Files of a table that are read alike, with the condition on their rows and how many there are. */
export interface Alike {
  readonly known: Known
  readonly rows: Query
  readonly records: number
}

interface Looked {
  readonly sink: Sink
  readonly profile: Profile
  readonly fields: readonly string[]
  /** Cells of the table, which `over` makes one with every cell that was asked for. */
  readonly cells: Cells
  readonly over: () => Query
  readonly records: number
  readonly scale: boolean
  /** Names the layout, where one input has several. */
  readonly key: string
}

/** What is known of the rows of a table, mostly one group. */
export async function alike(looked: Looked): Promise<readonly Alike[]> {
  const { sink, profile, fields, records, scale, key } = looked
  const found = fieldsOf(profile, fields)
  const asksUnit = profile.columns['duration']?.unit === 'content' && 'duration' in found
  const asksFilled = 'serverPackets' in found || 'serverBytes' in found
  const plain = { ...nothingKnown, scale }
  const asksDates = records > 0 && 'start' in found && (await hasShortDates(looked))
  if (records === 0 || (!asksUnit && !asksFilled && !asksDates))
    return [{ known: plain, rows: raw('true'), records }]

  // Of a long file that is read in stretches the first one tells.
  const memory = sink.bundle?.memory
  const kept = memory?.get(`content ${key}`) as Known | undefined
  if (kept) return [{ known: kept, rows: raw('true'), records }]
  const pieces = await contents(looked, { asksUnit, asksFilled, asksDates })
  for (const content of pieces) remark(looked, content, asksUnit)
  const groups = Map.groupBy(pieces, ({ unit, unfilled, dates }) => `${unit} ${unfilled} ${dates}`)
  const made = [...groups.values()].map((group) => {
    const { unit, unfilled, dates } = group[0]!
    const known = { ...plain, unit, unfilled, dates: dates === 'mdy' ? dates : 'auto' } as const
    const rows =
      groups.size === 1 ? raw('true') : sql`toUInt64(${pieceOf(sink)}) IN ${group.map(({ piece }) => piece)}`
    return { known, rows, records: group.reduce((sum, { n }) => sum + n, 0) }
  })
  if (made.length === 1) memory?.set(`content ${key}`, made[0]!.known)
  return made
}

interface Content {
  readonly piece: number
  readonly n: number
  readonly unit: Unit
  readonly unfilled: boolean
  /** How dates are written; `unsure` where no day is above 12, null where there are none. */
  readonly dates: 'mdy' | 'dmy' | 'unsure' | null
}

const unitNames: Readonly<Partial<Record<Unit, string>>> = {
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
}

/** Says what was decided by the content. */
function remark(
  { sink, profile }: Looked,
  { piece, unit, unfilled, dates }: Content,
  asksUnit: boolean,
): void {
  const rejects = sink.bundle?.rejectsOf(piece) ?? sink.rejects

  if (asksUnit)
    rejects.remark?.(`durations are in ${unitNames[unit]}, by what the rows say (profile ${profile.name})`)
  if (dates === 'mdy') rejects.remark?.('dates are month/day/year, by days above 12')
  if (dates === 'unsure')
    rejects.remark?.(
      'dates are read as day/month/year, and no day is above 12 to show it (--map THEIRS=start:mdy)',
    )
  if (unfilled)
    rejects.remark?.(
      'what servers sent is 0 in all rows although they answered: it is not filled, and unknown',
    )
}

interface Counted {
  readonly piece: number
  readonly n: number
  /** Rows with a count of the server; rows with a reply of their own; rows whose flags show an answer. */
  readonly filled: number
  readonly reversed: number
  readonly acknowledged: number
  /** Rows by the unit that their durations are in, and those whose durations are no whole numbers. */
  readonly votes: readonly number[]
  readonly broken: number
  /** Rows whose first number of the date cannot be a month; and those whose second cannot; and all dates. */
  readonly days: readonly [first: number, second: number, all: number]
}

async function contents(
  { sink, profile, fields, cells, over }: Looked,
  { asksUnit, asksFilled, asksDates }: { asksUnit: boolean; asksFilled: boolean; asksDates: boolean },
): Promise<Content[]> {
  const value = valuesOf(profile, fields)
  const filling = asksFilled ? fillingOf((column) => value(column)(cells)) : noFilling
  const units = asksUnit ? votesOf((column) => value(column)(cells)) : noVotes
  const piece = pieceOf(sink)
  const rows = await sink.rows<Counted>(
    sql`SELECT toFloat64(${piece}) AS piece, toFloat64(count()) AS n, ${filling}, ${units},
               ${asksDates ? daysOf(value('start')(cells)) : noDays} AS days
        FROM ${over()} GROUP BY piece ORDER BY piece`,
  )

  return rows.map((counted) => ({
    piece: counted.piece,
    n: counted.n,
    unit: asksUnit ? unitOf(counted) : 'auto',
    unfilled: counted.filled === 0 && counted.reversed + counted.acknowledged > 0,
    dates: datesOf(counted),
  }))
}

type Given = (column: string) => Query

const noFilling = raw('toFloat64(1) AS filled, toFloat64(0) AS reversed, toFloat64(0) AS acknowledged')
const noVotes = raw('[toFloat64(0)] AS votes, toFloat64(0) AS broken')

const noDays = raw('[toFloat64(0), toFloat64(0), toFloat64(0)]')

/** A date of two numbers and a year; with points it is day.month.year everywhere. */
const shortDate = '^([0-9]{1,2})[/-]([0-9]{1,2})[/-][0-9]{4}'

/** Whether the first rows have such dates, of a unit that the profile leaves open. */
async function hasShortDates({ sink, profile, fields, cells, over }: Looked): Promise<boolean> {
  if ((profile.columns['start']?.unit ?? 'auto') !== 'auto') return false
  const given = valuesOf(profile, fields)('start')(cells)
  const [found] = await sink.rows<{ n: number }>(
    sql`SELECT toFloat64(countIf(match(given, ${shortDate}))) AS n
        FROM (SELECT ${given} AS given FROM ${over()} LIMIT 100)`,
  )
  return (found?.n ?? 0) > 0
}

function daysOf(given: Query): Query {
  const parts = sql`extractGroups(${given}, ${shortDate})`
  const above = (i: 1 | 2) =>
    sql`toFloat64(countIf(toUInt8OrZero(arrayElement(${parts}, ${raw(String(i))})) > 12))`
  return sql`[${above(1)}, ${above(2)}, toFloat64(countIf(notEmpty(${parts})))]`
}

/** Where days above 12 are in one place only, they show it. */
function datesOf({ days: [first, second, all] }: Counted): Content['dates'] {
  if (all === 0) return null
  if (second > 0 && first === 0) return 'mdy'
  return first > 0 ? 'dmy' : 'unsure'
}

/** Keys of conversations that are compared, of each file. */
const mostKeys = raw('50000')

/** Whether the server's counts are filled; and signs of answers that they should then count. */
function fillingOf(given: Given): Query {
  const counts = sql`(ifNull(${wholeOf(given('serverPackets'))}, 0) + ifNull(${wholeOf(given('serverBytes'))}, 0))`
  const key = (...columns: string[]) =>
    sql`concat(${join(
      columns.map((each) => sql`${given(each)}`),
      `, ' ', `,
    )})`
  const calls = sql`groupUniqArray(${mostKeys})(${key('client', 'clientPort', 'server', 'serverPort')})`
  const replies = sql`groupUniqArray(${mostKeys})(${key('server', 'serverPort', 'client', 'clientPort')})`
  const flags = sql`upper(${given('flags')})`
  return sql`toFloat64(countIf(${counts} > 0)) AS filled,
    toFloat64(length(arrayIntersect(${calls}, ${replies}))) AS reversed,
    toFloat64(countIf(position(${flags}, 'A') > 0 AND position(${flags}, 'S') > 0)) AS acknowledged`
}

const units = ['s', 'ms', 'us', 'ns'] as const

/**
 * What a duration would be in each unit beside what it must be: packets or bytes by their rate, or the end less the
 * start. A row votes for a unit where both agree within a factor of two.
 */
function votesOf(given: Given): Query {
  const number = (column: string) => sql`toFloat64OrNull(${given(column)})`
  const sum = (what: 'Packets' | 'Bytes') =>
    sql`coalesce(${number(what.toLowerCase())}, ${number(`client${what}`)} + ${number(`server${what}`)})`
  const span = sql`(${instantOf(given('end'), 'auto')} - ${instantOf(given('start'), 'auto')}) / 1e6`
  const byRate = (what: 'Packets' | 'Bytes', rate: string) => sql`${sum(what)} / ${number(rate)}`
  const each = join([byRate('Packets', 'packetRate'), byRate('Bytes', 'byteRate'), span], ', ')
  const seconds = sql`arrayFirst(x -> ifNull(isFinite(x) AND x > 0, 0), [${each}])`
  const ratio = sql`log10(${number('duration')} / ${seconds})`
  const votes = units.map(
    (_, i) => sql`toFloat64(countIf(ifNull(abs(${ratio} - ${raw(String(i * 3))}) < 0.3, 0)))`,
  )
  const broken = sql`countIf(ifNull(${number('duration')} != floor(${number('duration')}), 0))`
  return sql`[${join(votes, ', ')}] AS votes, toFloat64(${broken}) AS broken`
}

/** The unit with most votes; without any, whole numbers are microseconds and others seconds. */
function unitOf({ votes, broken }: Counted): Unit {
  const most = Math.max(...votes)
  if (most > 0) return units[votes.indexOf(most)] ?? 'us'
  return broken > 0 ? 's' : 'us'
}
