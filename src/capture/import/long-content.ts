/**
 * What is new in a long file of lines: the bytes behind the part that is known, read in chunks and hashed as they
 * pass.
 */
import { UserError } from '../../errors.ts'
import { bytesBetween } from '../input.ts'
import type { Input } from '../reader.ts'
import { createHeaderScan, type HeaderScan } from './header-scan.ts'
import { beginning, type Content, contentOf, type Mark } from './known-content.ts'
import { type ContentRequest, scanTo, startOf } from './remembered.ts'
import { skipping } from './skipping.ts'

interface NewLongContent {
  /** The content behind what is known. */
  readonly chunks: AsyncIterable<Buffer>
  /** Of the headers before it. */
  readonly scan: HeaderScan
  /** Bytes of the file on disk that were read for this many of `chunks`. */
  readonly passed: (bytes: number) => number
  /** What the content is, once all of it was read. @throws UserError input-unreadable when it was cut meanwhile. */
  ended(name: string): { content: Content; mark: Mark }
}

/** Reads only so much of the file as could be known already; the rest is hashed as it passes. */
export async function newContentOfLong(request: ContentRequest): Promise<NewLongContent> {
  const { input, kind, known, upTo } = request
  const end = input.compression === 'none' ? (upTo ?? input.size) : Number.POSITIVE_INFINITY
  const { plain, begun, from } = await startOf(request, end)

  const longest = Math.max(from, known.upTo(end) ?? from)
  const start = plain ? bytesBetween(input.path, from, longest) : atMost(input.bytes(), longest)
  const { content, mark } = await contentOf(start, known, begun?.mark ?? beginning())
  const scan =
    content.known > 0 ? await scanTo(content.known, { input, kind, begun }) : createHeaderScan(kind)
  const hash = mark.hash.copy()
  let bytes = content.known
  let onDisk = 0
  async function* chunks(): AsyncIterable<Buffer> {
    for await (const chunk of behind(input, { known: content.known, end, read: (n) => (onDisk = n) })) {
      hash.update(chunk.subarray(Math.min(chunk.length, Math.max(0, mark.bytes - bytes))))
      bytes += chunk.length
      yield chunk
    }
  }
  return {
    chunks: chunks(),
    scan,
    passed: (read) => (plain ? content.known + read : onDisk),
    ended: (name) => {
      if (bytes < mark.bytes) throw changed(name)
      const sha256 = hash.copy().digest('hex')
      return { content: { ...content, sha256, bytes }, mark: { hash, bytes } }
    },
  }
}

interface Behind {
  readonly known: number
  readonly end: number
  /** Told how much of what is on disk was read. */
  readonly read: (bytes: number) => void
}

const behind = (input: Input, { known, end, read }: Behind): AsyncIterable<Buffer> =>
  input.compression === 'none'
    ? bytesBetween(input.path, known, end)
    : skipping(input.unpacked?.(read) ?? input.bytes(), known)

async function* atMost(chunks: AsyncIterable<Buffer>, bytes: number): AsyncIterable<Buffer> {
  let left = bytes
  if (left === 0) return
  for await (const chunk of chunks) {
    yield chunk.subarray(0, left)
    left -= chunk.length
    if (left <= 0) return
  }
}

export const changed = (name: string): UserError =>
  new UserError(
    'input-unreadable',
    `${name} changed while it was read`,
    'Import it again when it is finished, or follow it with gannet watch.',
  )
