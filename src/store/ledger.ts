/**
 * The import ledger, which makes every import whole or nothing.
 *
 * Rows are written under a load number that no view shows. One insert into `ledger` publishes them all, in
 * every table at once; a process that dies before it leaves rows that nobody sees and that the next import
 * removes. See docs/decisions/0002-whole-or-nothing.md.
 */
import type { Columns } from '../model/record.ts'
import { records } from '../model/records.ts'
import { oneChunk } from './chunk.ts'
import { withoutDuplicates } from './duplicates.ts'
import { heldRecords, unionOf } from './epochs.ts'
import { ids, name, raw, sql } from './sql.ts'
import type { Store } from './store.ts'
import { encoder } from './tsv.ts'

export { newLoad } from './load-number.ts'
export { prepare } from './schema.ts'
export { forget, removeUnfinished } from './unfinished.ts'

export interface LedgerRow {
  readonly load: string
  readonly name: string
  readonly sha256: string
  readonly bytes: number
  readonly format: string
  /** Rows by kind of record. */
  readonly records: Readonly<Record<string, number>>
  /** Flows left out because an earlier input has them. */
  readonly duplicates: number
  readonly rejects: Readonly<Record<string, number>>
  readonly rejectSamples: readonly { reason: string; position: number; sample: string }[]
}

/** What is known of a load before it is published. */
export type LedgerEntry = Omit<LedgerRow, 'records' | 'duplicates'>

/** Everything imported so far, oldest first. */
export async function ledger(store: Store): Promise<LedgerRow[]> {
  const rows = await store.rows<LedgerRow & { rejectSamples: string }>(sql`
    SELECT toString(load) AS load, name, sha256, toFloat64(bytes) AS bytes, format,
           mapApply((k, v) -> (k, toFloat64(v)), records) AS records, toFloat64(duplicates) AS duplicates,
           mapApply((k, v) -> (k, toFloat64(v)), rejects) AS rejects, rejectSamples
    FROM ledger ORDER BY imported, load`)
  return rows.map((row) => ({ ...row, rejectSamples: JSON.parse(row.rejectSamples) }))
}

/** Publishes one load: leaves out flows that are known already, counts its rows, writes the ledger row. */
export async function publish(store: Store, entry: LedgerEntry): Promise<LedgerRow> {
  const [row] = await publishAll(store, [entry])
  return row as LedgerRow
}

/** Publishes loads together, in one insert: all are seen from one moment on, or none. */
export async function publishAll(store: Store, entries: readonly LedgerEntry[]): Promise<LedgerRow[]> {
  if (entries.length === 0) return []
  const rest = await withoutDuplicates(
    store,
    entries.map(({ load }) => load),
  )
  const found = await contentsOf(
    store,
    rest.map(({ load }) => load),
  )
  const imported = Date.now() * 1000
  const rows = entries.map((entry, i) => {
    const { load, duplicates } = rest[i] as { load: string; duplicates: number }
    const { counts = {}, ...range } = found.get(load) ?? {}
    return { ...entry, load, duplicates, records: counts, imported, ...range }
  })
  await store.insert('ledger', ledgerNames, oneChunk(encodeLedger(rows.map(asText))))

  return rows.map(({ imported: _, firstStart: _f, lastStart: _l, ...row }) => row)
}

const ledgerColumns = {
  load: { kind: 'id', doc: '' },
  name: { kind: 'text', doc: '' },
  sha256: { kind: 'text', doc: '' },
  bytes: { kind: 'count', doc: '' },
  format: { kind: 'word', doc: '' },
  imported: { kind: 'time', doc: '' },
  firstStart: { kind: 'time', doc: '', optional: true },
  lastStart: { kind: 'time', doc: '', optional: true },
  records: { kind: 'text', doc: '' },
  duplicates: { kind: 'count', doc: '' },
  rejects: { kind: 'text', doc: '' },
  rejectSamples: { kind: 'text', doc: '' },
} as const satisfies Columns

const ledgerNames = Object.keys(ledgerColumns)
const encodeLedger = encoder(ledgerColumns, ledgerNames)

const asText = (row: LedgerRow) => ({
  ...row,
  records: mapText(row.records),
  rejects: mapText(row.rejects),
  rejectSamples: JSON.stringify(row.rejectSamples),
})

/** A map as the engine reads it; the keys are names of ours. */
const mapText = (counts: Readonly<Record<string, number>>): string =>
  `{${Object.entries(counts).map(([key, count]) => `'${key}':${count}`)}}`

interface Contents {
  readonly counts: Readonly<Record<string, number>>
  readonly firstStart?: number
  readonly lastStart?: number
}

/** Rows of each kind in each load, and when its flows began. */
async function contentsOf(store: Store, loads: readonly string[]): Promise<Map<string, Contents>> {
  const each = unionOf(
    await heldRecords(store),
    (kind) => sql`SELECT toString(load) AS number, ${raw(`'${kind}'`)} AS record, toFloat64(count()) AS n,
      toFloat64(min(start)) AS first, toFloat64(max(start)) AS last
    FROM ${name(`${kind}_rows`)} WHERE load IN ${ids(loads)} GROUP BY load`,
  )
  const rows = await store.rows<{ number: string; record: string; n: number; first: number; last: number }>(
    each,
  )
  const byLoad = Map.groupBy(rows, ({ number }) => number)

  return new Map(
    [...byLoad].map(([load, kinds]) => {
      const flow = kinds.find(({ record }) => record === 'flow')
      return [
        load,
        {
          // In the order of the list: the engine gives the parts of a UNION in any.
          counts: Object.fromEntries(
            Object.keys(records).flatMap((record) =>
              kinds.filter((kind) => kind.record === record).map(({ n }) => [record, n]),
            ),
          ),
          ...(flow ? { firstStart: flow.first, lastStart: flow.last } : {}),
        },
      ]
    }),
  )
}
