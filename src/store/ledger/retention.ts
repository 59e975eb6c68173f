/** Which imports are kept: those that are young enough, and no more than the disk may hold. */
import { type RecordName, records } from '../../model/records.ts'
import { heldRecords } from '../epochs.ts'
import { ids, integers, name, raw, sql, texts } from '../sql.ts'
import type { Store } from '../store.ts'
import type { LedgerRow } from './row.ts'
import { analysing } from './turns.ts'
import { removeLoads } from './unfinished.ts'

interface Retention {
  /** Microseconds. Imports whose last record is older than this, beside the newest record, are removed. */
  readonly keep?: number
  /** Bytes of records on disk over which the oldest imports are removed. */
  readonly maxDisk?: number
}

/** An import that is, or would be, removed. */
export interface RemovedInput {
  readonly load: string
  readonly name: string
  /** When its first and last record began, in microseconds. */
  readonly first: number
  readonly last: number
  readonly records: Readonly<Record<string, number>>
  readonly why: 'age' | 'disk'
}

interface HeldInput extends Omit<RemovedInput, 'why'> {
  /** Its share of the bytes of each table, by rows. */
  readonly bytes: number
}

/**
 * What would be removed, oldest first. Age is detected from the newest record, or from now where that lies in the
 * future, so that records of an old day are not removed for being old, and a clock that is ahead removes nothing.
 */
export async function removable(store: Store, { keep, maxDisk }: Retention): Promise<RemovedInput[]> {
  const held = await heldInputs(store)
  const newest = Math.min(Date.now() * 1000, held.at(-1)?.last ?? 0)
  const old = keep === undefined ? [] : held.filter(({ last }) => last < newest - keep)
  const rest = held.filter((each) => !old.includes(each))
  const over = maxDisk === undefined ? [] : oldestOver(rest, maxDisk)
  return [...old.map(because('age')), ...over.map(because('disk'))]
}

const because =
  (why: RemovedInput['why']) =>
  ({ bytes: _, ...input }: HeldInput): RemovedInput => ({ ...input, why })

/** The oldest of these, without which the rest fits. The newest stays in any case. */
function oldestOver(held: readonly HeldInput[], maxDisk: number): HeldInput[] {
  let bytes = held.reduce((sum, each) => sum + each.bytes, 0)
  return held.slice(0, -1).filter((each) => {
    const isOver = bytes > maxDisk
    if (isOver) bytes -= each.bytes
    return isOver
  })
}

/** Imports with their time, by their last record. */
async function heldInputs(store: Store): Promise<HeldInput[]> {
  const kinds = await heldRecords(store)
  const sizes = await bytesPerRow(store)
  const spans = await spansOf(store, kinds)
  const rows = await store.rows<Pick<RemovedInput, 'load' | 'name' | 'records'>>(sql`
    SELECT toString(load) AS load, name, mapApply((k, v) -> (k, toFloat64(v)), records) AS records FROM ledger`)

  return rows
    .flatMap((row) => {
      const span = spans.get(row.load)
      const bytes = Object.entries(row.records).reduce(
        (sum, [kind, n]) => sum + n * (sizes.get(kind) ?? 0),
        0,
      )
      return span ? [{ ...row, first: span.first, last: span.last, bytes }] : []
    })
    .sort((a, b) => a.last - b.last || (a.load < b.load ? -1 : 1))
}

async function spansOf(
  store: Store,
  kinds: readonly RecordName[],
): Promise<Map<string, { first: number; last: number }>> {
  const spans = new Map<string, { first: number; last: number }>()
  for (const kind of kinds) {
    const rows = await store.rows<{ load: string; first: number; last: number }>(sql`
      SELECT toString(load) AS load, toFloat64(min(start)) AS first, toFloat64(max(start)) AS last
      FROM ${name(`${kind}_rows`)} GROUP BY load`)
    for (const { load, first, last } of rows) {
      const known = spans.get(load) ?? { first, last }
      spans.set(load, { first: Math.min(first, known.first), last: Math.max(last, known.last) })
    }
  }
  return spans
}

/** Bytes on disk of a row of each kind, the mean. */
async function bytesPerRow(store: Store): Promise<Map<string, number>> {
  const kinds = Object.keys(records)
  const parts = await store.byShard((shard) =>
    shard.rows<{ table: string; rows: number; bytes: number }>(sql`
      SELECT table, toFloat64(sum(rows)) AS rows, toFloat64(sum(bytes_on_disk)) AS bytes FROM system.parts
      WHERE active AND database = currentDatabase() AND table IN ${texts(kinds.map((kind) => `${kind}_rows`))}
      GROUP BY table`),
  )
  const all = parts.flat()

  return new Map(
    kinds.map((kind) => {
      const own = all.filter(({ table }) => table === `${kind}_rows`)
      const sum = (of: 'rows' | 'bytes') => own.reduce((total, each) => total + each[of], 0)
      return [kind, sum('rows') > 0 ? sum('bytes') / sum('rows') : 0]
    }),
  )
}

/**
 * Removes them: first the ledger says so, then their rows are hidden, then gone. Cut short, it is finished by doing it
 * again, or by the next import. An analysis that is under way in this process is waited for.
 */
export async function remove(store: Store, inputs: readonly RemovedInput[]): Promise<void> {
  if (inputs.length > 0) await analysing(store, () => removeNow(store, inputs))
}

async function removeNow(store: Store, inputs: readonly RemovedInput[]): Promise<void> {
  for (const why of ['age', 'disk'] as const) {
    const own = inputs.filter((each) => each.why === why)
    if (own.length > 0) await note(store, own, why)
  }

  const loads = inputs.map(({ load }) => load)
  await store.alter('ledger', sql`DELETE WHERE load IN ${ids(loads)} SETTINGS mutations_sync = 1`)
  for (const kind of await heldRecords(store))
    await store.byShard((shard) => removeLoads(shard, `${kind}_rows`, loads))
}

/** Copies their rows of the ledger; the times are those of all records, not of flows alone. */
function note(store: Store, inputs: readonly RemovedInput[], why: RemovedInput['why']): Promise<void> {
  const loads = ids(inputs.map(({ load }) => load))
  const at = (of: 'first' | 'last') =>
    sql`transform(load, ${loads}, ${integers(inputs.map((each) => each[of]))}, toInt64(0))`

  return store.run(sql`
    INSERT INTO removed (load, name, sha256, bytes, format, imported, firstStart, lastStart, records, removed, why)
    SELECT load, name, sha256, bytes, format, imported, ${at('first')}, ${at('last')}, records,
      toUnixTimestamp64Micro(now64(6)), ${why} FROM ledger WHERE load IN ${loads}`)
}

/** Inputs that were removed and had records in a stretch of time, or all of them. */
export const removedInputs = (
  store: Store,
  during?: { readonly from: number; readonly to: number },
): Promise<{ name: string; first: number; last: number; removed: number; why: string }[]> =>
  store.rows(sql`
    SELECT name, toFloat64(firstStart) AS first, toFloat64(lastStart) AS last, toFloat64(removed) AS removed, why
    FROM removed FINAL
    WHERE ${during ? sql`firstStart <= ${during.to} AND lastStart >= ${during.from}` : raw('true')}
    ORDER BY lastStart, name`)

/** Contents that were imported and removed: they are not imported again. */
export async function removedContents(store: Store): Promise<LedgerRow[]> {
  if (store.isUnmade?.('removed')) return []
  const rows = await store.rows<Omit<LedgerRow, 'duplicates' | 'rejects' | 'rejectSamples'>>(sql`
    SELECT toString(load) AS load, name, sha256, toFloat64(bytes) AS bytes, format,
      mapApply((k, v) -> (k, toFloat64(v)), records) AS records
    FROM removed FINAL`)
  return rows.map((row) => ({ ...row, duplicates: 0, rejects: {}, rejectSamples: [] }))
}
