/** Frames and capture files by hand, and what the assembler makes of them. */
import { FlowAssembler } from '../src/capture/flows/assembler.ts'
import { type FlowRow, flowOf } from '../src/capture/flows/flow-record.ts'
import { singleBatch } from '../src/capture/packets/batch.ts'
import { Decoder } from '../src/capture/packets/decoder.ts'
import { Frame } from '../src/capture/packets/frame.ts'
import { type Verdict, verdict } from '../src/capture/packets/packet.ts'
import type { Input, Sink } from '../src/capture/reader.ts'
import { createRejects } from '../src/capture/rejects.ts'
import type { RecordName } from '../src/model/records.ts'

export const u8 = (...values: number[]): Buffer => Buffer.from(values)
export function u16(...values: number[]): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 2)
  for (const [i, value] of values.entries()) bytes.writeUInt16BE(value & 0xffff, i * 2)
  return bytes
}
export function u32(...values: number[]): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 4)
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, i * 4)
  return bytes
}

const address = (text: string): Buffer =>
  text.includes(':')
    ? Buffer.concat(
        (() => {
          const [head = '', tail = ''] = text.split('::')
          const left = head.split(':').filter(Boolean)
          const right = tail.split(':').filter(Boolean)
          return [...left, ...Array(8 - left.length - right.length).fill('0'), ...right].map((group) =>
            u16(Number.parseInt(group, 16)),
          )
        })(),
      )
    : u8(...text.split('.').map(Number))

interface IpOptions {
  readonly id?: number
  /** Flags and fragment offset, as in the header. */
  readonly piece?: number
  readonly options?: Buffer
  readonly total?: number
}

export function ipv4(
  from: string,
  to: string,
  [proto, payload]: readonly [number, Buffer],
  { id = 0, piece = 0, options = Buffer.alloc(0), total }: IpOptions = {},
): Buffer {
  const header = 20 + options.length
  return Buffer.concat([
    u8(0x40 | (header / 4), 0),
    u16(total ?? header + payload.length, id, piece),
    u8(64, proto),
    u16(0),
    address(from),
    address(to),
    options,
    payload,
  ])
}

export const ipv6 = (from: string, to: string, [next, payload]: readonly [number, Buffer]): Buffer =>
  Buffer.concat([u32(0x60000000), u16(payload.length), u8(next, 64), address(from), address(to), payload])

export const udp = (from: number, to: number, payload: string | Buffer = ''): readonly [number, Buffer] => [
  17,
  Buffer.concat([u16(from, to, 8 + payload.length, 0), Buffer.from(payload as string, 'latin1')]),
]

export const flag = { F: 1, S: 2, R: 4, P: 8, A: 16 } as const

export const tcp = (
  from: number,
  to: number,
  {
    flags = 'A',
    seq = 0,
    ack = 0,
    payload = '',
  }: { flags?: string; seq?: number; ack?: number; payload?: string | Buffer } = {},
): readonly [number, Buffer] => [
  6,
  Buffer.concat([
    u16(from, to),
    u32(seq, ack),
    u8(
      0x50,
      [...flags].reduce((bits, letter) => bits | flag[letter as keyof typeof flag], 0),
    ),
    u16(8192, 0, 0),
    Buffer.from(payload as string, 'latin1'),
  ]),
]

export const icmp = (type: number, code = 0, rest = Buffer.alloc(8)): readonly [number, Buffer] => [
  1,
  Buffer.concat([u8(type, code), u16(0), rest]),
]

export const ethernet = (type: number, payload: Buffer): Buffer =>
  Buffer.concat([Buffer.alloc(12, 2), u16(type), payload])
/** An IP packet in an Ethernet frame. */
export const framed = (packet: Buffer): Buffer => ethernet(packet[0]! >> 4 === 6 ? 0x86dd : 0x0800, packet)

export interface Captured {
  readonly bytes: Buffer
  /** Seconds. */
  readonly at: number
  readonly original?: number
}

/** A pcap file; `little` for the byte order of most machines. */
export function pcapFile(
  frames: readonly Captured[],
  { link = 1, little = true, nano = false }: { link?: number; little?: boolean; nano?: boolean } = {},
): Buffer {
  const word = (value: number) => (little ? Buffer.from(u32(value)).reverse() : u32(value))
  const half = (value: number) => (little ? Buffer.from(u16(value)).reverse() : u16(value))
  const packets = frames.map(({ bytes, at, original }) => {
    const whole = Math.floor(at)
    const part = Math.round((at - whole) * 1e6) * (nano ? 1000 : 1)
    return [word(whole), word(part), word(bytes.length), word(original ?? bytes.length), bytes]
  })
  return Buffer.concat([
    word(nano ? 0xa1b23c4d : 0xa1b2c3d4),
    half(2),
    half(4),
    word(0),
    word(0),
    word(65535),
    word(link),
    ...packets.flat(),
  ])
}

/** A pcapng block. */
export function block(type: number, body: Buffer, little = true): Buffer {
  const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)])
  const length = padded.length + 12
  const word = (value: number) => (little ? Buffer.from(u32(value)).reverse() : u32(value))
  return Buffer.concat([word(type), word(length), padded, word(length)])
}

/** Everything that comes out of bytes through a reader, with nothing behind it. */
export async function readAll(
  reader: { read(input: Input, sink: Sink): Promise<void> },
  bytes: Buffer,
  chunk = bytes.length || 1,
) {
  const rejects = createRejects()
  const rows: Record<string, Record<string, unknown>[]> = {}
  const input = {
    name: 'sample',
    path: '/sample',
    size: bytes.length,
    compression: 'none',
    head: bytes.toString('latin1', 0, 65_536),
    async *bytes() {
      for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk)
    },
    async *lines() {},
  } as Input
  const sink = {
    rejects,
    write: async (record: RecordName, given: readonly object[]) => {
      rows[record] = [...(rows[record] ?? []), ...(given as Record<string, unknown>[])]
    },
    progress: () => {},
  } as unknown as Sink
  await reader.read(input, sink)
  const flows = (rows['flow'] ?? []).sort(
    (a, b) => Number(a['position']) - Number(b['position']),
  ) as unknown as FlowRow[]
  const packets = flows.reduce((sum, flow) => sum + (flow.packets ?? 0), 0)
  const rejected = [...rejects.counts.values()].reduce((sum, n) => sum + n, 0)
  const remarks = rejects.samples.filter(({ reason }) => reason === 'remark').map(({ sample }) => sample)
  return { flows, rows, packets, rejected, rejects: Object.fromEntries(rejects.counts), remarks }
}

/** Flows, and other records, of Ethernet frames or bare IP packets given as [seconds, bytes]. */
export function assembled(packets: readonly (readonly [number, Buffer])[], link = 101) {
  const flows: FlowRow[] = []
  const records: { record: RecordName; row: Record<string, unknown> }[] = []
  const verdicts: Verdict[] = []
  const assembler = new FlowAssembler(
    {
      flow: (rows, row) => flows.push(flowOf(rows, row)),
      record: (record, row) => records.push({ record, row: row as never }),
    },
    seed,
  )
  const decoder = new Decoder()
  const frame = new Frame()
  for (const [at, bytes] of packets) {
    setFrame(frame, bytes, { time: at, link })
    const found = decoder.decode(frame)
    verdicts.push(found)
    if (found !== verdict.packet) continue
    const batch = singleBatch(seed)
    batch.bytes = frame.bytes
    batch.view = frame.view
    batch.clear(frame.position)
    batch.put(decoder.packet, frame.time, frame.position)
    assembler.take(batch)
  }
  const live = assembler.live
  assembler.finish()
  flows.sort((a, b) => a.position - b.position)
  return { flows, records, verdicts, live }
}

const seed = 7

export function setFrame(frame: Frame, bytes: Buffer, { time, link }: { time: number; link: number }): void {
  frame.bytes = bytes
  frame.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  frame.at = 0
  frame.end = bytes.length
  frame.original = bytes.length
  frame.time = Math.round(time * 1e6)
  frame.link = link
  frame.position++
}
