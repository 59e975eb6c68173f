/** The bytes of an input, put where they are wanted. */
import { closeSync, openSync, readSync } from 'node:fs'
import { unreadable } from '../input.ts'
import type { Input } from '../reader.ts'
import type { ByteSource } from './read-batches.ts'

interface OpenSource extends ByteSource {
  close(): Promise<void> | void
}

/** Milliseconds after which others get their turn: signals, progress, inserts under way. */
const turn = 50

/** @throws UserError input-unreadable, input-damaged. */
export const openSource = (input: Input): OpenSource =>
  input.onDisk && input.compression === 'none' ? fileSource(input) : streamSource(input.bytes(true))

/** A file that is no archive: read at once into place, without a copy and without a thread. */
function fileSource({ name, path }: Input): OpenSource {
  const attempt = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw unreadable(name, error)
    }
  }

  const file = attempt(() => openSync(path, 'r'))
  let since = performance.now()
  const read = (into: Uint8Array, at: number) =>
    attempt(() => readSync(file, into, at, into.length - at, null))

  return {
    read(into, at) {
      const now = performance.now()
      if (now - since < turn) return read(into, at)
      since = now
      return new Promise((resolve, reject) =>
        setImmediate(() => {
          try {
            resolve(read(into, at))
          } catch (error) {
            reject(error)
          }
        }),
      )
    },
    close: () => closeSync(file),
  }
}

export function streamSource(chunks: AsyncIterable<Buffer>): OpenSource {
  const iterator = chunks[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)

  return {
    async read(into, at) {
      while (rest.length === 0) {
        const { done, value } = await iterator.next()
        if (done) return 0
        rest = value
      }
      const size = Math.min(rest.length, into.length - at)
      into.set(rest.subarray(0, size), at)
      rest = rest.subarray(size)
      return size
    },
    async close() {
      await iterator.return?.()
    },
  }
}
