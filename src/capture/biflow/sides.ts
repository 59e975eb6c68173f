/** The two ends of a flow that is given, as `outcome.ts` looks at them. */
import { tcpFlag } from '../packets/packet.ts'
import { double, doubleWidth, int, intWidth, mark } from './layout.ts'
import type { Side } from './outcome.ts'

/** One end; the same object for every flow. */
export class HeldSide implements Side {
  port = 0
  heard = false
  // Doubles from the start, so that they are kept in place.
  start = Number.NaN
  packets = Number.NaN
  bytes = Number.NaN
  flags = -1
  meter = 0
  isGroup = false

  fill({ ints, doubles }: { ints: Int32Array; doubles: Float64Array }, row: number, isLow: boolean): void {
    const at = row * intWidth
    const counts = row * doubleWidth
    const column = isLow ? 0 : 1
    const marks = ints[at + int.marks] as number
    const tcp = ints[at + int.tcp] as number
    const ports = ints[at + int.ports] as number
    const meters = ints[at + int.meters] as number
    this.port = isLow ? ports >>> 16 : ports & 0xffff
    this.heard = (marks & (isLow ? mark.lowHeard : mark.highHeard)) !== 0
    this.start = doubles[counts + (isLow ? double.lowStart : double.highStart)] as number
    this.packets =
      marks & mark.unsaidPackets ? Number.NaN : (doubles[counts + double.packets + column] as number)
    this.bytes = marks & mark.unsaidBytes ? Number.NaN : (doubles[counts + double.bytes + column] as number)
    this.flags =
      marks & (isLow ? mark.lowFlags : mark.highFlags) ? (isLow ? tcp & 255 : (tcp >>> 8) & 255) : -1
    this.meter = isLow ? meters & 0xffff : meters >>> 16

    const first = ints[at + (isLow ? int.lowNetwork : int.highNetwork)] as number
    const last = ints[at + (isLow ? int.lowAddress : int.highAddress)] as number
    const isSix = ((ints[at + int.kind] as number) & 256) !== 0
    this.isGroup = isSix ? first >>> 24 === 255 : last >>> 28 === 14 || last === -1
  }
}

/** Whether both sides have closed, or one has reset, by their TCP flags as `int.tcp` has them. */
export function isOver(tcp: number): boolean {
  const [low, high] = [tcp & 255, (tcp >>> 8) & 255]
  return ((low | high) & tcpFlag.rst) !== 0 || (low & high & tcpFlag.fin) !== 0
}
