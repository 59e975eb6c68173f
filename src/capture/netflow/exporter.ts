/**
 * What is remembered of one exporter: its templates, sampling, clock and numbering.
 *
 * An exporter is an address, a port and a domain (RFC 7011, section 8: templates are of a transport session and an
 * observation domain; two devices behind one address differ by their port alone).
 */
import { Allowance, type SharedUnits, unitsOfTemplate } from './allowance.ts'
import { hash, hashBytes } from './bytes.ts'
import { BootClock, ClockSkew } from './exporter-clock.ts'
import { Sampling } from './sampling.ts'
import { Sequence } from './sequence.ts'
import { type Template, templateFrom } from './template.ts'

export type Protocol = 'netflow-v1' | 'netflow-v5' | 'netflow-v7' | 'netflow-v9' | 'ipfix' | 'sflow'

/** Datagrams of an exporter among which one that came twice is looked for. */
const mostRecent = 64

/** Who sent a datagram: an address, and a port, 0 where none is known. */
export interface Sender {
  readonly from: string
  readonly port: number
}

/** What all domains of one exporter share. */
export interface Device {
  /** What it said of its sampling in whatever domain: many tell it in one for all. */
  readonly sampling: Sampling
  readonly allowance: Allowance
  /** Microseconds; when it began, as its options say; NaN where they do not. */
  bootTime: number
}

const unitsOf = (template: Template | undefined): number =>
  template ? unitsOfTemplate + template.fields.length : 0

export class ExportStream {
  readonly from: string
  readonly port: number
  readonly protocol: Protocol
  /** Engine (v5), source id (v9), observation domain (IPFIX) or sub-agent (sFlow). */
  readonly domain: number
  /** From 0, in the order of appearance. */
  readonly index: number
  readonly templates = new Map<number, Template>()
  /** Layouts that were withdrawn, as text, until their id has one again. */
  private readonly withdrawn = new Map<number, string>()
  readonly sampling: Sampling
  readonly boot = new BootClock()
  readonly skew: ClockSkew
  readonly sequence = new Sequence()
  readonly device: Device
  /** Microseconds; when the exporter began at the latest, by the uptimes of its records (IPFIX); NaN without any. */
  latestBoot = Number.NaN
  /** Whether records with uptimes wait for the option that says when it began. */
  waitsForBoot = true
  /** Microseconds; when its first datagram came. */
  firstHeard = Number.NaN
  /** Microseconds; when its last datagram came. */
  lastHeard = Number.NaN
  datagrams = 0
  records = 0
  /** Records that came before the exporter said that it samples. */
  early = 0
  /** Records that end before they begin, by milliseconds; they are kept, with a duration of 0. */
  backwards = 0
  /** The greatest rate that was applied or refused. */
  rate = 1
  private readonly allowance: Allowance
  /** Hashes of its last datagrams, two words each. */
  private readonly recent = new Uint32Array(2 * mostRecent)
  private next = 0

  constructor(
    is: Pick<ExportStream, 'from' | 'port' | 'protocol' | 'domain' | 'index' | 'device'>,
    { trustClock, shared }: { trustClock: boolean; shared: SharedUnits },
  ) {
    this.allowance = new Allowance(shared)
    this.sampling = new Sampling(this.allowance)
    this.from = is.from
    this.port = is.port
    this.device = is.device
    this.protocol = is.protocol
    this.domain = is.domain
    this.index = is.index
    this.skew = new ClockSkew(trustClock)
  }

  /** Whether the id had another layout before it was withdrawn. Sets that came in between may be of either. */
  changes(id: number, { text }: Template): boolean {
    const before = this.withdrawn.get(id)
    return before !== undefined && before !== text
  }

  /** Keeps a template, in place of the one before it. @returns false when there is no room. */
  learn(id: number, template: Template): boolean {
    const before = this.templates.get(id)
    if (before?.text === template.text && before.isOptions === template.isOptions) return true
    if (!this.allowance.take(unitsOf(template) - unitsOf(before))) return false
    this.templates.set(id, template)
    this.withdrawn.delete(id)
    return true
  }

  /** Takes a withdrawal (RFC 7011, section 8.1): of one template, or of all of a kind. */
  forget(which: number | { readonly options: boolean }): void {
    for (const [id, template] of this.templates) {
      if (typeof which === 'number' ? id !== which : template.isOptions !== which.options) continue
      this.templates.delete(id)
      this.withdrawn.set(id, template.text)
      this.allowance.take(-unitsOf(template))
    }
  }

  /** Forgets every template, as those of an exporter that began anew are no longer its own (RFC 3954, section 9). */
  forgetAll(): void {
    for (const template of this.templates.values()) this.allowance.take(-unitsOf(template))
    this.templates.clear()
  }

  /** Gives back what it holds, when it gives its place to another. */
  release(): void {
    this.allowance.release()
  }

  /** Whether a datagram of these bytes came shortly before: the network, or whoever captured it, gave it twice. */
  isRepeated(view: DataView, at: number, end: number): boolean {
    hashBytes(view, at, end)
    const { recent } = this
    for (let i = 0; i < recent.length; i += 2)
      if (recent[i] === hash[0] && recent[i + 1] === hash[1]) return true
    recent[this.next] = hash[0] as number
    recent[this.next + 1] = hash[1] as number
    this.next = (this.next + 2) % recent.length
    return false
  }

  /** Takes over what another session of the same exporter said. */
  adopt(other: ExportStream): void {
    for (const [id, template] of other.templates) if (!this.templates.has(id)) this.learn(id, template)
    this.sampling.adopt(other.sampling)
  }

  /** What must outlive a restart of the collector. */
  kept(): KeptStream {
    const { bootTime } = this.device
    return {
      from: this.from,
      port: this.port,
      protocol: this.protocol,
      domain: this.domain,
      templates: [...this.templates].map(([id, { text, isOptions }]) => ({ id, text, isOptions })),
      samplers: [...this.sampling.samplers],
      inputs: [...this.sampling.inputs],
      whole: this.sampling.whole,
      ...(Number.isNaN(bootTime) ? {} : { bootTime }),
    }
  }

  restore(kept: KeptStream): void {
    for (const { id, text, isOptions } of kept.templates) {
      const template = templateFrom(text, isOptions)
      if (template) this.learn(id, template)
    }
    this.sampling.adopt(kept)
    if (kept.bootTime !== undefined) this.device.bootTime = kept.bootTime
  }
}

export interface KeptStream {
  readonly from: string
  /** Absent in what was kept before exporters were distinguished by it. */
  readonly port?: number
  readonly protocol: Protocol
  readonly domain: number
  readonly templates: readonly { readonly id: number; readonly text: string; readonly isOptions: boolean }[]
  readonly samplers: readonly (readonly [number, number])[]
  readonly inputs: readonly (readonly [number, number])[]
  readonly whole: number
  readonly bootTime?: number
}
