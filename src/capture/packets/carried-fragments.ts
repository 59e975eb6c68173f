/**
 * Fragments of packets that carry others.
 *
 * The packet inside is in the first fragment, at least its header, and counts by its own length. The fragments after it
 * are then counted already, and would else be a flow of the tunnel without ports beside the one inside.
 */
import type { Packet } from './packet.ts'

/** Fragmented tunnel packets that are remembered; the oldest are forgotten first. */
const most = 4096

export class CarriedFragments {
  private readonly known = new Set<string>()

  /** Remembers that the first fragment `outer` carries a packet that was counted. */
  add(outer: Packet): void {
    if (this.known.size >= most) this.known.delete(this.known.values().next().value as string)
    this.known.add(keyOf(outer))
  }

  /** Whether a later fragment is of such a packet. */
  has(outer: Packet): boolean {
    return this.known.size > 0 && this.known.has(keyOf(outer))
  }

  /** Forgets a packet whose first fragment comes, which carries nothing. */
  forget(outer: Packet): void {
    if (this.known.size > 0) this.known.delete(keyOf(outer))
  }
}

const keyOf = ({ proto, fragmentId, s0, s1, s2, s3, d0, d1, d2, d3 }: Packet): string =>
  `${s0} ${s1} ${s2} ${s3} ${d0} ${d1} ${d2} ${d3} ${fragmentId} ${proto}`
