/** Ports that servers listen on, for flows whose beginning was not seen. */
import { protocol } from '../packets/packet.ts'

const tcp = new Set([
  1080, 1194, 1433, 1521, 1723, 1883, 2049, 2082, 2083, 2222, 3128, 3268, 3269, 3306, 3389, 4443, 5060, 5061,
  5222, 5269, 5432, 5672, 5900, 5985, 5986, 6379, 6660, 6661, 6662, 6663, 6664, 6665, 6666, 6667, 6668, 6669,
  6697, 7000, 8000, 8008, 8080, 8081, 8443, 8883, 8888, 9000, 9001, 9030, 9090, 9200, 9300, 9418, 11211,
  27017,
])

const udp = new Set([
  53, 67, 69, 88, 111, 123, 137, 138, 161, 162, 389, 443, 500, 514, 520, 1194, 1434, 1701, 1812, 1813, 1900,
  2055, 2152, 3389, 3478, 3544, 3702, 4500, 4789, 5060, 5353, 5355, 6081, 11211, 51820,
])

/** Whether a TCP port is one that servers listen on: below 1024, or registered to a common service. */
export const serves = (port: number): boolean => port < 1024 || tcp.has(port)

/** Whether a UDP port is that of a common service. Low ports alone say little in UDP. */
export const servesDatagrams = (port: number): boolean => udp.has(port)

/** Whether the ports of a flow show which end is the server; true of what has no ports. */
export function tellsByPorts(proto: number, one: number, other: number): boolean {
  if (proto === protocol.tcp) return serves(one) || serves(other)
  if (proto === protocol.udp) return servesDatagrams(one) !== servesDatagrams(other)
  return true
}

/** The registered ports of `serves` and `servesDatagrams`, for conditions of the engine. */
export const servicePorts = { tcp: [...tcp], udp: [...udp] } as const
