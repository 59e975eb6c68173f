/**
 * Who the client of a conversation was, for when it goes on after its flow ended by silence.
 *
 * A connection that is held open and says nothing for minutes goes on with a packet of either side. Without a SYN,
 * and with ports that tell nothing, that side would be taken for the client. 65,536 conversations are remembered; of
 * two in the same place the later one.
 */
import { hour } from '../../model/units.ts'
import { protocol } from '../packets/packet.ts'
import { tellsByPorts } from '../protocols/service-ports.ts'
import type { FlowRows } from './flow-layout.ts'
import { bit, double, doubleWidth, int, intWidth } from './flow-layout.ts'

const places = 65_536

/** Microseconds after which a five-tuple is another conversation. */
const forgotten = { tcp: 24 * hour, datagrams: hour } as const

export class ClientMemory {
  /** Hash and ports of each place; nothing before the first. */
  private keys = new Int32Array(0)
  /** When the flow ended; below zero where the client is the lower end. */
  private ends = new Float64Array(0)

  /** Keeps the client of a flow that ends, if its ports do not show it. */
  keep({ ints, doubles }: FlowRows, row: number): void {
    const at = row * intWidth
    const ports = ints[at + int.ports] as number
    const proto = (ints[at + int.kind] as number) & 255
    if (tellsByPorts(proto, ports >>> 16, ports & 0xffff)) return
    if (this.keys.length === 0) {
      this.keys = new Int32Array(places * 2)
      this.ends = new Float64Array(places)
    }

    const hash = ints[at + int.hash] as number
    const place = hash & (places - 1)
    const last = doubles[row * doubleWidth + double.last] as number
    this.keys[place * 2] = hash
    this.keys[place * 2 + 1] = ports
    this.ends[place] = ((ints[at + int.flags] as number) & bit.clientIsHigh) !== 0 ? last : -last
  }

  /** Whether the client of the conversation that goes on in a row is the higher end; null if nobody knows. */
  recall({ ints, doubles }: FlowRows, row: number): boolean | null {
    if (this.keys.length === 0) return null
    const at = row * intWidth
    const hash = ints[at + int.hash] as number
    const place = hash & (places - 1)
    if (this.keys[place * 2] !== hash || this.keys[place * 2 + 1] !== ints[at + int.ports]) return null
    const ended = this.ends[place] as number
    const proto = (ints[at + int.kind] as number) & 255
    const most = proto === protocol.tcp ? forgotten.tcp : forgotten.datagrams
    const silent = (doubles[row * doubleWidth + double.start] as number) - Math.abs(ended)
    return ended === 0 || Math.abs(silent) > most ? null : ended > 0
  }
}
