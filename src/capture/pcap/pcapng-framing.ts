/**
 * The next-generation capture file: blocks, in sections, each with its own byte order and interfaces.
 *
 * draft-ietf-opsawg-pcapng. Packets come from enhanced, simple and (obsolete) packet blocks; all other blocks
 * are skipped by their length, without being held. A simple packet has no time: it takes that of the packet
 * before it.
 */
import {
  type Bounds,
  Damage,
  type Frame,
  type Framing,
  longestFrame,
  longestRecord,
} from '../packets/frame.ts'
import { type Clock, clockOf, timeOf } from './pcapng-timestamps.ts'

const block = { section: 0x0a0d0d0a, interface: 1, packet: 2, simple: 3, enhanced: 6 } as const
const byteOrder = 0x1a2b3c4d
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
  private little = false
  private interfaces: Interface[] = []
  private lastTime = -1

  read(frame: Frame, { from, to }: Bounds, take: () => void): number | Damage {
    let at = from
    while (to - at >= 12) {
      const { view } = frame
      if (view.getUint32(at) === block.section) {
        const damage = this.section(view, at)
        if (damage) return damage
      } else if (!this.started) return new Damage('no section header at the start')
      const type = view.getUint32(at, this.little)
      const length = view.getUint32(at + 4, this.little)
      const damage = blockDamage(type, length)
      if (damage) return damage
      const end = at + length
      if (end > to) return holds(type) ? at : end
      const wrong = this.take(frame, { type, from: at, to: end - 4 }, take)
      if (wrong) return wrong
      at = end
    }
    return at
  }

  private section(view: DataView, at: number): Damage | null {
    const little = view.getUint32(at + 8, true) === byteOrder
    if (!little && view.getUint32(at + 8) !== byteOrder) return new Damage('a section of unknown byte order')
    this.little = little
    this.started = true
    this.interfaces = []
    return null
  }

  private take(frame: Frame, record: Bounds & { type: number }, take: () => void): Damage | null {
    if (record.type === block.enhanced || record.type === block.packet)
      return this.packet(frame, record, take)
    if (record.type === block.simple) return this.simple(frame, record, take)
    if (record.type === block.interface) return this.describe(frame.view, record)
    return null
  }

  private describe(view: DataView, { from, to }: Bounds): Damage | null {
    if (to - from < 16) return new Damage('an interface block that is too short')
    if (this.interfaces.length >= mostInterfaces) return new Damage('more interfaces than there can be')
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
  ): Damage | null {
    const { view } = frame
    const { little } = this
    if (to - from < 28) return new Damage('a packet block that is too short')
    const which =
      type === block.enhanced ? view.getUint32(from + 8, little) : view.getUint16(from + 8, little)
    const source = this.interfaces[which]
    if (!source) return new Damage(`a packet of interface ${which}, which was never described`)
    const captured = view.getUint32(from + 20, little)
    if (captured > to - from - 28) return new Damage(`a captured length of ${captured}`)
    frame.time = timeOf(source.clock, view.getUint32(from + 12, little), view.getUint32(from + 16, little))
    this.lastTime = frame.time
    frame.original = view.getUint32(from + 24, little)
    return give(frame, { link: source.link, at: from + 28, captured }, take)
  }

  private simple(frame: Frame, { from, to }: Bounds, take: () => void): Damage | null {
    const source = this.interfaces[0]
    if (!source) return new Damage('a simple packet before any interface')
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

function blockDamage(type: number, length: number): Damage | null {
  if (length < 12 || length % 4 !== 0) return new Damage(`a block length of ${length}`)
  if (holds(type) && (length > longestRecord || (type === block.simple && length < 16)))
    return new Damage(`a block length of ${length}`)
  return null
}

function give(
  frame: Frame,
  { link, at, captured }: { link: number; at: number; captured: number },
  take: () => void,
): Damage | null {
  if (captured > longestFrame) return new Damage(`a captured length of ${captured}`)
  frame.link = link
  frame.at = at
  frame.end = at + captured
  frame.position++
  take()
  return null
}
