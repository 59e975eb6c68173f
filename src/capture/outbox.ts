/** Records on their way to the sink, in batches. */
import type { RecordName } from '../model/records.ts'
import type { FlowSink } from './flow-assembler.ts'
import type { FlowRow } from './flow-row.ts'
import type { Placed, Sink } from './reader.ts'

const batch = 8192

export class Outbox implements FlowSink {
  private readonly sink: Sink
  private readonly waiting = new Map<RecordName, object[]>()
  private readonly flows: FlowRow[] = []

  constructor(sink: Sink) {
    this.sink = sink
  }

  flow(flow: FlowRow): void {
    this.flows.push(flow)
  }

  record<N extends RecordName>(record: N, row: Placed<N>): void {
    const rows = this.waiting.get(record)
    if (rows) rows.push(row)
    else this.waiting.set(record, [row])
  }

  /** Sends batches that are full; waits while the engine is behind. */
  send(): Promise<void> | void {
    if (this.flows.length >= batch) return this.flush()
    for (const rows of this.waiting.values()) if (rows.length >= batch) return this.flush()
  }

  async flush(): Promise<void> {
    await this.sink.write('flow', this.flows.splice(0))
    for (const [record, rows] of this.waiting) await this.sink.write(record, rows.splice(0) as never)
  }
}
