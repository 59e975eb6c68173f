/** Bytes that arrive in chunks, asked for in other pieces, with what was asked too much given back. */

export interface ByteQueue {
  /** The next bytes as they come; null at the end. */
  next(): Promise<Buffer | null>
  /** The next `length` bytes, left in the queue; fewer where the end is nearer. */
  peek(length: number): Promise<Buffer>
  /** The next `length` bytes; null where the end is nearer, and then the rest stays in the queue. */
  take(length: number): Promise<Buffer | null>
  /** Puts bytes back before those that come next. */
  unread(bytes: Buffer): void
}

export function createByteQueue(source: AsyncIterable<Buffer>): ByteQueue {
  const iterator = source[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  let ended = false

  const more = async (): Promise<Buffer | null> => {
    while (!ended) {
      const { done, value } = await iterator.next()
      if (done) ended = true
      else if (value.length > 0) return value
    }
    return null
  }

  const gather = async (length: number): Promise<void> => {
    const pieces = [held]
    let size = held.length
    while (size < length) {
      const piece = await more()
      if (!piece) break
      pieces.push(piece)
      size += piece.length
    }
    if (pieces.length > 1) held = Buffer.concat(pieces)
  }

  return {
    async next() {
      if (held.length === 0) return more()
      const bytes = held
      held = Buffer.alloc(0)
      return bytes
    },
    async peek(length) {
      await gather(length)
      return held.subarray(0, length)
    },
    async take(length) {
      await gather(length)
      if (held.length < length) return null
      const bytes = held.subarray(0, length)
      held = held.subarray(length)
      return bytes
    },
    unread(bytes) {
      held = held.length > 0 ? Buffer.concat([bytes, held]) : bytes
    },
  }
}
