/** What is remembered of one exporter: its templates, sampling, clock and numbering. */
import { BootClock, ClockSkew } from './exporter-clock.ts'
import { Sampling } from './sampling.ts'
import { Sequence } from './sequence.ts'
import { type Template, templateFrom } from './template.ts'

export type Protocol = 'netflow-v1' | 'netflow-v5' | 'netflow-v7' | 'netflow-v9' | 'ipfix' | 'sflow'

/** Fields of all templates of an exporter; what comes beyond is refused, as memory is the collector's. */
const mostFields = 65_536

export class ExportStream {
  readonly from: string
  readonly protocol: Protocol
  /** Engine (v5), source id (v9), observation domain (IPFIX) or sub-agent (sFlow). */
  readonly domain: number
  /** From 0, in the order of appearance. */
  readonly index: number
  readonly templates = new Map<number, Template>()
  readonly sampling = new Sampling()
  readonly boot = new BootClock()
  readonly skew: ClockSkew
  readonly sequence = new Sequence()
  /** Microseconds; when the exporter began, as its options say; NaN where they do not. */
  bootTime = Number.NaN
  datagrams = 0
  records = 0
  /** Records that came before the exporter said that it samples. */
  early = 0
  /** The greatest rate that was applied or refused. */
  rate = 1
  private fields = 0

  constructor(is: Pick<ExportStream, 'from' | 'protocol' | 'domain' | 'index'>, trustClock: boolean) {
    this.from = is.from
    this.protocol = is.protocol
    this.domain = is.domain
    this.index = is.index
    this.skew = new ClockSkew(trustClock)
  }

  /** Keeps a template, in place of the one before it. @returns false when there is no room. */
  learn(id: number, template: Template): boolean {
    const before = this.templates.get(id)
    if (before?.text === template.text && before.isOptions === template.isOptions) return true
    const fields = this.fields + template.fields.length - (before?.fields.length ?? 0)
    if (fields > mostFields) return false
    this.fields = fields
    this.templates.set(id, template)
    return true
  }

  /** Takes a withdrawal (RFC 7011, section 8.1): of one template, or of all of a kind. */
  forget(which: number | { readonly options: boolean }): void {
    for (const [id, { fields, isOptions }] of this.templates) {
      if (typeof which === 'number' ? id !== which : isOptions !== which.options) continue
      this.templates.delete(id)
      this.fields -= fields.length
    }
  }

  /** Forgets every template, as those of an exporter that began anew are no longer its own (RFC 3954, section 9). */
  forgetAll(): void {
    this.templates.clear()
    this.fields = 0
  }

  /** What must outlive a restart of the collector. */
  kept(): KeptStream {
    return {
      from: this.from,
      protocol: this.protocol,
      domain: this.domain,
      templates: [...this.templates].map(([id, { text, isOptions }]) => ({ id, text, isOptions })),
      samplers: [...this.sampling.samplers],
      inputs: [...this.sampling.inputs],
      whole: this.sampling.whole,
      ...(Number.isNaN(this.bootTime) ? {} : { bootTime: this.bootTime }),
    }
  }

  restore(kept: KeptStream): void {
    for (const { id, text, isOptions } of kept.templates) {
      const template = templateFrom(text, isOptions)
      if (template) this.learn(id, template)
    }
    for (const [id, rate] of kept.samplers) this.sampling.samplers.set(id, rate)
    for (const [id, rate] of kept.inputs) this.sampling.inputs.set(id, rate)
    this.sampling.whole = kept.whole
    this.bootTime = kept.bootTime ?? Number.NaN
  }
}

export interface KeptStream {
  readonly from: string
  readonly protocol: Protocol
  readonly domain: number
  readonly templates: readonly { readonly id: number; readonly text: string; readonly isOptions: boolean }[]
  readonly samplers: readonly (readonly [number, number])[]
  readonly inputs: readonly (readonly [number, number])[]
  readonly whole: number
  readonly bootTime?: number
}

/** More exporters than any site has: sources of datagrams can be forged. */
const mostStreams = 4096

/** The exporters of one collector or input. */
export class ExportStreams {
  private readonly streams = new Map<string, ExportStream>()
  private readonly samplings = new Map<string, Sampling>()
  private readonly trustClocks: boolean

  constructor(trustClocks: boolean) {
    this.trustClocks = trustClocks
  }

  /** The stream, made where it is new; null when there are too many. */
  of(from: string, protocol: Protocol, domain: number): ExportStream | null {
    const key = `${protocol} ${domain} ${from}`
    const known = this.streams.get(key)
    if (known) return known
    if (this.streams.size >= mostStreams) return null
    const made = new ExportStream({ from, protocol, domain, index: this.streams.size }, this.trustClocks)
    this.streams.set(key, made)
    return made
  }

  /** What an exporter said of its sampling in whatever domain: many tell it in one for all. */
  samplingOf(from: string): Sampling {
    const known = this.samplings.get(from)
    if (known) return known
    const made = new Sampling()
    this.samplings.set(from, made)
    return made
  }

  all(): ExportStream[] {
    return [...this.streams.values()]
  }

  kept(): KeptStream[] {
    return this.all().map((stream) => stream.kept())
  }

  restore(kept: readonly KeptStream[]): void {
    for (const each of kept) {
      const stream = this.of(each.from, each.protocol, each.domain)
      if (!stream) continue
      stream.restore(each)
      const whole = this.samplingOf(each.from)
      for (const [id, rate] of each.samplers) whole.samplers.set(id, rate)
    }
  }
}
