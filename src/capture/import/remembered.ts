/** What is remembered of a file of lines between two looks at it, so that only what is new in it is read again. */
import { bytesBetween } from '../input.ts'
import { statOf } from '../input-paths.ts'
import type { Input } from '../reader.ts'
import { createHeaderScan, type HeaderScan, type Lines } from './header-scan.ts'
import type { Mark } from './known-content.ts'
import type { KnownContents } from './known-contents.ts'

/** What is remembered of a file that grows, so that only what is new in it is read again. */
export interface Remembered {
  readonly inode: number
  readonly mark: Mark
  readonly scan: HeaderScan
  /** The last bytes before the mark, by which a file that was written anew is recognised. */
  readonly last: Buffer
}

const lastBytes = 4096

/** A file to be looked at: what is known of it, and how far. */
export interface ContentRequest {
  readonly input: Input
  readonly kind: Lines
  readonly known: KnownContents
  /** Only this many bytes, of a file that still grows. */
  readonly upTo?: number | undefined
  readonly before: Remembered | null
}

export const gathered = async (chunks: AsyncIterable<Buffer>): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(chunks))

/** Headers and lines of the first `bytes` of the input. */
export async function scanTo(
  bytes: number,
  { input, kind, begun }: Pick<ContentRequest, 'input' | 'kind'> & { begun: Remembered | null },
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
async function isStill({ inode, mark, last }: Remembered, { path }: Input, end: number): Promise<boolean> {
  if (end < mark.bytes) return false
  const { ino } = await statOf(path)
  if (ino !== inode) return false
  return (await gathered(bytesBetween(path, mark.bytes - last.length, mark.bytes))).equals(last)
}

export async function remembered({ path }: Input, mark: Mark, scan: HeaderScan): Promise<Remembered> {
  const { ino } = await statOf(path)
  const last = await gathered(bytesBetween(path, Math.max(0, mark.bytes - lastBytes), mark.bytes))
  return { inode: ino, mark, scan, last }
}

/** Where reading begins: at the remembered position where the file is still the same one, else at its first byte. */
export async function startOf(
  { input, before }: Pick<ContentRequest, 'input' | 'before'>,
  end: number,
): Promise<{ readonly plain: boolean; readonly begun: Remembered | null; readonly from: number }> {
  const plain = input.compression === 'none'
  const begun = plain && before && (await isStill(before, input, end)) ? before : null
  return { plain, begun, from: begun?.mark.bytes ?? 0 }
}
