/**
 * Captures made up layer by layer, then damaged, through everything that reads packets.
 *
 * `node test/fuzz-packets.ts [CAPTURES] [SEED]` runs as many as wanted; a bounded share is in the tests. Each capture
 * depends on the seed and its number alone, so what fails can be made again:
 * `node test/fuzz-packets.ts 1 SEED NUMBER`.
 */
import { fileURLToPath } from 'node:url'
import { FlowAssembler } from '../src/capture/flows/assembler.ts'
import { double, doubleWidth } from '../src/capture/flows/flow-layout.ts'
import { batchMemory, ownMemory, PacketBatch } from '../src/capture/packets/batch.ts'
import { Damage, type Framing } from '../src/capture/packets/frame.ts'
import { CaptureFraming } from '../src/capture/pcap/capture-framing.ts'
import { PacketStage } from '../src/capture/pcap/decode-stage.ts'
import { readDns } from '../src/capture/protocols/dns-message.ts'
import { readHead, requestOf, statusOf } from '../src/capture/protocols/http-head.ts'
import { readClientHello, readServerVersion } from '../src/capture/protocols/tls-hello.ts'
import { type Random, seeded } from '../src/math/random.ts'
import { block, ethernet, icmp, ipv4, ipv6, pcapFile, tcp, u8, u16, u32, udp } from './frames.ts'
import { linked, linkTypes, overUdp, tagged } from './fuzz-frames.ts'

interface Fuzzed {
  readonly captures: number
  readonly frames: number
  /** Frames counted in flows, and rejected. */
  readonly packets: number
  readonly rejected: number
  readonly records: number
  /** Longest processor time of one capture, in milliseconds. */
  readonly longest: number
}

const seed = 7
const largest = 1 << 17
const batch = new PacketBatch(batchMemory({ longest: largest, piece: largest }, ownMemory), seed)

/**
 * Runs captures `from` to `from + captures - 1` of a seed.
 * @throws RangeError naming the capture that lost a frame, or took over two seconds; and whatever a parser throws.
 */
export function fuzzPackets(captures: number, of: number, from = 0): Fuzzed {
  const total = { captures, frames: 0, packets: 0, rejected: 0, records: 0, longest: 0 }
  for (let number = from; number < from + captures; number++) {
    const random = seeded(`${of} ${number}`)
    const began = process.threadCpuUsage()
    try {
      const read = readOne(random)
      total.frames += read.frames
      total.packets += read.packets
      total.rejected += read.rejected
      total.records += read.records
    } catch (error) {
      throw new RangeError(`capture ${number} of seed ${of}: ${error instanceof Error ? error.stack : error}`)
    }
    const { user, system } = process.threadCpuUsage(began)
    total.longest = Math.max(total.longest, (user + system) / 1000)
    if (user + system > 2e6) throw new RangeError(`capture ${number} of seed ${of} took ${user + system} µs`)
  }
  return total
}

function readOne(random: Random) {
  const file = damaged(fileOf(random), random, 0.15)
  const size = Math.min(file.length, largest)
  batch.bytes.set(file.subarray(0, size))
  let rejected = 0
  let packets = 0
  let records = 0
  const framing: Framing = new CaptureFraming()
  const stage = new PacketStage(framing, {
    add: (_why, _at, _sample, times = 1) => {
      rejected += times
    },
  })
  const assembler = new FlowAssembler(
    {
      flow: ({ doubles }, row) => {
        const at = row * doubleWidth + double.packets
        packets += (doubles[at] as number) + (doubles[at + 1] as number)
      },
      record: () => void records++,
    },
    seed,
  )
  const end = stage.decode(batch, { from: 0, to: size })
  assembler.take(batch)
  assembler.finish()
  const rest = end instanceof Damage ? end : Math.max(0, size - end)
  stage.finish(rest)
  const { position: frames } = stage.frame
  // The end of the file may be one reject more.
  const ends = rest instanceof Damage || framing.wrong || rest > 0 || !framing.started ? 1 : 0
  if (packets + rejected !== frames + stage.inner + stage.passedOver + ends)
    throw new RangeError(`${frames} frames, ${packets} in flows, ${rejected} rejected, ${ends} at the end`)
  parseAlone(random)
  return { frames, packets, rejected, records }
}

/** The parsers of what is said, on their own: bytes of the right kind, damaged. */
function parseAlone(random: Random): void {
  const damagedBytes = damaged(saying(random), random, 0.8)
  const at = random.integer(3)
  readDns(damagedBytes, { at, end: damagedBytes.length, length: damagedBytes.length - at })
  readClientHello(damagedBytes.subarray(at))
  readServerVersion(damagedBytes)
  const head = readHead(damagedBytes)
  requestOf(head)
  statusOf(head)
}

const ports = [
  53, 80, 25, 443, 123, 67, 21, 40_000, 40_001, 1701, 2152, 3544, 4341, 4754, 4789, 4790, 5072, 5247, 5555,
  6080, 6081, 6635, 8472, 37_008,
]
const hosts = ['10.0.0.7', '192.0.2.9', '255.255.255.255']
const hosts6 = ['2001:db8::7', '2001:db8::9', 'ff02::1']
const otherLinks = [...linkTypes, 108, 147, 228, 229]
const linkOf = (random: Random): number => (random.next() < 0.6 ? 1 : random.pick(otherLinks))
const flagSets = ['S', 'SA', 'A', 'A', 'A', 'FA', 'R', 'RA', '', 'SF', 'FPA']

function packetOf(random: Random, depth = 0): Buffer {
  const source = random.pick(ports)
  const target = random.pick(ports)
  const datagram = transportOf(random, { source, target, depth })
  if (random.next() < 0.3) return ipv6Of(random, datagram)
  const isPiece = random.next() < 0.1
  return ipv4(random.pick(hosts), random.pick(hosts), datagram, {
    id: random.integer(3),
    piece: isPiece ? random.pick([0x2000, 0x2001, 1, 185, 0x1fff]) : 0,
    options: random.next() < 0.05 ? u32(0x01010101) : Buffer.alloc(0),
    ...(random.next() < 0.03 ? { total: random.integer(65_536) } : {}),
  })
}

function ipv6Of(random: Random, [proto, payload]: readonly [number, Buffer]): Buffer {
  const between = [random.pick(hosts6), random.pick(hosts6)] as const
  if (random.next() < 0.7) return ipv6(...between, [proto, payload])
  const extension = random.pick([0, 43, 44, 60, 51, 135])
  const length = extension === 44 ? 0 : random.integer(3)
  const header = Buffer.concat([u8(proto, length), u16(random.integer(9)), u32(5), Buffer.alloc(length * 8)])
  return ipv6(...between, [extension, Buffer.concat([header, payload])])
}

function transportOf(
  random: Random,
  { source, target, depth }: { source: number; target: number; depth: number },
): readonly [number, Buffer] {
  const kind = random.integer(12)
  if (kind < 5)
    return tcp(source, target, {
      flags: random.pick(flagSets),
      seq: random.integer(400),
      ack: random.integer(400),
      payload: random.next() < 0.7 ? saying(random) : '',
    })
  if (kind < 8)
    return udp(
      source,
      target,
      depth < 3 && random.next() < 0.3 ? overUdp(packetOf(random, depth + 1), random) : saying(random),
    )
  if (kind === 8) {
    const about = depth < 3 ? packetOf(random, depth + 1).subarray(0, 40) : Buffer.alloc(8)
    return icmp(random.pick([0, 3, 5, 8, 11, 128]), random.integer(5), Buffer.concat([u32(0), about]))
  }
  if (kind === 9 && depth < 3) return [47, greOf(random, depth)]
  if (kind === 10 && depth < 3) return [random.pick([4, 41]), packetOf(random, depth + 1)]
  return [
    random.pick([2, 33, 50, 58, 89, 132, 136, 255]),
    Buffer.alloc(random.integer(40), random.integer(256)),
  ]
}

function greOf(random: Random, depth: number): Buffer {
  const inner = packetOf(random, depth + 1)
  const type = random.pick([0x0800, 0x86dd, 0x88be, 0x22eb, 0x880b, 0x6558, 0x0800])
  const flags = random.pick([0, 0x2000, 0x1000, 0x3000, 0x3081, 0x8000, 0x4000])
  return Buffer.concat([u16(flags, type), Buffer.alloc(random.integer(4) * 4), ethernet(0x0800, inner)])
}

/** What is said over a connection. */
function saying(random: Random): Buffer {
  const text = (value: string) => Buffer.from(value, 'latin1')
  switch (random.integer(9)) {
    case 0:
      return dnsOf(random)
    case 1:
      return helloOf(random)
    case 2:
      return text(`GET /${'a'.repeat(random.integer(40))}.exe HTTP/1.1\r\nHost: x.test\r\n\r\n`)
    case 3:
      return text(
        `HTTP/1.1 200 OK\r\nContent-Length: ${random.integer(3000)}\r\nTransfer-Encoding: ${random.pick(['chunked', 'identity'])}\r\n\r\n${random.pick(['MZ', '5\r\nMZxxx', '\x7fELF', ''])}${'x'.repeat(random.integer(1500))}`,
      )
    case 4:
      return text(
        `${random.pick(['220', '250-', '250 ', '354', '550'])} mx.test ${'y'.repeat(random.integer(30))}\r\n`,
      )
    case 5:
      return text(
        random.pick([
          'EHLO a',
          'MAIL FROM:<a@b>',
          'RCPT TO:<c@d>',
          'DATA',
          'BDAT 9',
          'RSET',
          'STARTTLS',
          'Subject: s',
        ]) + random.pick(['\r\n', '\n', '', '\r\n\r\n', '\r\n.\r\n']),
      )
    case 6:
      return text(random.pick(['SSH-2.0-x', 'NICK a', 'USER b', 'HELO ', '']))
    default:
      return Buffer.alloc(random.integer(60), random.integer(256))
  }
}

function dnsOf(random: Random): Buffer {
  const answers = random.integer(4)
  const name = Buffer.from(`\x03www\x01${random.pick(['a', 'b'])}\x04test\0`, 'latin1')
  const answer = () => {
    const value = random.pick([
      u32(0x01020304),
      Buffer.alloc(16, 1),
      u16(0xc00c),
      Buffer.from('\x03abc'),
      Buffer.alloc(0),
    ])
    return Buffer.concat([
      random.pick([u16(0xc00c), u16(0xc000 + random.integer(80)), name]),
      u16(random.pick([1, 28, 5, 16, 15, 33, 46]), 1),
      u32(60),
      u16(random.next() < 0.1 ? random.integer(65_536) : value.length),
      value,
    ])
  }
  return Buffer.concat([
    u16(random.integer(4), random.pick([0x0100, 0x8180, 0x8183]), 1, answers, 0, 0),
    name,
    u16(random.pick([1, 28, 15, 255]), 1),
    ...Array.from({ length: answers }, answer),
  ])
}

function helloOf(random: Random): Buffer {
  const sized = (value: Buffer, bytes: 1 | 2) =>
    Buffer.concat([bytes === 1 ? u8(value.length) : u16(value.length), value])
  const extension = (type: number, value: Buffer) => Buffer.concat([u16(type), sized(value, 2)])
  const isClient = random.next() < 0.6
  const extensions = Buffer.concat([
    extension(0, sized(Buffer.concat([u8(0), sized(Buffer.from('a.test'), 2)]), 2)),
    extension(16, sized(sized(Buffer.from('h2'), 1), 2)),
    extension(43, isClient ? sized(u16(0x0304, 0x0303), 1) : u16(0x0304)),
    extension(13, sized(u16(0x0403), 2)),
    extension(0x0a0a, Buffer.alloc(random.integer(5))),
  ])
  const body = Buffer.concat([
    u16(0x0303),
    Buffer.alloc(32),
    sized(Buffer.alloc(random.integer(33)), 1),
    isClient
      ? Buffer.concat([sized(u16(0x1301, 0x1302), 2), sized(u8(0), 1)])
      : Buffer.concat([u16(0x1301), u8(0)]),
    sized(extensions, 2),
  ])
  const message = Buffer.concat([u8(isClient ? 1 : 2, 0), u16(body.length), body])
  return Buffer.concat([u8(22, 3, 1), sized(message, 2)])
}

/** A packet behind the layers of a link type, whole. */
function frameOf(random: Random, link: number): Buffer {
  const packet = packetOf(random)
  const type = packet[0]! >> 4 === 6 ? 0x86dd : 0x0800
  if (link !== 1) return linked(link, packet, random)
  switch (random.integer(16)) {
    case 14:
    case 15:
      return tagged(packet, random)
    case 0:
      return ethernet(0x8100, Buffer.concat([u16(7, type), packet]))
    case 1:
      return ethernet(0x88a8, Buffer.concat([u16(7, 0x8100, 9, type), packet]))
    case 2:
      return ethernet(0x8847, Buffer.concat([u32(0x00010040, 0x00020140), packet]))
    case 3:
      return ethernet(0x8864, Buffer.concat([u8(0x11, 0), u16(1, packet.length, 0x21), packet]))
    case 4:
      return packet
    case 5:
      return ethernet(random.integer(65_536), packet)
    default:
      return ethernet(type, packet)
  }
}

/** The same, damaged or cut in some cases. */
export function frameHurt(random: Random, link = 1): { bytes: Buffer; original: number } {
  const bytes = damaged(frameOf(random, link), random, 0.4)
  const kept = random.next() < 0.15 ? bytes.subarray(0, random.integer(bytes.length + 1)) : bytes
  return { bytes: kept, original: random.next() < 0.1 ? random.integer(70_000) : bytes.length }
}

/** Mostly few; sometimes many, as a frame costs little beside its capture. */
function framesOf(random: Random, link: number) {
  let at = random.pick([0, 1_700_000_000, 1_700_000_000, 4_294_960_000])
  const most = random.next() < 0.7 ? 10 : 120
  return Array.from({ length: 1 + random.integer(most) }, () => {
    at = Math.max(0, at + random.pick([0, 0.001, 1, 61, 301, 4000, -3, -700]))
    return { ...frameHurt(random, link), at }
  })
}

function captureOf(random: Random): Buffer {
  const link = linkOf(random)
  const isNano = random.next() < 0.3
  const little = random.next() < 0.5
  const file = pcapFile(framesOf(random, link), { link, little, nano: isNano })
  // Nanoseconds under the magic number of microseconds.
  if (isNano && random.next() < 0.3) pcapFile([], { little }).copy(file, 0, 0, 4)
  return file
}

/** Captures one behind the other, as `cat` puts them, sometimes with zeros behind. */
function fileOf(random: Random): Buffer {
  const one = () => (random.next() < 0.3 ? pcapngOf(random) : captureOf(random))
  const files = Array.from({ length: random.next() < 0.2 ? 2 + random.integer(3) : 1 }, one)
  return Buffer.concat([...files, Buffer.alloc(random.next() < 0.05 ? random.integer(400) : 0)])
}

function pcapngOf(random: Random): Buffer {
  const section = block(
    0x0a0d0d0a,
    Buffer.concat([u32(0x1a2b3c4d), u16(1, 0), u32(0xffffffff, 0xffffffff)]),
    false,
  )
  const resolution = Buffer.concat([
    u16(9, 1),
    u8(random.pick([6, 9, 3, 0x80 | 10, 0xff, 0])),
    Buffer.alloc(3),
  ])
  const link = linkOf(random)
  const described = () =>
    block(
      1,
      Buffer.concat([
        u16(link, 0),
        u32(random.pick([0, 96])),
        random.next() < 0.5 ? resolution : Buffer.alloc(0),
      ]),
      false,
    )
  const packets = framesOf(random, link).map(({ bytes, at, original }) => {
    const micros = at * 1e6
    const head = [
      random.next() < 0.1 ? 1 : 0,
      Math.floor(micros / 2 ** 32),
      micros % 2 ** 32,
      bytes.length,
      original,
    ]
    if (random.next() < 0.1) return block(3, Buffer.concat([u32(original), bytes]), false)
    if (random.next() < 0.1) return block(random.integer(12), bytes, false)
    return block(6, Buffer.concat([u32(...head), bytes]), false)
  })
  return Buffer.concat([section, described(), ...(random.next() < 0.3 ? [described()] : []), ...packets])
}

/** Some bytes changed, a part cut, doubled or put elsewhere, with this probability. */
function damaged(bytes: Buffer, random: Random, probability: number): Buffer {
  if (bytes.length === 0 || random.next() >= probability) return bytes
  let hurt = Buffer.from(bytes)
  for (let hits = 1 + random.integer(4); hits > 0 && hurt.length > 1; hits--) {
    const at = random.integer(hurt.length)
    switch (random.integer(6)) {
      case 0:
        hurt[at] = random.integer(256)
        break
      case 1:
        hurt[at] = random.pick([0, 1, 4, 0x7f, 0x80, 0xc0, 0xff])
        break
      case 2:
        if (at + 2 <= hurt.length) hurt.writeUInt16BE(random.pick([0, 1, 19, 20, 0x7fff, 0x8000, 0xffff]), at)
        break
      case 3:
        hurt = hurt.subarray(0, at)
        break
      case 4:
        hurt = Buffer.concat([hurt.subarray(0, at), hurt.subarray(random.integer(at + 1))])
        break
      default:
        hurt[at] = hurt[at]! ^ (1 << random.integer(8))
    }
  }
  return hurt
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [captures = 100_000, of = 1, from] = process.argv.slice(2).map(Number)
  const share = 10_000
  const total = { captures: 0, frames: 0, packets: 0, rejected: 0, records: 0, longest: 0 }
  for (let done = 0; done < captures; done += share) {
    const read = fuzzPackets(Math.min(share, captures - done), of, (from ?? 0) + done)
    for (const key of ['captures', 'frames', 'packets', 'rejected', 'records'] as const)
      total[key] += read[key]
    total.longest = Math.max(total.longest, read.longest)
  }
  console.log(JSON.stringify(total))
}
