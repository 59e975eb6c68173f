/**
 * Profiles: how the columns of a table that is no known format (CSV, JSON lines, Parquet) become flows.
 *
 * A profile is data: for each column of `flow` the names that it may have in the input, in each row the first that says
 * something counting, and the unit of its values. Names are compared without regard to case and blanks around.
 */
import { UserError } from '../../errors.ts'
import { flowColumns } from '../../model/flow.ts'
import { writtenColumns } from '../../model/record.ts'

/** What `Profile.columns` may name: the columns of a flow, and those that a flow is made from. */
export const targets = {
  ...Object.fromEntries(writtenColumns(flowColumns).map((name) => [name, ''])),
  end: 'When the last packet passed; gives the duration if that is unknown.',
  flags:
    'TCP flags of both sides, as letters (SAPRF) or as a number; they give the outcome if it is unknown.',
  history: 'History of a Zeek connection; it refines the outcome that `state` gives.',
  direction: 'Direction in the signs of Argus; with `<-` the destination is the client.',
  icmpType: 'Type of ICMP; with icmpCode it is the port of the server (type × 256 + code).',
  icmpCode: 'Code of ICMP.',
  samplingRate: 'Sampling rate N: one packet in N was counted. 0 and 1 are all.',
  sampled: 'Whether only a sample of the packets was counted (true, 1), if the rate is unknown.',
  status: 'What kind of row it is; rows of the kinds that the profile calls unused hold no flow.',
  final:
    'Whether the row is the last of its flow (true, 1, delete). Rows before it are running totals, or deltas.',
  packetRate: 'Packets of both sides a second; with it the unit of the duration is known.',
  byteRate: 'Bytes of both sides a second; the same.',
} as Readonly<Record<string, string>>

const timeUnits = ['auto', 's', 'ms', 'us', 'ns', 'mdy'] as const
const spanUnits = ['auto', 's', 'ms', 'us', 'ns', 'content'] as const

interface ProfileColumn {
  /** Names in the input; in each row the first that says something counts. */
  readonly from: readonly string[]
  /** Of times and durations; see docs/reference/inputs-generic.md. */
  readonly unit?: (typeof timeUnits)[number] | (typeof spanUnits)[number]
}

export interface Profile {
  readonly name: string
  readonly doc: string
  readonly columns: Readonly<Record<string, ProfileColumn>>
  /**
   * Rows are running totals of a flow: of those that are alike in these columns the one with the greatest counts is the
   * flow. Where the profile has `final` too, only of tables that have that column.
   */
  readonly running?: readonly string[]
  /** Values of `status` that say that a row holds no flow; so does a row without addresses and counts then. */
  readonly unused?: readonly string[]
  /** The last row of a flow (`final`) is its total, and those before are deltas: left out where it is there. */
  readonly deltas?: boolean
  /** Type and code of ICMP are in the ports: one in each, or both in the client's, the type in its low byte (Argus). */
  readonly icmp?: 'type-code' | 'argus'
  /** The source is who began the connection, as whoever wrote the table knows: rows are never turned round. */
  readonly oriented?: boolean
  /** The column without which a total tells nothing of the side that is not given: it may be of one side alone. */
  readonly totalsTell?: string
  /** Values of columns that the input does not have, such as the transport of a table of TCP connections. */
  readonly fixed?: Readonly<Record<string, string>>
}

/** Without these there is no flow; a start may be the end less the duration. */
export const needed = ['start', 'client', 'server'] as const

/** Whether the columns that are said tell where a needed one is. */
export const isGiven = (column: string, given: (column: string) => boolean): boolean =>
  given(column) || (column === 'start' && given('end') && given('duration'))

const plain = (name: string): string => name.trim().toLowerCase()

/** The fields that a profile takes from an input of these fields: by column, as the input writes them, in turn. */
export function fieldsOf(
  { columns }: Profile,
  fields: readonly string[],
): Readonly<Record<string, readonly string[]>> {
  const byName = new Map(fields.map((field) => [plain(field), field]).reverse() as [string, string][])
  return Object.fromEntries(
    Object.entries(columns).flatMap(([column, { from }]) => {
      const found = from.flatMap((name) => byName.get(plain(name)) ?? [])
      return found.length === 0 ? [] : [[column, [...new Set(found)]]]
    }),
  )
}

/** How many columns of a flow the profile finds among the fields; 0 where it lacks one that is needed. */
export function fitOf(profile: Profile, fields: readonly string[]): number {
  const found = fieldsOf(profile, fields)
  const given = (column: string) => column in found || profile.fixed?.[column] !== undefined
  return needed.every((each) => isGiven(each, given)) && (given('proto') || given('serverPort'))
    ? Object.keys(found).length
    : 0
}

/** The profile that fits the fields best, or null. */
export function profileFor(profiles: readonly Profile[], fields: readonly string[]): Profile | null {
  let best: Profile | null = null
  let most = 0
  for (const each of profiles) {
    const fit = fitOf(each, fields)
    if (fit > most) [best, most] = [each, fit]
  }
  return best
}

/**
 * `THEIRS=OURS` or `THEIRS=OURS:UNIT`, one or more with commas between, as --map takes them; `"tcp"=proto` sets a
 * column that the input does not have.
 * @throws UserError profile-invalid.
 */
export function profileOf(maps: readonly string[], name = 'map'): Profile {
  const columns: Record<string, ProfileColumn> = {}
  const fixed: Record<string, string> = {}

  for (const part of maps.flatMap((text) => text.split(',')).filter((each) => each.trim() !== '')) {
    const [, field = '', column = '', unit] = /^(.*)=\s*(\w+)\s*(?::\s*(\w+)\s*)?$/s.exec(part) ?? []
    if (field.trim() === '' || column === '')
      throw wrong(`--map ${part} is not THEIRS=OURS`, 'Give such as --map ts=start,src=client,dst=server.')
    if (!(column in targets))
      throw wrong(
        `--map ${part.trim()}: Gannet has no field ${column}; write the column of your table first`,
        `Behind the = give one of: ${Object.keys(targets).join(', ')}.`,
      )

    const [, value] = /^\s*"(.*)"\s*$/.exec(field) ?? []
    if (value !== undefined) fixed[column] = value
    else
      columns[column] = {
        from: [...(columns[column]?.from ?? []), field.trim()],
        ...(unit === undefined ? {} : { unit: unit as NonNullable<ProfileColumn['unit']> }),
      }
  }
  return checked({ name, doc: '', columns, fixed })
}

/** The profile as --map takes it; what `profileOf` makes of that has the same columns. */
export function mapOf({ columns, fixed = {} }: Profile): string {
  const found = Object.entries(columns).flatMap(([column, { from, unit }]) =>
    from.map((field) => `${field}=${column}${unit === undefined ? '' : `:${unit}`}`),
  )
  return [...found, ...Object.entries(fixed).map(([column, value]) => `"${value}"=${column}`)].join(',')
}

/** @throws UserError profile-invalid. */
export function checked(profile: Profile): Profile {
  const { columns, fixed = {}, name } = profile
  const list = Object.keys(targets).join(', ')

  for (const column of [...Object.keys(columns), ...Object.keys(fixed)])
    if (!(column in targets))
      throw wrong(`profile ${name}: Gannet has no field ${column}`, `Give one of: ${list}.`)

  for (const [column, { unit }] of Object.entries(columns)) {
    if (unit === undefined) continue
    const units = unitsOf(column)
    if (!units.includes(unit))
      throw wrong(
        `profile ${name}: ${column} cannot be in ${unit}`,
        units.length > 0 ? `Give one of: ${units.join(', ')}.` : 'Only times and durations have a unit.',
      )
  }

  const given = (column: string) => column in columns || fixed[column] !== undefined
  const missing = needed.filter((column) => !isGiven(column, given))

  if (missing.length > 0)
    throw wrong(
      `profile ${name} does not say where ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'}`,
      `Add THEIRS=${missing[0]}, where THEIRS is the column of your table.`,
    )

  return profile
}

const unitsOf = (column: string): readonly string[] =>
  column === 'start' || column === 'end' ? timeUnits : column === 'duration' ? spanUnits : []

/** A profile as its file holds it. @throws UserError profile-invalid. */
export function parseProfile(text: string, where: string): Profile {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch (error) {
    throw wrong(`${where} is not JSON: ${error instanceof Error ? error.message : error}`, fileHint)
  }
  if (!isProfile(found)) throw wrong(`${where} is not a profile`, fileHint)
  return checked(found)
}

const fileHint = 'Write one with --map … --save-profile NAME and look at it: gannet profiles NAME.'

function isProfile(found: unknown): found is Profile {
  const isObject = (each: unknown): each is Record<string, unknown> =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
  if (!isObject(found) || typeof found['name'] !== 'string' || typeof found['doc'] !== 'string') return false
  const { columns, fixed = {}, running = [], unused = [], deltas = false } = found
  if (!isObject(columns) || !isObject(fixed) || typeof deltas !== 'boolean') return false
  if (!Array.isArray(running) || !running.every((each) => typeof each === 'string' && each in targets))
    return false
  if (!Array.isArray(unused) || !unused.every((each) => typeof each === 'string')) return false
  const isColumn = (each: unknown) =>
    isObject(each) && Array.isArray(each['from']) && each['from'].every((name) => typeof name === 'string')
  return (
    Object.values(columns).every(isColumn) && Object.values(fixed).every((each) => typeof each === 'string')
  )
}

const wrong = (message: string, hint: string) => new UserError('profile-invalid', message, hint)
