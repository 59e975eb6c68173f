/** A stream of chunks, taken in the sizes that a file's headers tell. */
export class Pull {
  /** Bytes taken. */
  passed = 0
  private readonly chunks: AsyncIterator<Buffer>
  private held: Buffer = Buffer.alloc(0)

  constructor(chunks: AsyncIterable<Buffer>) {
    this.chunks = chunks[Symbol.asyncIterator]()
  }

  /** Bytes at hand that were not taken; all that is left when `take` gave null. */
  get left(): number {
    return this.held.length
  }

  /** The next `size` bytes; null when fewer are left, which then stay. */
  async take(size: number): Promise<Buffer | null> {
    if (this.held.length < size) {
      const parts = [this.held]
      let length = this.held.length
      while (length < size) {
        const { done, value } = await this.chunks.next()
        if (done) break
        parts.push(value)
        length += value.length
      }
      this.held = Buffer.concat(parts)
      if (length < size) return null
    }

    const taken = this.held.subarray(0, size)
    this.held = this.held.subarray(size)
    this.passed += size

    return taken
  }
}
