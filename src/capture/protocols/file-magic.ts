/** Programs, told by their first bytes. */
import { createHash } from 'node:crypto'
import { sketchOf } from '../../math/sketch.ts'

interface FileStart {
  readonly mimeType: string
  /** SHA-256 of the first bytes that were seen, whose number stands in its name. */
  readonly hash: string
  /** Of the first 4 KiB; empty where less was seen. See `math/sketch.ts`. */
  readonly sketch: readonly number[]
}

const kinds: readonly (readonly [RegExp, string])[] = [
  [/^MZ/, 'application/x-dosexec'],
  [/^\x7fELF/, 'application/x-executable'],
  [
    /^(?:\xcf|\xce)\xfa\xed\xfe|^\xfe\xed\xfa(?:\xcf|\xce)|^\xca\xfe\xba\xbe/,
    'application/x-mach-o-executable',
  ],
  [/^dex\n/, 'application/x-dex'],
]

/** Bytes that the hash is of. */
const hashed = 1024
/**
 * Bytes that the sketch is of. In the first KiB of a program there is little but headers, which all have from their
 * linker.
 */
const sketched = 4096

const kindIn = (start: Buffer): string | null => {
  const head = start.toString('latin1', 0, 8)
  return kinds.find(([begins]) => begins.test(head))?.[1] ?? null
}

/** Bytes of a body that are worth having: more of a program. */
export const wantedOf = (body: Buffer, isChunked: boolean): number =>
  kindIn(isChunked ? afterChunkSize(body) : body) === null ? hashed : sketched + longestSize

/** What a body begins with, where that is a program; null otherwise. */
export function fileIn(body: Buffer, isChunked: boolean): FileStart | null {
  const start = isChunked ? afterChunkSize(body) : body
  const mimeType = kindIn(start)
  if (mimeType === null) return null
  const first = start.subarray(0, hashed)
  const digest = createHash('sha256').update(first).digest('hex')
  return {
    mimeType,
    hash: `sha256-first${first.length}:${digest}`,
    sketch: start.length < sketched ? [] : sketchOf(start.subarray(0, sketched)),
  }
}

/** Bytes of the line with the size of a chunk. */
const longestSize = 80

function afterChunkSize(body: Buffer): Buffer {
  const line = /^[0-9a-fA-F]{1,8}[^\n]{0,64}\n/.exec(body.toString('latin1', 0, longestSize))
  return line ? body.subarray(line[0].length) : body
}
