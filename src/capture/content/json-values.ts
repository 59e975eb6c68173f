/**
 * JSON objects that are not one a line: members of one array, objects printed over many lines, objects side by side, or
 * the members of an array inside one object (`{"Records": [ … ]}`). Each becomes a line of its own.
 */

const code = {
  quote: 34,
  backslash: 92,
  open: 123,
  close: 125,
  openList: 91,
  closeList: 93,
  newline: 10,
} as const

/** An object longer than this is cut there, and is then no object. */
const longest = 64 << 20

/**
 * Objects as lines. `wrapped`: the members of arrays inside the outermost object are wanted, not the object.
 * What stands between objects is left out; an object that is not ended is given as far as it goes.
 */
export async function* objectsAsLines(
  chunks: AsyncIterable<Buffer>,
  wrapped: boolean,
): AsyncIterable<Buffer> {
  const scan = createScan(wrapped)
  for await (const chunk of chunks) {
    const out = scan.add(chunk)
    if (out.length > 0) yield Buffer.concat(out)
  }
  const last = scan.end()
  if (last) yield last
}

interface Scan {
  /** Objects that ended in the chunk, each as a line. */
  add(chunk: Buffer): Buffer[]
  /** What is left of an object that did not end. */
  end(): Buffer | null
}

function createScan(wrapped: boolean): Scan {
  // Brackets that are open and not part of an object that is wanted.
  let outside: number[] = []
  let depth = 0
  let inString = false
  let isEscaped = false
  // Where in its line the scan is, and whether nothing but blanks stands before.
  let column = 0
  let isBlank = true
  // Where the first object began, if it was the first in its line; no inner one begins a line there.
  let margin = -2
  let pieces: Buffer[] = []
  let size = 0

  const begins = (): boolean =>
    wrapped ? outside[0] === code.open && outside.at(-1) === code.openList : true
  const keep = (bytes: Buffer) => {
    pieces.push(bytes)
    size += bytes.length
  }
  const finish = (): Buffer => {
    const line = Buffer.concat([...pieces, newline])
    // Line ends are blanks of JSON: inside strings they are written as escapes.
    for (let i = 0; i < line.length - 1; i++) if (line[i] === 10 || line[i] === 13) line[i] = 32
    pieces = []
    size = 0
    depth = 0
    return line
  }
  return {
    add(chunk) {
      const out: Buffer[] = []
      let from = 0

      for (let i = 0; i < chunk.length; i++, column++) {
        const byte = chunk[i] as number
        if (byte === code.newline) {
          // No string goes over a line's end: it was broken off.
          inString = false
          isEscaped = false
          isBlank = true
          column = -1
          continue
        }
        if (inString) {
          if (isEscaped) isEscaped = false
          else if (byte === code.backslash) isEscaped = true
          else if (byte === code.quote) inString = false
          continue
        }
        if (byte === code.open && depth > 0 && isBlank && column <= margin) {
          keep(chunk.subarray(from, i))
          out.push(finish())
        }
        if (byte === code.quote) inString = true
        else if (byte === code.open || byte === code.openList) {
          if (depth > 0) depth++
          else if (byte === code.open && begins()) {
            depth = 1
            if (margin === -2) margin = isBlank ? column : -1
            from = i
          } else outside.push(byte)
        } else if (byte === code.close || byte === code.closeList) {
          if (depth === 0) {
            if (outside.at(-1) === (byte === code.close ? code.open : code.openList)) outside.pop()
          } else if (--depth === 0) {
            keep(chunk.subarray(from, i + 1))
            out.push(finish())
          }
        }
        if (byte !== 32 && byte !== 9 && byte !== 13) isBlank = false
      }

      if (depth > 0) keep(Buffer.from(chunk.subarray(from)))

      if (size > longest) {
        out.push(finish())
        outside = []
      }

      return out
    },
    end: () => (size > 0 ? finish() : null),
  }
}

const newline = Buffer.from('\n')
