/**
 * Fills `queried`, every name that was asked for taken apart once, and `judged`, every domain that failed judged
 * once.
 */
import { createHash } from 'node:crypto'
import type { Scope } from '../model/networks.ts'
import { judgedColumns, queriedColumns } from '../model/queried.ts'
import type { Query } from '../model/query.ts'
import { tablesWithRows } from '../store/epochs.ts'
import { inside } from '../store/networks.ts'
import { raw, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { encoder } from '../store/tsv.ts'
import { classifierOf, fitted } from './dga-classifier.ts'
import { entropyOf } from './dga-features.ts'
import { bytesOf, nameOf } from './domain-name.ts'
import { cut, partsOfNames } from './partitions.ts'

/** Names taken at a time, each time by a look at every record: bounds the memory of the engine and of this process. */
const chunkNames = 1_000_000
/** Rows written at a time. */
const sliceRows = 250_000

/** Tells which rules the kept rows were made by. */
const queriedPrint: string = createHash('sha256')
  .update(JSON.stringify([fitted, 'names 3']))
  .digest('hex')
  .slice(0, 16)

const print = { print: { kind: 'word', doc: '' } } as const

/**
 * Takes apart the names that no analysis before this one has, and judges the domains that fail; of questions from
 * `from` on, in microseconds. Gives how many names.
 */
export async function fillQueried(store: Store, { from }: { from?: number } = {}): Promise<number> {
  // Tables that nobody has filled, where no record asks for a name.
  if ((await tablesWithRows(store, ['dns_rows', 'queried', 'judged'])).size === 0) return 0

  const asked = from === undefined ? sql`dns` : sql`(SELECT * FROM dns WHERE start >= ${from})`
  for (const table of ['queried', 'judged'] as const) {
    const [kept] = await store.rows<{ other: number }>(
      sql`SELECT toFloat64(countIf(print != ${queriedPrint})) AS other FROM ${raw(table)}`,
    )
    if (kept?.other) await store.alter(table, raw('DROP PARTITION ALL'))
  }

  const columns = { ...queriedColumns, ...print }
  const names = Object.keys(columns)
  const encode = encoder(columns, names)
  let count = 0

  for (const own of await chunksOf(store, asked, sql`TRUE`)) {
    const { query } = await store.columns(sql`
      SELECT DISTINCT query FROM ${asked} WHERE ${own} AND query NOT IN (SELECT query FROM queried WHERE ${own})`)
    const found = (query ?? []) as readonly string[]
    if (found.length === 0) continue
    count += found.length
    await store.insert('queried', names, sliced(found, described, encode))
  }

  await judgeFailed(store, asked)

  return count
}

const failed = sql`(responseCode = 'NXDOMAIN' OR queryType = 'NB')`

/** Judges the domains that failed and that no analysis before this one has judged. */
async function judgeFailed(store: Store, asked: Query): Promise<void> {
  const columns = { ...judgedColumns, ...print }
  const names = Object.keys(columns)
  const encode = encoder(columns, names)
  const classify = classifierOf(fitted)

  for (const own of await chunksOf(store, asked, failed)) {
    const domains = sql`
      SELECT registered, suffix FROM queried
      WHERE ${own} AND kind = 'public' AND query IN (SELECT query FROM ${asked} WHERE ${own} AND ${failed})`
    const rows = await store.rows<{ registered: string; suffix: string }>(sql`
      SELECT registered, any(suffix) AS suffix FROM (${domains})
      WHERE registered NOT IN (
        SELECT registered FROM judged WHERE registered IN (SELECT registered FROM (${domains})))
      GROUP BY registered`)
    if (rows.length === 0) continue
    const judged = ({ registered, suffix }: { registered: string; suffix: string }) => {
      const label = registered.slice(0, registered.length - suffix.length - 1)
      const generated = Math.round(classify({ label, suffix }) * 1e3) / 1e3
      return { registered, generated, print: queriedPrint }
    }
    await store.insert('judged', names, sliced(rows, judged, encode))
  }
}

/** Conditions that cut the names of such questions into chunks. */
async function chunksOf(store: Store, asked: Query, which: Query): Promise<Query[]> {
  const [size] = await store.rows<{ n: number }>(
    sql`SELECT toFloat64(uniq(query)) AS n FROM ${asked} WHERE ${which}`,
  )
  return cut('query', Math.max(1, Math.ceil((size?.n ?? 0) / chunkNames)))
}

/** The rows made of `values`, encoded, some at a time. */
async function* sliced<T>(
  values: readonly T[],
  rowOf: (value: T) => object,
  encode: (rows: readonly object[]) => Uint8Array,
) {
  for (let i = 0; i < values.length; i += sliceRows)
    yield encode(values.slice(i, i + sliceRows).map((value) => rowOf(value)))
}

/** A name as a row of `queried`. */
export function described(query: string): object {
  const { kind, registered, suffix, before } = nameOf(query)
  const payload = before.replaceAll('.', '')
  return {
    query,
    kind,
    registered,
    suffix,
    payload: bytesOf(payload),
    entropy: payload === '' ? 0 : Math.round(entropyOf(payload) * 1e3) / 1e3,
    print: queriedPrint,
  }
}

/** Questions of internal clients by the kind of the name. */
export async function questionsByKind(
  store: Store,
  { from, to, internal }: Pick<Scope, 'from' | 'to' | 'internal'>,
): Promise<Record<string, number>> {
  const counts = new Map<string, number>()
  for (const part of await partsOfNames(store)) {
    const rows = await store.rows<{ kind: string; n: number }>(sql`
      SELECT toString(kind) AS kind, toFloat64(sum(n)) AS n FROM (
        SELECT query, count() AS n FROM dns
        WHERE start >= ${from} AND start < ${to} AND ${inside('client', internal)} AND ${part} GROUP BY query) AS asked
      LEFT SEMI JOIN (SELECT query, kind FROM queried WHERE ${part}) AS known USING (query) GROUP BY kind`)
    for (const { kind, n } of rows) counts.set(kind, (counts.get(kind) ?? 0) + n)
  }
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)))
}
