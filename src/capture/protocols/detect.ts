/**
 * What is said over a flow, where it is worth hearing: names asked for, servers named, programs fetched.
 *
 * Only the first bytes of a direction are looked at, at most 4 KiB, in order; no payload is kept.
 */
import { ipv4Text, ipv6Text } from '../packets/address-text.ts'
import type { Frame } from '../packets/frame.ts'
import { type Packet, protocol } from '../packets/packet.ts'
import { DhcpParser } from './dhcp.ts'
import { DnsParser, dnsPort } from './dns.ts'
import { HttpParser, isRequest, isResponse } from './http.ts'
import type { AppLayerParser, Endpoints } from './parser.ts'
import { SmtpParser } from './smtp.ts'
import { TlsParser } from './tls.ts'
import { isHello } from './tls-hello.ts'

const dhcpServerPort = 67

/** Services by the number that a flow keeps. */
export const serviceNames: readonly string[] = [
  '',
  'dns',
  'http',
  'ssl',
  'ssh',
  'smtp',
  'ftp',
  'irc',
  'ntp',
  'dhcp',
  'quic',
]
const service = {
  none: 0,
  dns: 1,
  http: 2,
  ssl: 3,
  ssh: 4,
  smtp: 5,
  ftp: 6,
  irc: 7,
  ntp: 8,
  dhcp: 9,
  quic: 10,
} as const

/** The service that the first payload of a direction shows; 0 for none. */
export function serviceIn(packet: Packet, { bytes }: Frame, fromClient: boolean): number {
  if (packet.proto === protocol.tcp) return streamService(packet, bytes, fromClient)
  return packet.proto === protocol.udp ? datagramService(packet, bytes) : service.none
}

function streamService(packet: Packet, bytes: Uint8Array, fromClient: boolean): number {
  const { payloadAt: at, capturedEnd: end, sourcePort, targetPort } = packet
  if (isHello(bytes, at, end, 1) || isHello(bytes, at, end, 2)) return service.ssl
  if (isRequest(bytes, at, end) || isResponse(bytes, at, end)) return service.http
  if (sourcePort === dnsPort || targetPort === dnsPort) return service.dns
  const start = textAt(bytes, at, Math.min(end, at + 5))
  if (start.startsWith('SSH-')) return service.ssh
  const port = fromClient ? targetPort : sourcePort
  if (start.startsWith('220') && !fromClient) return port === 21 ? service.ftp : service.smtp
  if (start === 'EHLO ' || start === 'HELO ') return service.smtp
  return start === 'NICK ' || start === 'USER ' ? (port === 21 ? service.ftp : service.irc) : service.none
}

function datagramService(
  { sourcePort, targetPort, payloadAt, capturedEnd }: Packet,
  bytes: Uint8Array,
): number {
  if (targetPort === dnsPort || sourcePort === dnsPort) return service.dns
  if (targetPort === 123 || sourcePort === 123) return service.ntp
  if (targetPort === dhcpServerPort || targetPort === 68) return service.dhcp
  const isLong = (targetPort === 443 || sourcePort === 443) && capturedEnd - payloadAt > 5
  return isLong && ((bytes[payloadAt] as number) & 0xc0) === 0xc0 ? service.quic : service.none
}

/** A listener for a service that has records of its own, or null. */
export function parserFor(
  found: number,
  { packet, frame, fromClient }: { packet: Packet; frame: Frame; fromClient: boolean },
  { uid, sink }: Pick<Endpoints, 'uid' | 'sink'>,
): AppLayerParser | null {
  const { bytes } = frame
  const { payloadAt: at, capturedEnd: end } = packet

  const ends = (senderAsks: boolean) => ({
    ...endpointsOf(packet, senderAsks),
    sameDirection: senderAsks === fromClient,
    uid,
    sink,
  })

  if (found === service.ssl) return new TlsParser(ends(isHello(bytes, at, end, 1)))
  if (found === service.http) return new HttpParser(ends(isRequest(bytes, at, end)))

  if (found === service.smtp)
    return new SmtpParser(ends(textAt(bytes, at, Math.min(end, at + 3)) !== '220'), frame)

  if (found === service.dns)
    return new DnsParser(ends(packet.targetPort === dnsPort), packet.proto === protocol.tcp)

  if (found === service.dhcp) return new DhcpParser(ends(packet.targetPort === dhcpServerPort))

  return null
}

function endpointsOf(packet: Packet, senderAsks: boolean) {
  const { family, s0, s1, s2, s3, d0, d1, d2, d3, sourcePort, targetPort } = packet
  const sender = family === 4 ? ipv4Text(s3) : ipv6Text(Int32Array.of(s0, s1, s2, s3), 0)
  const target = family === 4 ? ipv4Text(d3) : ipv6Text(Int32Array.of(d0, d1, d2, d3), 0)
  return senderAsks
    ? { client: sender, server: target, serverPort: targetPort }
    : { client: target, server: sender, serverPort: sourcePort }
}

/** Bytes as characters, one each. */
function textAt(bytes: Uint8Array, at: number, end: number): string {
  let text = ''
  for (let i = at; i < end; i++) text += String.fromCharCode(bytes[i] as number)
  return text
}
