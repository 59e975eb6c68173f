/**
 * What is remembered of one exporter: its templates, sampling, clock and numbering.
 *
 * An exporter is an address, a port and a domain (RFC 7011, section 8: templates are of a transport session and an
 * observation domain; two devices behind one address differ by their port alone). An exporter that changes its port is
 * known again by its numbering, and by when it began where its headers say that.
 */
import { hash, hashBytes } from './bytes.ts'
import { BootClock, ClockSkew } from './exporter-clock.ts'
import { Sampling } from './sampling.ts'
import { Sequence } from './sequence.ts'
import { type Template, templateFrom } from './template.ts'

export type Protocol = 'netflow-v1' | 'netflow-v5' | 'netflow-v7' | 'netflow-v9' | 'ipfix' | 'sflow'

/** Datagrams of an exporter among which one that came twice is looked for. */
const mostRecent = 64

/** Fields of all templates of an exporter; what comes beyond is refused, as memory is the collector's. */
const mostFields = 65_536

/** Who sent a datagram: an address, and a port, 0 where none is known. */
export interface Sender {
  readonly from: string
  readonly port: number
}

/** What all domains of one exporter share. */
interface Device {
  /** What it said of its sampling in whatever domain: many tell it in one for all. */
  readonly sampling: Sampling
  /** Microseconds; when it began, as its options say; NaN where they do not. */
  bootTime: number
}

export class ExportStream {
  readonly from: string
  readonly port: number
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
  private fields = 0
  /** Hashes of its last datagrams, two words each. */
  private readonly recent = new Uint32Array(2 * mostRecent)
  private next = 0

  constructor(
    is: Pick<ExportStream, 'from' | 'port' | 'protocol' | 'domain' | 'index' | 'device'>,
    trustClock: boolean,
  ) {
    this.from = is.from
    this.port = is.port
    this.device = is.device
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
    for (const [id, rate] of other.sampling.samplers) this.sampling.samplers.set(id, rate)
    for (const [id, rate] of other.sampling.inputs) this.sampling.inputs.set(id, rate)
    this.sampling.whole ||= other.sampling.whole
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
    for (const [id, rate] of kept.samplers) this.sampling.samplers.set(id, rate)
    for (const [id, rate] of kept.inputs) this.sampling.inputs.set(id, rate)
    this.sampling.whole = kept.whole
    if (kept.bootTime !== undefined) this.device.bootTime = kept.bootTime
  }
}

export interface KeptStream {
  readonly from: string
  /** Absent in what was kept before exporters were told apart by it. */
  readonly port?: number
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
/** Microseconds of silence after which an exporter may give its place to a new one. */
const longSilent = 3600e6
/** Microseconds between two searches for one, so that a flood of forged senders costs little. */
const betweenLooks = 1e6
/** Microseconds by which the headers of one device disagree about when it began, their time being in whole seconds. */
const sameBoot = 2e6
/** Datagrams that may be lost while an exporter changes its port. */
const mostMissed = 1000

/** What the header of a datagram says that tells exporters of one address apart. */
export interface Header {
  readonly sequence: number
  /** Microseconds; when the exporter began; NaN where headers do not say. */
  readonly boot: number
  /** Microseconds; when the datagram came. */
  readonly now: number
}

/** The exporters of one collector or input. */
export class ExportStreams {
  private readonly streams = new Map<string, ExportStream>()
  /** By protocol, domain and address: sessions that differ by their port. */
  private readonly sessions = new Map<string, ExportStream[]>()
  private readonly devices = new Map<string, Device>()
  private readonly trustClocks: boolean
  private made = 0
  private nextLook = 0

  constructor(trustClocks: boolean) {
    this.trustClocks = trustClocks
  }

  /** The stream, made where it is new; null when there are too many. */
  of({ from, port }: Sender, protocol: Protocol, domain: number, header: Header): ExportStream | null {
    const group = `${protocol} ${domain} ${from}`
    const key = `${group} ${port}`
    const known = this.streams.get(key)

    if (known) {
      known.lastHeard = header.now
      return known
    }

    if (this.streams.size >= mostStreams && !this.forgetSilent(header.now)) return null
    const device = this.deviceOf({ from, port }, header.boot)
    const index = this.made++ % 32_768
    const stream = new ExportStream({ from, port, protocol, domain, index, device }, this.trustClocks)
    stream.firstHeard = stream.lastHeard = header.now
    this.streams.set(key, stream)
    const others = this.sessions.get(group) ?? []
    const before = others.find((each) => goesOn(each, header, protocol))
    if (before) stream.adopt(before)
    this.sessions.set(group, [...others, stream])

    return stream
  }

  /** What all domains of an exporter share; so do the ports of one that says of each that it began at the same time. */
  private deviceOf({ from, port }: Sender, boot: number): Device {
    const key = `${from} ${port}`
    const known = this.devices.get(key)
    if (known) return known
    const same = this.all().find((each) => each.from === from && Math.abs(each.boot.began - boot) <= sameBoot)
    const device = same?.device ?? { sampling: new Sampling(), bootTime: Number.NaN }
    this.devices.set(key, device)
    return device
  }

  /** Gives up the exporter that was silent longest, for an hour at least. @returns whether there was one. */
  private forgetSilent(now: number): boolean {
    if (now < this.nextLook) return false
    this.nextLook = now + betweenLooks
    const oldest = this.all().reduce((least, each) => (each.lastHeard < least.lastHeard ? each : least))
    if (!(now - oldest.lastHeard > longSilent)) return false
    const { from, port, protocol, domain } = oldest
    const group = `${protocol} ${domain} ${from}`
    this.streams.delete(`${group} ${port}`)
    const left = (this.sessions.get(group) ?? []).filter((each) => each !== oldest)
    if (left.length > 0) this.sessions.set(group, left)
    else this.sessions.delete(group)
    if (!this.all().some((each) => each.from === from && each.port === port))
      this.devices.delete(`${from} ${port}`)
    return true
  }

  /** The template that other sessions of the same address and domain have under this id; null unless they agree. */
  templateElsewhere({ from, protocol, domain }: ExportStream, id: number): Template | null {
    const sessions = this.sessions.get(`${protocol} ${domain} ${from}`) ?? []
    const found = sessions.flatMap(({ templates }) => templates.get(id) ?? [])
    const [one] = found
    return one && found.every(({ text }) => text === one.text) ? one : null
  }

  all(): ExportStream[] {
    return [...this.streams.values()]
  }

  kept(): KeptStream[] {
    return this.all().map((stream) => stream.kept())
  }

  restore(kept: readonly KeptStream[]): void {
    const unknown = { sequence: Number.NaN, boot: Number.NaN, now: 0 }
    for (const each of kept) {
      const sender = { from: each.from, port: each.port ?? 0 }
      const stream = this.of(sender, each.protocol, each.domain, unknown)
      if (!stream) continue
      stream.restore(each)
      for (const [id, rate] of each.samplers) stream.device.sampling.samplers.set(id, rate)
    }
  }
}

/**
 * Whether a new session goes on where another stopped. Numbers of IPFIX begin with 0 and say little while they are
 * small.
 */
function goesOn({ sequence, boot }: ExportStream, header: Header, protocol: Protocol): boolean {
  const ahead = header.sequence - sequence.expected
  if (protocol === 'ipfix') return ahead === 0 && header.sequence >= 100
  return ahead >= 0 && ahead <= mostMissed && Math.abs(boot.began - header.boot) <= sameBoot
}
