/**
 * Datagrams of exporters to flow records: NetFlow 1, 5, 7 and 9, IPFIX and sFlow 5, distinguished by their first bytes.
 *
 * Nothing throws on what a datagram holds. Each data record is given as a record or as a reject; a set whose template
 * never comes is one reject, since nobody can say how many records it held.
 */

import { ExportRecord, implausible } from '../biflow/record.ts'
import type { RejectReason } from '../rejects.ts'
import { hex } from './bytes.ts'
import type { ExportStream, Protocol, Sender } from './exporter.ts'
import { ExportStreams, type Header } from './exporters.ts'
import { headerAt, type Layout, layouts } from './fixed-layouts.ts'
import { readFixed } from './fixed-record.ts'
import { checkedTimes, meterOf } from './record-to-flow.ts'
import { SetReader } from './sets.ts'
import { type Area, readSflow } from './sflow.ts'

interface ExportSink {
  record(record: ExportRecord): void
  reject(reason: RejectReason, position: number, sample: string, times?: number): void
}

export interface ExportOptions {
  /** What becomes of records of sampled packets. */
  readonly sampled: 'refuse' | 'scale'
  /** Whose clock tells when flows were; `exporter`, unless it was never set. */
  readonly clock: 'exporter' | 'receiver'
}

export const exportDefaults: ExportOptions = { sampled: 'refuse', clock: 'exporter' }

/** Where a datagram is, who sent it and when it came (microseconds; NaN where that is not known). */
export interface Datagram extends Area, Sender {
  readonly view: DataView
  readonly received: number
}

export class ExportDecoder {
  readonly streams: ExportStreams
  /** Data records so far; the number of the last one. */
  position = 0
  /** Microseconds: when the last datagram came, or was sent where that is not known. */
  now = 0
  private readonly sink: ExportSink
  private readonly choices: ExportOptions
  private readonly record = new ExportRecord()
  private readonly sets: SetReader

  constructor(sink: ExportSink, choices: ExportOptions = exportDefaults) {
    this.sink = sink
    this.choices = choices
    const streams = new ExportStreams(choices.clock === 'exporter')
    this.streams = streams
    const { record } = this
    const now = () => this.now
    this.sets = new SetReader({
      streams,
      record,
      get now() {
        return now()
      },
      give: (stream, why, rate, sample) => this.give(stream, why, rate, sample),
      reject: (reason, sample, times) => this.reject(reason, sample, times),
    })
  }

  /** Options records so far, which describe the exporter. */
  get options(): number {
    return this.sets.options
  }

  /** Gives up what still waits for a template, a sampler or a clock. */
  finish(): void {
    this.sets.finish()
  }

  /** Takes one datagram or message. @returns where it ends, by what it says itself, at most `end`. */
  take(datagram: Datagram): number {
    const next = this.dispatch(datagram)
    this.sets.settle()
    return next
  }

  private dispatch(datagram: Datagram): number {
    const { view, at, end } = datagram
    if (end - at < 4) return this.cut(datagram, 'shorter than any header')
    const version = view.getUint16(at)
    const fixed = layouts[version]
    if (fixed) return this.fixed(datagram, version, fixed)
    if (version === 9) return this.version9(datagram)
    if (version === 10) return this.ipfix(datagram)
    if (view.getUint32(at) === 5) return this.sflow(datagram)
    this.reject('unsupported', `version ${version} of a flow export: ${hex(view, at, end)}`)
    return end
  }

  private reject(reason: RejectReason, sample: string, times = 1): void {
    this.position += times
    this.sink.reject(reason, this.position, sample, times)
  }

  private cut({ view, at, end }: Datagram, what: string): number {
    this.reject('truncated', `${what}: ${hex(view, at, end)}`)
    return end
  }

  private stream(
    { from, port }: Sender,
    protocol: Protocol,
    domain: number,
    { sequence, boot }: Pick<Header, 'sequence' | 'boot'>,
  ): ExportStream | null {
    const stream = this.streams.of({ from, port }, protocol, domain, { sequence, boot, now: this.now })
    if (stream) stream.datagrams++
    else this.reject('unsupported', `${from}: more exporters than are believed`)
    return stream
  }

  private fixed(datagram: Datagram, version: number, layout: Layout): number {
    const { view, at, end, received } = datagram
    if (end - at < layout.header) return this.cut(datagram, 'a header cut short')
    const header = headerAt(view, at, version)
    const { sequence, time, uptime } = header
    this.at(received, time)
    const stream = this.stream(datagram, `netflow-v${version}` as Protocol, header.domain, {
      sequence,
      boot: time - uptime * 1000,
    })
    if (!stream) return end
    stream.boot.tell(time, uptime, header.coarse)
    stream.skew.tell(time, received)
    const length = layout.header + header.count * layout.record
    const repeated = stream.isRepeated(view, at, Math.min(end, at + length))

    if (version !== 1 && !repeated) stream.sequence.tell(header.sequence, header.count)

    // More records than any datagram of the kind has, and than this one has: no header.
    const whole = Math.min(header.count, Math.floor((end - at - layout.header) / layout.record))

    if (header.count > mostFixed && whole < header.count) {
      this.reject('bad-field', `a header that claims ${header.count} records`)
      return end
    }

    let next = at + layout.header

    for (let i = 0; i < whole; i++, next += layout.record)
      this.fixedRecord(view, next, { layout, stream, rate: header.rate, repeated })

    if (whole < header.count)
      this.reject('truncated', `${whole} of ${header.count} records are there`, header.count - whole)

    return Math.min(end, at + length)
  }

  private fixedRecord(
    view: DataView,
    at: number,
    {
      layout,
      stream,
      rate,
      repeated,
    }: { layout: Layout; stream: ExportStream; rate: number; repeated: boolean },
  ): void {
    readFixed(this.record, view, at, layout, stream)
    const why = repeated ? 'superseded' : checkedTimes(this.record, stream)
    this.give(stream, why, rate, () => hex(view, at, at + layout.record))
  }

  private at(received: number, exported: number): void {
    this.now = received >= 0 ? received : exported
  }

  /** Gives the record that is at hand, or rejects it. */
  private give(stream: ExportStream, why: RejectReason | null, rate: number, sample: () => string): void {
    stream.records++
    if (rate > stream.rate) stream.rate = rate
    if (why) this.reject(why, sample())
    else if (rate === 1) this.accept(rate)
    else if (!(rate < 1e9)) this.reject('bad-field', `a sampling rate of 1 in ${rate}`)
    else if (this.choices.sampled === 'refuse')
      this.reject('sampled', `${stream.from} samples 1 packet in ${rate}`)
    else this.accept(rate)
  }

  private accept(rate: number): void {
    this.position++
    this.record.position = this.position
    this.record.scale(rate)
    this.sink.record(this.record)
  }

  private version9(datagram: Datagram): number {
    const { view, at, end, received } = datagram
    if (end - at < 20) return this.cut(datagram, 'a header cut short')
    const uptime = view.getUint32(at + 4)
    const time = view.getUint32(at + 8) * 1e6
    const sequence = view.getUint32(at + 12)
    this.at(received, time)
    const boot = time - uptime * 1000
    const stream = this.stream(datagram, 'netflow-v9', view.getUint32(at + 16), { sequence, boot })
    if (!stream) return end
    if (stream.boot.tell(time, uptime, true)) stream.forgetAll()
    stream.skew.tell(time, received)
    // In a file of messages nothing says where this one ends.
    const repeated = received >= 0 && stream.isRepeated(view, at, end)
    if (!repeated) stream.sequence.tell(sequence, 1)
    return this.sets.read({ view, at: at + 20, end }, { stream, time, repeated })
  }

  private ipfix(datagram: Datagram): number {
    const { view, at, received } = datagram
    if (datagram.end - at < 16) return this.cut(datagram, 'a header cut short')
    const length = view.getUint16(at + 2)
    if (length < 16) return this.cut(datagram, `a message of ${length} bytes`)
    const end = Math.min(datagram.end, at + length)
    const time = view.getUint32(at + 4) * 1e6
    const sequence = view.getUint32(at + 8)
    this.at(received, time)
    const stream = this.stream(datagram, 'ipfix', view.getUint32(at + 12), { sequence, boot: Number.NaN })
    if (!stream) return end
    stream.skew.tell(time, received)
    const before = this.position + this.options
    const heldBefore = this.sets.waiting
    const repeated = stream.isRepeated(view, at, end)
    this.sets.read({ view, at: at + 16, end }, { stream, time, repeated })

    if (at + length > datagram.end)
      this.reject('truncated', `${datagram.end - at} of ${length} bytes are there`)

    // Numbers count data records, which is only known when all of them could be read.
    const step = this.sets.waiting === heldBefore ? this.position + this.options - before : Number.NaN
    if (!repeated) stream.sequence.tell(sequence, step)

    return end
  }

  private sflow(datagram: Datagram): number {
    const { view, at, end, from, received } = datagram
    this.at(received, this.now)
    let repeated = false

    return readSflow(datagram, {
      begin: (agent, domain, sequence) => {
        const sender = { from: agent || from, port: 0 }
        const stream = this.stream(sender, 'sflow', domain, { sequence, boot: Number.NaN })
        // In a file of messages nothing says where this one ends.
        repeated = received >= 0 && stream?.isRepeated(view, at, end) === true
        if (!repeated) stream?.sequence.tell(sequence, 1)
        return stream
      },
      record: this.record,
      sample: (stream, why, rate, from) => {
        const { record } = this
        record.start = record.end = record.reverseStart = received
        record.meter = meterOf(stream)
        const reason = why ?? (repeated ? 'superseded' : implausible(record))
        this.give(stream, reason, rate, () => hex(view, from, end))
      },
      reject: (why, what, times) => this.reject(why, what, times),
    })
  }
}

/** Cisco: 24 records in version 1, 30 in 5, 28 in 7. */
const mostFixed = 30
