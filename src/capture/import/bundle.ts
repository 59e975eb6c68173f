/**
 * Small files, and new ends of files that have grown, read one after the other as one file of lines.
 *
 * A statement for a small file costs the engine more to parse and plan than to run. Here each file still has a load,
 * rejects and line numbers of its own, and no header and no comparison of records reaches from one into the next.
 */
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Load, type Loads, memberAt } from '../../store/load.ts'
import type { Store } from '../../store/store.ts'
import { withTemporaryFolder } from '../../store/temporary.ts'
import { openInput } from '../input.ts'
import { writtenAs } from '../logs/lines.ts'
import type { Bundle, Reader, Sink } from '../reader.ts'
import { createRejects, type Rejects } from '../rejects.ts'

/** Lines of one file. */
export interface Part {
  readonly name: string
  readonly path: string
  readonly load: Load
  readonly rejects: Rejects
  /** How many lines `chunks` gives; only the last part of a bundle need not know. */
  readonly lines: number
  /** What is added to a line's number in `chunks` to give its number in the file. */
  readonly shift: number
  chunks(): AsyncIterable<Buffer> | Iterable<Buffer>
}

/** Reads parts of one format. The rows are in the loads of the parts, unpublished. */
export async function readBundle(
  { store, loads }: { store: Store; loads: Loads },
  reader: Reader,
  parts: readonly Part[],
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'lines')
    await pipeline(Readable.from(wholeLines(parts), { objectMode: true }), createWriteStream(path))
    await readLines({ store, loads }, reader, { path, parts })
  })
}

/** What a part needs to have its own rejects and line numbers. */
type Placeable = Omit<Part, 'chunks' | 'load'>

/** A file that holds the lines of parts, one after the other. */
export interface Gathered<P extends Placeable = Placeable> {
  readonly path: string
  readonly parts: readonly P[]
  /** What is known of them beside. */
  readonly beside?: Pick<Bundle, 'own' | 'survey' | 'memory'>
}

/** As `readBundle`, of lines that are in a temporary file already. */
export async function readLines(
  { store, loads }: { store: Store; loads: Loads },
  reader: Reader,
  gathered: Gathered<Omit<Part, 'chunks'>>,
): Promise<void> {
  await readGathered(reader, gathered, (placed) => ({
    async write(record, rows) {
      for (const [part, own] of Map.groupBy(rows, ({ position }) => partAt(placed, position)))
        await part.load.write(
          record,
          own.map((row) => ({ ...row, position: row.position - part.from + 1 + part.shift })),
        )
    },
    parse: (file, use) => store.parse(file, use),
    insertSelect: loads.bundle(placed).insertSelect,
    rows: (query) => store.rows(query),
  }))
}

/** What of a sink has nothing to do with where one part ends and the next begins. */
export type Target = Omit<Sink, 'rejects' | 'bundle' | 'progress'>

/**
 * Reads lines that are in a temporary file into whatever `targetFor` makes of its parts, which have their first
 * rows.
 */
export async function readGathered<P extends Placeable>(
  reader: Reader,
  { path, parts, beside }: Gathered<P>,
  targetFor: (placed: readonly (P & { readonly from: number })[]) => Target,
): Promise<void> {
  const placed = parts.map((part, i) => {
    const from = 1 + parts.slice(0, i).reduce((sum, { lines }) => sum + lines, 0)
    return { ...part, from }
  })
  if (parts.length === 1) await writtenAs(path, parts[0]!.path)

  const sink: Sink = {
    ...targetFor(placed),
    rejects: createRejects(),
    bundle: {
      starts: placed.map(({ from }) => from),
      piece: memberAt(placed),
      rejectsOf: (piece) => shifted(placed.find(({ from }) => from === piece)!),
      ...beside,
    },
    progress: () => {},
  }

  // Lines may begin as an archive does.
  await reader.read(await openInput(path, parts[0]?.name ?? path, { asIs: true }), sink)
}

/** The part that a line of the bundle is of. */
const partAt = <P extends { readonly from: number }>(parts: readonly P[], row: number): P =>
  parts.findLast(({ from }) => from <= row) ?? parts[0]!

/** Each part, ended by a line end. */
async function* wholeLines(parts: readonly Part[]): AsyncIterable<Buffer> {
  for (const part of parts) {
    let last = 10
    for await (const chunk of part.chunks()) {
      if (chunk.length === 0) continue
      last = chunk.at(-1) as number
      yield chunk
    }
    if (last !== 10) yield Buffer.from('\n')
  }
}

/** Rejects of a part, whose positions are given in lines of the bundle. */
const shifted = ({ rejects, from, shift }: Placeable & { from: number }): Rejects => ({
  ...rejects,
  add: (reason, position, sample, times) => rejects.add(reason, position - from + 1 + shift, sample, times),
})

/** How many lines the bytes hold, the last perhaps without its end. */
export function linesIn(bytes: Buffer): number {
  let lines = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++
  return bytes.length > 0 && bytes.at(-1) !== 10 ? lines + 1 : lines
}
