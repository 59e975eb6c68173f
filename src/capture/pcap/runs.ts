/**
 * Parts of a capture file that overlap in time: sections, files put one behind the other, or a clock that went back.
 *
 * Read one after the other they would give two halves of a connection in place of one, as a flow that fell silent in
 * the first is over when the second begins. So they are found beforehand, and read side by side.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { type Bounds, Damage, Frame, longestRecord } from '../packets/frame.ts'
import { CaptureFraming } from './capture-framing.ts'
import { piece } from './read-batches.ts'

/** A file that is larger is read from its beginning to its end; looking for runs would cost what it is read twice. */
export const mostSearched = 128 << 20
/** Runs that are read side by side; in a file of more, time goes on as it comes. */
const mostRuns = 16
/** A clock that goes back less than this is one of packets that come out of order. */
const disorder = 300e6

export interface Run {
  /** Bytes of the file. */
  readonly from: number
  readonly to: number
  /** Frames before it. */
  readonly frames: number
  /** How records are read from `from` on. */
  readonly framing: CaptureFraming
}

type Start = Omit<Run, 'to'>

class RunFinder {
  readonly frame = new Frame()
  readonly framing = new CaptureFraming()
  readonly starts: Start[] = []
  /** Where the buffer begins in the file. */
  base = 0
  private sections = 0
  private latest = Number.NEGATIVE_INFINITY
  /** A frame before the time of the run, which is believed when a second follows. */
  private suspect: (Start & { readonly time: number }) | null = null

  readonly take = (): void => {
    const { frame, framing } = this
    const { time } = frame
    if (framing.sections !== this.sections) {
      this.sections = framing.sections
      if (time < this.latest) this.begin(this.startHere(), time)
    } else if (time < this.latest - disorder) this.doubt(time)
    else this.suspect = null
    if (time > this.latest) this.latest = time
  }

  private doubt(time: number): void {
    if (this.suspect) this.begin(this.suspect, time)
    else this.suspect = { ...this.startHere(), time }
  }

  private begin(start: Start, time: number): void {
    this.suspect = null
    this.starts.push(start)
    this.latest = time
  }

  private startHere(): Start {
    const { frame, framing, base } = this
    return {
      from: base + frame.at - framing.recordHeader,
      frames: frame.position - 1,
      framing: framing.copy(),
    }
  }
}

/** The runs of a file, in its order; fewer than two where it may be read as it is. */
export function runsOf(path: string, size: number): Run[] {
  const finder = new RunFinder()
  const bytes = new Uint8Array(Math.min(longestRecord + piece, size + 1))
  finder.frame.bytes = bytes
  finder.frame.view = new DataView(bytes.buffer)

  try {
    const file = openSync(path, 'r')
    try {
      walk(finder, (at) => readSync(file, bytes, at, bytes.length - at, null))
    } finally {
      closeSync(file)
    }
  } catch {
    // Whatever is wrong with the file is said when it is read.
    return []
  }

  const { starts } = finder
  if (starts.length === 0 || starts.length >= mostRuns) return []
  const whole: Start = { from: 0, frames: 0, framing: new CaptureFraming() }

  return [whole, ...starts].map((start, i) => ({ ...start, to: starts[i]?.from ?? Number.POSITIVE_INFINITY }))
}

function walk(finder: RunFinder, read: (at: number) => number): void {
  const { frame, framing } = finder
  let held = 0
  let skip = 0

  for (let size = read(0); size > 0; size = read(held)) {
    const to = held + size
    const bounds: Bounds = { from: skip, to }
    const next = skip >= to ? skip : framing.read(frame, bounds, finder.take)
    framing.damages()
    if (next instanceof Damage) return
    const used = Math.min(next, to)
    frame.bytes.copyWithin(0, used, to)
    held = to - used
    skip = Math.max(0, next - to)
    finder.base += used
    if (held === frame.bytes.length) return
  }
}
