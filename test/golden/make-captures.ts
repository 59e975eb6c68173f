/** Writes the captures of the golden folders beside it. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { block, ethernet, framed, icmp, ipv4, ipv6, pcapFile, tcp, u8, u16, u32, udp } from '../frames.ts'

const write = (path: string, bytes: Buffer) =>
  writeFileSync(fileURLToPath(new URL(path, import.meta.url)), bytes)
const start = 1_700_000_000
const [host, server] = ['10.0.0.7', '192.0.2.9']

const asked = Buffer.concat([
  u16(1, 0x0100, 1, 0, 0, 0),
  Buffer.from('\x05files\x04test\0\0\x01\0\x01', 'latin1'),
])
const answered = Buffer.concat([
  u16(1, 0x8180, 1, 1, 0, 0),
  asked.subarray(12),
  u16(0xc00c, 1, 1),
  u32(300),
  u16(4),
  u8(192, 0, 2, 9),
])
const out = (flags: string, seq: number, payload = '') =>
  framed(ipv4(host, server, tcp(50_000, 80, { flags, seq, payload })))
const back = (flags: string, seq: number, payload = '') =>
  framed(ipv4(server, host, tcp(80, 50_000, { flags, seq, payload })))
const get = 'GET /a.exe HTTP/1.1\r\nHost: files.test\r\n\r\n'
const program = `HTTP/1.1 200 OK\r\nContent-Length: 1200\r\n\r\nMZ${'\0'.repeat(1198)}`
const web = [
  framed(ipv4(host, '10.0.0.1', udp(40_000, 53, asked))),
  framed(ipv4('10.0.0.1', host, udp(53, 40_000, answered))),
  out('S', 1),
  back('SA', 1),
  out('A', 2, get),
  back('A', 2, program),
  out('FA', 2 + get.length),
  back('FA', 2 + program.length),
  out('S', 5000),
  back('RA', 0),
]
const millis = Buffer.concat([u16(9, 1), u8(3, 0, 0, 0), u16(0, 0)])
const packets = web.map((bytes, i) => {
  // The interfaces take turns: microseconds, then milliseconds.
  const ticks = (i % 2 ? 1e3 : 1e6) * (start + i)
  return block(
    6,
    Buffer.concat([
      u32(i % 2, Math.floor(ticks / 2 ** 32), ticks % 2 ** 32, bytes.length, bytes.length),
      bytes,
    ]),
    false,
  )
})
const file = Buffer.concat([
  block(0x0a0d0d0a, u32(0x1a2b3c4d, 0x00010000, 0xffffffff, 0xffffffff), false),
  block(1, Buffer.concat([u16(1, 0), u32(0)]), false),
  block(1, Buffer.concat([u16(1, 0), u32(0), millis]), false),
  ...packets,
  packets[0] as Buffer,
])
write('pcapng-web-download/input.pcapng', file.subarray(0, file.length - 6))

const inner = ipv4(host, server, udp(40_001, 60_000, 'hello'))
const [, long] = udp(40_002, 60_000, 'x'.repeat(40))
const refused = ipv4(host, server, udp(40_003, 161, 'x'))
const odd = [
  framed(
    ipv4(
      '203.0.113.1',
      '203.0.113.2',
      udp(50_000, 4789, Buffer.concat([u32(0x08000000, 0x100), framed(inner)])),
    ),
  ),
  framed(ipv4('203.0.113.1', '203.0.113.2', [47, Buffer.concat([u16(0, 0x0800), inner])])),
  ethernet(0x88a8, Buffer.concat([u16(7, 0x8100, 9, 0x0800), inner])),
  framed(ipv4(host, server, [17, long.subarray(24)], { id: 7, piece: 3 })),
  framed(ipv4(host, server, [17, long.subarray(0, 24)], { id: 7, piece: 0x2000 })),
  framed(refused),
  framed(ipv4(server, host, icmp(3, 3, Buffer.concat([u32(0), refused.subarray(0, 28)])))),
  framed(ipv6('2001:db8::1', '2001:db8::2', tcp(50_001, 443, { flags: 'S', seq: 1 }))),
  ethernet(0x0806, Buffer.alloc(28)),
  framed(ipv4(host, server, udp(1, 2), { total: 19 })),
]
const captured = odd.map((bytes, i) => ({ bytes, at: start + i }))
write('pcap-tunnels-and-fragments/input.pcap', pcapFile(captured, { little: false, nano: true }))
