/** Unpublished imports: what the engine needs to take rows under a load number. */

import type { Query, Typed } from '../model/query.ts'
import { writtenColumns } from '../model/record.ts'
import { type RecordName, records } from '../model/records.ts'
import { oneChunk } from './chunk.ts'
import { onlyWriter } from './ledger/writers.ts'
import { newLoad } from './load-number.ts'
import { id, ids, integers, join, name, raw, sql } from './sql.ts'
import type { Store } from './store.ts'
import { encoder } from './tsv.ts'

export interface Load {
  readonly load: string
  /** Rows that the load has so far, sent or held back. */
  rows(): number
  /** Waits while the engine is behind. */
  write(record: RecordName, rows: readonly object[]): Promise<void>
  /** The same for rows that `make` writes as text, each begun with `first` (see `encoder` in tsv.ts). */
  writeText(record: RecordName, rows: number, make: (first: string) => Uint8Array): Promise<void>
  /** Gives the number of rows that it added. */
  insertSelect(record: RecordName, values: Readonly<Record<string, Query>>, from: Query): Promise<number>
  /** Says how many rows of a kind the engine has under its number; gives by how many that is more than before. */
  found(record: RecordName, rows: number): number
  /** Says that the engine has this many rows of a kind more under its number; gives how many. */
  more(record: RecordName, rows: number): number
  /** Sends what is still held back. */
  flush(): Promise<void>
}

/** Loads that share their inserts, so that many small inputs do not become many small parts. */
export interface Loads {
  begin(): Load
  /** A way to select into several loads at once: which one a row is of is recognised by `row`. */
  bundle(members: readonly Member[]): Pick<Load, 'insertSelect'>
  flush(): Promise<void>
}

/** A load of a bundle; members stand in the order of their rows. */
interface Member {
  readonly load: Load
  /** The first row that is its own. */
  readonly from: number
  /** Position of that row in the input, less 1. */
  readonly shift: number
}

/** SQL: the first row of the member that `row` is of. */
export const memberAt = (members: readonly Pick<Member, 'from'>[]): Query =>
  sql`roundDown(toUInt64(row), ${ids(members.map(({ from }) => String(from)))})`

export const beginLoad = (store: Store): Load => beginLoads(store).begin()

export function beginLoads(store: Store): Loads {
  const lanes = new Map<RecordName, InsertQueue>()

  const queueOf = (record: RecordName): InsertQueue => {
    const found = lanes.get(record)
    if (found) return found
    const made = createInsertQueue(store, record)
    lanes.set(record, made)
    return made
  }

  const flush = async () => {
    for (const queue of lanes.values()) await queue.flush()
  }

  return {
    begin: () => createLoad(store, queueOf, flush),
    bundle: (members) => ({
      async insertSelect(record, values, from) {
        const [only] = members
        const mark = onlyWriter(store)
        const counted = members.length === 1 && store.kind === 'embedded' && mark !== null

        // Rows of a load are looked for among all that it has: of a long file, again for each stretch of it.
        if (counted) await lanes.get(record)?.flush()
        const before = counted ? await rowsIn(store, record) : 0
        const loads = ids(members.map(({ load }) => load.load))
        const starts = ids(members.map(({ from: first }) => String(first)))
        const member = memberAt(members)
        const alone = members.length === 1 && only
        const number = alone
          ? sql`${id(alone.load.load)}`
          : sql`transform(${member}, ${starts}, ${loads}, toUInt64(0))`
        const shift = members.some((each) => each.shift !== 0)
          ? sql` + transform(${member}, ${starts}, ${integers(members.map((each) => each.shift))}, toInt64(0))`
          : raw('')
        const position = alone
          ? sql`toUInt64(row) + ${alone.shift + 1 - alone.from}`
          : sql`toUInt64(row) - ${member} + 1${shift}`
        await store.run(insertion({ load: number, record, values: { ...values, position }, from }))
        if (counted && only) {
          const after = await rowsIn(store, record)
          if (onlyWriter(store) === mark) return only.load.more(record, after - before)
        }
        const found = await rowsOf(store, record, loads)
        let added = 0
        for (const { load } of members) added += load.found(record, found.get(load.load) ?? 0)

        return added
      },
    }),
    flush,
  }
}

function createLoad(
  store: Store,
  queueOf: (record: RecordName) => InsertQueue,
  flush: () => Promise<void>,
): Load {
  const load = newLoad()
  const counts = new Map<RecordName, number>()
  const found = (record: RecordName, rows: number) => {
    const added = rows - (counts.get(record) ?? 0)
    counts.set(record, rows)
    return added
  }
  const add = (record: RecordName, rows: number) => counts.set(record, (counts.get(record) ?? 0) + rows)

  return {
    load,
    rows: () => [...counts.values()].reduce((sum, n) => sum + n, 0),
    found,
    more(record, rows) {
      add(record, rows)
      return rows
    },
    async write(record, rows) {
      add(record, rows.length)
      await queueOf(record).write(load, rows)
    },
    async writeText(record, rows, make) {
      add(record, rows)
      await queueOf(record).take(make(`${load}\t`), rows)
    },
    async insertSelect(record, values, from) {
      if (counts.has(record)) await queueOf(record).flush()
      await store.run(insertion({ load: sql`${id(load)}`, record, values, from }))
      return found(record, (await rowsOf(store, record, ids([load]))).get(load) ?? 0)
    },
    flush,
  }
}

/** Rows that the engine has of each of the loads. */
async function rowsOf(store: Store, record: RecordName, loads: Typed): Promise<Map<string, number>> {
  const found = await store.rows<{ number: string; n: number }>(
    sql`SELECT toString(load) AS number, toFloat64(count()) AS n FROM ${name(`${record}_rows`)}
        WHERE load IN ${loads} GROUP BY load`,
  )
  return new Map(found.map(({ number, n }) => [number, n]))
}

/** Rows of all loads: where nobody else writes, what an insert adds can be told by it. */
async function rowsIn(store: Store, record: RecordName): Promise<number> {
  if (store.isUnmade?.(`${record}_rows`)) return 0
  const [found] = await store.rows<{ n: number }>(
    sql`SELECT toFloat64(count()) AS n FROM ${name(`${record}_rows`)}`,
  )
  return found?.n ?? 0
}

interface Insertion {
  /** SQL: the number of the load. */
  readonly load: Query
  readonly record: RecordName
  readonly values: Readonly<Record<string, Query>>
  readonly from: Query
}

/** Compiling the expressions costs some 50 ms a statement and gains nothing measurable on a large file. */
function insertion({ load, record, values, from }: Insertion): Query {
  const names = namesOf(record)
  const selected = names.map((each) => {
    const value = values[each]
    if (!value) throw new RangeError(`no value for ${record}.${each}`)
    return sql`${value} AS ${name(`_${each}`)}`
  })
  const columns = raw(names.map((each) => `\`${each}\``).join(', '))
  return sql`INSERT INTO ${name(`${record}_rows`)} (load, ${columns}) SETTINGS compile_expressions = 0
             SELECT ${load}, ${join(selected, ', ')} FROM ${from}`
}

const namesOf = (record: RecordName): string[] => ['position', ...writtenColumns(records[record].columns)]

/** Rows, and bytes, held back until they are worth an insert. */
const heldRows = 65_536
const heldBytes = 16 << 20

interface InsertQueue {
  write(load: string, rows: readonly object[]): Promise<void>
  /** Takes rows that are text already. */
  take(chunk: Uint8Array, rows: number): Promise<void>
  flush(): Promise<void>
}

/** The way of one kind of record to the engine: one insert under way, the next being filled. */
function createInsertQueue(store: Store, record: RecordName): InsertQueue {
  const names = namesOf(record)
  const encode = encoder({ position: { kind: 'id', doc: '' }, ...records[record].columns }, names)
  let chunks: Uint8Array[] = []
  let rowCount = 0
  let byteCount = 0
  let underWay: Promise<void> = Promise.resolve()

  const send = async () => {
    await underWay
    if (chunks.length === 0) return
    underWay = store.insert(`${record}_rows`, ['load', ...names], oneChunk(Buffer.concat(chunks)))
    // Whoever waits for it next hears of a failure; until then no code handles it.
    underWay.catch(() => {})
    chunks = []
    rowCount = 0
    byteCount = 0
  }

  const take = async (chunk: Uint8Array, rows: number) => {
    chunks.push(chunk)
    rowCount += rows
    byteCount += chunk.length
    if (rowCount >= heldRows || byteCount >= heldBytes) await send()
  }

  return {
    take,
    write: (load, rows) => take(encode(rows, `${load}\t`), rows.length),
    async flush() {
      await send()
      await underWay
    },
  }
}
