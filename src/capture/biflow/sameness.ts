/** Whether a record of a known five-tuple is of the flow that is held, tells it again, or is of another one. */
import { second } from '../../model/units.ts'
import { protocol, tcpFlag } from '../packets/packet.ts'
import { double, doubleWidth, int, intWidth, mark } from './layout.ts'
import type { ExportRecord } from './record.ts'
import { isOver } from './sides.ts'

/** Microseconds between records of one five-tuple that is not the same conversation any more. */
const apart = { datagrams: 60 * second, midstream: 3600 * second } as const

interface Rows {
  readonly ints: Int32Array
  readonly doubles: Float64Array
}

/** Whether another meter told of this stretch of this direction before. */
export function isDouble(
  { ints, doubles }: Rows,
  row: number,
  record: ExportRecord,
  fromLow: boolean,
): boolean {
  const marks = ints[row * intWidth + int.marks] as number
  if (!(marks & (fromLow ? mark.lowHeard : mark.highHeard))) return false
  const meters = ints[row * intWidth + int.meters] as number
  const mine = fromLow ? meters & 0xffff : meters >>> 16
  return (
    mine !== (record.meter & 0xffff) && record.start <= (doubles[row * doubleWidth + double.last] as number)
  )
}

/** When the first packet of a flow passed. */
export function startOf({ doubles }: Rows, row: number): number {
  const at = row * doubleWidth
  return Math.min(doubles[at + double.lowStart] as number, doubles[at + double.highStart] as number)
}

/** Whether a record of a known five-tuple is of a conversation after, or before, the one that is held. */
export function isAnother(
  rows: Rows,
  row: number,
  record: ExportRecord,
  fromLow: boolean,
  longest: number,
): boolean {
  const { ints, doubles } = rows
  const last = doubles[row * doubleWidth + double.last] as number
  const start = startOf(rows, row)
  const marks = ints[row * intWidth + int.marks] as number
  const tcp = ints[row * intWidth + int.tcp] as number
  if (record.end + apart.datagrams < start) return true
  if (marks & mark.total && record.start > start) return true
  const gap = record.start - last
  if (gap > 0 && record.start - start > longest) return true
  if (record.ends.proto !== protocol.tcp) return gap > apart.datagrams
  const mine = fromLow ? tcp & 255 : (tcp >>> 8) & 255
  const heard = (marks & (fromLow ? mark.lowHeard : mark.highHeard)) !== 0

  if (record.flags <= 0 || !(record.flags & tcpFlag.syn)) return gap > apart.midstream

  // A SYN again from a side that has opened already, after what is held: the port is used anew.
  const opened = heard && (mine & tcpFlag.syn) !== 0 && (mine & (tcpFlag.ack | tcpFlag.rst)) !== 0

  return gap > apart.datagrams || (gap > 0 && opened) || (gap > 0 && isOver(tcp))
}
