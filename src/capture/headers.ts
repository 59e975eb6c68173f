/** Headers that hold behind some line of a file, and that line's number, gathered while the file is read. */
import type { Reader } from './reader.ts'

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
  /** Bytes that end at a line's end. */
  add(bytes: Buffer): void
  /** Copy of the scan as it is, that goes on by itself. */
  copy(): HeaderScan
  now(): Headers
  /** As `now`, with what stands behind the last line end as a line. */
  finish(): Headers
}

/** Looks at whole lines; a line may come in several chunks. */
export function createHeaderScan(kind: NonNullable<Reader['lines']>, before?: Scanned): HeaderScan {
  let lines = before?.lines ?? 0
  let records = before?.records ?? 0
  let rest: Buffer = before?.rest ?? Buffer.alloc(0)
  const found = new Map<string, Buffer>(before?.found)
  const isHeader = (first: number | undefined) =>
    kind === 'hash' ? first === 35 : kind === 'first' && lines === 1
  const take = (line: Buffer) => {
    lines++
    const header = isHeader(line[0])
    if (!header && line.length > 1) records++
    if (!header || line.length > longest) return
    found.set(
      kind === 'hash' ? (/^#\w*/.exec(line.toString('latin1', 0, 40))?.[0] ?? '') : '',
      Buffer.from(line),
    )
  }
  return {
    add(bytes) {
      let from = 0
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
        const line = bytes.subarray(from, end + 1)
        take(rest.length > 0 ? Buffer.concat([rest, line]) : line)
        if (rest.length > 0) rest = Buffer.alloc(0)
        from = end + 1
      }
      if (from < bytes.length && rest.length <= longest) rest = Buffer.concat([rest, bytes.subarray(from)])
    },
    copy: () => createHeaderScan(kind, { lines, records, rest, found: new Map(found) }),
    finish: () => {
      const end = createHeaderScan(kind, { lines, records, rest: Buffer.alloc(0), found })
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
