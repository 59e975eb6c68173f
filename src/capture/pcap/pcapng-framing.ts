/**
 * The next-generation capture file: blocks, in sections, each with its own byte order and interfaces.
 *
 * draft-ietf-opsawg-pcapng. Packets come from enhanced, simple and (obsolete) packet blocks; all other blocks
 * are skipped by their length, without being held. A simple packet has no time: it takes that of the packet
 * before it. A block that cannot be is passed over, to the next that can.
 */
import {
  type Bounds,
  Damage,
  type Frame,
  type Framing,
  longestFrame,
  longestRecord,
} from '../packets/frame.ts'
import { beginsCapture, byteOrderMagic, mayBegin, sectionMagic } from './file-header.ts'
import { type Clock, clockOf, timeOf } from './pcapng-timestamps.ts'

const block = { section: sectionMagic, interface: 1, packet: 2, simple: 3, enhanced: 6 } as const
const mostInterfaces = 65_536

interface Interface {
  readonly link: number
  readonly snap: number
  readonly clock: Clock
}

export const isPcapng = (head: string): boolean =>
  head.startsWith('\n\r\r\n') && ['\x1a\x2b\x3c\x4d', '\x4d\x3c\x2b\x1a'].includes(head.slice(8, 12))

export class PcapngFraming implements Framing {
  started = false
  isOver = false
  /** Bytes of a block before its frame, where it has a time. */
  readonly recordHeader = 28
  /** Sections that began. */
  sections = 0
  private little = false
  private interfaces: Interface[] = []
  private lastTime = -1
  /** What is wrong with the file since where it is searched for its next block; bytes of it that were searched. */
  wrong = ''
  private searched = 0
  private readonly passed: string[] = []

  damages(): readonly string[] {
    return this.passed.splice(0)
  }

  remarks(): readonly string[] {
    return []
  }

  copy(): PcapngFraming {
    const made = new PcapngFraming()
    made.started = this.started
    made.little = this.little
    made.interfaces = [...this.interfaces]
    made.lastTime = this.lastTime
    return made
  }

  read(frame: Frame, { from, to }: Bounds, take: () => void): number | Damage {
    let at = from
    if (!this.started && to - at >= 12 && !beginsCapture(frame.view, at, to))
      return new Damage('no section header at the start')
    for (;;) {
      if (this.wrong) {
        const found = this.search(frame.view, { from: at, to })
        if (this.wrong) return found
        at = found
      }
      at = this.blocks(frame, { from: at, to }, take)
      if (!this.wrong) return at
    }
  }

  private blocks(frame: Frame, { from, to }: Bounds, take: () => void): number {
    const { view } = frame
    let at = from

    while (to - at >= 12) {
      if (mayBegin(view.getUint32(at))) {
        const begins = beginsCapture(view, at, to)
        if (begins === null) return at
        if (begins && view.getUint32(at) !== block.section) {
          this.isOver = true
          return at
        }
        if (begins) this.section(view, at)
      }
      const type = view.getUint32(at, this.little)
      const length = view.getUint32(at + 4, this.little)
      const isUnknown = type === block.section && !beginsCapture(view, at, to)
      const wrong = isUnknown ? 'a section of unknown byte order' : wrongBlock(type, length)
      if (wrong) {
        this.wrong = wrong
        this.searched = 1
        return at + 1
      }
      const end = at + length
      if (end > to) return holds(type) ? at : end
      const damaged = this.take(frame, { type, from: at, to: end - 4 }, take)
      if (damaged) this.passed.push(damaged)
      at = end
    }

    return at
  }

  private section(view: DataView, at: number): void {
    this.little = view.getUint32(at + 8, true) === byteOrderMagic
    this.started = true
    this.sections++
    this.interfaces = []
  }

  /** Looks for where the file can be read again; there, `wrong` is empty. @returns where, or where to look on. */
  private search(view: DataView, { from, to }: Bounds): number {
    for (let at = from; at < to; at++) {
      const begins = this.beginsAgain(view, at, to)
      if (begins === null) {
        this.searched += at - from
        return at
      }
      if (!begins) continue
      this.passed.push(`${this.wrong}; ${this.searched + at - from} bytes were passed over`)
      this.wrong = ''
      return at
    }
    this.searched += to - from
    return to
  }

  /** Whether a capture, or a block whose length is at both of its ends, begins at `at`; null when bytes are wanting. */
  private beginsAgain(view: DataView, at: number, to: number): boolean | null {
    if (to - at < 12) return null
    if (mayBegin(view.getUint32(at))) return beginsCapture(view, at, to)
    const type = view.getUint32(at, this.little)
    const length = view.getUint32(at + 4, this.little)
    if (type === 0 || type > 12 || length > longestRecord || wrongBlock(type, length)) return false
    if (at + length > to) return null
    return view.getUint32(at + length - 4, this.little) === length
  }

  /** @returns what is wrong with a block whose length is right. */
  private take(frame: Frame, record: Bounds & { type: number }, take: () => void): string | null {
    if (record.type === block.enhanced || record.type === block.packet)
      return this.packet(frame, record, take)
    if (record.type === block.simple) return this.simple(frame, record, take)
    if (record.type === block.interface) return this.describe(frame.view, record)
    return null
  }

  private describe(view: DataView, { from, to }: Bounds): string | null {
    if (to - from < 16) return 'an interface block that is too short'
    if (this.interfaces.length >= mostInterfaces) return 'more interfaces than there can be'
    const { little } = this
    this.interfaces.push({
      link: view.getUint16(from + 8, little),
      snap: view.getUint32(from + 12, little),
      clock: clockOf(view, { from: from + 16, to, little }),
    })
    return null
  }

  /** An enhanced packet, or the obsolete packet, which has a drop count beside a shorter interface number. */
  private packet(
    frame: Frame,
    { type, from, to }: Bounds & { type: number },
    take: () => void,
  ): string | null {
    const { view } = frame
    const { little } = this
    if (to - from < 28) return 'a packet block that is too short'
    const which =
      type === block.enhanced ? view.getUint32(from + 8, little) : view.getUint16(from + 8, little)
    const source = this.interfaces[which]
    if (!source) return `a packet of interface ${which}, which was never described`
    const captured = view.getUint32(from + 20, little)
    if (captured > to - from - 28) return `a captured length of ${captured}`
    frame.time = timeOf(source.clock, view.getUint32(from + 12, little), view.getUint32(from + 16, little))
    this.lastTime = frame.time
    frame.original = view.getUint32(from + 24, little)
    return give(frame, { link: source.link, at: from + 28, captured }, take)
  }

  private simple(frame: Frame, { from, to }: Bounds, take: () => void): string | null {
    const source = this.interfaces[0]
    if (!source) return 'a simple packet before any interface'
    const original = frame.view.getUint32(from + 8, this.little)
    const captured = Math.min(original, source.snap || original, to - from - 12)
    frame.time = this.lastTime
    frame.original = original
    return give(frame, { link: source.link, at: from + 12, captured }, take)
  }
}

/** Blocks that must be whole in memory before they are read. */
const holds = (type: number): boolean =>
  type === block.enhanced || type === block.packet || type === block.simple || type === block.interface

function wrongBlock(type: number, length: number): string | null {
  if (length < 12 || length % 4 !== 0) return `a block length of ${length}`
  if (holds(type) && (length > longestRecord || (type === block.simple && length < 16)))
    return `a block length of ${length}`
  return null
}

function give(
  frame: Frame,
  { link, at, captured }: { link: number; at: number; captured: number },
  take: () => void,
): string | null {
  if (captured > longestFrame) return `a captured length of ${captured}`
  frame.link = link
  frame.at = at
  frame.end = at + captured
  frame.position++
  take()
  return null
}
