/**
 * The import ledger, which makes every import whole or nothing.
 *
 * Rows are written under a load number that no view shows. One insert of one row into `ledger` publishes them
 * all, in every table at once; a process that dies before it leaves rows that nobody sees and that the next
 * import removes. See docs/decisions/0002-whole-or-nothing.md.
 */

import { writtenColumns } from '../model/record.ts'
import { type RecordName, records } from '../model/records.ts'
import { schema } from './ddl.ts'
import { id, join, name, raw, sql } from './sql.ts'
import type { Store } from './store.ts'

export interface LedgerRow {
  readonly load: string
  readonly name: string
  readonly sha256: string
  readonly bytes: number
  readonly format: string
  readonly records: Readonly<Record<string, number>>
  readonly duplicates: number
  readonly rejects: Readonly<Record<string, number>>
  readonly rejectSamples: readonly { reason: string; position: number; sample: string }[]
}

const recordNames = Object.keys(records) as RecordName[]

/** Makes the tables where they are absent. */
export async function prepare(store: Store): Promise<void> {
  for (const statement of schema) await store.run(statement)
}

/** Everything imported so far, oldest first. */
export async function ledger(store: Store): Promise<LedgerRow[]> {
  const rows = await store.rows<LedgerRow & { rejectSamples: string }>(sql`
    SELECT toString(load) AS load, name, sha256, toFloat64(bytes) AS bytes, format,
           mapApply((k, v) -> (k, toFloat64(v)), records) AS records, toFloat64(duplicates) AS duplicates,
           mapApply((k, v) -> (k, toFloat64(v)), rejects) AS rejects, rejectSamples
    FROM ledger ORDER BY imported, load`)
  return rows.map((row) => ({ ...row, rejectSamples: JSON.parse(row.rejectSamples) }))
}

/** The ledger row of this content, or null. */
export async function knownInput(store: Store, sha256: string): Promise<LedgerRow | null> {
  return (await ledger(store)).find((row) => row.sha256 === sha256) ?? null
}

let lastLoad = 0n
/** A number no other load has: microseconds of now, then ten random bits. */
export function newLoad(): string {
  const now = BigInt(Date.now()) * 1000n * 1024n + BigInt(Math.floor(Math.random() * 1024))
  lastLoad = now > lastLoad ? now : lastLoad + 1n
  return lastLoad.toString()
}

async function countsOf(store: Store, load: string): Promise<Record<string, number>> {
  const counts = recordNames.map(
    (record) =>
      sql`SELECT ${record} AS record, toFloat64(count()) AS n FROM ${name(`${record}_rows`)} WHERE load = ${id(load)}`,
  )
  const rows = await store.rows<{ record: string; n: number }>(join(counts, ' UNION ALL '))
  return Object.fromEntries(rows.filter(({ n }) => n > 0).map(({ record, n }) => [record, n]))
}

/** Rows of all kinds that the load has, published or not. */
export const rowsInLoad = async (store: Store, load: string): Promise<number> =>
  Object.values(await countsOf(store, load)).reduce((sum, n) => sum + n, 0)

/** Publishes a load: counts its rows, leaves out flows that are known already, writes the ledger row. */
export async function publish(
  store: Store,
  entry: Omit<LedgerRow, 'records' | 'duplicates'>,
): Promise<LedgerRow> {
  const { load, duplicates } = await withoutDuplicates(store, entry.load)
  const counted = await countsOf(store, load)
  const range = await rangeOf(store, load)
  const row = { ...entry, load, records: counted, duplicates }
  const cells = [
    row.load,
    row.name,
    row.sha256,
    row.bytes,
    row.format,
    Date.now() * 1000,
    range?.first ?? null,
    range?.last ?? null,
    counted,
    duplicates,
    entry.rejects,
    JSON.stringify(row.rejectSamples),
  ]
  await store.insert('ledger', ledgerColumns, chunk(`${cells.map(ledgerCell).join('\t')}\n`))
  return row
}

const ledgerColumns = [
  'load',
  'name',
  'sha256',
  'bytes',
  'format',
  'imported',
  'firstStart',
  'lastStart',
  'records',
  'duplicates',
  'rejects',
  'rejectSamples',
]

async function* chunk(text: string) {
  yield Buffer.from(text)
}

function ledgerCell(value: unknown): string {
  if (value === null) return '\\N'
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, count]) => `'${key}':${count}`)
      .join(',')}}`
  }
  return String(value)
    .replaceAll('\\', '\\\\')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\0', '\\0')
}

async function rangeOf(store: Store, load: string): Promise<{ first: number; last: number } | null> {
  const [range] = await store.rows<{ first: number; last: number; n: number }>(
    sql`SELECT toFloat64(min(start)) AS first, toFloat64(max(start)) AS last, toFloat64(count()) AS n
        FROM flow_rows WHERE load = ${id(load)}`,
  )
  return range && range.n > 0 ? range : null
}

/**
 * The load without the flows that another published load has already. Only loads whose time overlaps are asked,
 * so that memory is bounded by the overlap. Where there are duplicates the rest is copied to a new load.
 */
async function withoutDuplicates(store: Store, load: string): Promise<{ load: string; duplicates: number }> {
  const range = await rangeOf(store, load)
  if (!range) return { load, duplicates: 0 }
  const known = sql`SELECT id FROM flow WHERE start >= ${range.first} AND start <= ${range.last}`
  const [found] = await store.rows<{ n: number }>(
    sql`SELECT toFloat64(count()) AS n FROM flow_rows WHERE load = ${id(load)} AND id IN (${known})`,
  )
  const duplicates = found?.n ?? 0
  if (duplicates === 0) return { load, duplicates }
  const next = newLoad()
  for (const record of recordNames) {
    const columns = raw(
      ['position', ...writtenColumns(records[record].columns)].map((each) => `\`${each}\``).join(', '),
    )
    const only = record === 'flow' ? sql`AND id NOT IN (${known})` : raw('')
    await store.run(
      sql`INSERT INTO ${name(`${record}_rows`)} (load, ${columns})
          SELECT ${id(next)}, ${columns} FROM ${name(`${record}_rows`)} WHERE load = ${id(load)} ${only}`,
    )
  }
  return { load: next, duplicates }
}

/**
 * Removes rows of imports that never finished. On a server, where another process may be importing, only
 * loads begun over a day ago.
 */
export async function removeUnfinished(store: Store): Promise<number> {
  const before = store.kind === 'server' ? String(BigInt(Date.now() - 86_400_000) * 1000n * 1024n) : newLoad()
  let removed = 0
  for (const record of recordNames) {
    const table = name(`${record}_rows`)
    const orphan = sql`load < ${id(before)} AND load NOT IN (SELECT load FROM ledger)`
    const [found] = await store.rows<{ n: number }>(
      sql`SELECT toFloat64(count()) AS n FROM ${table} WHERE ${orphan}`,
    )
    if (!found?.n) continue
    removed += found.n
    await store.run(sql`ALTER TABLE ${table} DELETE WHERE ${orphan} SETTINGS mutations_sync = 1`)
  }
  return removed
}

/** Forgets an imported input; its rows are removed by the next `removeUnfinished`. */
export async function forget(store: Store, load: string): Promise<void> {
  await store.run(sql`ALTER TABLE ledger DELETE WHERE load = ${id(load)} SETTINGS mutations_sync = 1`)
}
