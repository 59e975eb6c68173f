/**
 * Long files of lines, read in stretches that end at a line's end.
 *
 * Each stretch is written to a file of its own, under the headers that hold for it, and read from there, while the next
 * one is cut: so the work tells how far it is, an archive is unpacked once, and neither this process nor the engine
 * holds more than a stretch, however long the file is. All stretches go into one load.
 */
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from '../../store/sql.ts'
import { withTemporaryFolder } from '../../store/temporary.ts'
import type { Bundle, Reader, Survey } from '../reader.ts'
import { linesIn } from './bundle.ts'
import type { HeaderScan, Headers, Listener } from './header-scan.ts'
import { createLineLimits, longest } from './line-limits.ts'

export interface StretchSizes {
  /** Bytes of a stretch. */
  readonly own: number
  /** Bytes that are shown on either side of it to readers that compare records. */
  readonly beside: number
}

const usual: StretchSizes = { own: 64 << 20, beside: 4 << 20 }

/** A stretch in a temporary file. */
interface Stretch {
  readonly path: string
  /** What is added to a line's number in it to give its number in the whole file. */
  readonly shift: number
  readonly beside: Pick<Bundle, 'own' | 'survey' | 'memory'>
  /** Bytes of the file on disk that were read when the stretch was whole. */
  readonly passed: number
}

interface Cutting {
  readonly reader: Reader
  /** The content from where `scan` stands on. */
  readonly chunks: AsyncIterable<Buffer>
  /** Of what is before; it is left as it is. */
  readonly scan: HeaderScan
  /** Bytes on disk that were read for this many of `chunks`. */
  readonly passed: (bytes: number) => number
  readonly sizes?: StretchSizes | undefined
}

/** What has come of it. */
export interface Cut {
  /** Lines that are no headers and not empty. */
  readonly records: number
  readonly scan: HeaderScan
}

/** Gives the stretches that hold records to `read`, one after the other. */
export const inStretches = (cutting: Cutting, read: (stretch: Stretch) => Promise<void>): Promise<Cut> =>
  withTemporaryFolder((folder) => readStretches(cutting, { folder, read }))

async function readStretches(
  cutting: Cutting,
  { folder, read }: { folder: string; read: (stretch: Stretch) => Promise<void> },
): Promise<Cut> {
  let reading: Promise<void> = Promise.resolve()

  try {
    const writer = createChunkWriter(cutting, folder)
    const memory = new Map<string, unknown>()
    for await (const stretch of stretchesOf(cutting, writer)) {
      await reading
      reading = read({ ...stretch, beside: { ...stretch.beside, memory } }).finally(() =>
        rm(stretch.path, { force: true }),
      )
      // Whoever waits for it next hears of a failure; until then no code handles it.
      reading.catch(() => {})
    }
    await reading
    const { records } = writer.scan.now()
    return { records: records - cutting.scan.now().records, scan: writer.scan.copy() }
  } finally {
    await reading.catch(() => {})
  }
}

/** A stretch that is being written. */
interface Open {
  readonly file: FileHandle
  readonly path: string
  readonly headers: Survey['headers'][number][]
  /** Lines and records of the whole file before it, and lines of context at its top. */
  readonly before: Pick<Headers, 'lines' | 'records'>
  readonly context: number
  /** Its first line with a record, counted in it; 0 before there is one. */
  first: number
  bytes: number
}

/** Writes stretches, one after the other, and knows what stands in them. */
function createChunkWriter({ reader, scan: before, sizes = usual }: Cutting, folder: string) {
  const compares = reader.compares ?? false
  let now: Open | null = null
  let files = 0
  let tail: Buffer[] = []
  const rowOf = (line: number) => (now ? line - now.before.lines + now.context : 0)

  const listener: Listener = {
    waiting: true,
    header: (line, text) => {
      if (reader.header?.(text) ?? true) now?.headers.push({ row: rowOf(line), line: text })
    },
    record: (line) => {
      if (now) now.first = rowOf(line)
      listener.waiting = false
    },
  }

  const scan = before.copy(listener)
  const limits = createLineLimits(reader.lines === 'none' ? longest.object : longest.row)

  return {
    scan,
    async begin(): Promise<Open> {
      const path = join(folder, String(files++))
      const file = await open(path, 'w')
      const { text, count, ...before } = scan.now()
      const above = compares ? wholeLines(Buffer.concat(tail).subarray(-sizes.beside)) : text
      if (above.length > 0) await file.write(above)
      const context = compares ? linesIn(above) : count
      const headers = compares ? [] : headersIn(text, reader)
      listener.waiting = true
      now = { file, path, headers, before, context, first: 0, bytes: 0 }
      return now
    },
    async add(opened: Open, given: Buffer): Promise<void> {
      const piece = limits.keep(given)
      scan.add(piece)
      await opened.file.write(piece)
      opened.bytes += piece.length
      if (compares) tail = lastOf(tail, piece, sizes.beside)
    },
    /** What is to be read of it; nothing where it holds no record. */
    written({ path, context, before, headers, first }: Open): Omit<Stretch, 'passed'> | null {
      const { lines, records } = scan.now()
      if (records === before.records) return null
      const survey: Survey = { headers, records: records - before.records, first }
      const own = sql`(row > ${context} AND row <= ${context + lines - before.lines})`
      return { path, shift: before.lines - context, beside: { survey, ...(compares ? { own } : {}) } }
    },
  }
}

type ChunkWriter = ReturnType<typeof createChunkWriter>

async function* stretchesOf(cutting: Cutting, writer: ChunkWriter): AsyncIterable<Stretch> {
  const { reader, chunks, sizes = usual } = cutting
  const shown = createShown(reader.compares ? sizes.beside : 0)
  let now: Open | null = null
  let last = 10
  let bytes = 0
  const wholeOf = (opened: Open): Stretch | null => {
    const written = writer.written(opened)
    return written && { ...written, passed: cutting.passed(bytes) }
  }

  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; ) {
      now ??= await writer.begin()
      const piece = chunk.subarray(from, endOf(chunk, from, sizes.own - now.bytes))
      from += piece.length
      bytes += piece.length
      last = piece.at(-1) as number
      await writer.add(now, piece)
      yield* shown.add(piece)
      if (now.bytes < sizes.own || last !== 10) continue
      yield* shown.next(now.file, wholeOf(now))
      now = null
    }
  }

  // The last line of a file may lack its end.
  if (now && last !== 10) await writer.add(now, Buffer.from('\n'))
  if (now) yield* shown.next(now.file, wholeOf(now))

  yield* shown.end()
}

/** Gives out a stretch once it has `size` bytes of the next, or all of it. */
function createShown(size: number) {
  let waiting: { file: FileHandle; stretch: Stretch | null; after: number } | null = null

  async function* end(): AsyncIterable<Stretch> {
    const done = waiting
    waiting = null
    await done?.file.close()
    if (done?.stretch) yield done.stretch
  }

  return {
    end,
    async *add(piece: Buffer): AsyncIterable<Stretch> {
      if (!waiting) return
      await waiting.file.write(piece)
      waiting.after += piece.length
      if (waiting.after >= size) yield* end()
    },
    async *next(file: FileHandle, stretch: Stretch | null): AsyncIterable<Stretch> {
      yield* end()
      waiting = { file, stretch, after: 0 }
      if (size === 0) yield* end()
    },
  }
}

/**
 * Where the piece of a chunk from `from` on ends: behind the first line end after `enough` bytes, else with the
 * chunk.
 */
function endOf(chunk: Buffer, from: number, enough: number): number {
  if (enough > chunk.length - from) return chunk.length
  const lineEnd = chunk.indexOf(10, from + Math.max(0, enough - 1))
  return lineEnd < 0 ? chunk.length : lineEnd + 1
}

/** Pieces that hold the last `size` bytes of all, and perhaps more. */
function lastOf(pieces: readonly Buffer[], piece: Buffer, size: number): Buffer[] {
  const all = [...pieces, piece]
  let sum = all.reduce((total, each) => total + each.length, 0)
  while (all.length > 1 && sum - all[0]!.length >= size) sum -= all.shift()!.length
  return all
}

/** Without what may be the rest of a line. */
const wholeLines = (bytes: Buffer): Buffer => bytes.subarray(bytes.indexOf(10) + 1)

const headersIn = (text: Buffer, { header }: Reader): Survey['headers'][number][] =>
  text
    .toString('utf8')
    .split('\n')
    .slice(0, -1)
    .map((line, i) => ({ row: i + 1, line: line.replace(/\r$/, '') }))
    .filter(({ line }) => header?.(line) ?? true)
