/**
 * Looks at a file of lines before it is read: what its content is, how much of its beginning is known, and what is new.
 */
import { stat } from 'node:fs/promises'
import { bytesBetween } from '../input.ts'
import type { Input } from '../reader.ts'
import { linesIn, type Part } from './bundle.ts'
import { createHeaderScan, type HeaderScan, type Headers, type Lines } from './header-scan.ts'
import { beginning, type Content, contentOf, type KnownContents, type Mark } from './known-content.ts'
import { skipping } from './skipping.ts'

/** Bytes of new content up to which they are held in memory and read together with those of other files. */
export const small = 1 << 20

/** What is remembered of a file that grows, so that only what is new in it is read again. */
export interface Remembered {
  readonly inode: number
  readonly mark: Mark
  readonly scan: HeaderScan
  /** The last bytes before the mark, by which a file that was written anew is told. */
  readonly last: Buffer
}

const lastBytes = 4096

export interface Look {
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

export interface Looking {
  readonly input: Input
  readonly kind: Lines
  readonly known: KnownContents
  /** Only so many bytes, of a file that still grows. */
  readonly upTo?: number | undefined
  readonly before: Remembered | null
}

export async function look({ input, kind, known, upTo, before }: Looking): Promise<Look> {
  const plain = input.compression === 'none'
  const end = upTo ?? input.size
  const begun = plain && before && (await isStill(before, input, end)) ? before : null
  const from = begun?.mark.bytes ?? 0
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
  { content, held, headers }: Look,
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

const gathered = async (chunks: AsyncIterable<Buffer>): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(chunks))

/** Headers and lines of the first `bytes` of the input. */
export async function scanTo(
  bytes: number,
  { input, kind, begun }: Pick<Looking, 'input' | 'kind'> & { begun: Remembered | null },
): Promise<HeaderScan> {
  if (begun?.mark.bytes === bytes) return begun.scan.copy()
  const scan = createHeaderScan(kind)
  if (input.compression === 'none') {
    for await (const chunk of bytesBetween(input.path, 0, bytes)) scan.add(chunk)
    return scan
  }
  let left = bytes
  for await (const chunk of input.bytes()) {
    scan.add(chunk.subarray(0, Math.min(left, chunk.length)))
    left -= chunk.length
    if (left <= 0) break
  }
  return scan
}

/** Whether the file is the one that is remembered, perhaps longer. */
export async function isStill(
  { inode, mark, last }: Remembered,
  { path }: Input,
  end: number,
): Promise<boolean> {
  if (end < mark.bytes) return false
  const { ino } = await stat(path)
  if (ino !== inode) return false
  return (await gathered(bytesBetween(path, mark.bytes - last.length, mark.bytes))).equals(last)
}

export async function remembered({ path }: Input, mark: Mark, scan: HeaderScan): Promise<Remembered> {
  const { ino } = await stat(path)
  const last = await gathered(bytesBetween(path, Math.max(0, mark.bytes - lastBytes), mark.bytes))
  return { inode: ino, mark, scan, last }
}
