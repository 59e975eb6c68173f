/** What records of flows told of the direction against their own, kept apart until it is known whether it counts. */

const width = 4

export class ReverseCounts {
  /** Packets of the low and of the high end, and bytes of both, by row; grown when the first such record comes. */
  private counts = new Float64Array(0)

  /** Packets of one end (0 low, 1 high) that records of the other end told of. */
  packets(row: number, end: number): number {
    return this.counts[row * width + end] ?? 0
  }

  bytes(row: number, end: number): number {
    return this.counts[row * width + 2 + end] ?? 0
  }

  set(row: number, end: number, packets: number, bytes: number): void {
    if (this.counts.length <= row * width) this.grow(row)
    this.counts[row * width + end] = packets
    this.counts[row * width + 2 + end] = bytes
  }

  clear(row: number): void {
    if (this.counts.length > row * width) this.counts.fill(0, row * width, (row + 1) * width)
  }

  private grow(row: number): void {
    const larger = new Float64Array(Math.max(1024, 2 ** Math.ceil(Math.log2(row + 2))) * width)
    larger.set(this.counts)
    this.counts = larger
  }
}
