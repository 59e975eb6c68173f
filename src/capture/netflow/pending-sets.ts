/** Sets that came before what is needed to read them. Bounded: the oldest are given up for new ones. */
import type { Exported } from './record-to-flow.ts'

export interface HeldSet {
  readonly exported: Exported
  /** Template id. */
  readonly id: number
  /** What it waits for: its template, the description of its sampler, or when its exporter began. */
  readonly why: 'template' | 'sampler' | 'clock'
  /** Microseconds; when it came. */
  readonly since: number
  /** A copy of the set's content. */
  readonly view: DataView
}

const mostSets = 4096
const mostBytes = 4 << 20

export class HeldSets {
  private sets: HeldSet[] = []
  private bytes = 0

  get size(): number {
    return this.sets.length
  }

  /** Keeps a copy of bytes[at, end). @returns sets that had to be given up for it. */
  add(from: Omit<HeldSet, 'view'>, view: DataView, at: number, end: number): HeldSet[] {
    const copy = new Uint8Array(end - at)
    copy.set(new Uint8Array(view.buffer, view.byteOffset + at, end - at))
    this.sets.push({ ...from, view: new DataView(copy.buffer) })
    this.bytes += copy.length
    const given: HeldSet[] = []
    while (this.sets.length > mostSets || this.bytes > mostBytes) {
      const [oldest] = this.sets.splice(0, 1)
      if (!oldest) break
      this.bytes -= oldest.view.byteLength
      given.push(oldest)
    }
    return given
  }

  /** Takes out the sets that `ready` says can be read now, oldest first. */
  take(ready: (set: HeldSet) => boolean): HeldSet[] {
    if (this.sets.length === 0) return []
    const [taken, rest]: [HeldSet[], HeldSet[]] = [[], []]
    for (const set of this.sets) (ready(set) ? taken : rest).push(set)
    this.sets = rest
    this.bytes = rest.reduce((sum, { view }) => sum + view.byteLength, 0)
    return taken
  }
}
