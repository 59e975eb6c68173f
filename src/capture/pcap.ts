/**
 * Packet captures: frames to packets to flows, with what DNS, TLS and HTTP say in the open.
 *
 * One pass and flat memory: what is held is one chunk of the file and the flows that are alive.
 */
import { FlowAssembler } from './flow-assembler.ts'
import { Outbox } from './outbox.ts'
import { type Verdict, verdict } from './packet.ts'
import { Decoder } from './packet-decoder.ts'
import { Damage, Frame, type Framing } from './packet-frame.ts'
import { PacketRejects } from './packet-rejects.ts'
import { readFrames } from './packet-window.ts'
import { isPcap, PcapFraming } from './pcap-framing.ts'
import { isPcapng, PcapngFraming } from './pcapng-framing.ts'
import type { Input, Reader, Sink } from './reader.ts'

const gives = ['flow', 'dns', 'http', 'tls', 'file'] as const

export const pcap: Reader = {
  name: 'pcap',
  doc: 'packet capture (pcap)',
  gives,
  accepts: isPcap,
  read: (input, sink) => readPackets(input, sink, new PcapFraming()),
}

export const pcapng: Reader = {
  name: 'pcapng',
  doc: 'packet capture (pcapng)',
  gives,
  accepts: isPcapng,
  read: (input, sink) => readPackets(input, sink, new PcapngFraming()),
}

async function readPackets(input: Input, sink: Sink, framing: Framing): Promise<void> {
  const outbox = new Outbox(sink)
  const assembler = new FlowAssembler(outbox)
  const decoder = new Decoder()
  const rejects = new PacketRejects(sink.rejects)
  const frame = new Frame()
  const take = (): void => {
    let found: Verdict = decoder.decode(frame)
    if (found === verdict.packet) found = assembler.take(decoder.packet, frame)
    if (found !== verdict.packet) rejects.add(found, frame)
  }
  const rest = await readFrames(input.bytes(true), { framing, frame, take }, async (bytes) => {
    await outbox.send()
    sink.progress(Math.min(bytes, input.size))
  })
  assembler.finish()
  if (rest instanceof Damage) rejects.damage(rest.what, frame.position + 1)
  else if (rest > 0 || !framing.started) rejects.cut(rest, frame.position + 1)
  rejects.finish()
  await outbox.flush()
}
