/** Packed files to the end of their last member, in chunks of any size. */
import { createZstdCompress, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packingOf, unpack } from './unpack.ts'

async function* chunked(bytes: Buffer, size: number): AsyncIterable<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function unpacked(bytes: Buffer, size = 1 << 16): Promise<{ content: Buffer; left: number }> {
  let left = 0
  const pieces = await Array.fromAsync(unpack(chunked(bytes, size), (count) => (left = count)))
  return { content: Buffer.concat(pieces), left }
}

/** A frame that does not say how long its content is, as a stream is packed. */
async function streamed(bytes: Buffer): Promise<Buffer> {
  const engine = createZstdCompress()
  engine.end(bytes)
  return Buffer.concat(await Array.fromAsync(engine as AsyncIterable<Buffer>))
}

const skippable = (size: number): Buffer => {
  const header = Buffer.from('502a4d1800000000', 'hex')
  header.writeUInt32LE(size, 4)
  return Buffer.concat([header, Buffer.alloc(size, 7)])
}

const some = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * i) % 251))
const large = Buffer.concat([some, Buffer.alloc(1_500_000, 'line\n')])

describe('unpacking', () => {
  it.each([1 << 20, 4096, 997])('takes every member in chunks of %i', async (size) => {
    const zstd = Buffer.concat([
      skippable(3),
      zstdCompressSync(some),
      skippable(100_000),
      await streamed(large),
      zstdCompressSync(''),
      zstdCompressSync(large),
    ])
    expect((await unpacked(zstd, size)).content.equals(Buffer.concat([some, large, large]))).toBe(true)
    const gzip = Buffer.concat([gzipSync(some), gzipSync(''), gzipSync(large), gzipSync(some)])
    expect((await unpacked(gzip, size)).content.equals(Buffer.concat([some, large, some]))).toBe(true)
  })

  it('goes over padding, and counts what is behind the last member and none', async () => {
    const padded = Buffer.concat([gzipSync(some), Buffer.alloc(5000), gzipSync('end'), Buffer.alloc(512)])
    expect(await unpacked(padded)).toEqual({ content: Buffer.concat([some, Buffer.from('end')]), left: 0 })
    const more = Buffer.concat([zstdCompressSync(some), Buffer.from('something else')])
    expect((await unpacked(more)).left).toBe(14)
    expect((await unpacked(Buffer.concat([gzipSync('a'), Buffer.from('0\\n')]))).left).toBe(3)
  })

  it('reads headers with every field', async () => {
    const plain = gzipSync('content')
    const header = Buffer.concat([
      Buffer.from([0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3]),
      Buffer.from([5, 0, 1, 2, 3, 4, 5]),
      Buffer.from('name\0comment\0'),
      Buffer.from([0xab, 0xcd]),
    ])
    expect((await unpacked(Buffer.concat([header, plain.subarray(10)]), 3)).content.toString()).toBe(
      'content',
    )
  })

  it('refuses a frame of zstd that wants much memory, or is longer than its content', async () => {
    const magic = Buffer.from('28b52ffd', 'hex')
    const block = (size: number, last = 0) => Buffer.from([(size << 3) | last, 0, 0])
    const wide = Buffer.concat([magic, Buffer.from([0, (31 - 10) << 3]), block(0, 1)])
    await expect(unpacked(wide)).rejects.toThrow(/window of 2048 MB/)
    const endless = Buffer.concat([magic, Buffer.from([0x20, 5]), ...Array<Buffer>(40_000).fill(block(0))])
    await expect(unpacked(endless)).rejects.toThrow(/longer than its content/)
  })

  it('throws where a member breaks off or is wrong, and never hangs', async () => {
    for (const whole of [gzipSync(large), zstdCompressSync(some), await streamed(large), skippable(50)]) {
      for (const cut of [3, 7, 11, whole.length >> 1, whole.length - 1])
        if (cut >= 10 || packingOf(whole.subarray(0, cut)))
          await expect(unpacked(whole.subarray(0, cut))).rejects.toThrow()
    }
    const wrong = gzipSync(some)
    wrong.writeUInt32LE(1, wrong.length - 8)
    await expect(unpacked(wrong)).rejects.toThrow(/checksum/)
  })

  it('throws errors or gives bytes, whatever is changed', async () => {
    const sample = Buffer.concat([
      gzipSync('one\n'),
      skippable(4),
      zstdCompressSync('two\n'),
      Buffer.alloc(8),
    ])
    const change = fc.tuple(fc.nat(sample.length - 1), fc.nat(255))
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 3 }),
        fc.integer({ min: 1, max: 40 }),
        async (changes, size) => {
          const bytes = Buffer.from(sample)
          for (const [at, byte] of changes) bytes[at] = byte
          await unpacked(bytes, size).catch((error: unknown) => expect(error).toBeInstanceOf(Error))
        },
      ),
      { numRuns: 300, seed: 11 },
    )
  })
})
