/**
 * The one stream by which packed files are unpacked: gzip and zstd, to the end of the last member or frame.
 *
 * A file may be several members one after the other (`cat a.gz b.gz`, pigz, bgzip, pzstd, a log that is appended to),
 * with frames that hold no data between them and zeros behind them, as tapes and block devices have. What stands behind
 * the last one and is none is left out and said, as gunzip does.
 */
import { type ByteQueue, createByteQueue } from './byte-queue.ts'
import { gzipMember, isGzip } from './gzip-members.ts'
import { Broken } from './packing.ts'
import { isSkippable, isZstd, passSkippable, zstdFrame } from './zstd-frames.ts'

export type Packing = 'gzip' | 'zstd'

/** How a file that begins so is packed; null for not. */
export function packingOf(start: Buffer): Packing | null {
  if (isGzip(start)) return 'gzip'
  return isZstd(start) || isSkippable(start) ? 'zstd' : null
}

/** Bytes by which a member is recognised. */
const longestMark = 10

/**
 * @param left - called with the number of bytes behind the last member that are none, zeros apart.
 * @throws Broken where a member breaks off or is wrong; what came before it was given.
 */
export async function* unpack(
  source: AsyncIterable<Buffer>,
  left: (bytes: number) => void,
): AsyncIterable<Buffer> {
  const queue = createByteQueue(source)
  for (let members = 0; ; members++) {
    if (members > 0) await passZeros(queue)
    const start = await queue.peek(longestMark)
    if (start.length === 0) return
    if (isGzip(start)) yield* gzipMember(queue)
    else if (isZstd(start)) yield* zstdFrame(queue)
    else if (isSkippable(start)) await passSkippable(queue)
    else if (members === 0) throw new Broken('it does not begin as such')
    else return left(await rest(queue))
  }
}

async function passZeros(queue: ByteQueue): Promise<void> {
  for (let bytes = await queue.next(); bytes; bytes = await queue.next()) {
    const at = bytes.findIndex((byte) => byte !== 0)
    if (at < 0) continue
    queue.unread(bytes.subarray(at))
    return
  }
}

async function rest(queue: ByteQueue): Promise<number> {
  let bytes = 0
  for (let more = await queue.next(); more; more = await queue.next()) bytes += more.length
  return bytes
}
