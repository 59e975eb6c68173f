/** Datagrams in, flows out: decoder, pairing and the way to the sink, with what was counted. */

import { FlowPairing } from '../biflow/biflow.ts'
import { keptConnState } from '../biflow/outcome-column.ts'
import type { ExportRecord } from '../biflow/record.ts'
import { RecordBuffer } from '../flows/record-buffer.ts'
import type { ReadingChoices, Sink } from '../reader.ts'
import type { RejectReason, Rejects } from '../rejects.ts'
import { type Datagram, ExportDecoder, type ExportOptions, exportDefaults } from './decoder.ts'

export type ExportChoices = ReadingChoices

export class ExportIntake {
  readonly decoder: ExportDecoder
  readonly pairing: FlowPairing
  /** Records that became part of a flow. */
  records = 0
  readonly refusesSamples: boolean
  /** Records that were put and ended before they began. */
  backwards = 0
  private readonly buffer: RecordBuffer
  private readonly rejects: Rejects

  constructor(
    sink: Pick<Sink, 'write' | 'writeText' | 'rejects'>,
    { sampled = exportDefaults.sampled, clock = exportDefaults.clock }: Partial<ExportOptions> = {},
    pairing: { readonly most?: number; readonly longest?: number } = {},
  ) {
    this.rejects = sink.rejects
    this.refusesSamples = sampled === 'refuse'
    this.buffer = new RecordBuffer(sink, keptConnState)
    this.pairing = new FlowPairing(
      {
        flow: (rows, row) => this.buffer.flow(rows, row),
        double: (record) => this.double(record),
      },
      pairing,
    )
    this.decoder = new ExportDecoder(
      {
        record: (record) => {
          this.records++
          this.pairing.advance(this.decoder.now)
          this.pairing.take(record)
        },
        reject: (reason, position, sample, times) => this.rejects.add(reason, position, sample, times),
      },
      { sampled, clock },
    )
  }

  /** @returns where the datagram ends. */
  take(datagram: Datagram): number {
    return this.decoder.take(datagram)
  }

  /** Takes a record that came in no datagram; its end, or when it was exported, tells the time. */
  put(record: ExportRecord): void {
    this.records++
    this.decoder.position++
    record.position = this.decoder.position
    this.pairing.advance(record.exported > 0 ? record.exported : record.end)
    this.pairing.take(record)
  }

  /** Lets go flows that have waited long enough, when no datagram comes. `now` in microseconds. */
  advance(now: number): void {
    this.pairing.advance(now)
  }

  /** A piece of the input that is no datagram. */
  skip(reason: RejectReason, sample: string): void {
    this.decoder.position++
    this.rejects.add(reason, this.decoder.position, sample)
  }

  private double(record: ExportRecord): void {
    this.records--
    this.rejects.add('superseded', record.position, 'another exporter or interface reported it before')
  }

  /** Sends flows on in batches; waits while the engine is behind. */
  send(): Promise<void> | void {
    return this.buffer.send()
  }

  flush(): Promise<void> {
    return this.buffer.flush()
  }

  async finish(): Promise<void> {
    this.decoder.finish()
    this.pairing.finish()
    this.rejects.use?.(this.records)
    const backwards =
      this.backwards + this.decoder.streams.all().reduce((sum, each) => sum + each.backwards, 0)
    if (backwards > 0)
      this.rejects.remark?.(
        `${backwards} records ended up to 10 s before they began; they are kept, with a duration of 0`,
      )
    await this.buffer.flush()
  }
}
