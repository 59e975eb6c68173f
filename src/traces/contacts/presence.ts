/** How much of a host's own time a contact covers: against the machine's own rhythm, not against the records'. */
import { ascending, medianOf } from '../../math/stats.ts'
import { beatsOf } from '../beacons/rhythm.ts'
import type { HostFacts } from './facts.ts'
import type { ContactTrace } from './gather.ts'

/** The place of the first of ascending values from which on `holds` is true; how many there are where it never is. */
export function firstWhere(values: readonly number[], holds: (value: number) => boolean): number {
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(values[middle]!)) high = middle
    else low = middle + 1
  }
  return low
}

/** Seconds under which a connection is not called held. */
export const shortestHold = 60

/**
 * Share of the slots in which the host did anything, from the first call on, that lie within a period and a half
 * of a call or under an open connection. 0 where the host was seen for less than two slots.
 */
export function presenceOf(
  { calls, begun }: Pick<ContactTrace, 'calls' | 'begun'>,
  { slots }: Pick<HostFacts, 'slots'>,
  { slotSeconds, period }: { readonly slotSeconds: number; readonly period: number },
): number {
  const width = slotSeconds * 1e6
  // The pauses of a machine that is off for weeks are no period of its contacts.
  const reach = Math.max(width, Math.min(1.5e6 * period, 0.1 * slots.length * width))
  const begin = calls.start[0] ?? Number.POSITIVE_INFINITY
  const first = firstWhere(slots, (slot) => (slot + 1) * width > begin)
  if (slots.length - first < 2) return 0

  // The calls that are kept may end long before the contact does.
  const later = new Set(begun)
  let covered = 0
  let at = 0
  let open = Number.NEGATIVE_INFINITY
  for (let i = first; i < slots.length; i++) {
    const from = slots[i]! * width
    const to = (slots[i]! + 1) * width
    while (at < calls.start.length && calls.start[at]! < to) {
      open = Math.max(open, calls.start[at]! + 1e6 * (calls.duration[at] || 0))
      at++
    }
    const next = calls.start[at] ?? Number.POSITIVE_INFINITY
    if (open + reach >= from || next - reach <= to || later.has(slots[i]!)) covered++
  }
  return covered / (slots.length - first)
}

/**
 * Seconds without anything from a host after which it was off: at least, and at most, for a contact that is met so
 * seldom that its own calls are all that is heard of a machine at night.
 */
const offAfter = { least: 1800, most: 14_400 } as const

/** Seconds within which calls are one, where a pause is set beside the pace of a contact. */
const oneCall = 60

/** Twice the pace of the contact, within bounds. */
function offAfterOf(start: Float64Array): number {
  const beats = beatsOf(start, oneCall)
  if (beats.length < 3) return offAfter.least
  const gaps = Float64Array.from(beats.subarray(1), (at, i) => at - beats[i]!)
  return Math.min(offAfter.most, Math.max(offAfter.least, 2 * medianOf(ascending(gaps))))
}

/** The calls of the stretch in which the host was on and made most of them: a pause of the machine is no interval. */
export function busiestSession(
  start: Float64Array,
  { slots }: Pick<HostFacts, 'slots'>,
  slotSeconds: number,
): Float64Array {
  const off = Math.max(offAfterOf(start) * 1e6, 3e6 * slotSeconds)
  const ends = pausesOf(slots, slotSeconds).flatMap(({ length, end }) => (length >= off ? [end] : []))
  let best = start.subarray(0, 0)
  let from = 0

  for (const end of [...ends, Number.POSITIVE_INFINITY]) {
    let to = from
    while (to < start.length && start[to]! < end) to++
    if (to - from > best.length) best = start.subarray(from, to)
    from = to
  }
  return best
}

/** Microseconds: a time without anything from a host, and when that was over. */
interface Pause {
  readonly length: number
  readonly end: number
}

/** When a host may have been off. The slots of a host serve all of its contacts. */
function pausesOf(slots: readonly number[], slotSeconds: number): readonly Pause[] {
  const before = worked.get(slots)
  if (before?.slotSeconds === slotSeconds) return before.pauses

  const width = slotSeconds * 1e6
  const pauses = slots
    .map((slot, i) => ({ length: i === 0 ? 0 : (slot - slots[i - 1]! - 1) * width, end: slot * width }))
    .filter(({ length }) => length >= offAfter.least * 1e6)
  worked.set(slots, { slotSeconds, pauses })
  return pauses
}

const worked = new WeakMap<
  readonly number[],
  { readonly slotSeconds: number; readonly pauses: readonly Pause[] }
>()

/** Place of the longest of the calls, the first of several; 0 where there is none. */
export function longestCall({ duration }: Pick<ContactTrace['calls'], 'duration'>): number {
  let longest = 0
  for (let i = 1; i < duration.length; i++) if (duration[i]! > duration[longest]!) longest = i
  return longest
}

/** The longest answered connection over the time that the host is seen after its start; 0 where none lasts a minute. */
export function heldOf(
  {
    calls,
    answered,
    failed,
    connections,
  }: Pick<ContactTrace, 'calls' | 'answered' | 'failed' | 'connections'>,
  { last }: Pick<HostFacts, 'last'>,
): number {
  if (answered === 0 && failed === connections) return 0
  const longest = longestCall(calls)
  const seconds = calls.duration[longest] ?? 0
  if (seconds < shortestHold) return 0
  return Math.min(1, seconds / Math.max(shortestHold, (last - calls.start[longest]!) / 1e6))
}
