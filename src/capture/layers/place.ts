/** Where the walk through a frame stands. */
import { verdict as is, type Verdict } from './verdict.ts'

/** What a layer says comes next. */
export const layer = {
  ip: 0,
  ethernet: 1,
  etherType: 2,
  ppp: 3,
  llc: 4,
  snap: 5,
  wireless: 6,
  link: 7,
} as const

/** What the number of something that is not read counts. */
export const unread = { none: 0, link: 1, etherType: 2, ppp: 3, encrypted: 4, depth: 5, family: 6 } as const

export class Place {
  /** What comes next, one of `layer`, at `at`. */
  kind = 0
  /** Its EtherType or link type, where one is next. */
  type = 0
  at = 0
  /** Of what was entered last, one of `tunnelKinds`. */
  tunnel = 0
  /** Whether a frame was passed, which may be padded, or cut by a mirror. */
  isFramed = false
  /** What ended the walk and is not read: one of `unread`, and its number. */
  unread = 0
  number = 0
  /** Where the next packet of the same frame begins (A-MSDU), 0 for none, and where those end. */
  more = 0
  moreEnd = 0
}

export interface Span {
  readonly view: DataView
  /** Where the captured bytes end. */
  readonly end: number
}

/** One layer: puts into `place` what comes next. @returns `packet`, or why nothing does. */
export type Layer = (span: Span, place: Place) => Verdict

export function goTo(place: Place, kind: number, at: number): Verdict {
  place.kind = kind
  place.at = at
  return is.packet
}

export function goToType(place: Place, type: number, at: number): Verdict {
  place.type = type
  return goTo(place, layer.etherType, at)
}

export function goToLink(place: Place, link: number, at: number): Verdict {
  place.type = link
  return goTo(place, layer.link, at)
}

/** The walk ends at something that no reader is there for. */
export function notRead(place: Place, what: number, number: number): Verdict {
  place.unread = what
  place.number = number
  return is.unsupported
}

/** A layer of `bytes`, with one of `kind` after it. */
export const skip =
  (kind: number, bytes: number): Layer =>
  ({ end }, place) =>
    end - place.at < bytes ? is.truncated : goTo(place, kind, place.at + bytes)

/** A layer of `bytes`, which holds the EtherType of what comes after it at `type`. */
export const typeAt =
  (type: number, bytes: number): Layer =>
  ({ view, end }, place) =>
    end - place.at < bytes ? is.truncated : goToType(place, view.getUint16(place.at + type), place.at + bytes)
