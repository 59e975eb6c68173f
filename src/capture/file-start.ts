/** Programs, told by their first bytes. */
import { createHash } from 'node:crypto'

export interface FileStart {
  readonly mimeType: string
  /** SHA-256 of the first bytes that were seen, whose number stands in its name. */
  readonly hash: string
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

/** What a body begins with, where that is a program; null otherwise. */
export function fileIn(body: Buffer, isChunked: boolean): FileStart | null {
  const start = isChunked ? afterChunkSize(body) : body
  const head = start.toString('latin1', 0, 8)
  const kind = kinds.find(([begins]) => begins.test(head))
  if (!kind) return null
  const digest = createHash('sha256').update(start).digest('hex')
  return { mimeType: kind[1], hash: `sha256-first${start.length}:${digest}` }
}

function afterChunkSize(body: Buffer): Buffer {
  const line = /^[0-9a-fA-F]{1,8}[^\n]{0,64}\n/.exec(body.toString('latin1', 0, 80))
  return line ? body.subarray(line[0].length) : body
}
