/** When an exporter's uptime began, and how far its clock is off. Times in microseconds unless they say otherwise. */
import { second } from '../../model/units.ts'

const wrap = 2 ** 32
/** Milliseconds by which headers of one exporter may disagree. */
const settling = 10_000

/**
 * NetFlow v9 says the time of its header in whole seconds and uptime in milliseconds, so that the moment of start-up
 * that follows from them jumps by up to a second from datagram to datagram. Starts of flows would jump with it, and no
 * beat would be even. The true moment lies within the second above each that follows; the latest of them is kept until
 * one falls out of that second.
 */
export class BootClock {
  private boot = Number.NaN
  private uptime = 0
  private unix = Number.NaN
  /** Restarts of the exporter that were seen. */
  restarts = 0

  /**
   * Takes a header: `unix` its time, `uptime` in milliseconds, `coarse` when the time is in whole seconds.
   * @returns whether the exporter has restarted.
   */
  tell(unix: number, uptime: number, coarse: boolean): boolean {
    // Some uptimes jump back by minutes; after a restart they are no longer than the time since the header before.
    const since = (unix - this.unix) / 1000
    const ranOver = Math.abs(this.uptime + since - wrap - uptime) <= settling
    const restarted = this.uptime - uptime > settling && uptime <= since + settling && !ranOver
    this.uptime = uptime
    this.unix = unix
    if (restarted) this.restarts++
    const booted = unix - uptime * 1000
    const width = coarse ? second : 0
    if (restarted || Number.isNaN(this.boot) || booted > this.boot) this.boot = booted
    else if (booted < this.boot - width) this.boot = booted + width
    return restarted
  }

  /** When the exporter began; NaN before its first header. */
  get began(): number {
    return this.boot
  }

  /** The time of the last header. */
  get now(): number {
    return this.boot + this.uptime * 1000
  }

  /** When the exporter's uptime was `millis`: before the last header, which tells how often 32 bits ran over. */
  at(millis: number): number {
    return this.boot + (this.uptime - millisAgo(this.uptime, millis)) * 1000
  }
}

/** How far the second uptime is before the first; an hour after it at most. Uptimes run over every 49.7 days. */
export function millisAgo(now: number, then: number): number {
  const apart = now - then
  // A remainder of numbers this large is dear; nearly all are whole already.
  const ago = apart >= 0 && apart < wrap ? apart : apart % wrap
  const positive = ago < 0 ? ago + wrap : ago
  return positive > wrap - 3_600_000 ? positive - wrap : positive
}

/** A clock that was never set says a time before this. */
export const neverSet = Date.UTC(2000, 0, 1) * 1000
/** Less than this is the way and the queue. */
const tolerated = 60 * second

/** How far an exporter's clock is from the receiver's. */
export class ClockSkew {
  /** Of the last datagram, receiver less exporter; NaN where the time of receipt is not known. */
  off = Number.NaN
  /** Added to the exporter's times. */
  shift = 0
  private readonly trust: boolean

  /** `trust`: the exporter's time holds unless its clock was never set. */
  constructor(trust: boolean) {
    this.trust = trust
  }

  tell(exported: number, received: number): void {
    if (!(received > 0)) return
    this.off = received - exported
    const wrong = Math.abs(this.off) > tolerated && (!this.trust || exported < neverSet)
    // Moved only in leaps: small changes of the way must not move the starts of flows.
    if (!wrong) this.shift = 0
    else if (Math.abs(this.off - this.shift) > tolerated) this.shift = this.off
  }
}

/** Clocks further off than this are reported. */
export const isOff = ({ off }: ClockSkew): boolean => Math.abs(off) > tolerated

/** Microseconds by which records of one exporter may be late: longer than an active time-out. */
const mostLate = 3600 * second

/**
 * When an exporter began at the latest, where only the uptimes of its records tell it: no flow ends after it is
 * exported. A record with an uptime that no other bears out is left out.
 */
export function latestBoot(known: number, exported: number, lastUp: number): number {
  const latest = exported - lastUp * 1000
  if (!(latest >= neverSet)) return known
  return Number.isNaN(known) || (latest < known && known - latest <= mostLate) ? latest : known
}
