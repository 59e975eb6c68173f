/** How the datagrams of exporters are distinguished from other bytes. */
import { layouts } from './fixed-layouts.ts'

/** Whether a datagram, or a file of messages, that begins at `at` looks like NetFlow, IPFIX or sFlow. */
export function looksExported(view: DataView, at: number, end: number): boolean {
  if (end - at < 16) return false
  const version = view.getUint16(at)
  if (layouts[version]) return looksFixed(view, at, end)
  if (version === 9) return looksNine(view, at, end)
  if (version === 10) return view.getUint16(at + 2) >= 16 && looksSet(view, at + 16, end, [2, 3])
  if (view.getUint32(at) !== 5 || end - at < 28) return false
  const family = view.getUint32(at + 4)
  const samples = at + (family === 2 ? 36 : 24)
  return (family === 1 || family === 2) && samples + 4 <= end && view.getUint32(samples) < 256
}

function looksNine(view: DataView, at: number, end: number): boolean {
  if (end - at < 20 || !looksSet(view, at + 20, end, [0, 1])) return false
  // Without a time in its header, its first set must lie in it.
  return isTime(view, at) || (hasUptime(view, at) && end - at >= 24 && setEnd(view, at + 20) <= end)
}

const setEnd = (view: DataView, at: number): number => at + view.getUint16(at + 2)

function looksFixed(view: DataView, at: number, end: number): boolean {
  const { header, record } = layouts[view.getUint16(at)]!
  const count = view.getUint16(at + 2)
  if (count === 0 || count > 30 || end - at < header) return false
  const next = at + header + count * record
  if (!isTime(view, at) && !(hasUptime(view, at) && next === end)) return false
  return next >= end || next + 2 > end || view.getUint16(next) === view.getUint16(at)
}

/** Whether a set may begin here; a message may also be empty. */
function looksSet(view: DataView, at: number, end: number, templates: readonly number[]): boolean {
  if (at + 4 > end) return at === end
  const id = view.getUint16(at)
  const length = view.getUint16(at + 2)
  return (templates.includes(id) || id >= 256) && length >= 4
}

/** Whether the header's time is from 1990 to 2106. */
const isTime = (view: DataView, at: number): boolean => view.getUint32(at + 8) >= 631_152_000

/** Whether the header has the uptime (s or ms) or nothing in place of the time: a clock that was never set. */
function hasUptime(view: DataView, at: number): boolean {
  const uptime = view.getUint32(at + 4)
  const time = view.getUint32(at + 8)
  return time === 0 || Math.abs(time - uptime / 1000) <= 60 || time === uptime
}
