/**
 * One frame of a zstd file (RFC 8878), unpacked as it comes.
 *
 * The decompressor of Node stops behind the first frame and does not say so. Here the frames are cut by their own block
 * headers, so that each has a decompressor of its own and nothing behind it is lost.
 */
import { Readable } from 'node:stream'
import { constants, createZstdDecompress, zstdDecompressSync } from 'node:zlib'
import type { ByteQueue } from './byte-queue.ts'
import { Broken, TooWide } from './packing.ts'

export const isZstd = (start: Buffer): boolean => start.length >= 4 && start.readUInt32LE(0) === 0xfd2fb528

/** A frame that holds no data, of zstd or of LZ4; programs put indexes and notes in it. */
export const isSkippable = (start: Buffer): boolean =>
  start.length >= 4 && (start.readUInt32LE(0) & 0xfffffff0) >>> 0 === 0x184d2a50

/** @throws Broken where the frame breaks off. */
export async function passSkippable(queue: ByteQueue): Promise<void> {
  const header = await queue.take(8)
  if (!header) throw new Broken('it ends within a skippable frame')
  let left = header.readUInt32LE(4)
  while (left > 0) {
    const bytes = await queue.next()
    if (!bytes) throw new Broken('it ends within a skippable frame')
    if (bytes.length > left) queue.unread(bytes.subarray(left))
    left -= Math.min(left, bytes.length)
  }
}

/** Content up to this many bytes is unpacked at once: a decompressor for each small frame would cost more. */
const small = 1 << 20

/** @throws Broken where the frame breaks off or is wrong. */
export async function* zstdFrame(queue: ByteQueue): AsyncIterable<Buffer> {
  const header = await frameHeader(queue)
  if (header.window > widest) throw new TooWide(`needs a window of ${Math.ceil(header.window / 2 ** 20)} MB`)
  const pieces = framePieces(queue, header)

  if (header.contentSize !== null && header.contentSize <= small) {
    const frame = Buffer.concat(await Array.fromAsync(atMost(pieces, 2 * small)))
    yield zstdDecompressSync(frame, { maxOutputLength: Math.max(1, header.contentSize) })
    return
  }

  const engine = createZstdDecompress({
    chunkSize: 1 << 18,
    params: { [constants.ZSTD_d_windowLogMax]: Math.log2(widest) },
  })
  const source = Readable.from(pieces)
  source.on('error', (error) => engine.destroy(error))
  source.pipe(engine)
  try {
    for await (const chunk of engine) yield chunk as Buffer
  } finally {
    source.destroy()
    engine.destroy()
  }
}

/** Bytes of content that a frame may refer back to, and that are held for it; zstd itself refuses more unless told. */
const widest = 2 ** 27

/** @throws Broken where there are more bytes: blocks may be empty, and without an end. */
async function* atMost(pieces: AsyncIterable<Buffer>, most: number): AsyncIterable<Buffer> {
  let bytes = 0
  for await (const piece of pieces) {
    bytes += piece.length + blockCost
    if (bytes > most) throw new Broken('a frame is longer than its content')
    yield piece
  }
}

/** What a block costs here beside its bytes. */
const blockCost = 64

interface FrameHeader {
  readonly bytes: Buffer
  readonly hasChecksum: boolean
  /** Bytes of the content; null where the frame does not say. */
  readonly contentSize: number | null
  /** Bytes of content that are held while it is unpacked. */
  readonly window: number
}

async function frameHeader(queue: ByteQueue): Promise<FrameHeader> {
  const start = await queue.peek(5)
  if (start.length < 5) throw new Broken('it ends within a frame header')
  const descriptor = start[4] as number
  const isSingle = (descriptor & 0x20) !== 0
  const dictionary = [0, 1, 2, 4][descriptor & 3] as number
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] as number
  const at = 5 + (isSingle ? 0 : 1) + dictionary

  const bytes = await queue.take(at + sizeBytes)
  if (!bytes) throw new Broken('it ends within a frame header')
  const contentSize = (): number | null => {
    if (sizeBytes === 0) return null
    if (sizeBytes === 1) return bytes.readUInt8(at)
    if (sizeBytes === 2) return bytes.readUInt16LE(at) + 256
    return sizeBytes === 4 ? bytes.readUInt32LE(at) : Number(bytes.readBigUInt64LE(at))
  }
  const size = contentSize()
  const window = isSingle ? (size ?? 0) : windowOf(bytes.readUInt8(5))

  return { bytes, hasChecksum: (descriptor & 4) !== 0, contentSize: size, window }
}

/** RFC 8878, section 3.1.1.1.2. */
function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}

/** The bytes of the frame, block by block. */
async function* framePieces(queue: ByteQueue, { bytes, hasChecksum }: FrameHeader): AsyncIterable<Buffer> {
  yield bytes

  for (let isLast = false; !isLast; ) {
    const header = await queue.peek(3)
    if (header.length < 3) throw new Broken('it ends within a frame')
    const word = header.readUIntLE(0, 3)
    isLast = (word & 1) === 1
    const type = (word >> 1) & 3
    if (type === 3) throw new Broken('a block is of no known type')
    const block = await queue.take(3 + (type === 1 ? 1 : word >> 3))
    if (!block) throw new Broken('it ends within a block')
    yield block
  }

  if (!hasChecksum) return
  const checksum = await queue.take(4)
  if (!checksum) throw new Broken('it ends within a checksum')

  yield checksum
}
