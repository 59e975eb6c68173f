/** How much of a host's own time a contact covers: against the machine's own rhythm, not against the records'. */
import type { HostFacts } from './facts.ts'
import type { ContactTrace } from './gather.ts'

/** Seconds under which a connection is not called held. */
export const shortestHold = 60

/**
 * Share of the slots in which the host did anything, from the first call on, that lie within a period and a half
 * of a call or under an open connection. 0 where the host was seen for less than two slots.
 */
export function presenceOf(
  { calls }: Pick<ContactTrace, 'calls'>,
  { slots }: Pick<HostFacts, 'slots'>,
  { slotSeconds, period }: { readonly slotSeconds: number; readonly period: number },
): number {
  const width = slotSeconds * 1e6
  // The pauses of a machine that is off for weeks are no period of its contacts.
  const reach = Math.max(width, Math.min(1.5e6 * period, 0.1 * slots.length * width))
  const begin = calls.start[0] ?? Number.POSITIVE_INFINITY
  let first = 0
  while (first < slots.length && (slots[first]! + 1) * width <= begin) first++
  if (slots.length - first < 2) return 0

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
    if (open + reach >= from || next - reach <= to) covered++
  }
  return covered / (slots.length - first)
}

/** Seconds without anything from a host after which it was off. */
const offAfter = 1800

/** The calls of the stretch in which the host was on and made most of them: a pause of the machine is no interval. */
export function busiestSession(
  start: Float64Array,
  { slots }: Pick<HostFacts, 'slots'>,
  slotSeconds: number,
): Float64Array {
  let best = start.subarray(0, 0)
  let from = 0
  for (const end of sessionEnds(slots, slotSeconds)) {
    let to = from
    while (to < start.length && start[to]! < end) to++
    if (to - from > best.length) best = start.subarray(from, to)
    from = to
  }
  return best
}

/** When a host came back after it was off, and the end of time. The slots of a host serve all of its contacts. */
function sessionEnds(slots: readonly number[], slotSeconds: number): readonly number[] {
  const before = worked.get(slots)
  if (before?.slotSeconds === slotSeconds) return before.ends

  const width = slotSeconds * 1e6
  const off = Math.max(offAfter * 1e6, 3 * width)
  const ends = slots.filter((slot, i) => i > 0 && (slot - slots[i - 1]! - 1) * width >= off)
  const found = [...ends.map((slot) => slot * width), Number.POSITIVE_INFINITY]
  worked.set(slots, { slotSeconds, ends: found })
  return found
}

const worked = new WeakMap<
  readonly number[],
  { readonly slotSeconds: number; readonly ends: readonly number[] }
>()

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
  let longest = 0
  for (let i = 1; i < calls.duration.length; i++)
    if (calls.duration[i]! > calls.duration[longest]!) longest = i
  const seconds = calls.duration[longest] ?? 0
  if (seconds < shortestHold) return 0
  return Math.min(1, seconds / Math.max(shortestHold, (last - calls.start[longest]!) / 1e6))
}
