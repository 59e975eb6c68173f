/** What exporters were seen to tell of, so that silence and repetition of one are understood. */
import type { ExportRecord } from './record.ts'

interface Meter {
  /** Flows, those of which both directions were told, and those of which each direction was told twice. */
  flows: number
  both: number
  twice: number
  /** Records whose second pair of counts could be compared with the first, and those that said the same. */
  compared: number
  same: number
}

/** By exporter and domain, whatever the direction of metering. */
export class Meters {
  private readonly seen = new Map<number, Meter>()

  private of(meter: number): Meter {
    const known = this.seen.get(meter >> 1)
    if (known) return known
    const made = { flows: 0, both: 0, twice: 0, compared: 0, same: 0 }
    this.seen.set(meter >> 1, made)
    return made
  }

  /** Counts a flow that is new, that is now known both ways, or that was told twice. */
  count(meter: number, what: 'flows' | 'both' | 'twice'): void {
    this.of(meter)[what]++
  }

  /** Takes a record whose second pair of counts may be the first again. */
  compare(meter: number, record: ExportRecord): void {
    const same = repeatsItself(record)
    if (same === null) return
    const seen = this.of(meter)
    seen.compared++
    if (same) seen.same++
  }

  /** Whether this meter tells of both directions: of one flow in twenty at least. */
  tellsBoth(meter: number): boolean {
    const seen = this.seen.get(meter >> 1)
    return !seen || seen.both * 20 >= seen.flows
  }

  /**
   * Whether the second pair of counts, where its field leaves it open, is of the other direction: not where most of
   * those that can be compared say the same as the first, and not where each direction is recognised by itself.
   */
  believesClaims(meter: number): boolean {
    const seen = this.seen.get(meter >> 1)
    return !seen || (seen.same * 2 <= seen.compared && seen.twice * 20 <= seen.flows)
  }
}

/** From this many packets on, two directions that count alike are no chance. */
const enough = 5
/** Bytes that a tunnel, a tag or another address family adds to a packet at most. */
const mostAdded = 80

/**
 * Whether a record's second pair of counts says what the first says, after a middlebox: as many packets, each as
 * long or longer by the same. Null where it counts too little to tell.
 */
function repeatsItself(record: ExportRecord): boolean | null {
  const { packets, bytes, reversePackets, reverseBytes } = record
  if (!(packets >= enough && bytes > 0) || !(reversePackets >= 0 || reverseBytes >= 0)) return null
  if (reversePackets >= 0 && reversePackets !== packets) return false
  const added = Math.abs(reverseBytes - bytes) / packets
  return Number.isNaN(added) || (Number.isInteger(added) && added <= mostAdded)
}
