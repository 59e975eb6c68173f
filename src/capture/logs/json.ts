/** Lines of JSON objects, taken apart by the engine: each line is parsed once, into a tuple of what is asked. */
import type { Query } from '../../model/query.ts'
import type { RecordName } from '../../model/records.ts'
import { bound, join, raw, sql } from '../../store/sql.ts'
import type { Sink } from '../reader.ts'
import type { RejectReason } from '../rejects.ts'
import { andOwn, atOnce, leaveOut, leaveRest, pieceOf, put, type Selection, take } from './lines.ts'
import { type Cells, compile, type Mapping, rejectFirst } from './mapping.ts'

/** Fields of a JSON object. Only names of our own are asked for; they become a type in the statement. */
export interface JsonCells extends Cells {
  /** A value of another type than text, such as `Array(Tuple(rdata String))`. */
  typed(field: string, type: string): Query
  /** The table with every value that was asked for `once` until now. */
  over(table: Query): Query
  /** SQL for the tuple of everything that was asked so far. */
  extracted(): Query
}

type Tree = Map<string, Tree | string>

/** Where an object has a field: the keys that lead to it. */
type Naming = (field: string) => readonly string[]

/** `a.b` is field b of the object a. */
export const inObjects: Naming = (field) => field.split('.')

/** A name may have a dot in it. */
export const byName: Naming = (field) => [field]

function jsonCells(naming: Naming): JsonCells {
  const asked: Tree = new Map()
  const worked = new Map<string, { name: string; value: Query }>()

  const place = (field: string, type: string): Query => {
    const path = naming(field)
    if (!path.every((key) => /^[\w.:@-]+$/.test(key)))
      throw new RangeError(`not a known field name: ${field}`)
    let tree = asked
    for (const name of path.slice(0, -1)) {
      const inner = tree.get(name) ?? new Map()
      if (typeof inner === 'string') throw new RangeError(`${field} is inside a value`)
      tree.set(name, inner)
      tree = inner
    }
    tree.set(path.at(-1) as string, type)
    return raw(path.reduce((inside, name) => `tupleElement(${inside}, '${name}')`, 'j'))
  }

  const text = (field: string) => place(field, 'String')

  return {
    has: () => true,
    plain: text,
    text,
    asWritten: text,
    once: (value) => {
      const { text: written, params } = bound(value)
      const key = `${written} ${JSON.stringify(params)}`
      const found = worked.get(key) ?? { name: `once_${worked.size}`, value }
      worked.set(key, found)
      return raw(found.name)
    },
    over: (table) => {
      const columns = [...worked.values()].map(({ name, value }) => sql`${value} AS ${raw(name)}`)
      return columns.length === 0 ? table : sql`(SELECT *, ${join(columns, ', ')} FROM ${table})`
    },
    list: (field) => place(field, 'Array(String)'),
    typed: place,
    // The engine would read the members of an array into the tuple, by their place: only objects are given to it.
    extracted: () => raw(`JSONExtract(if(startsWith(trimLeft(line), '{'), line, ''), '${tupleType(asked)}')`),
  }
}

const tupleType = (tree: Tree): string =>
  `Tuple(${[...tree].map(([name, of]) => `\`${name}\` ${typeof of === 'string' ? of : tupleType(of)}`).join(', ')})`

/** One kind of object, and the record that it becomes. */
export interface JsonKind {
  readonly record: RecordName
  readonly mapping: Mapping
  /** SQL: whether the line is of this kind. */
  is(cells: JsonCells): Query
  /** A text that each line of the kind has in it, as a JSON string without escapes: what has it not is not parsed. */
  readonly word?: string
  /**
   * Further reasons to leave a record out, asked before those of the mapping. `table` is all lines; `piece` tells
   * lines of several files apart.
   */
  rejects?(cells: JsonCells, table: () => Query, piece: Query): readonly (readonly [Query, RejectReason])[]
  /** The lines of the kind with further columns beside `row`, `line` and `j`, for kinds whose rows need other rows. */
  beside?(cells: JsonCells, table: () => Query, piece: Query): Query
}

interface Kinds {
  readonly kinds: readonly JsonKind[]
  readonly naming: Naming
  /** Number of the kind that the first line is of, from 1, where it can be told. */
  readonly first?: number
}

/** Every line into the record of its kind, or into the rejects. */
export async function takeJson(sink: Sink, lines: Query, { kinds, naming, first = 0 }: Kinds): Promise<void> {
  const selected = (number: number, alone: boolean) =>
    selectionOf({ sink, lines, kinds, naming }, number, alone)

  // A long file is mostly of one kind, that of its first line: then nothing has to be looked at before.
  const { memory, survey: counted } = sink.bundle ?? {}
  const guess = (memory?.get('kind') ?? first) as number
  const early = guess && counted ? await put(sink, selected(guess, false)) : 0
  if (counted && early === counted.records) return
  const survey = jsonCells(naming)
  const surveyed = sql`(SELECT row, line, ${kindOf(kinds, survey)} AS kind FROM ${parsed(survey, lines)})`
  const found = await sink.rows<{ kind: number; n: number }>(
    sql`SELECT kind, toFloat64(count()) AS n FROM ${surveyed} WHERE true${andOwn(sink)} GROUP BY kind ORDER BY kind
        SETTINGS ${atOnce}`,
  )

  for (const { kind, n } of found) {
    if (kind === 0) continue
    const selection = { ...selected(kind, found.length === 1), records: n }
    if (kind === guess && counted) await leaveRest(sink, selection, early)
    else await take(sink, selection)
  }

  memory?.set('kind', found.length === 1 ? found[0]?.kind : 0)
  if (found[0]?.kind !== 0) return
  const whole = sql`isValidJSON(line) AND startsWith(trimLeft(line), '{')`
  const reason = sql`multiIf(kind != 0, '', ${whole}, 'not-used', 'truncated')`
  await leaveOut(sink, sql`(SELECT row, line, ${reason} AS reason FROM ${surveyed})`)
}

const parsed = (cells: JsonCells, lines: Query, word?: string): Query =>
  sql`(SELECT row, line, ${cells.extracted()} AS j FROM ${lines} WHERE line != ''${mayHave(word)})`

/** The lines of the kind of this number; `alone` says that there are no others. */
function selectionOf(
  { sink, lines, kinds, naming }: Kinds & { sink: Sink; lines: Query },
  number: number,
  alone: boolean,
): Omit<Selection, 'records'> {
  const kind = kinds[number - 1] as JsonKind
  const cells = jsonCells(naming)
  const ofKind = kindOf(kinds, cells)
  const compiled = compile(kind.record, kind.mapping, cells)

  const before = kind.rejects?.(cells, () => parsed(cells, lines), pieceOf(sink)) ?? []
  const only = () =>
    cells.over(
      alone
        ? parsed(cells, lines)
        : sql`(SELECT * FROM ${parsed(cells, lines, kind.word)} WHERE ${ofKind} = ${raw(String(number))})`,
    )
  const table = kind.beside?.(cells, only, pieceOf(sink)) ?? only()
  return { record: kind.record, compiled: rejectFirst(before, compiled), table }
}

/** SQL after a condition: whether a line may hold the string; any character of it may be written as an escape. */
const mayHave = (word: string | undefined): Query =>
  word === undefined ? raw('') : sql` AND (position(line, ${`"${word}"`}) > 0 OR position(line, '\\\\') > 0)`

/** SQL: the number of the first kind that a line is of, from 1; 0 for none. */
function kindOf(kinds: readonly JsonKind[], cells: JsonCells): Query {
  const branches = kinds.map((kind, i) => sql`${kind.is(cells)}, ${raw(String(i + 1))}`)
  return sql`multiIf(${join(branches, ', ')}, 0)`
}

/** The first line of a head as an object, or null. Of a line that is longer than the head, the keys before the cut. */
export function firstObject(head: string): Readonly<Record<string, unknown>> | null {
  const [first = '', ...more] = head.trimStart().split('\n', 2)
  if (!first.startsWith('{')) return null
  // Behind the last bracket there may be zeros. A pattern would look at each of them as often as there are others.
  const last = first.lastIndexOf('}')
  const line = last >= 0 && /^[\0\s]*$/.test(first.slice(last + 1)) ? first.slice(0, last + 1) : first
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    // Objects side by side are not one.
    return more.length > 0 || /\}[\s,]*\{\s*"/.test(line) ? null : keysBeforeCut(line)
  }
}

const keysBeforeCut = (line: string): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...line.matchAll(/"([\w.]+)"\s*:\s*("[^"]*")?/g)].map(([, key, value]) => [
      key,
      value?.slice(1, -1) ?? true,
    ]),
  )
