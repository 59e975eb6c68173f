/** Keeps lines within what the engine is given as one: a line that never ends would be held as a whole. */

/**
 * Bytes of a line that are read. EVE has honest lines of 40 MB; a row of a table takes more memory than an object of
 * the same length, as each of its cells is a text of its own.
 */
export const longest = { object: 64 << 20, row: 4 << 20 } as const

/** Stands behind what is left of a longer one, so that no number is taken for another. */
const cutHere = Buffer.from('(cut)')

interface LineLimits {
  /** What is kept of bytes that follow those before them; every line end is. */
  keep(bytes: Buffer): Buffer
}

/** Cuts lines that are longer, and leaves out zeros before the first character of a line: a hole in the file. */
export function createLineLimits(most: number): LineLimits {
  /** Bytes of the line at hand that were kept. */
  let held = 0

  const partOf = (bytes: Buffer): Buffer => {
    const from = held > 0 ? 0 : bytes.findIndex((byte) => byte !== 0)
    if (from < 0 || held > most) return nothing
    const part = bytes.subarray(from, from + most - held)
    const isCut = part.length < bytes.length - from
    held += part.length + (isCut ? 1 : 0)
    return isCut ? Buffer.concat([part, cutHere]) : part
  }

  return {
    keep(bytes) {
      const [first, last] = [bytes.indexOf(10), bytes.lastIndexOf(10)]
      const isPlain = held + bytes.length <= most && bytes[0] !== 0 && !bytes.includes(holeAfterEnd)
      if (isPlain) {
        held = last < 0 ? held + bytes.length : bytes.length - last - 1
        return bytes
      }

      const kept: Buffer[] = []
      for (let from = 0, end = first; from < bytes.length; end = bytes.indexOf(10, from)) {
        const to = end < 0 ? bytes.length : end
        if (to > from) kept.push(partOf(bytes.subarray(from, to)))
        if (end < 0) break
        kept.push(lineEnd)
        held = 0
        from = end + 1
      }
      return Buffer.concat(kept)
    },
  }
}

const nothing = Buffer.alloc(0)
const lineEnd = Buffer.from('\n')
const holeAfterEnd = Buffer.from('\n\0')
