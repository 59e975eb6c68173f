/** Passes lines through a function, whatever chunks they come in. */

/** Longer lines are passed as they are. */
const longest = 64 << 20

/** What becomes of a line without its end: the line or others in its place, without their ends; null for none. */
export type LineMap = (line: Buffer) => Buffer | string | null

/** @param end - what is left when there are no more lines, for a map that holds lines back. */
export async function* mapLines(
  chunks: AsyncIterable<Buffer>,
  map: LineMap,
  end: () => string | null = () => null,
): AsyncIterable<Buffer> {
  let pieces: Buffer[] = []
  let held = 0

  for await (const chunk of chunks) {
    const out: Buffer[] = []
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      pieces.push(chunk.subarray(from, end))
      const line = map(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces))
      if (line !== null) out.push(typeof line === 'string' ? Buffer.from(line) : line, newline)
      pieces = []
      held = 0
      from = end + 1
    }
    if (out.length > 0) yield Buffer.concat(out)
    if (from === chunk.length) continue
    pieces.push(Buffer.from(chunk.subarray(from)))
    held += chunk.length - from
    if (held <= longest) continue
    yield Buffer.concat(pieces)
    pieces = []
    held = 0
  }

  const last = pieces.length === 0 ? null : map(Buffer.concat(pieces))
  const behind = end()
  if (last !== null) yield typeof last === 'string' ? Buffer.from(last) : last
  if (behind !== null) yield Buffer.from(last === null ? behind : `\n${behind}`)
}

const newline = Buffer.from('\n')
