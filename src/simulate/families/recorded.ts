/**
 * What the eight botnets of BotMiner's evaluation have in common (Gu et al. 2008, section 4.1 and Table 1): each is
 * a trace of this many hours that was laid over hosts of another network, whole, whatever these did at the time. Bots
 * therefore run through the window of their trace and not while their host is used. Where records are shorter than
 * the trace it is cut.
 */
import type { Random } from '../../math/random.ts'
import type { Plan } from '../family.ts'
import type { Network, Span } from '../network.ts'

export interface Recorded extends Plan {
  readonly window: Span
}

/** A window of this many seconds; by day where the records have one. */
export function windowOf(network: Network, random: Random, seconds: number): Span {
  const room = network.length - 240
  if (seconds >= room) return { from: 60, to: network.length - 60 }
  const morning = Math.min(8 * 3600, room - seconds)
  const evening = Math.max(morning, Math.min(18 * 3600, room) - seconds)
  const from = 120 + morning + random.next() * (evening - morning)
  return { from, to: from + seconds }
}

/** Part of a window, from and to as shares of it. */
export const partOf = ({ from, to }: Span, begin: number, end: number): Span => ({
  from: from + begin * (to - from),
  to: from + end * (to - from),
})
