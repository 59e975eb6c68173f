import { bytesBetween } from '../input.ts'
import type { Input } from '../reader.ts'
import { linesIn, type Part } from './bundle.ts'
import { createHeaderScan, type Headers } from './header-scan.ts'
import { beginning, type Content, contentOf } from './known-content.ts'
import { type ContentRequest, gathered, type Remembered, remembered, scanTo, startOf } from './remembered.ts'
import { skipping } from './skipping.ts'

/** Bytes of new content up to which they are held in memory and read together with those of other files. */
export const small = 1 << 20

interface NewContent {
  readonly content: Content
  /** New bytes, where they are few; they begin where what is known ends. */
  readonly held: Buffer | null
  /** What to remember of it once it is taken; null where nothing is worth it. */
  readonly remember: Remembered | null
  /** Headers that hold where what is known ends; null where nothing is known. */
  readonly headers: Headers | null
  /** Whether what is new holds a line that is no header; not looked at in what is not held. */
  readonly hasRecords: boolean
}

/** What is new in a file of lines, with its bytes where they are few. */
export async function newContentOf(request: ContentRequest): Promise<NewContent> {
  const { input, kind, known, upTo } = request
  const end = upTo ?? input.size
  const { plain, begun, from } = await startOf(request, end)

  const prefix = createPrefixBuffer(plain ? bytesBetween(input.path, from, end) : input.bytes())
  const { content, mark } = await contentOf(prefix.chunks, known, begun?.mark ?? beginning())

  const kept = prefix.kept()
  const isKnown = content.known > 0
  const scan = isKnown ? await scanTo(content.known, { input, kind, begun }) : null
  const headers = scan?.now() ?? null
  const held =
    kept && content.known >= from
      ? kept.subarray(content.known - from)
      : content.bytes - content.known <= small && plain
        ? await gathered(bytesBetween(input.path, content.known, content.bytes))
        : null

  const after = held || upTo !== undefined ? (scan?.copy() ?? createHeaderScan(kind)) : null
  if (after) {
    if (held) after.add(held)
    else for await (const chunk of bytesBetween(input.path, content.known, content.bytes)) after.add(chunk)
  }
  const hasRecords = after === null || after.finish().records > (headers?.records ?? 0)
  const remember = upTo !== undefined && after ? await remembered(input, mark, after) : null
  return { content, held, remember, headers, hasRecords }
}

/** What is new in the file as a part of a bundle. */
export function partOf(
  { name, path, compression, bytes }: Input,
  { content, held, headers }: NewContent,
): Pick<Part, 'name' | 'path' | 'lines' | 'shift' | 'chunks'> {
  const context = headers?.text ?? Buffer.alloc(0)
  const count = headers?.count ?? 0

  const rest = () =>
    held
      ? [held]
      : compression === 'none'
        ? bytesBetween(path, content.known, content.bytes)
        : skipping(bytes(), content.known)

  return {
    name,
    path,
    lines: held ? count + linesIn(held) : 0,
    shift: (headers?.lines ?? 0) - count,
    chunks: async function* () {
      yield context
      yield* rest()
    },
  }
}

/** Passes chunks on, and keeps them while they are few. */
function createPrefixBuffer(source: AsyncIterable<Buffer>) {
  let kept: Buffer[] | null = []
  let bytes = 0
  return {
    chunks: (async function* () {
      for await (const chunk of source) {
        bytes += chunk.length
        if (bytes > small) kept = null
        kept?.push(chunk)
        yield chunk
      }
    })(),
    kept: () => kept && Buffer.concat(kept),
  }
}
