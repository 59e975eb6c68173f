/** Time stamps of a pcapng interface: a 64-bit count of ticks, of a length that its options state. */

export interface Clock {
  /** Whole ticks a microsecond where ticks are decimal and short; 0 otherwise. */
  readonly ticksAMicro: number
  /** Microseconds a tick where ticks are decimal and long; 0 otherwise. */
  readonly microsATick: number
  /** Ticks a second are 2 to this power; -1 for decimal ticks. */
  readonly binary: number
  /** Added to each stamp, in microseconds. */
  readonly offset: number
}

const option = { end: 0, resolution: 9, offset: 14 } as const
const two32 = 2 ** 32

/** The clock that the options at view[from, to) describe; microseconds where they do not. */
export function clockOf(
  view: DataView,
  { from, to, little }: { from: number; to: number; little: boolean },
): Clock {
  let resolution = 6
  let offset = 0
  for (let at = from; to - at >= 4; ) {
    const code = view.getUint16(at, little)
    const length = view.getUint16(at + 2, little)
    if (code === option.end || at + 4 + length > to) break
    if (code === option.resolution && length === 1) resolution = view.getUint8(at + 4)
    if (code === option.offset && length === 8) offset = int64(view, at + 4, little) * 1e6
    at += 4 + length + (-length & 3)
  }
  return clock(resolution, offset)
}

const int64 = (view: DataView, at: number, little: boolean): number =>
  view.getInt32(little ? at + 4 : at, little) * two32 + view.getUint32(little ? at : at + 4, little)

function clock(resolution: number, offset: number): Clock {
  const power = resolution & 0x7f
  if (resolution & 0x80) return { ticksAMicro: 0, microsATick: 0, binary: power, offset }
  if (power > 6) return { ticksAMicro: 10 ** (power - 6), microsATick: 0, binary: -1, offset }
  return { ticksAMicro: 0, microsATick: 10 ** (6 - power), binary: -1, offset }
}

/** Whole microseconds since the epoch, rounded down; not finite or beyond any date for an absurd stamp. */
export function timeOf(clock: Clock, high: number, low: number): number {
  const { ticksAMicro, microsATick, binary, offset } = clock
  if (microsATick === 1) return high * two32 + low + offset
  if (microsATick > 0) return (high * two32 + low) * microsATick + offset
  if (ticksAMicro > 0) {
    // Long division by halves: a count of nanoseconds is beyond what a double holds exactly.
    const rest = high % ticksAMicro
    return Math.floor(high / ticksAMicro) * two32 + Math.floor((rest * two32 + low) / ticksAMicro) + offset
  }
  if (binary > 32) return Math.floor(((high * two32 + low) / 2 ** binary) * 1e6) + offset
  const whole = high * 2 ** (32 - binary) + Math.floor(low / 2 ** binary)
  return whole * 1e6 + Math.floor(((low % 2 ** binary) * 1e6) / 2 ** binary) + offset
}
