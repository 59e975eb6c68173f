/** What carried a packet, in words: a bounded list, of which a flow keeps the number. */
import { ipv4Text, ipv6Text } from '../packets/address-text.ts'
import { tunnelKinds } from '../packets/tunnel.ts'

/** Kinds with their ends that are distinguished; of more, only the kind is said. */
export const mostTunnels = 65_536

export class TunnelNames {
  private readonly names: string[]
  private readonly most: number
  private readonly numbers = new Map<string, number>()

  /** Writes into `names`, whose first is that of none. */
  constructor(names: string[], most = mostTunnels) {
    this.names = names
    this.most = most
  }

  /** The number of what `Packet.tunnel` tells, of a packet in `view`. */
  numberOf(tunnel: number, view: DataView): number {
    if (tunnel === 0) return 0
    const kind = tunnelKinds[tunnel >>> 24] ?? ''
    const name = `${kind} ${endsAt(view, tunnel & 0xffffff)}`
    return this.numbers.get(name) ?? this.add(this.numbers.size < this.most ? name : kind)
  }

  private add(name: string): number {
    const known = this.numbers.get(name)
    if (known !== undefined) return known
    const number = this.names.push(name) - 1
    this.numbers.set(name, number)
    return number
  }
}

/** The ends of the IP header at `at`. */
function endsAt(view: DataView, at: number): string {
  if (view.getUint8(at) >>> 4 === 4)
    return `${ipv4Text(view.getInt32(at + 12))}>${ipv4Text(view.getInt32(at + 16))}`
  const words = Int32Array.from({ length: 8 }, (_, i) => view.getInt32(at + 8 + 4 * i))
  return `${ipv6Text(words, 0)}>${ipv6Text(words, 4)}`
}
