/**
 * A capture cut to the packets of some flows: the frames as they are, in a pcapng file.
 *
 * A frame is kept where a packet in it, the innermost of a tunnel, is of one of the flows: same ends, both ways, same
 * transport, within the time of the flow. Of a fragment behind the first, which has no ports, the ends are asked alone.
 * An ICMP message that says that a server cannot be reached belongs to the flow that it is about.
 */

import { open } from 'node:fs/promises'
import { UserError } from '../../errors.ts'
import { protoName } from '../flows/flow-record.ts'
import { embedded, isRefusal } from '../flows/icmp-errors.ts'
import { openInput } from '../input.ts'
import { addressIn } from '../packets/address-text.ts'
import { Decoder } from '../packets/decoder.ts'
import { Damage, Frame } from '../packets/frame.ts'
import { type Packet, verdict } from '../packets/packet.ts'
import { openSource } from './byte-source.ts'
import { CaptureFraming } from './capture-framing.ts'
import { isPcap } from './pcap-framing.ts'
import { isPcapng } from './pcapng-framing.ts'
import { PcapngWriter, packetRoom } from './pcapng-writer.ts'
import { createBatch, readBatches } from './read-batches.ts'

/** A flow whose packets are wanted; times in microseconds. */
export interface WantedFlow {
  readonly start: number
  readonly duration: number
  readonly proto: string
  readonly client: string
  readonly clientPort: number
  readonly server: string
  readonly serverPort: number
}

interface Cutting {
  /** Where the cut goes: not the capture itself. A file there is overwritten. */
  readonly out: string
  /** Said of the cut in the file. */
  readonly comment: string
  /** Microseconds before and after a flow that count as its own. */
  readonly slack?: number
  /** Bytes of the cut over which no more frames are kept. */
  readonly most?: number
}

export interface Cut {
  readonly packets: number
  readonly bytes: number
  /** Frames that were wanted and left out, over `most`. */
  readonly over: number
  /** Why reading ended before the end of the capture; null where it did not. */
  readonly damage: string | null
}

/**
 * Cuts one capture, packed or not.
 * @throws UserError input-missing, input-unreadable, input-damaged; input-unknown-format where it is no capture.
 */
export async function cutCapture(
  path: string,
  wanted: readonly WantedFlow[],
  cutting: Cutting,
): Promise<Cut> {
  const { out, comment, slack = 0, most = Number.POSITIVE_INFINITY } = cutting
  const input = await openInput(path)
  if (input.archive || !(isPcap(input.head) || isPcapng(input.head)))
    throw new UserError(
      'input-unknown-format',
      `${path} is not pcap or pcapng`,
      'Name a capture, not in an archive.',
    )

  const isWanted = matcherOf(wanted, slack)
  const writer = new PcapngWriter(comment)
  const decoder = new Decoder()
  const frame = new Frame()
  const framing = new CaptureFraming()
  const cut = { packets: 0, bytes: 0, over: 0 }
  let pending: Buffer[] = [writer.header]

  const take = () => {
    if (!holds(decoder, frame, isWanted)) return
    if (cut.bytes + packetRoom + frame.end - frame.at > most) {
      cut.over++
      return
    }
    const blocks = writer.packet(frame)
    cut.packets++
    cut.bytes += blocks.reduce((sum, { length }) => sum + length, 0)
    pending.push(...blocks)
  }
  const stage = {
    frame,
    decode(
      batch: { readonly bytes: Uint8Array; readonly view: DataView },
      bounds: { from: number; to: number },
    ) {
      frame.bytes = batch.bytes
      frame.view = batch.view
      return framing.read(frame, bounds, take)
    },
  }
  const flush = async () => {
    const bytes = Buffer.concat(pending)
    pending = []
    if (bytes.length > 0) await file.appendFile(bytes)
  }

  const file = await open(out, 'w')
  const source = openSource(input)
  const batch = createBatch(0)
  try {
    const rest = await readBatches(source, stage, { next: () => batch, full: flush })
    await flush()
    return { ...cut, damage: rest instanceof Damage ? rest.what : framing.wrong || null }
  } finally {
    await source.close()
    await file.close()
  }
}

/** `late`: microseconds after the end of a flow that count as its own too. */
type IsWanted = (packet: Packet, time: number, late?: number) => boolean

/** A server's refusal comes at most this many microseconds after the packet that it is about. */
const refusalDelay = 10e6

/** Whether one of the packets of a frame is wanted. */
function holds(decoder: Decoder, frame: Frame, isWanted: IsWanted): boolean {
  for (let found = decoder.decode(frame) as number | null; found !== null; found = decoder.next(frame))
    if (found === verdict.packet && isOwn(decoder.packet, frame, isWanted)) return true
  return false
}

function isOwn(packet: Packet, { view, time }: Frame, isWanted: IsWanted): boolean {
  if (isWanted(packet, time)) return true
  const about = isRefusal(packet) ? embedded(view, packet) : null
  return about !== null && isWanted(about, time, refusalDelay)
}

/** [from, to] of the flows of one pair of ends, in order of their start. */
type Spans = (readonly [from: number, to: number])[]

function matcherOf(wanted: readonly WantedFlow[], slack: number): IsWanted {
  const withPorts = new Map<string, Spans>()
  const withoutPorts = new Map<string, Spans>()
  const words = new Set<number>()
  const put = (map: Map<string, Spans>, key: string, span: Spans[number]) => {
    const spans = map.get(key)
    if (spans) spans.push(span)
    else map.set(key, [span])
  }

  for (const each of wanted) {
    const [client, server] = [addressIn(each.client), addressIn(each.server)]
    if (!client || !server) continue
    words.add(client.words[3]).add(server.words[3])
    const span = [each.start - slack, each.start + each.duration + slack] as const
    put(withoutPorts, keyOf(each.proto, client.words, server.words), span)
    const ends = keyOf(each.proto, [...client.words, each.clientPort], [...server.words, each.serverPort])
    put(withPorts, ends, span)
  }
  for (const map of [withPorts, withoutPorts])
    for (const spans of map.values()) spans.sort(([a], [b]) => a - b)

  return (packet, time, late = 0) => {
    const { s0, s1, s2, s3, d0, d1, d2, d3, sourcePort, targetPort, fragment } = packet
    if (!words.has(s3) || !words.has(d3)) return false
    const proto = protoName(packet.proto)
    const hasPorts = fragment !== 2 && proto !== 'icmp' && (sourcePort | targetPort) !== 0
    const spans = hasPorts
      ? withPorts.get(keyOf(proto, [s0, s1, s2, s3, sourcePort], [d0, d1, d2, d3, targetPort]))
      : withoutPorts.get(keyOf(proto, [s0, s1, s2, s3], [d0, d1, d2, d3]))
    return spans !== undefined && isWithin(spans, time, late)
  }
}

/** The same for both directions. */
function keyOf(proto: string, a: readonly number[], b: readonly number[]): string {
  const [one, other] = [a.join(), b.join()]
  return one < other ? `${proto} ${one} ${other}` : `${proto} ${other} ${one}`
}

function isWithin(spans: Spans, time: number, late: number): boolean {
  let low = 0
  let high = spans.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (spans[middle]![0] <= time) low = middle + 1
    else high = middle
  }
  // Flows of the same ends may overlap by their slack: the ones that began before are asked, last first.
  for (let i = low - 1; i >= 0; i--) if (spans[i]![1] + late >= time) return true
  return false
}
