/** One member of a gzip file (RFC 1952), unpacked as it comes; its length and checksum are held to. */
import { crc32, createInflateRaw, type InflateRaw, inflateRawSync } from 'node:zlib'
import type { ByteQueue } from './byte-queue.ts'
import { Broken } from './packing.ts'

const flag = { headerChecksum: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const

/** Whether a member begins here, by ten bytes. */
export const isGzip = (start: Buffer): boolean =>
  start[0] === 0x1f && start[1] === 0x8b && start[2] === 8 && ((start[3] ?? 0) & flag.reserved) === 0

/** @throws Broken where the member breaks off or is wrong. */
export async function* gzipMember(queue: ByteQueue): AsyncIterable<Buffer> {
  await passHeader(queue)

  let checksum = 0
  let size = 0
  for await (const chunk of inflated(queue)) {
    checksum = crc32(chunk, checksum)
    size += chunk.length
    yield chunk
  }

  const trailer = await queue.take(8)
  if (!trailer) throw new Broken('it ends within a member')
  if (trailer.readUInt32LE(0) !== checksum) throw new Broken('a checksum is wrong')
  if (trailer.readUInt32LE(4) !== size % 2 ** 32) throw new Broken('a length is wrong')
}

async function passHeader(queue: ByteQueue): Promise<void> {
  const header = await queue.take(10)
  if (!header) throw new Broken('it ends within a header')
  const flags = header[3] as number

  if (flags & flag.extra) {
    const length = await queue.take(2)
    if (!length || !(await queue.take(length.readUInt16LE(0)))) throw new Broken('it ends within a header')
  }
  if (flags & flag.name) await passText(queue)
  if (flags & flag.comment) await passText(queue)
  if (flags & flag.headerChecksum) await queue.take(2)
}

/** A text that ends with a zero. */
async function passText(queue: ByteQueue): Promise<void> {
  for (;;) {
    const bytes = await queue.next()
    if (!bytes) throw new Broken('it ends within a header')
    const end = bytes.indexOf(0)
    if (end < 0) continue
    queue.unread(bytes.subarray(end + 1))
    return
  }
}

/** Bytes of a small member, packed and unpacked: those of bgzip are no larger. */
const small = 1 << 16

interface Inflated {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}

/** Unpacks a small member at once: an engine for each costs more than its work, and a file may hold millions. */
async function smallMember(queue: ByteQueue): Promise<Buffer | null> {
  try {
    const packed = await queue.peek(small)
    const found = inflateRawSync(packed, { info: true, maxOutputLength: small }) as unknown as Inflated
    await queue.take(found.engine.bytesWritten)
    return found.buffer
  } catch (error) {
    if (String((error as NodeJS.ErrnoException).code).match(/^Z_|^ERR_BUFFER_TOO_LARGE/)) return null
    throw error
  }
}

/** Unpacks to the end of the deflated data and leaves what is behind it in the queue. */
async function* inflated(queue: ByteQueue): AsyncIterable<Buffer> {
  const whole = await smallMember(queue)
  if (whole) {
    if (whole.length > 0) yield whole
    return
  }

  const engine = createInflateRaw({ chunkSize: 1 << 18 })
  const feeding = feed(engine, queue)
  // A failure is met below, where the engine is read.
  feeding.catch((error: unknown) => engine.destroy(error as Error))
  try {
    for await (const chunk of engine) yield chunk as Buffer
  } finally {
    engine.destroy()
  }
  await feeding
}

/** Gives the engine chunks until it takes no more, and the rest of the last one back to the queue. */
async function feed(engine: InflateRaw, queue: ByteQueue): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    for (const event of ['end', 'close', 'error']) engine.once(event, () => resolve())
  })
  let fed = 0

  for (;;) {
    const chunk = await queue.next()
    if (!chunk) {
      engine.end()
      return
    }
    fed += chunk.length
    const written = new Promise<void>((resolve) => engine.write(chunk, () => resolve()))
    await Promise.race([written, stopped])
    const left = fed - engine.bytesWritten
    if (left === 0 && !engine.destroyed) continue
    queue.unread(chunk.subarray(chunk.length - Math.min(left, chunk.length)))
    return
  }
}
