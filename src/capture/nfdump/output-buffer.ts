/** What comes out of a packed block, byte by byte, never more than was allowed and never from outside the block. */
export class Unpacked {
  /** Where the next byte of the block is. */
  at = 0
  /** False once something was asked for that is not there. */
  sound = true
  private readonly block: Uint8Array
  private readonly most: number
  private out: Uint8Array
  private size = 0

  constructor(block: Uint8Array, most: number) {
    this.block = block
    this.most = most
    this.out = new Uint8Array(Math.min(most, Math.max(4096, block.length * 4)))
  }

  get isAtEnd(): boolean {
    return this.at >= this.block.length
  }

  /** The next byte; 0 beyond the end. */
  byte(): number {
    const value = this.block[this.at++]
    if (value === undefined) this.sound = false
    return value ?? 0
  }

  /** Copies bytes of the block. */
  literals(count: number): void {
    if (!this.room(count) || this.at + count > this.block.length) {
      this.sound = false
      return
    }
    this.out.set(this.block.subarray(this.at, this.at + count), this.size)
    this.at += count
    this.size += count
  }

  /** Copies what came out `distance` bytes ago. */
  match(distance: number, length: number): void {
    if (distance < 1 || distance > this.size || !this.room(length)) {
      this.sound = false
      return
    }
    const { out } = this
    let from = this.size - distance
    for (const end = this.size + length; this.size < end; ) out[this.size++] = out[from++]!
  }

  private room(count: number): boolean {
    const needed = this.size + count
    if (!this.sound || needed > this.most) return false
    if (needed > this.out.length) {
      const wider = new Uint8Array(Math.min(this.most, Math.max(needed, this.out.length * 2)))
      wider.set(this.out.subarray(0, this.size))
      this.out = wider
    }
    return true
  }

  content(): Uint8Array | null {
    return this.sound ? this.out.subarray(0, this.size) : null
  }
}
