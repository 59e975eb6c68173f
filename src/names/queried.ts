/** Fills `queried`: every name that was asked for, taken apart once, however many analyses there are. */
import { createHash } from 'node:crypto'
import type { Scope } from '../model/networks.ts'
import { queriedColumns } from '../model/queried.ts'
import { inside } from '../store/networks.ts'
import { sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { encoder } from '../store/tsv.ts'
import { classifierOf, fitted } from './classifier.ts'
import { entropyOf } from './features.ts'
import { bytesOf, nameOf } from './name.ts'

/** Names taken at a time: bounds the memory of this process. */
const chunkNames = 250_000
/** Registered domains whose verdict is kept; most names are many under few. */
const keptVerdicts = 200_000

/** Tells which rules the kept rows were made by. */
export const queriedPrint: string = createHash('sha256')
  .update(JSON.stringify([fitted, 'names 2']))
  .digest('hex')
  .slice(0, 16)

/** Takes apart the names that no analysis before this one has. Gives how many those were. */
export async function fillQueried(store: Store): Promise<number> {
  const [kept] = await store.rows<{ other: number }>(
    sql`SELECT toFloat64(countIf(print != ${queriedPrint})) AS other FROM queried`,
  )
  if (kept?.other) await store.run('TRUNCATE TABLE queried')
  const [size] = await store.rows<{ n: number }>('SELECT toFloat64(uniq(query)) AS n FROM dns')
  const chunks = Math.max(1, Math.ceil((size?.n ?? 0) / chunkNames))
  const columns = { ...queriedColumns, print: { kind: 'word', doc: '' } } as const
  const names = Object.keys(columns)
  const encode = encoder(columns, names)
  const describe = describer()
  let count = 0
  for (let chunk = 0; chunk < chunks; chunk++) {
    const { query } = await store.columns(sql`
      SELECT DISTINCT query FROM dns WHERE cityHash64(query) % ${chunks} = ${chunk}
        AND query NOT IN (SELECT query FROM queried WHERE cityHash64(query) % ${chunks} = ${chunk})`)
    const found = Array.from((query ?? []) as readonly string[])
    if (found.length === 0) continue
    count += found.length
    await store.insert('queried', names, once(encode(found.map(describe))))
  }
  return count
}

async function* once(chunk: Uint8Array) {
  yield chunk
}

/** A name as a row of `queried`. */
export function describer(): (query: string) => object {
  const classify = classifierOf(fitted)
  const known = new Map<string, number>()
  const generatedOf = (name: { registered: string; label: string; suffix: string }) => {
    const before = known.get(name.registered)
    if (before !== undefined) return before
    const ratio = Math.round(classify(name) * 1e3) / 1e3
    if (known.size >= keptVerdicts) known.clear()
    known.set(name.registered, ratio)
    return ratio
  }
  return (query) => {
    const name = nameOf(query)
    const payload = name.before.replaceAll('.', '')
    return {
      query,
      kind: name.kind,
      registered: name.registered,
      suffix: name.suffix,
      payload: bytesOf(payload),
      entropy: payload === '' ? 0 : Math.round(entropyOf(payload) * 1e3) / 1e3,
      generated: name.kind === 'public' ? generatedOf(name) : 0,
      print: queriedPrint,
    }
  }
}

/** Questions of internal clients by the kind of the name. */
export async function questionsByKind(
  store: Store,
  { from, to, internal }: Pick<Scope, 'from' | 'to' | 'internal'>,
): Promise<Record<string, number>> {
  const rows = await store.rows<{ kind: string; n: number }>(sql`
    SELECT toString(kind) AS kind, toFloat64(sum(n)) AS n FROM (
      SELECT query, count() AS n FROM dns
      WHERE start >= ${from} AND start < ${to} AND ${inside('client', internal)} GROUP BY query) AS asked
    LEFT SEMI JOIN (SELECT query, kind FROM queried) AS known USING (query) GROUP BY kind ORDER BY n DESC, kind`)
  return Object.fromEntries(rows.map(({ kind, n }) => [kind, n]))
}
