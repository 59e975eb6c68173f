/**
 * How much may be remembered of exporters: senders of UDP can be forged, and memory is the collector's.
 *
 * A unit is about a hundred bytes: a field of a template, or a sampling rate. Each exporter has a few that nobody can
 * take from it, which is more than exporters need, and all share the rest.
 */

/** Units that each exporter has for itself: 4096 exporters, 100 MB at the most. */
const own = 256
/** Units that all share beyond that: 100 MB. */
const mostShared = 1 << 20
/** Units of one exporter. */
const mostOfOne = 1 << 16

/** What a template costs beside its fields. */
export const unitsOfTemplate = 4

const beyondOwn = (units: number): number => Math.max(0, units - own)

/** Units in use beyond those that each exporter has for itself. */
export interface SharedUnits {
  used: number
}

export class Allowance {
  private units = 0
  private readonly shared: SharedUnits

  constructor(shared: SharedUnits) {
    this.shared = shared
  }

  /** Takes units, or gives them back where they are fewer than 0. @returns false when there is no room. */
  take(units: number): boolean {
    const after = this.units + units
    const more = beyondOwn(after) - beyondOwn(this.units)
    if (units > 0 && (after > mostOfOne || (more > 0 && this.shared.used + more > mostShared))) return false
    this.units = after
    this.shared.used += more
    return true
  }

  /** Gives back all. */
  release(): void {
    this.take(-this.units)
  }
}
