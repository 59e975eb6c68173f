/** One unpublished import: what the engine needs to take rows under a load number. */
import type { Query } from '../model/query.ts'
import { type Columns, writtenColumns } from '../model/record.ts'
import { type RecordName, records } from '../model/records.ts'
import { newLoad } from './ledger.ts'
import { id, join, name, raw, sql } from './sql.ts'
import type { Store } from './store.ts'
import { encoder } from './tsv.ts'

export interface Load {
  readonly load: string
  write(record: RecordName, rows: readonly object[]): Promise<void>
  /** Gives the number of rows that it added. */
  insertSelect(record: RecordName, values: Readonly<Record<string, Query>>, from: Query): Promise<number>
  /** Sends what is still held back. */
  flush(): Promise<void>
}

/** Rows held back until they are worth an insert. */
const held = 65_536

export function beginLoad(store: Store): Load {
  const load = newLoad()
  const waiting = new Map<
    RecordName,
    { rows: object[]; encode: (rows: readonly object[]) => Buffer; names: string[] }
  >()
  const lane = (record: RecordName) => {
    const found = waiting.get(record)
    if (found) return found
    const columns: Columns = { load: idColumn, position: idColumn, ...records[record].columns }
    const names = ['load', 'position', ...writtenColumns(records[record].columns)]
    const made = { rows: [] as object[], encode: encoder(columns, names), names }
    waiting.set(record, made)
    return made
  }
  const send = async (record: RecordName) => {
    const { rows, encode, names } = lane(record)
    if (rows.length === 0) return
    const chunk = encode(rows.map((row) => ({ ...row, load })))
    rows.length = 0
    await store.insert(`${record}_rows`, names, one(chunk))
  }
  const rowsOf = async (record: RecordName) => {
    const [found] = await store.rows<{ n: number }>(
      sql`SELECT toFloat64(count()) AS n FROM ${name(`${record}_rows`)} WHERE load = ${id(load)}`,
    )
    return found?.n ?? 0
  }
  return {
    load,
    async write(record, rows) {
      const { rows: queue } = lane(record)
      for (const row of rows) queue.push(row)
      if (queue.length >= held) await send(record)
    },
    async insertSelect(record, values, from) {
      const names = ['position', ...writtenColumns(records[record].columns)]
      const selected = names.map((each) => {
        const value = values[each]
        if (!value) throw new RangeError(`no value for ${record}.${each}`)
        return sql`${value} AS ${name(`_${each}`)}`
      })
      const before = await rowsOf(record)
      const columns = raw(names.map((each) => `\`${each}\``).join(', '))
      await store.run(
        sql`INSERT INTO ${name(`${record}_rows`)} (load, ${columns}) SELECT ${id(load)}, ${join(selected, ', ')} FROM ${from}`,
      )
      return (await rowsOf(record)) - before
    },
    async flush() {
      for (const record of waiting.keys()) await send(record)
    },
  }
}

const idColumn = { kind: 'id', doc: '' } as const

async function* one(chunk: Uint8Array) {
  yield chunk
}
