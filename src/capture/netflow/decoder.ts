/**
 * Datagrams of exporters to flow records: NetFlow 1, 5, 7 and 9, IPFIX and sFlow 5, told apart by their first bytes.
 *
 * Nothing throws on what a datagram holds. Each data record is given as a record or as a reject; a set whose template
 * never comes is one reject, since nobody can say how many records it held.
 */

import { Packet } from '../packets/packet.ts'
import type { RejectReason } from '../rejects.ts'
import { type ExportStream, ExportStreams, type Protocol } from './exporter.ts'
import { slot } from './fields.ts'
import { headerAt, type Layout, layouts } from './fixed-layouts.ts'
import { type HeldSet, HeldSets } from './pending-sets.ts'
import { ExportRecord, implausible, isIcmp } from './record.ts'
import { type Exported, flowFrom, meterOf } from './record-to-flow.ts'
import { rateOf, type Sampling } from './sampling.ts'
import { type Area, readSflow } from './sflow.ts'
import { type Specifier, type Template, templateOf } from './template.ts'
import { Values } from './values.ts'

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
export interface Datagram extends Area {
  readonly view: DataView
  readonly from: string
  readonly received: number
}

export class ExportDecoder {
  readonly streams: ExportStreams
  /** Data records so far; the number of the last one. */
  position = 0
  /** Microseconds: when the last datagram came, or was sent where that is not known. */
  now = 0
  /** Options records, which describe the exporter. */
  options = 0
  private readonly sink: ExportSink
  private readonly choices: ExportOptions
  private readonly record = new ExportRecord()
  private readonly values = new Values()
  private readonly held = new HeldSets()
  private readonly unused = new Packet()

  constructor(sink: ExportSink, choices: ExportOptions = exportDefaults) {
    this.sink = sink
    this.choices = choices
    this.streams = new ExportStreams(choices.clock === 'exporter')
  }

  /** Takes one datagram or message. @returns where it ends, by what it says itself, at most `end`. */
  take(datagram: Datagram): number {
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

  /** Gives up what still waits for a template. */
  finish(): void {
    for (const set of this.held.take(() => true)) this.giveUp(set)
  }

  private giveUp({ id, why, exported, view }: HeldSet) {
    if (why === 'template') return this.reject('no-template', `a set of template ${id}`)
    const template = exported.stream.templates.get(id)
    const records = template?.fixed ? Math.max(1, Math.floor(view.byteLength / template.length)) : 1
    this.reject('sampled', `records of template ${id}, whose sampler nobody described`, records)
  }

  private reject(reason: RejectReason, sample: string, times = 1): void {
    this.position += times
    this.sink.reject(reason, this.position, sample, times)
  }

  private cut({ view, at, end }: Datagram, what: string): number {
    this.reject('truncated', `${what}: ${hex(view, at, end)}`)
    return end
  }

  private stream(from: string, protocol: Protocol, domain: number): ExportStream | null {
    const stream = this.streams.of(from, protocol, domain)
    if (stream) stream.datagrams++
    else this.reject('unsupported', `${from}: more exporters than are believed`)
    return stream
  }

  private fixed(datagram: Datagram, version: number, layout: Layout): number {
    const { view, at, end, from, received } = datagram
    if (end - at < layout.header) return this.cut(datagram, 'a header cut short')
    const header = headerAt(view, at, version)
    const stream = this.stream(from, `netflow-v${version}` as Protocol, header.domain)
    if (!stream) return end
    stream.boot.tell(header.time, header.uptime, header.coarse)
    stream.skew.tell(header.time, received)
    this.at(received, header.time)
    if (version !== 1) stream.sequence.tell(header.sequence, header.count)
    // More records than any datagram of the kind has, and than this one has: no header.
    const whole = Math.min(header.count, Math.floor((end - at - layout.header) / layout.record))
    if (header.count > mostFixed && whole < header.count) {
      this.reject('bad-field', `a header that claims ${header.count} records`)
      return end
    }
    let next = at + layout.header
    for (let i = 0; i < whole; i++, next += layout.record)
      this.fixedRecord(view, next, { layout, stream, rate: header.rate })
    if (whole < header.count)
      this.reject('truncated', `${whole} of ${header.count} records are there`, header.count - whole)
    return Math.min(end, at + layout.header + header.count * layout.record)
  }

  private fixedRecord(
    view: DataView,
    at: number,
    { layout, stream, rate }: { layout: Layout; stream: ExportStream; rate: number },
  ): void {
    const { record } = this
    const { ends } = record
    record.clear()
    ends.s3 = view.getInt32(at)
    ends.d3 = view.getInt32(at + 4)
    ends.proto = view.getUint8(at + layout.proto)
    const target = view.getUint16(at + 34)
    if (isIcmp(ends.proto)) record.icmp(target >>> 8, target & 255)
    else {
      ends.sourcePort = view.getUint16(at + 32)
      ends.targetPort = target
    }
    record.packets = view.getUint32(at + 16)
    record.bytes = view.getUint32(at + 20)
    record.flags = view.getUint8(at + layout.flags)
    const { shift } = stream.skew
    record.start = stream.boot.at(view.getUint32(at + 24)) + shift
    record.end = stream.boot.at(view.getUint32(at + 28)) + shift
    record.exported = stream.boot.now + shift
    record.meter = meterOf(stream)
    this.give(stream, implausible(record), rate, () => hex(view, at, at + layout.record))
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
      this.reject('sampled', `${stream.from} looks at 1 packet in ${rate}`)
    else this.accept(rate)
  }

  private accept(rate: number): void {
    this.position++
    this.record.position = this.position
    this.record.scale(rate)
    this.sink.record(this.record)
  }

  private version9(datagram: Datagram): number {
    const { view, at, end, from, received } = datagram
    if (end - at < 20) return this.cut(datagram, 'a header cut short')
    const stream = this.stream(from, 'netflow-v9', view.getUint32(at + 16))
    if (!stream) return end
    const time = view.getUint32(at + 8) * 1e6
    if (stream.boot.tell(time, view.getUint32(at + 4), true)) stream.forgetAll()
    stream.skew.tell(time, received)
    this.at(received, time)
    stream.sequence.tell(view.getUint32(at + 12), 1)
    return this.sets({ view, at: at + 20, end }, { stream, time })
  }

  private ipfix(datagram: Datagram): number {
    const { view, at, from, received } = datagram
    if (datagram.end - at < 16) return this.cut(datagram, 'a header cut short')
    const length = view.getUint16(at + 2)
    if (length < 16) return this.cut(datagram, `a message of ${length} bytes`)
    const end = Math.min(datagram.end, at + length)
    const stream = this.stream(from, 'ipfix', view.getUint32(at + 12))
    if (!stream) return end
    const time = view.getUint32(at + 4) * 1e6
    stream.skew.tell(time, received)
    this.at(received, time)
    const before = this.position + this.options
    const heldBefore = this.held.size
    this.sets({ view, at: at + 16, end }, { stream, time })
    if (at + length > datagram.end)
      this.reject('truncated', `${datagram.end - at} of ${length} bytes are there`)
    // Numbers count data records, which is only known when all of them could be read.
    const step = this.held.size === heldBefore ? this.position + this.options - before : Number.NaN
    stream.sequence.tell(view.getUint32(at + 8), step)
    return end
  }

  /** Reads sets until the end, or until something that is none. @returns where it stopped. */
  private sets({ view, at, end }: Area & { view: DataView }, exported: Exported): number {
    let next = at
    while (next + 4 <= end) {
      const id = view.getUint16(next)
      const length = view.getUint16(next + 2)
      if (id === 0 && length === 0) return rest(view, next, end)
      // In a file, the next datagram: no set is called 5, 9 or 10.
      if (exported.stream.protocol === 'netflow-v9' && isVersion(id)) return next
      if (length < 4 || next + length > end) {
        this.reject(
          length < 4 ? 'bad-field' : 'truncated',
          `set ${id} of ${length} bytes, ${end - next} are there`,
        )
        return end
      }
      this.set({ view, at: next + 4, end: next + length }, id, exported)
      next += length
    }
    return end
  }

  private set(area: Area & { view: DataView }, id: number, exported: Exported): void {
    const { stream } = exported
    const isNine = stream.protocol === 'netflow-v9'
    if (id === (isNine ? 0 : 2)) this.templates(area, stream, false)
    else if (id === (isNine ? 1 : 3)) this.templates(area, stream, true)
    else if (id < 256) this.reject('unsupported', `a set called ${id}`)
    else this.data(area, id, exported)
  }

  private templates({ view, at, end }: Area & { view: DataView }, stream: ExportStream, isOptions: boolean) {
    const isNine = stream.protocol === 'netflow-v9'
    const head = isOptions ? 6 : 4
    let next = at
    while (next + 4 <= end) {
      const id = view.getUint16(next)
      const count = view.getUint16(next + 2)
      if (!isNine && count === 0) {
        stream.forget(id === (isOptions ? 3 : 2) ? { options: isOptions } : id)
        next += 4
        continue
      }
      // Zeros to the next full word.
      if (id === 0 && count === 0) return
      if (id < 256 || next + head > end) return this.reject('bad-field', `template ${id} of ${count} fields`)
      const found = specifiers({ view, at: next, end }, { isNine, isOptions })
      if (!found) return this.reject('truncated', `template ${id} of ${count} fields in ${end - next} bytes`)
      this.learn(stream, id, templateOf(found.fields, isOptions))
      next = found.end
    }
  }

  private learn(stream: ExportStream, id: number, template: Template | null) {
    if (!template) return this.reject('bad-field', `template ${id} of no bytes`)
    if (!stream.learn(id, template))
      return this.reject('unsupported', `template ${id}: ${stream.from} has too many`)
    this.retry((set) => set.why === 'template' && set.exported.stream === stream && set.id === id)
  }

  private retry(ready: Parameters<HeldSets['take']>[0]): void {
    for (const { view, id, exported } of this.held.take(ready))
      this.data({ view, at: 0, end: view.byteLength }, id, exported)
  }

  private hold(
    { view, at, end }: Area & { view: DataView },
    from: { exported: Exported; id: number; why: 'template' | 'sampler' },
  ): void {
    for (const given of this.held.add(from, view, at, end)) this.giveUp(given)
  }

  private data(area: Area & { view: DataView }, id: number, exported: Exported) {
    const { stream } = exported
    const { view, end } = area
    const template = stream.templates.get(id)
    if (!template) return this.hold(area, { exported, id, why: 'template' })
    const whole = this.streams.samplingOf(stream.from)
    let next = area.at
    while (next < end && end - next >= template.length) {
      const begin = next
      this.record.clear()
      const ends = template.isOptions ? this.unused : this.record.ends
      next = this.values.read(view, template, { at: begin, end }, ends)
      if (next < 0) return this.leftOver(view, begin, end)
      if (template.isOptions) this.describe(stream, whole)
      else {
        const rate = rateOf(this.values.numbers, stream.sampling, whole)
        if (rate < 0) return this.hold({ view, at: begin, end }, { exported, id, why: 'sampler' })
        const why = flowFrom(this.record, this.values, exported, view)
        this.give(stream, why, why === null || why === 'sampled' ? rate : 1, () => hex(view, begin, next))
      }
    }
    this.leftOver(view, next, end)
  }

  /** What is behind the last whole record: padding, or a record cut short. */
  private leftOver(view: DataView, at: number, end: number): void {
    if (end - at >= 4 && !isZero(view, at, end))
      this.reject('truncated', `${end - at} bytes left over: ${hex(view, at, end)}`)
  }

  /** Takes an options record. */
  private describe(stream: ExportStream, whole: Sampling): void {
    this.options++
    const bootTime = this.values.numbers[slot.bootTime] as number
    if (bootTime > 0) stream.bootTime = bootTime
    const before = stream.sampling.whole
    if (!stream.sampling.learn(this.values)) return
    // Samplers are of the exporter; what is said of all packets is so only in domain 0.
    const sampler = this.values.numbers[slot.samplerId] as number
    if (sampler >= 0 || stream.domain === 0) whole.learn(this.values)
    if (before === 0 && stream.sampling.whole > 1) stream.early += stream.records
    this.retry((set) => set.why === 'sampler' && set.exported.stream.from === stream.from)
  }

  private sflow(datagram: Datagram): number {
    const { view, from, received } = datagram
    this.at(received, this.now)
    return readSflow(datagram, {
      begin: (agent, domain, sequence) => {
        const stream = this.stream(agent || from, 'sflow', domain)
        stream?.sequence.tell(sequence, 1)
        return stream
      },
      record: this.record,
      sample: (stream, why, rate, at) => {
        const { record } = this
        record.start = record.end = record.reverseStart = received
        record.meter = meterOf(stream)
        this.give(stream, why ?? implausible(record), rate, () => hex(view, at, datagram.end))
      },
      reject: (why, what, times) => this.reject(why, what, times),
    })
  }
}

/** Cisco: 24 records in version 1, 30 in 5, 28 in 7. */
const mostFixed = 30

const isVersion = (id: number): boolean => id === 5 || id === 9 || id === 10

/** Where zeros end: a datagram may be filled up with them. */
function rest(view: DataView, at: number, end: number): number {
  let next = at
  while (next < end && view.getUint8(next) === 0) next++
  // A version begins with a zero byte.
  return next === end ? end : next - 1
}

function isZero(view: DataView, at: number, end: number): boolean {
  for (let i = at; i < end; i++) if (view.getUint8(i) !== 0) return false
  return true
}

/** The fields of the template record at `at`, and where it ends; null when it goes beyond the set. */
function specifiers(
  { view, at, end }: Area & { view: DataView },
  { isNine, isOptions }: { isNine: boolean; isOptions: boolean },
): { fields: Specifier[]; end: number } | null {
  const scopes = isNine && isOptions ? view.getUint16(at + 2) >>> 2 : 0
  const count = isNine && isOptions ? scopes + (view.getUint16(at + 4) >>> 2) : view.getUint16(at + 2)
  const fields: Specifier[] = []
  let next = at + (isOptions ? 6 : 4)
  for (let i = 0; i < count; i++) {
    if (next + 4 > end) return null
    const raw = view.getUint16(next)
    const length = view.getUint16(next + 2)
    const isForeign = !isNine && raw >= 0x8000
    if (isForeign && next + 8 > end) return null
    const number = isForeign ? raw & 0x7fff : raw
    const enterprise = isForeign ? view.getUint32(next + 4) : 0
    // The scopes of v9 have numbers of their own, of which 2 is the interface.
    if (i < scopes) fields.push({ enterprise: 0, number: number === 2 ? 10 : 0, length })
    else fields.push({ enterprise, number, length })
    next += isForeign ? 8 : 4
  }
  return { fields, end: next }
}

function hex(view: DataView, at: number, end: number): string {
  const from = Math.min(at, view.byteLength)
  const size = Math.min(48, Math.max(0, end - from), view.byteLength - from)
  return Buffer.from(view.buffer, view.byteOffset + from, size).toString('hex')
}
