/** The first half of reading a capture: frames out of bytes, packets out of frames, into a batch. */

import { type PacketBatch, singleBatch } from '../packets/batch.ts'
import { Decoder } from '../packets/decoder.ts'
import { putPlain } from '../packets/fast-path.ts'
import { type Bounds, Damage, Frame, type Framing } from '../packets/frame.ts'
import { PacketRejects } from '../packets/frame-rejects.ts'
import { type Verdict, verdict } from '../packets/packet.ts'
import type { Rejects } from '../rejects.ts'

/** Where a stage says what it left out, and how it read the file. */
type StageRejects = Pick<Rejects, 'add' | 'remark'>

export class PacketStage {
  readonly frame = new Frame()
  readonly framing: Framing
  readonly rejects: PacketRejects
  private readonly notes: StageRejects
  /** Packets beside the first of frames that hold several. */
  inner = 0
  /** Places in the file that were passed over. */
  passedOver = 0
  private readonly decoder = new Decoder()
  private batch = singleBatch(0)

  constructor(framing: Framing, rejects: StageRejects) {
    this.framing = framing
    this.notes = rejects
    this.rejects = new PacketRejects(rejects)
  }

  /**
   * Decodes the whole records in batch.bytes[from, to).
   * @returns where the first that is not whole begins; see `Framing.read`.
   */
  decode(batch: PacketBatch, bounds: Bounds): number | Damage {
    const { frame } = this
    frame.bytes = batch.bytes
    frame.view = batch.view
    batch.clear(frame.position)
    this.batch = batch
    const end = this.framing.read(frame, bounds, this.take)
    this.report()
    return end
  }

  /** Says what was passed over in the piece that was read last, and how it was read. */
  private report(): void {
    const { framing, rejects, frame } = this
    for (const text of framing.remarks()) this.notes.remark?.(text)
    for (const what of framing.damages()) {
      this.passedOver++
      rejects.passedOver(what, frame.position + 1)
    }
  }

  /** Says what became of the end of the file, given what `readBatches` gave. */
  finish(rest: number | Damage): void {
    const { rejects, frame, framing } = this
    if (rest instanceof Damage) rejects.damage(rest.what, frame.position + 1)
    else if (framing.wrong) rejects.damage(framing.wrong, frame.position + 1)
    else if (rest > 0 || !framing.started) rejects.cut(rest, frame.position + 1)
    rejects.finish()
  }

  private readonly take = (): void => {
    const { frame, decoder, batch } = this
    if (putPlain(batch, frame)) return
    this.settle(decoder.decode(frame))
    for (let more = decoder.next(frame); more !== null; more = decoder.next(frame)) {
      this.inner++
      this.settle(more)
    }
  }

  private settle(found: Verdict): void {
    const { frame, decoder, batch } = this
    if (found === verdict.packet) batch.put(decoder.packet, frame.time, frame.position)
    else if (found === verdict.unsupported) this.rejects.addUnread(decoder.unread, frame)
    else this.rejects.add(found, frame)
  }
}
