/** Bytes of a file as they stand on disk. */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { unreadable } from './input-paths.ts'

export interface RawBytes extends AsyncIterable<Buffer> {
  /** How much of the file was read. */
  passed(): number
}

export async function* once(bytes: Buffer): AsyncIterable<Buffer> {
  if (bytes.length > 0) yield bytes
}

export function rawBytes(path: string, upTo: number | undefined): RawBytes {
  let passed = 0
  return {
    passed: () => passed,
    async *[Symbol.asyncIterator]() {
      if (upTo === 0) return
      const end = upTo === undefined ? {} : { end: upTo - 1 }
      for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, ...end })) {
        passed += (chunk as Buffer).length
        yield chunk as Buffer
      }
    },
  }
}

export async function firstBytes(path: string, length: number): Promise<Buffer> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw unreadable(path, error)
  }
}
