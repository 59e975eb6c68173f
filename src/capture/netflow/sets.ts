/**
 * Sets of NetFlow v9 and IPFIX: templates, options and data. What cannot be read yet is held: a set whose template has
 * not come, records of a sampler that nobody described, and records with uptimes of an exporter that has not said when
 * it began.
 */

import type { ExportRecord } from '../biflow/record.ts'
import { Packet } from '../packets/packet.ts'
import type { RejectReason } from '../rejects.ts'
import { hex, isZero, zerosEnd } from './bytes.ts'
import type { ExportStream } from './exporter.ts'
import { latestBoot } from './exporter-clock.ts'
import type { ExportStreams } from './exporters.ts'
import { slot } from './fields.ts'
import { type HeldSet, HeldSets } from './pending-sets.ts'
import { type Exported, flowFrom, lacksBoot } from './record-to-flow.ts'
import { rateOf } from './sampling.ts'
import type { Area } from './sflow.ts'
import { specifiersAt, type Template, templateOf } from './template.ts'
import { Values } from './values.ts'

type Bytes = Area & { readonly view: DataView }

/** Where what is in the sets goes, and what is known beside them. */
interface SetsSink {
  readonly streams: ExportStreams
  /** Filled before each `give`. */
  readonly record: ExportRecord
  /** Microseconds; when the datagram at hand came, or was sent where that is not known. */
  readonly now: number
  give(stream: ExportStream, why: RejectReason | null, rate: number, sample: () => string): void
  reject(reason: RejectReason, sample: string, times?: number): void
}

export class SetReader {
  /** Options records, which describe the exporter. */
  options = 0
  private readonly sink: SetsSink
  private readonly values = new Values()
  private readonly held = new HeldSets()
  /** Held sets that are given up when the datagram at hand is done. */
  private givenUp: HeldSet[] = []
  private nextExpiry = Number.NEGATIVE_INFINITY
  private ended = false
  private readonly unused = new Packet()

  constructor(sink: SetsSink) {
    this.sink = sink
  }

  /** Sets that wait. */
  get waiting(): number {
    return this.held.size
  }

  /** To be called when a datagram is done. */
  settle(): void {
    if (this.sink.now >= this.nextExpiry) this.expire()
    while (this.givenUp.length > 0) for (const set of this.givenUp.splice(0)) this.giveUp(set)
  }

  /** Gives up what still waits. */
  finish(): void {
    this.ended = true
    while (this.held.size > 0) for (const set of this.held.take(() => true)) this.giveUp(set)
  }

  /** Gives up what has waited long enough for what may never come. */
  private expire(): void {
    this.nextExpiry = this.sink.now + betweenExpiries
    const old = this.held.take(
      ({ why, since, id, exported: { stream } }) =>
        since + longestWait < this.sink.now &&
        (why === 'clock' || (why === 'template' && this.sink.streams.templateElsewhere(stream, id) !== null)),
    )
    this.givenUp.push(...old)
  }

  /** Reads a held set without what it waits for, where it can be read so; else it is a reject. */
  private giveUp({ id, why, exported, view }: HeldSet) {
    const { stream } = exported
    const area = { view, at: 0, end: view.byteLength }
    if (why === 'clock') {
      stream.waitsForBoot = false
      return this.data(area, id, exported)
    }
    if (why === 'template') {
      const template = this.sink.streams.templateElsewhere(stream, id)
      if (template && !stream.templates.has(id)) stream.learn(id, template)
      if (stream.templates.has(id)) return this.data(area, id, exported)
      return this.sink.reject('no-template', `a set of template ${id}`)
    }
    const template = stream.templates.get(id)
    const records = template?.fixed ? Math.max(1, Math.floor(view.byteLength / template.length)) : 1
    this.sink.reject('sampled', `records of template ${id}, whose sampler nobody described`, records)
  }

  /** Reads sets until the end, or until something that is none. @returns where it stopped. */
  read({ view, at, end }: Bytes, exported: Exported): number {
    let next = at

    while (next + 4 <= end) {
      const id = view.getUint16(next)
      const length = view.getUint16(next + 2)
      if (id === 0 && length === 0) return zerosEnd(view, next, end)
      // In a file, the next datagram: no set is called 5, 9 or 10.
      if (exported.stream.protocol === 'netflow-v9' && isVersion(id)) return next
      if (length < 4 || next + length > end) {
        this.sink.reject(
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

  private set(area: Bytes, id: number, exported: Exported): void {
    const { stream } = exported
    const isNine = stream.protocol === 'netflow-v9'
    if (id === (isNine ? 0 : 2)) this.templates(area, stream, false)
    else if (id === (isNine ? 1 : 3)) this.templates(area, stream, true)
    else if (id < 256) this.sink.reject('unsupported', `a set called ${id}`)
    else this.data(area, id, exported)
  }

  private templates({ view, at, end }: Bytes, stream: ExportStream, isOptions: boolean) {
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
      if (id < 256 || next + head > end)
        return this.sink.reject('bad-field', `template ${id} of ${count} fields`)
      const found = specifiersAt({ view, at: next, end }, { isNine, isOptions })
      if (!found)
        return this.sink.reject('truncated', `template ${id} of ${count} fields in ${end - next} bytes`)
      this.learn(stream, id, templateOf(found.fields, isOptions))
      next = found.end
    }
  }

  private learn(stream: ExportStream, id: number, template: Template | null) {
    if (!template) return this.sink.reject('bad-field', `template ${id} of no bytes`)
    const changes = stream.changes(id, template)
    if (!stream.learn(id, template))
      return this.sink.reject('unsupported', `template ${id}: ${stream.from} has too many`)
    const waits = (set: HeldSet) => set.why === 'template' && set.exported.stream === stream && set.id === id
    if (!changes) return this.retry(waits)

    for (const _ of this.held.take(waits))
      this.sink.reject('no-template', `a set of template ${id}, after its withdrawal`)
  }

  private retry(ready: Parameters<HeldSets['take']>[0]): void {
    for (const { view, id, exported } of this.held.take(ready))
      this.data({ view, at: 0, end: view.byteLength }, id, exported)
  }

  private hold({ view, at, end }: Bytes, from: Pick<HeldSet, 'exported' | 'id' | 'why'>): void {
    this.givenUp.push(...this.held.add({ ...from, since: this.sink.now }, view, at, end))
  }

  private data(area: Bytes, id: number, exported: Exported) {
    const { stream } = exported
    const { view, end } = area
    const template = stream.templates.get(id)
    if (!template) return this.hold(area, { exported, id, why: 'template' })
    const byUptime = isByUptime(template, stream)

    if (byUptime && stream.waitsForBoot && this.waits(area, template, exported))
      return this.hold(area, { exported, id, why: 'clock' })

    let next = area.at

    while (next < end && end - next >= template.length) {
      const begin = next
      this.sink.record.clear()
      const ends = template.isOptions ? this.unused : this.sink.record.ends
      next = this.values.read(view, template, { at: begin, end }, ends)
      if (next < 0) return this.leftOver(view, begin, end)
      if (template.isOptions) this.describe(stream)
      else {
        if (byUptime) this.bound(exported)
        const rate = rateOf(this.values.numbers, stream.sampling, stream.device.sampling)
        if (rate < 0 && !this.ended)
          return this.hold({ view, at: begin, end }, { exported, id, why: 'sampler' })
        const why = exported.repeated
          ? 'superseded'
          : rate < 0
            ? 'sampled'
            : flowFrom(this.sink.record, this.values, exported, view)
        this.sink.give(stream, why, why === null ? rate : 1, () => hex(view, begin, next))
      }
    }

    this.leftOver(view, next, end)
  }

  /** Whether records of a set have to wait until it is known when their exporter began. */
  private waits({ view, at, end }: Bytes, template: Template, exported: Exported): boolean {
    const { stream } = exported
    if (this.ended || this.sink.now - stream.firstHeard > longestWait) {
      stream.waitsForBoot = false
      return false
    }
    let lacks = false
    for (let next = at; next < end && end - next >= template.length; ) {
      next = this.values.read(view, template, { at: next, end }, this.unused)
      if (next < 0) break
      // Whatever comes of it, its uptimes tell when that was at the latest.
      lacks = this.bound(exported) || lacks
    }
    return lacks
  }

  /** Takes the uptime of the record at hand as a bound for when its exporter began. @returns whether it needs one. */
  private bound(exported: Exported): boolean {
    const { numbers } = this.values
    if (!lacksBoot(numbers, exported)) return false
    const lastUp = (numbers[slot.lastUp] as number) >= 0 ? numbers[slot.lastUp] : numbers[slot.firstUp]
    exported.stream.latestBoot = latestBoot(exported.stream.latestBoot, exported.time, lastUp as number)
    return true
  }

  /** What is behind the last whole record: padding, or a record cut short. */
  private leftOver(view: DataView, at: number, end: number): void {
    if (end - at >= 4 && !isZero(view, at, end))
      this.sink.reject('truncated', `${end - at} bytes left over: ${hex(view, at, end)}`)
  }

  /** Takes an options record. */
  private describe(stream: ExportStream): void {
    const { device, sampling } = stream
    const { numbers } = this.values
    this.options++
    const bootTime = numbers[slot.bootTime] as number
    const began = bootTime > 0 && Number.isNaN(device.bootTime)
    if (bootTime > 0) device.bootTime = bootTime

    const before = sampling.whole
    const sampled = sampling.learn(this.values)
    if (sampled) {
      // Samplers are of the exporter; what is said of all packets is so only in domain 0.
      if ((numbers[slot.samplerId] as number) >= 0 || stream.domain === 0) device.sampling.learn(this.values)
      if (before === 0 && sampling.whole > 1) stream.early += stream.records
    }

    // From here on the values are those of other records.
    if (began) this.retry((set) => set.why === 'clock' && set.exported.stream.device === device)
    if (sampled) this.retry((set) => set.why === 'sampler' && set.exported.stream.device === device)
  }
}

/** Whether records tell times by the uptime of an exporter of IPFIX that has not said when it began. */
const isByUptime = ({ isOptions, hasUptime }: Template, { protocol, device }: ExportStream): boolean =>
  !isOptions && hasUptime && protocol === 'ipfix' && !(device.bootTime > 0)

/** Microseconds that a set waits for what its exporter may never send. */
const longestWait = 60e6
const betweenExpiries = 5e6

const isVersion = (id: number): boolean => id === 5 || id === 9 || id === 10
