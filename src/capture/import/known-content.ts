/**
 * What a content is: the SHA-256 of its bytes, uncompressed, so that a compressed copy is the same content.
 *
 * A file that only grew begins with what it was; the longest beginning that is known already is reported, so that only
 * the rest is new.
 */
import { createHash, type Hash } from 'node:crypto'
import type { KnownContents } from './known-contents.ts'

export interface Content {
  readonly sha256: string
  /** Uncompressed. */
  readonly bytes: number
  /** Length of the longest beginning that is known, all of it where the content is; 0 for none. */
  readonly known: number
  /** SHA-256 of that beginning. */
  readonly knownSha256: string
}

/** The state of a content up to some byte, from which it can be taken up when more has come. */
export interface Mark {
  readonly hash: Hash
  readonly bytes: number
}

export const beginning = (): Mark => ({ hash: createHash('sha256'), bytes: 0 })

/** Reads on from `mark`, which is left as it is; gives what the content is, and the mark at its end. */
export async function contentOf(
  chunks: AsyncIterable<Buffer>,
  known: KnownContents,
  mark: Mark = beginning(),
): Promise<{ content: Content; mark: Mark }> {
  const hash = mark.hash.copy()
  let bytes = mark.bytes
  let next = known.over(bytes)
  let longest = 0
  let knownSha256 = ''

  const compare = (length: number) => {
    const digest = hash.copy().digest('hex')
    if (!known.has(length, digest)) return
    longest = length
    knownSha256 = digest
  }

  if (known.upTo(bytes) === bytes) compare(bytes)

  for await (const chunk of chunks) {
    let from = 0
    for (; next !== null && next <= bytes + chunk.length; next = known.over(next)) {
      const length = next
      hash.update(chunk.subarray(from, length - bytes))
      from = length - bytes
      compare(length)
    }
    hash.update(chunk.subarray(from))
    bytes += chunk.length
  }

  const sha256 = hash.copy().digest('hex')

  return { content: { sha256, bytes, known: longest, knownSha256 }, mark: { hash, bytes } }
}
