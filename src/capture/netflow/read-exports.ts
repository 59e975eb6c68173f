/** Reads the messages of a file, or of the packets of a capture. */
import { ipv4Text, ipv6Text } from '../packets/address-text.ts'
import type { PacketBatch } from '../packets/batch.ts'
import { packetDoubles, packetWidth, timeColumn, word } from '../packets/batch-layout.ts'
import { Packet, protocol } from '../packets/packet.ts'
import { openSource } from '../pcap/byte-source.ts'
import { CaptureFraming } from '../pcap/capture-framing.ts'
import { PacketStage } from '../pcap/decode-stage.ts'
import { isPcap } from '../pcap/pcap-framing.ts'
import { isPcapng } from '../pcap/pcapng-framing.ts'
import { createBatch, readBatches } from '../pcap/read-batches.ts'
import type { Input, Sink } from '../reader.ts'
import { type ExportChoices, ExportIntake } from './intake.ts'
import { looksExported } from './signature.ts'

export const readExports = (input: Input, sink: Sink, choices: ExportChoices): Promise<void> =>
  isPcap(input.head) || isPcapng(input.head)
    ? readCapture(input, sink, choices)
    : readMessages(input, sink, choices)

/** No message is longer. */
const longest = 65_536

async function readMessages(input: Input, sink: Sink, choices: ExportChoices): Promise<void> {
  const intake = new ExportIntake(sink, choices)
  let held: Buffer = Buffer.alloc(0)
  let passed = 0

  const drain = (isLast: boolean) => {
    const view = new DataView(held.buffer, held.byteOffset, held.length)
    let at = 0
    while (at < held.length && (isLast || held.length - at >= longest))
      at = intake.take({ view, at, end: held.length, from: '', port: 0, received: Number.NaN })
    held = held.subarray(at)
  }

  for await (const chunk of input.bytes()) {
    held = held.length > 0 ? Buffer.concat([held, chunk]) : chunk
    passed += chunk.length
    drain(false)
    await intake.send()
    sink.progress(Math.min(passed, input.size))
  }

  drain(true)
  await intake.finish()
}

async function readCapture(input: Input, sink: Sink, choices: ExportChoices): Promise<void> {
  const intake = new ExportIntake(sink, choices)
  const stage = new PacketStage(new CaptureFraming(), sink.rejects)
  const batch = createBatch(0, input.compression === 'none' && input.size > 0 ? input.size + 1 : null)
  const source = openSource(input)

  try {
    const rest = await readBatches(source, stage, {
      next: () => batch,
      full: (packets, bytes) => {
        takeEach(packets, intake)
        sink.progress(Math.min(bytes, input.size))
        return intake.send()
      },
    })
    stage.finish(rest)
  } finally {
    await source.close()
  }

  await intake.finish()
}

const packet = new Packet()

function takeEach(batch: PacketBatch, intake: ExportIntake): void {
  for (let row = 0; row < batch.length; row++) {
    batch.get(row, packet)
    const at = batch.ints[row * packetWidth + word.payloadAt] as number
    const end = packet.capturedEnd
    if (packet.proto === protocol.udp && packet.fragment !== 2 && looksExported(batch.view, at, end)) {
      const received = batch.doubles[row * packetDoubles + timeColumn] as number
      intake.take({ view: batch.view, at, end, from: sender(packet), port: packet.sourcePort, received })
    } else {
      const position = batch.first + (batch.ints[row * packetWidth + word.position] as number)
      intake.skip('not-used', `a packet that is no flow export, number ${position}`)
    }
  }
}

const sender = ({ family, s0, s1, s2, s3 }: Packet): string =>
  family === 4 ? ipv4Text(s3) : ipv6Text(Int32Array.of(s0, s1, s2, s3), 0)
