/**
 * Which ports the fragments of a packet belong to.
 *
 * Only the first fragment has ports. They are remembered by identification for the ones that follow; ones that
 * come before it wait for it. Nothing is put together: each fragment counts as the packet it is. Bounded: the
 * oldest are forgotten first, and fragments whose first never came count to a flow without ports.
 */

import { Frame } from './frame.ts'
import { Packet } from './packet.ts'

const mostRemembered = 8192
const mostWaiting = 64
/** RFC 8200: fragments are waited for no longer than a minute. */
const lifetime = 60e6

export interface Held {
  readonly packet: Packet
  readonly frame: Frame
}

interface Entry {
  readonly time: number
  sourcePort: number
  targetPort: number
  known: boolean
  waiting: Held[]
}

export class FragmentMemory {
  private readonly entries = new Map<string, Entry>()
  private ready: Held[] = []

  /** Puts the ports into a later fragment. @returns false when it must wait and is kept. */
  admit(packet: Packet, frame: Frame): boolean {
    const key = keyOf(packet)
    const entry = this.entryOf(key, frame.time)

    if (packet.fragment === 1) {
      entry.sourcePort = packet.sourcePort
      entry.targetPort = packet.targetPort
      entry.known = true
      this.ready.push(...entry.waiting.map((held) => withPorts(held, entry)))
      entry.waiting = []
      return true
    }

    if (entry.known) {
      packet.sourcePort = entry.sourcePort
      packet.targetPort = entry.targetPort
      return true
    }

    if (entry.waiting.length >= mostWaiting) return true
    entry.waiting.push(copyOf(packet, frame))

    return false
  }

  private entryOf(key: string, time: number): Entry {
    const found = this.entries.get(key)
    if (found && Math.abs(time - found.time) < lifetime) return found
    if (found) this.forget(key, found)
    if (this.entries.size >= mostRemembered) {
      const [oldest, entry] = this.entries.entries().next().value as [string, Entry]
      this.forget(oldest, entry)
    }
    const made = { time, sourcePort: 0, targetPort: 0, known: false, waiting: [] }
    this.entries.set(key, made)
    return made
  }

  private forget(key: string, entry: Entry): void {
    this.ready.push(...entry.waiting)
    this.entries.delete(key)
  }

  /** Fragments that wait no longer. */
  released(): readonly Held[] {
    const { ready } = this
    if (ready.length > 0) this.ready = []
    return ready
  }

  /** Everything that still waits. */
  rest(): readonly Held[] {
    for (const [key, entry] of this.entries) this.forget(key, entry)
    return this.released()
  }
}

const keyOf = ({ family, proto, fragmentId, s0, s1, s2, s3, d0, d1, d2, d3 }: Packet): string =>
  family === 4
    ? `${s3} ${d3} ${fragmentId} ${proto}`
    : `${s0} ${s1} ${s2} ${s3} ${d0} ${d1} ${d2} ${d3} ${fragmentId}`

function copyOf(packet: Packet, { time, position }: Frame): Held {
  const frame = new Frame()
  frame.time = time
  frame.position = position
  // The bytes that say what carried it are gone by then.
  return { packet: Object.assign(new Packet(), packet, { tunnel: 0 }), frame }
}

function withPorts(held: Held, { sourcePort, targetPort }: Entry): Held {
  held.packet.sourcePort = sourcePort
  held.packet.targetPort = targetPort
  return held
}
