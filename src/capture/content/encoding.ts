/** How the characters of a file are written, and what stands before the first: turned into plain UTF-8. */

export interface Encoding {
  /** For messages and the report. */
  readonly what: string
  /** Whether bytes that are appended to a file of it extend what was made of it. */
  readonly grows: boolean
  through(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer>
}

/** The fewest zeros that are a hole: fewer may begin a binary record. */
const leastHole = 16

/**
 * The encoding of a file that begins so, where it is anything but plain bytes. `start` is the first bytes that are no
 * zeros, and `zeros` how many zeros stand before them: a logger that writes on after its file was cut to nothing
 * (copytruncate) leaves such a hole.
 */
export function encodingOf(start: Buffer, zeros: number): Encoding | null {
  if (zeros > 0 && zeros < leastHole) return null
  const inner = markedEncoding(start)
  if (zeros === 0) return inner
  if (!inner && !looksLikeText(start)) return null
  const what = `${inner ? `${inner.what} ` : ''}text behind a hole of ${zeros} zeros`
  return {
    what,
    grows: inner?.grows ?? true,
    through: (chunks) => (inner ? inner.through(withoutZeros(chunks)) : withoutZeros(chunks)),
  }
}

function markedEncoding(start: Buffer): Encoding | null {
  if (start[0] === 0xff && start[1] === 0xfe) return utf16('utf-16le')
  if (start[0] === 0xfe && start[1] === 0xff) return utf16('utf-16be')
  if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf)
    return { what: 'UTF-8 with a byte order mark', grows: true, through: withoutMark }
  const unmarked = unmarkedUtf16(start)
  return unmarked ? utf16(unmarked) : null
}

/** UTF-16 without a byte order mark, where all of the first characters are ASCII. */
function unmarkedUtf16(start: Buffer): 'utf-16le' | 'utf-16be' | null {
  const bytes = start.subarray(0, 64)
  if (bytes.length < 16) return null
  const halves = (odd: 0 | 1) => bytes.filter((_, i) => i % 2 === odd)
  const isNothing = (half: Uint8Array) => half.every((byte) => byte === 0)
  const isText = (half: Uint8Array) => half.every((byte) => isPrintable(byte))
  if (isText(halves(0)) && isNothing(halves(1))) return 'utf-16le'
  return isText(halves(1)) && isNothing(halves(0)) ? 'utf-16be' : null
}

const isPrintable = (byte: number): boolean => (byte >= 32 && byte < 127) || (byte >= 9 && byte <= 13)

const looksLikeText = (start: Buffer): boolean =>
  start.length > 0 && start.subarray(0, 64).every((byte) => isPrintable(byte) || byte >= 0x80)

const utf16 = (label: 'utf-16le' | 'utf-16be'): Encoding => ({
  what: label.toUpperCase(),
  grows: false,
  async *through(chunks) {
    // A byte order mark is left out, what is no character is replaced.
    const decoder = new TextDecoder(label)
    for await (const chunk of chunks) {
      const text = decoder.decode(chunk, { stream: true })
      if (text !== '') yield Buffer.from(text)
    }
    const last = decoder.decode()
    if (last !== '') yield Buffer.from(last)
  },
})

async function* withoutMark(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let passed = 0
  for await (const chunk of chunks) {
    const from = Math.min(chunk.length, Math.max(0, 3 - passed))
    passed += chunk.length
    if (from < chunk.length) yield chunk.subarray(from)
  }
}

async function* withoutZeros(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let begun = false
  for await (const chunk of chunks) {
    const from = begun ? 0 : chunk.findIndex((byte) => byte !== 0)
    if (from < 0) continue
    begun = true
    yield chunk.subarray(from)
  }
}
