/**
 * Packet captures: frames to packets to flows, with what DNS, TLS and HTTP say in the open.
 *
 * One pass and flat memory: what is held is a few pieces of the file and the flows that are alive. A large file
 * is read and decoded by a thread of its own, while this one assembles; what comes out is the same.
 */
import type { Reader } from '../reader.ts'
import { isPcap } from './pcap-framing.ts'
import { isPcapng } from './pcapng-framing.ts'

const gives = ['flow', 'dns', 'http', 'tls', 'file', 'mail', 'lease'] as const

export const pcap: Reader = {
  name: 'pcap',
  doc: 'packet capture (pcap)',
  gives,
  accepts: isPcap,
  read: async (input, sink) => (await import('./read-packets.ts')).readCapture(input, sink),
}

export const pcapng: Reader = {
  name: 'pcapng',
  doc: 'packet capture (pcapng)',
  gives,
  accepts: isPcapng,
  read: async (input, sink) => (await import('./read-packets.ts')).readCapture(input, sink),
}
