/** The exporters of one collector or input, by address, port and domain; known again when their port changes. */
import { Allowance, type SharedUnits } from './allowance.ts'
import { type Device, ExportStream, type KeptStream, type Protocol, type Sender } from './exporter.ts'
import { Sampling } from './sampling.ts'
import type { Template } from './template.ts'

function newDevice(shared: SharedUnits): Device {
  const allowance = new Allowance(shared)
  return { allowance, sampling: new Sampling(allowance), bootTime: Number.NaN }
}

/** More exporters than any site has: sources of datagrams can be forged. */
const mostStreams = 4096
/** Microseconds of silence after which an exporter may give its place to a new one. */
const longSilent = 3600e6
/** Microseconds between two searches for one, so that a flood of forged senders costs little. */
const checkInterval = 1e6
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
  private readonly shared: SharedUnits = { used: 0 }
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
    const stream = new ExportStream(
      { from, port, protocol, domain, index, device },
      { trustClock: this.trustClocks, shared: this.shared },
    )
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
    const device = same?.device ?? newDevice(this.shared)
    this.devices.set(key, device)
    return device
  }

  /** Gives up the exporter that was silent longest, for an hour at least. @returns whether there was one. */
  private forgetSilent(now: number): boolean {
    if (now < this.nextLook) return false
    this.nextLook = now + checkInterval
    const oldest = this.all().reduce((least, each) => (each.lastHeard < least.lastHeard ? each : least))
    if (!(now - oldest.lastHeard > longSilent)) return false
    const { from, port, protocol, domain } = oldest
    const group = `${protocol} ${domain} ${from}`
    this.streams.delete(`${group} ${port}`)
    oldest.release()
    const left = (this.sessions.get(group) ?? []).filter((each) => each !== oldest)
    if (left.length > 0) this.sessions.set(group, left)
    else this.sessions.delete(group)
    if (!this.all().some((each) => each.from === from && each.port === port))
      this.devices.delete(`${from} ${port}`)
    if (!this.all().some(({ device }) => device === oldest.device)) oldest.device.allowance.release()
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
      stream.device.sampling.adopt({ samplers: each.samplers, inputs: [], whole: 0 })
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
