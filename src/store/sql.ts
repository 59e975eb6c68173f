import type { Param, Query, Typed } from '../model/query.ts'

/**
 * `` sql`SELECT * FROM flow WHERE client = ${host}` ``: every `${}` is a bound parameter, except another
 * `Query`, which is spliced with its own parameters.
 */
export const sql = (parts: TemplateStringsArray, ...params: Param[]): Query => ({ parts, params })

/** SQL text of our own (a column list made from `model/`), never of an input. */
export const raw = (text: string): Query => ({ parts: [text], params: [] })

/** Queries one after the other with `separator` between. */
export function join(queries: readonly Query[], separator: string): Query {
  if (queries.length === 0) return raw('')
  return { parts: ['', ...queries.slice(1).map(() => separator), ''], params: queries }
}

/** A column or table name of our own making. @throws RangeError for anything but a plain identifier. */
export function name(identifier: string): Query {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(identifier)) throw new RangeError(`not an identifier: ${identifier}`)
  return raw(`\`${identifier}\``)
}

export const addresses = (value: readonly string[]): Typed => ({
  type: 'Array(IPv6)',
  value: value.map(asIpv6),
})
export const address = (value: string): Typed => ({ type: 'IPv6', value: asIpv6(value) })
export const texts = (value: readonly string[]): Typed => ({ type: 'Array(String)', value })
export const numbers = (value: readonly number[]): Typed => ({ type: 'Array(Float64)', value })
export const integers = (value: readonly number[]): Typed => ({ type: 'Array(Int64)', value })
export const float = (value: number): Typed => ({ type: 'Float64', value })
export const ids = (value: readonly string[]): Typed => ({ type: 'Array(UInt64)', value })
export const id = (value: string): Typed => ({ type: 'UInt64', value })

/** Rows of lists of equal length, to the right of `IN`: of each list one member. */
export const tuples = (...lists: readonly [Typed, ...Typed[]]): Query => {
  const columns = lists.map((_, i) => `tuple.${i + 1}`).join(', ')
  return sql`(SELECT ${raw(columns)} FROM (SELECT arrayJoin(arrayZip(${join(
    lists.map((list) => sql`${list}`),
    ', ',
  )})) AS tuple))`
}

/** Addresses are kept as IPv6; IPv4 lives in ::ffff:0:0/96. */
export const asIpv6 = (value: string): string => (value.includes(':') ? value : `::ffff:${value}`)

/** SQL that prints an address column in its usual text. */
export const addressText = (column: string): Query =>
  raw(`replaceRegexpOne(toString(${column}), '^::ffff:([0-9]+\\\\.)', '\\\\1')`)

/**
 * SQL: the text that most rows of a group have, of several the least; empty where no row counts. `anyHeavy` gives
 * another one for another order of rows. `condition` says which rows count.
 */
export const mostFrequent = (column: string, condition = '1'): Query => {
  const counted = `sumMapIf([toString(${column})], [1], ${condition})`
  return raw(`arrayElement(${counted}.1, indexOf(${counted}.2, arrayMax(${counted}.2)))`)
}

export interface Bound {
  readonly text: string
  readonly params: Readonly<Record<string, unknown>>
}

/**
 * As ClickHouse takes it: `{p1:String}`. The type comes from the bound value, never from the text around it.
 * Texts and lists longer than `longest` characters are bound in pieces, which the engine puts together; one
 * member of a list stays whole.
 */
export function bound(query: Query, longest = Number.POSITIVE_INFINITY): Bound {
  const params: Record<string, unknown> = {}
  let count = 0
  const placeholder = (type: string, value: unknown) => {
    const key = `p${++count}`
    params[key] = asParameter(type, value)
    return `{${key}:${type}}`
  }

  const render = ({ parts, params: values }: Query): string =>
    parts.reduce((done, part, i) => {
      const value = values[i - 1]
      if (isQuery(value)) return done + render(value) + part
      const type = clickhouseType(value)
      const pieces = piecesOf(isTyped(value) ? value.value : value, longest).map((piece) =>
        placeholder(type, piece),
      )
      const joined = type === 'String' ? 'concat' : 'arrayConcat'
      return `${done}${pieces.length === 1 ? pieces[0] : `${joined}(${pieces.join(', ')})`}${part}`
    })

  return { text: render(query), params }
}

function textPieces(text: string, longest: number): string[] {
  const pieces: string[] = []
  let rest = text
  while (rest.length > longest) {
    // Never between the halves of a character.
    const at = /[\ud800-\udbff]/.test(rest[longest - 1] as string) ? longest - 1 : longest
    pieces.push(rest.slice(0, at))
    rest = rest.slice(at)
  }
  return [...pieces, rest]
}

function piecesOf(value: unknown, longest: number): unknown[] {
  if (typeof value === 'string') return textPieces(value, longest)
  if (!Array.isArray(value)) return [value]
  const pieces: unknown[][] = [[]]
  let length = 0
  for (const each of value) {
    const more = String(each).length + 4
    if (length + more > longest && length > 0) {
      pieces.push([])
      length = 0
    }
    pieces.at(-1)!.push(each)
    length += more
  }
  return pieces
}

/** The query as it may be kept, and asked again of other records. */
export const ofAnyRecords = ({ parts, params, ofAnyRecords: general }: Query): Query =>
  general ?? { parts, params: params.map((each) => (isQuery(each) ? ofAnyRecords(each) : each)) }

const isQuery = (value: Param | undefined): value is Query =>
  typeof value === 'object' && value !== null && 'parts' in value
const isTyped = (value: Param | undefined): value is Typed =>
  typeof value === 'object' && value !== null && 'type' in value

/** The clients refuse NaN, infinities and large whole numbers, and quote 64-bit ids; the engine reads them as text. */
function asParameter(type: string, value: unknown): unknown {
  if (type === 'Float64') return floatText(value as number)
  if (type === 'Array(Float64)') return `[${(value as readonly number[]).map(floatText).join(',')}]`
  if (type === 'Array(UInt64)' || type === 'Array(Int64)')
    return `[${(value as readonly string[]).join(',')}]`
  return value
}

const floatText = (value: number): string =>
  Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'

function clickhouseType(value: Param | undefined): string {
  if (isTyped(value)) return value.type
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? 'Int64' : 'Float64'
  if (typeof value === 'boolean') return 'Bool'
  if (value === null || value === undefined) return 'Nullable(String)'
  if (typeof value === 'string') return 'String'
  if (Array.isArray(value))
    return value.every((each) => typeof each === 'number') ? 'Array(Float64)' : 'Array(String)'
  throw new RangeError('a query cannot be bound as a value')
}
