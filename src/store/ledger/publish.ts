/**
 * Publication of loads: one insert into the ledger.
 *
 * On a server, processes publish in turns. Each reads the number of the last turn, looks for contents and flows that
 * others have published, and inserts its rows with the number of the next turn as the token of the insert. The engine
 * takes the first insert with a token and drops the others, so that who was second sees that its row is not there,
 * and begins again with what the first has published. Nothing is locked; a process that dies holds nobody up.
 */
import type { Columns } from '../../model/record.ts'
import { records } from '../../model/records.ts'
import { fillAggregates } from '../aggregates/fill.ts'
import { mergeHours } from '../aggregates/merge.ts'
import { oneChunk } from '../chunk.ts'
import { heldRecords, unionOf } from '../epochs.ts'
import { id, ids, name, raw, sql, texts } from '../sql.ts'
import type { Store } from '../store.ts'
import { encoder } from '../tsv.ts'
import { withoutDuplicates } from './duplicates.ts'
import { type LedgerEntry, type LedgerRow, ledgerSelection, readLedgerRow } from './row.ts'
import { publishing } from './turns.ts'

/** A load as it was published. */
export interface Published extends LedgerRow {
  /** Another process published the same content first: this load stays hidden, and the row is the other's. */
  readonly known?: true
}

/** Publishes one load: leaves out flows that are known already, counts its rows, writes the ledger row. */
export async function publish(store: Store, entry: LedgerEntry): Promise<Published> {
  const [row] = await publishAll(store, [entry])
  return row as Published
}

/** Publishes loads together, in one insert: all are seen from one moment on, or none. */
export async function publishAll(store: Store, entries: readonly LedgerEntry[]): Promise<Published[]> {
  if (entries.length === 0) return []
  const published =
    store.kind === 'embedded'
      ? await publishing(store, () => publishHere(store, entries))
      : await inTurns(store, entries)

  if (store.kind === 'embedded') await publishing(store, () => mergeHours(store))
  else await mergeHours(store)
  return published
}

/** A folder has one process, of which one part waits for the other. */
async function publishHere(store: Store, entries: readonly LedgerEntry[]): Promise<Published[]> {
  const known = await othersWith(store, entries)
  const left = entries.filter((each) => !known.has(contentOf(each)))
  const rows = left.length > 0 ? await insertRows(store, left.map(fresh), 0) : []
  return outcomeOf(entries, known, rows)
}

async function inTurns(store: Store, entries: readonly LedgerEntry[]): Promise<Published[]> {
  let left: readonly Waiting[] = entries.map(fresh)
  const known = new Map<string, LedgerRow>()

  for (;;) {
    const turn = 1 + (await lastTurn(store))
    const others = await othersWith(store, left)
    for (const [content, row] of others) known.set(content, row)
    left = left.filter((each) => !others.has(contentOf(each)))
    const rows = left.length > 0 ? await insertRows(store, left, turn) : []
    if (rows.length === 0 || (await hasTurn(store, turn, rows[0]!.load)))
      return outcomeOf(entries, known, rows)

    left = left.map((each, i) => {
      const { load, duplicates } = rows[i]!
      return { ...each, load, duplicates, aggregated: load }
    })
  }
}

/** What became of each, in order. */
function outcomeOf(
  entries: readonly LedgerEntry[],
  known: ReadonlyMap<string, LedgerRow>,
  rows: readonly LedgerRow[],
): Published[] {
  const all = new Map<string, Published>([
    ...[...known].map(([content, row]) => [content, { ...row, known: true as const }] as const),
    ...rows.map((row) => [contentOf(row), row] as const),
  ])
  return entries.map((entry) => all.get(contentOf(entry))!)
}

/** A load to be published. */
interface Waiting extends LedgerEntry {
  /** Flows that were left out of it already. */
  readonly duplicates: number
  /** The load of which there are aggregates already, from a turn that another process took. */
  readonly aggregated: string | null
}

const fresh = (entry: LedgerEntry): Waiting => ({ ...entry, duplicates: 0, aggregated: null })

const contentOf = ({ sha256, bytes }: Pick<LedgerEntry, 'sha256' | 'bytes'>): string => `${bytes} ${sha256}`

async function lastTurn(store: Store): Promise<number> {
  const [row] = await store.rows<{ turn: number }>('SELECT toFloat64(max(turn)) AS turn FROM ledger')
  return row?.turn ?? 0
}

async function hasTurn(store: Store, turn: number, load: string): Promise<boolean> {
  const rows = await store.rows(sql`SELECT load FROM ledger WHERE turn = ${turn} AND load = ${id(load)}`)
  return rows.length > 0
}

/** Rows of contents that the ledger has already, by content. */
async function othersWith(store: Store, waiting: readonly LedgerEntry[]): Promise<Map<string, LedgerRow>> {
  if (store.isUnmade?.('ledger')) return new Map()
  const rows = await store.rows<LedgerRow & { rejectSamples: string }>(sql`
    SELECT ${ledgerSelection} FROM ledger WHERE sha256 IN ${texts(waiting.map(({ sha256 }) => sha256))}
    ORDER BY imported DESC, load DESC`)
  return new Map(rows.map(readLedgerRow).map((row) => [contentOf(row), row]))
}

async function insertRows(store: Store, waiting: readonly Waiting[], turn: number): Promise<LedgerRow[]> {
  const rest = await withoutDuplicates(
    store,
    waiting.map(({ load }) => load),
  )
  const found = await contentsOf(
    store,
    rest.map(({ load }) => load),
  )
  const added = rest.filter(({ load }, i) => load !== waiting[i]?.aggregated)
  await fillAggregates(
    store,
    added.map(({ load }) => load),
  )
  const imported = Date.now() * 1000

  const rows = waiting.map((entry, i) => {
    const { load, duplicates } = rest[i] as { load: string; duplicates: number }
    const { counts = {}, ...range } = found.get(load) ?? {}
    const all = { ...entry, load, duplicates: entry.duplicates + duplicates, records: counts }
    // A microsecond apart, so that the ledger keeps the order given: a load without its duplicates has a later number.
    return { ...all, imported: imported + i, turn, ...range }
  })

  const encoded = oneChunk(encodeLedger(rows.map(asText)))
  await store.insert('ledger', ledgerNames, encoded, { token: `turn ${turn}` })
  return rows.map(({ imported: _, turn: _t, firstStart: _f, lastStart: _l, aggregated: _a, ...row }) => row)
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
  turn: { kind: 'count', doc: '' },
} as const satisfies Columns

const ledgerNames = Object.keys(ledgerColumns)
const encodeLedger = encoder(ledgerColumns, ledgerNames)

const asText = (row: LedgerRow) => ({
  ...row,
  records: mapText(row.records),
  rejects: mapText(row.rejects),
  rejectSamples: JSON.stringify(row.rejectSamples),
})

/** A map as the engine reads it; the keys are names of this code. */
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
