/** The values of one data record, read by its template. */

import { Packet, setSource, setTarget } from '../packets/packet.ts'
import { form, slot, slots } from './fields.ts'
import { type Template, type TemplateField, variable } from './template.ts'

/** Seconds from 1900, where NTP begins, to 1970. */
const ntpEpoch = 2_208_988_800

/** Two addresses as a record says them. */
export class Addresses {
  /** Address family by what was read: 0 none, 4, 6. */
  family = 0
  /** Which were said: 1 the source's, 2 the target's. */
  given = 0
  ends: Packet

  constructor(ends: Packet) {
    this.ends = ends
  }
}

export class Values {
  /** By `slot`; NaN where the record does not say. */
  readonly numbers = new Float64Array(slots)
  /** Of the packets as they came to the exporter; `ends` is what `read` was given. */
  readonly own = new Addresses(new Packet())
  /** Of the packets as they went on, where the exporter translates addresses. */
  readonly translated = new Addresses(new Packet())
  /** Of a `place`: where its bytes end. */
  placeEnd = 0
  /** Whether a field of a time or a count had a length that it cannot have. */
  odd = false
  /** What the record before was read by: one of the same layout overwrites what that left, and leaves out the same. */
  private before: Template | null = null

  /** Where the data record at `at` ends, or -1 when it goes beyond `end`. Addresses go to `ends`. */
  read(view: DataView, template: Template, { at, end }: { at: number; end: number }, ends: Packet): number {
    if (template !== this.before || !template.fixed) this.numbers.fill(Number.NaN)
    this.before = template
    this.odd = false
    this.own.ends = ends
    this.own.family = this.own.given = 0
    this.translated.family = this.translated.given = 0

    if (template.fixed) {
      if (at + template.length > end) return -1
      this.takeAll(view, template, at)
      return at + template.length
    }

    let next = at

    for (const field of template.fields) {
      let { length } = field
      if (length === variable) {
        if (next + 1 > end) return -1
        length = view.getUint8(next++)
        if (length === 255) {
          if (next + 2 > end) return -1
          length = view.getUint16(next)
          next += 2
        }
      }
      if (next + length > end) return -1
      if (field.form >= 0) this.take(view, field, next, length)
      next += length
    }

    return next
  }

  private takeAll(view: DataView, { used }: Template, at: number): void {
    const { numbers } = this
    for (let i = 0; i < used.length; i++) {
      const field = used[i]!
      const from = at + field.offset
      if (field.plain === 4) numbers[field.slot] = view.getUint32(from)
      else if (field.plain === 2) numbers[field.slot] = view.getUint16(from)
      else if (field.plain === 1) numbers[field.slot] = view.getUint8(from)
      else this.take(view, field, from, field.length)
    }
  }

  private take(view: DataView, field: TemplateField, at: number, length: number): void {
    const { numbers } = this

    switch (field.form) {
      case form.whole:
        if (length >= 1 && length <= 8) numbers[field.slot] = wholeAt(view, at, length)
        else if (length !== 0) this.odd = true
        return
      case form.seconds:
        numbers[field.slot] =
          length === 4 || length === 8 ? wholeAt(view, at, length) * 1e6 : this.oddTime(length)
        return
      case form.millis:
        numbers[field.slot] =
          length === 4 || length === 8 ? wholeAt(view, at, length) * 1e3 : this.oddTime(length)
        return
      case form.ntp:
        numbers[field.slot] = length === 8 ? ntpAt(view, at) : this.oddTime(length)
        return
      case form.float:
        if (length === 8) numbers[field.slot] = view.getFloat64(at)
        else if (length === 4) numbers[field.slot] = view.getFloat32(at)
        return
      case form.place:
        numbers[field.slot] = at
        this.placeEnd = at + length
        return
      case form.words:
        addressAt(
          field.slot < slot.natSource4 ? this.own : this.translated,
          view,
          (field.slot - slot.source4) & 3,
          at,
          length,
        )
    }
  }

  private oddTime(length: number): number {
    if (length !== 0) this.odd = true
    return Number.NaN
  }
}

/** Takes an address field into `pair`; `nth` of `source4`, `target4`, `source6`, `target6`. */
function addressAt(pair: Addresses, view: DataView, nth: number, at: number, length: number): void {
  const { ends } = pair
  const isSource = (nth & 1) === 0

  if (nth < 2) {
    // A record with both families fills the one that is not meant with zeros.
    if (length !== 4 || (pair.family === 6 && view.getInt32(at) === 0)) return
    if (pair.family !== 4) ends.s0 = ends.s1 = ends.s2 = ends.s3 = ends.d0 = ends.d1 = ends.d2 = ends.d3 = 0
    pair.family = 4
    if (isSource) ends.s3 = view.getInt32(at)
    else ends.d3 = view.getInt32(at)
    pair.given |= isSource ? 1 : 2
    return
  }

  if (length !== 16) return

  const words = [
    view.getInt32(at),
    view.getInt32(at + 4),
    view.getInt32(at + 8),
    view.getInt32(at + 12),
  ] as const

  if (pair.family === 4 && words.every((word) => word === 0)) return
  pair.family = 6
  pair.given |= isSource ? 1 : 2
  if (isSource) setSource(ends, words)
  else setTarget(ends, words)
}

/** A big-endian whole number of 1 to 8 bytes (reduced-size encoding, RFC 7011, section 6.2). */
function wholeAt(view: DataView, at: number, length: number): number {
  switch (length) {
    case 1:
      return view.getUint8(at)
    case 2:
      return view.getUint16(at)
    case 4:
      return view.getUint32(at)
    case 8:
      return view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4)
  }
  let value = 0
  for (let i = 0; i < length; i++) value = value * 256 + view.getUint8(at + i)
  return value
}

/** Microseconds since 1970; a time before 1970 is of the era that begins in 2036. */
function ntpAt(view: DataView, at: number): number {
  const whole = view.getUint32(at)
  const seconds = whole < ntpEpoch ? whole + 2 ** 32 - ntpEpoch : whole - ntpEpoch
  return seconds * 1e6 + Math.round((view.getUint32(at + 4) / 2 ** 32) * 1e6)
}
