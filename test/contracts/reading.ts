/** One input read into a store of its own, without the ledger: rows and rejects as they come out. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readLines } from '../../src/capture/import/bundle.ts'
import { inStretches, type StretchSizes } from '../../src/capture/import/chunks.ts'
import { createContents } from '../../src/capture/import/known-contents.ts'
import { newContentOfLong } from '../../src/capture/import/long-content.ts'
import { openInput } from '../../src/capture/input.ts'
import type { Input, Reader, Sink } from '../../src/capture/reader.ts'
import { createRejects, type Sample } from '../../src/capture/rejects.ts'
import { writtenColumns } from '../../src/model/record.ts'
import { type RecordName, records } from '../../src/model/records.ts'
import { schema } from '../../src/store/ddl.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { beginLoad, beginLoads } from '../../src/store/load.ts'
import { id, name, raw, sql } from '../../src/store/sql.ts'
import type { Store } from '../../src/store/store.ts'

export type Row = Readonly<Record<string, unknown>> & {
  readonly record: RecordName
  readonly position: number
}

/** What came out of one input, rows in the order of their positions. */
export interface Read {
  readonly rows: readonly Row[]
  readonly rejects: Readonly<Record<string, number>>
  readonly samples: readonly Sample[]
  /** Records that a reader says it used, whose rows are not one a record. */
  readonly used: number
}

/** The same with the number of rows of each kind. */
export interface Counted extends Omit<Read, 'rows'> {
  readonly counts: Readonly<Partial<Record<RecordName, number>>>
}

export const rejected = ({ rejects }: Pick<Read, 'rejects'>): number =>
  Object.values(rejects).reduce((sum, n) => sum + n, 0)
/**
 * Records that became rows, of a reader that makes one row of many those that it used, and those that were
 * rejected.
 */
export const recordsIn = (read: Read): number => Math.max(read.rows.length, read.used) + rejected(read)

/** A place to read in: a store and a folder. Close it in `afterAll`. */
export async function openReading(open: (folder: string) => Promise<Store> = openEmbedded) {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-reading-'))
  const store = await open(join(folder, 'db'))
  for (const statement of schema) await store.run(statement)
  const readPath = async (reader: Reader, path: string, called = path): Promise<Read> =>
    readInput(reader, await openInput(path, called))
  const takeInput = async (reader: Reader, input: Input) => {
    const load = beginLoad(store)
    const rejects = createRejects()
    const sink: Sink = {
      rejects,
      write: load.write,
      parse: store.parse,
      describe: store.describe,
      insertSelect: load.insertSelect,
      rows: store.rows,
      progress: () => {},
    }
    await reader.read(input, sink)
    await load.flush()
    const said = {
      rejects: Object.fromEntries(rejects.counts),
      samples: rejects.samples,
      used: rejects.used?.() ?? 0,
    }
    return { load: load.load, said }
  }
  const readInput = async (reader: Reader, input: Input): Promise<Read> => {
    const { load, said } = await takeInput(reader, input)
    const rows = (await Promise.all(reader.gives.map((record) => rowsOf(store, record, load)))).flat()
    rows.sort((a, b) => a.position - b.position)
    return { rows, ...said }
  }
  const countPath = async (reader: Reader, path: string): Promise<Counted> => {
    const { load, said } = await takeInput(reader, await openInput(path))
    const counts: Partial<Record<RecordName, number>> = {}
    for (const record of reader.gives) counts[record] = await countOf(store, record, load)
    return { counts, ...said }
  }
  const readStretches = async (reader: Reader, path: string, sizes: StretchSizes): Promise<Read> => {
    const loads = beginLoads(store)
    const [load, rejects] = [loads.begin(), createRejects()]
    const input = await openInput(path)
    const rest = await newContentOfLong({ input, kind: reader, known: createContents(), before: null })
    await inStretches({ reader, sizes, ...rest }, async ({ path: stretch, shift, beside }) => {
      const part = { name: path, path, load, rejects, lines: 0, shift }
      await readLines({ store, loads }, reader, { path: stretch, parts: [part], beside })
    })
    await loads.flush()
    const rows = (await Promise.all(reader.gives.map((record) => rowsOf(store, record, load.load)))).flat()
    rows.sort((a, b) => a.position - b.position)
    return {
      rows,
      rejects: Object.fromEntries(rejects.counts),
      samples: rejects.samples,
      used: rejects.used?.() ?? 0,
    }
  }
  const readTogether = async (reader: Reader, texts: readonly string[]): Promise<Row[][]> => {
    const loads = beginLoads(store)
    const path = join(folder, 'together')
    writeFileSync(path, texts.join(''))
    const parts = texts.map((text, i) => ({
      name: `part ${i}`,
      path,
      load: loads.begin(),
      rejects: createRejects(),
      lines: text.split('\n').length - 1,
      shift: 0,
    }))
    await readLines({ store, loads }, reader, { path, parts })
    await loads.flush()
    return Promise.all(parts.map(({ load }) => rowsOf(store, 'flow', load.load)))
  }
  let files = 0
  const asFile = async <T>(bytes: string | Uint8Array, use: (path: string) => Promise<T>): Promise<T> => {
    const path = join(folder, `input-${files++}`)
    writeFileSync(path, bytes)
    return use(path).finally(() => rmSync(path))
  }
  return {
    store,
    folder,
    readPath,
    readInput,
    /** Reads a file of which only the numbers of rows count. */
    countPath,
    /** Reads bytes as a file of this name. */
    read: (reader: Reader, bytes: string | Uint8Array, called = 'sample'): Promise<Read> =>
      asFile(bytes, (path) => readPath(reader, path, called)),
    /** Reads small files of flows as one, as an import does; gives the rows of each. */
    readTogether,
    /** Reads bytes as a long file, in stretches of these sizes. */
    readStretches: (reader: Reader, bytes: string | Uint8Array, sizes: StretchSizes): Promise<Read> =>
      asFile(bytes, (path) => readStretches(reader, path, sizes)),
    close: async () => {
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type Reading = Awaited<ReturnType<typeof openReading>>

async function countOf(store: Store, record: RecordName, load: string): Promise<number> {
  const [found] = await store.rows<{ n: number }>(
    sql`SELECT toFloat64(count()) AS n FROM ${name(`${record}_rows`)} WHERE load = ${id(load)}`,
  )
  return found!.n
}

async function rowsOf(store: Store, record: RecordName, load: string): Promise<Row[]> {
  const columns = writtenColumns(records[record].columns)
    .map((column) => {
      const { kind } = (records[record].columns as Record<string, { kind: string }>)[column] ?? {}
      if (kind === 'address')
        return `replaceRegexpOne(toString(\`${column}\`), '^::ffff:([0-9]+\\\\.)', '\\\\1') AS \`_${column}\``
      return `\`${column}\` AS \`_${column}\``
    })
    .join(', ')
  const rows = await store.rows<Record<string, unknown>>(
    sql`SELECT toFloat64(position) AS _position, ${raw(columns)} FROM ${name(`${record}_rows`)}
        WHERE load = ${id(load)} ORDER BY _position`,
  )
  return rows.map((row) => ({
    record,
    ...Object.fromEntries(Object.entries(row).map(([column, value]) => [column.slice(1), value])),
  })) as unknown as Row[]
}
