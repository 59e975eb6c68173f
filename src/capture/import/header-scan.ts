/** Headers that hold behind some line of a file, and that line's number, gathered while the file is read. */
import type { Reader } from '../reader.ts'

/** A header longer than this is none. */
const longest = 65_536

export interface Headers {
  /** Lines so far, and those of them that are records or broken. */
  readonly lines: number
  readonly records: number
  /** The headers that hold for the next line, each with its line end. */
  readonly text: Buffer
  /** How many lines `text` has. */
  readonly count: number
}

export interface HeaderScan {
  /** Bytes that follow those before them; a line may come in several chunks. */
  add(bytes: Buffer): void
  /** Copy of the scan as it is, that goes on by itself. */
  copy(listener?: Listener): HeaderScan
  now(): Headers
  /** As `now`, with what stands behind the last line end as a line. */
  finish(): Headers
}

/** What of a reader says which lines are headers. */
export type Lines = Pick<Reader, 'lines' | 'header' | 'again'>

/** Told of each header, with its number in the file, and of each record while it is `waiting` for one. */
export interface Listener {
  waiting: boolean
  header(line: number, text: string): void
  record(line: number): void
}

const [newline, carriage, hash] = [10, 13, 35]

/** Scans lines for headers, and counts the others that are not empty. */
export function createHeaderScan(kind: Lines, listener?: Listener, before?: Scanned): HeaderScan {
  let lines = before?.lines ?? 0
  let records = before?.records ?? 0
  let rest: Buffer = before?.rest ?? Buffer.alloc(0)
  const found = new Map<string, Buffer>(before?.found)

  const header = (line: Buffer) => {
    listener?.header(lines, line.toString('utf8', 0, line.length - 1).replace(/\r$/, ''))
    if (line.length > longest) return
    const key = kind.lines === 'hash' ? (/^#\w*/.exec(line.toString('latin1', 0, 40))?.[0] ?? '') : ''
    found.set(key, Buffer.from(line))
  }

  const record = () => {
    records++
    if (listener?.waiting) listener.record(lines)
  }
  /** Whole lines in `bytes` from `from` on; gives where the first that is not whole begins. */

  const scan = (bytes: Buffer, from: number): number => {
    const mark = kind.lines === 'first' ? kind.again : undefined
    let marked = mark === undefined ? -1 : bytes.indexOf(mark, from)

    for (let end = bytes.indexOf(newline, from); end >= 0; end = bytes.indexOf(newline, from)) {
      lines++
      const isMarked = marked >= 0 && marked < end
      if (isMarked) marked = bytes.indexOf(mark as string, end)
      // A hole of zeros before a line, where a file was cut to nothing and written on.
      while (from < end && bytes[from] === 0) from++
      const isHeader =
        kind.lines === 'hash'
          ? bytes[from] === hash
          : kind.lines === 'first' &&
            (lines === 1 || (isMarked && kind.header!(bytes.toString('utf8', from, end))))
      if (isHeader) header(bytes.subarray(from, end + 1))
      else if (end > from + 1 || (end > from && bytes[from] !== carriage)) record()
      from = end + 1
    }

    return from
  }

  return {
    add(bytes) {
      let from = 0
      if (rest.length > 0) {
        const end = bytes.indexOf(newline)
        from = end < 0 ? bytes.length : end + 1
        // Of a line that is no header any more only its end counts.
        const more = bytes.subarray(rest.length > longest ? from - (end < 0 ? 0 : 1) : 0, from)
        if (more.length > 0) rest = Buffer.concat([rest, more])
        if (end < 0) return
        scan(rest, 0)
        rest = Buffer.alloc(0)
      }
      let whole = scan(bytes, from)
      // As before a whole line: a hole is not part of it, however long.
      while (whole < bytes.length && bytes[whole] === 0) whole++
      if (whole < bytes.length) rest = Buffer.from(bytes.subarray(whole))
    },
    copy: (other) => createHeaderScan(kind, other, { lines, records, rest, found: new Map(found) }),
    finish: () => {
      const end = createHeaderScan(kind, undefined, { lines, records, rest: Buffer.alloc(0), found })
      if (rest.length > 0) end.add(Buffer.concat([rest, Buffer.from('\n')]))
      return end.now()
    },
    now: () => ({ lines, records, text: Buffer.concat([...found.values()]), count: found.size }),
  }
}

interface Scanned {
  readonly lines: number
  readonly records: number
  readonly rest: Buffer
  readonly found: ReadonlyMap<string, Buffer>
}
