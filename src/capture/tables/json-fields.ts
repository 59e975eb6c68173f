/** Fields with names that an input of JSON lines brings. */
import type { Query } from '../../model/query.ts'
import { raw, sql } from '../../store/sql.ts'
import type { Cells } from '../logs/mapping.ts'
import type { Sink } from '../reader.ts'

/** What says nothing in tables that people pass on. */
export const silent = ['', '-', 'NULL', 'null', 'NA', 'N/A', 'nan', 'NaN', 'None', '(empty)', '\\N', '-1']

/** Lines of which the keys are looked at: a key that is not said in the first may be in another. */
const looked = 200

const headsOf = (sink: Sink, lines: Query): Promise<{ line: string }[]> =>
  sink.rows(
    sql`SELECT toValidUTF8(line) AS line FROM ${lines} WHERE startsWith(trimLeft(line), '{') ORDER BY row
      LIMIT ${looked}`,
  )

export async function jsonFields(sink: Sink, lines: Query) {
  const memory = sink.bundle?.memory ?? new Map<string, unknown>()
  const heads = (memory.get('heads') ?? (await headsOf(sink, lines))) as readonly { line: string }[]
  memory.set('heads', heads)
  const paths = new Map<string, readonly string[]>()
  const objects = new Set<string>()

  // What a key is first, a value or an object, it is: a line where it is the other must not spoil those before it.
  const add = (object: Readonly<Record<string, unknown>>, above: readonly string[]) => {
    for (const [key, value] of Object.entries(object)) {
      const path = [...above, key]
      const name = path.join('.')
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        if (paths.has(name)) continue
        objects.add(name)
        add(value as Record<string, unknown>, path)
      } else if (!objects.has(name) && !paths.has(name)) paths.set(name, path)
    }
  }

  let first: readonly string[] = []

  for (const { line } of heads) {
    try {
      add(JSON.parse(line) as Record<string, unknown>, [])
      if (first.length === 0) first = [...paths.keys()]
    } catch {
      // A broken line is a reject when it is read.
    }
  }

  return { first, fields: [...paths.keys()], pathOf: (field: string) => paths.get(field) ?? null }
}

type Tree = Map<string, Tree | null>

/** Fields with names that an input brings: their names are in a type that is bound, and the SQL has their places. */
export function foreignJsonCells(
  pathOf: (field: string) => readonly string[] | null,
): Cells & { extracted(): Query } {
  const tree: Tree = new Map()

  const place = (field: string): Query => {
    const path = pathOf(field)
    if (!path) return raw(`''`)
    let here = tree
    let value = raw('j')
    for (const [depth, key] of path.entries()) {
      const last = depth === path.length - 1
      if (!here.has(key)) here.set(key, last ? null : new Map())
      value = sql`tupleElement(${value}, ${raw(String([...here.keys()].indexOf(key) + 1))})`
      const next = here.get(key) ?? null
      // A key that is a value in one line and an object in another can be asked as one of them only.
      if (last !== (next === null)) return raw(`''`)
      if (next) here = next
    }
    return sql`if(${value} IN ${[...silent]}, '', ${value})`
  }

  return {
    has: (field) => pathOf(field) !== null,
    plain: place,
    asWritten: place,
    once: (value) => value,
    text: place,
    list: () => raw('emptyArrayString()'),
    extracted: () => sql`JSONExtract(if(startsWith(trimLeft(line), '{'), line, ''), ${treeType(tree)})`,
  }
}

const treeType = (tree: Tree): string =>
  tree.size === 0
    ? 'Tuple(`-` String)'
    : `Tuple(${[...tree].map(([key, inner]) => `${quotedName(key)} ${inner ? treeType(inner) : 'String'}`).join(', ')})`

/** A name as an identifier of the engine, whatever is in it. */
export const quotedName = (name: string): string =>
  `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('\0', '\\0')}\``
