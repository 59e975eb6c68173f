/** Records on their way to the sink, in batches. */
import type { RecordName } from '../../model/records.ts'
import type { Placed, Sink } from '../reader.ts'
import type { FlowSink } from './assembler.ts'
import { type FlowRows, intWidth } from './flow-layout.ts'
import { type ConnStateOf, connStateOf, flowOf } from './flow-record.ts'
import { flowText } from './flow-tsv.ts'

const batch = 8192
/** Flows that there is room for at first. */
const few = 64

export class RecordBuffer implements FlowSink {
  private readonly sink: Pick<Sink, 'write' | 'writeText'>
  private readonly connState: ConnStateOf
  private readonly waiting = new Map<RecordName, object[]>()
  private flows = new EndedFlows(few)

  /** `fate` reads how flows went from their rows. */
  constructor(sink: Pick<Sink, 'write' | 'writeText'>, connState: ConnStateOf = connStateOf) {
    this.sink = sink
    this.connState = connState
  }

  flow(rows: FlowRows, row: number): void {
    this.flows.add(rows, row)
  }

  record<N extends RecordName>(record: N, row: Placed<N>): void {
    const rows = this.waiting.get(record)
    if (rows) rows.push(row)
    else this.waiting.set(record, [row])
  }

  /** Rows that wait. */
  get held(): number {
    let rows = this.flows.length
    for (const each of this.waiting.values()) rows += each.length
    return rows
  }

  /** Sends batches that are full; waits while the engine is behind. */
  send(): Promise<void> | void {
    if (this.flows.length >= batch) return this.flush()
    for (const rows of this.waiting.values()) if (rows.length >= batch) return this.flush()
  }

  async flush(): Promise<void> {
    const { sink, flows, connState } = this
    this.flows = new EndedFlows(Math.max(few, flows.length))
    const { length } = flows
    if (length > 0 && sink.writeText)
      await sink.writeText('flow', length, (first) => flowText(flows, length, first, connState))
    else if (length > 0)
      await sink.write(
        'flow',
        Array.from({ length }, (_, row) => flowOf(flows, row, connState)),
      )
    for (const [record, rows] of this.waiting) await this.sink.write(record, rows.splice(0) as never)
  }
}

/** Copies of flows that ended, in rows like those of the table. */
class EndedFlows implements FlowRows {
  ints: Int32Array
  doubles: Float64Array
  tunnels: readonly string[] = ['']
  length = 0

  constructor(capacity: number) {
    const rows = new ArrayBuffer(capacity * intWidth * 4)
    this.ints = new Int32Array(rows)
    this.doubles = new Float64Array(rows)
  }

  add({ ints, tunnels }: FlowRows, row: number): void {
    this.tunnels = tunnels
    const to = this.length++ * intWidth
    if (to === this.ints.length) this.grow()
    const from = row * intWidth
    for (let i = 0; i < intWidth; i++) this.ints[to + i] = ints[from + i] as number
  }

  private grow(): void {
    const { ints } = this
    const rows = new ArrayBuffer(ints.length * 8)
    this.ints = new Int32Array(rows)
    this.doubles = new Float64Array(rows)
    this.ints.set(ints)
  }
}
