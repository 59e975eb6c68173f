/**
 * What each end of a TCP connection has done, and the connection state that it adds up to.
 *
 * The ends' states and the letters are Zeek's (`conn_state` in conn.log), so that a capture and its Zeek log
 * say the same. Weak where a sensor saw only a part: then it says OTH, as Zeek does.
 */

import * as packets from '../packets/packet.ts'
import * as layout from './flow-layout.ts'

const { bit, end } = layout
const { tcpFlag } = packets

const stateOf = (flags: number, shift: number): number => (flags >>> shift) & 7

function withState(flags: number, shift: number, state: number): number {
  const before = stateOf(flags, shift)
  if (before === state) return flags
  const beforeShift = shift + 6
  return (flags & ~((7 << shift) | (7 << beforeShift))) | (state << shift) | (before << beforeShift)
}

/** The flags after a segment of the client or the server. */
export function afterSegment(flags: number, fromClient: boolean, segment: number): number {
  const me = fromClient ? bit.client : bit.server
  const peer = fromClient ? bit.server : bit.client
  switch (stateOf(flags, me)) {
    case end.inactive:
      return first(flags, { me, peer, segment })
    case end.closed:
      return segment & tcpFlag.rst && stateOf(flags, peer) !== end.closed
        ? withState(flags, me, end.reset)
        : flags
    case end.reset:
      return flags
    default:
      return later(flags, { me, peer, segment })
  }
}

interface Turn {
  readonly me: number
  readonly peer: number
  readonly segment: number
}

/** The first segment of an end. */
function first(given: number, { me, peer, segment }: Turn): number {
  let flags = given
  const { fin, syn, rst, ack } = tcpFlag
  if (segment & syn) flags = opened(flags, me, peer)
  if (segment & fin) flags = withState(flags, me, end.closed)
  if (segment & rst) flags = withState(flags, me, end.reset)
  if (stateOf(flags, me) !== end.inactive) return flags
  const other = stateOf(flags, peer)
  // Some servers acknowledge a SYN before they answer it.
  if (me === bit.server && other === end.synSent) return flags
  return withState(flags, me, segment & ack && other === end.established ? end.established : end.partial)
}

function opened(flags: number, me: number, peer: number): number {
  const other = stateOf(flags, peer)
  if (me === bit.client)
    return withState(flags, me, other === end.established ? end.established : end.synSent)
  const answered = other === end.synSent ? withState(flags, peer, end.established) : flags
  return withState(answered, me, end.established)
}

function later(given: number, { me, peer, segment }: Turn): number {
  let flags = given
  const { fin, syn, rst, ack } = tcpFlag

  if (
    segment & syn &&
    !(segment & ack) &&
    stateOf(flags, me) === end.partial &&
    stateOf(flags, peer) === end.inactive
  )
    flags = withState(flags, me, end.synSent)

  if (segment & fin && !(segment & rst)) {
    flags = withState(flags, me, end.closed)
    // A FIN then a RST, and now the other's FIN: an ordinary end.
    if (stateOf(flags, peer) === end.reset && stateOf(flags, peer + 6) === end.closed)
      flags = withState(flags, peer, end.closed)
  }

  return segment & rst ? withState(flags, me, end.reset) : flags
}

/** Whether nothing more is to come: both ends closed, one reset, or one closed whose other end never spoke. */
export function isOver(flags: number): boolean {
  const client = stateOf(flags, bit.client)
  const server = stateOf(flags, bit.server)
  if (client === end.reset || server === end.reset) return true
  if (client === end.closed) return server === end.closed || server === end.inactive
  return server === end.closed && client === end.inactive
}

/** Whether only the client has spoken, and only to ask for a connection. */
export const isUnanswered = (flags: number): boolean =>
  stateOf(flags, bit.client) === end.synSent && stateOf(flags, bit.server) === end.inactive

/** Zeek's letters. */
export function stateName(flags: number): string {
  const client = stateOf(flags, bit.client)
  const server = stateOf(flags, bit.server)
  const clientSilent = client === end.inactive || client === end.partial
  const serverSilent = server === end.inactive || server === end.partial
  if (server === end.reset) {
    const noData = (flags & (bit.clientData | bit.serverData)) === 0
    if (client === end.synSent || (client === end.reset && noData)) return 'REJ'
    return clientSilent ? 'RSTRH' : 'RSTR'
  }
  if (client === end.reset) return serverSilent ? 'RSTOS0' : 'RSTO'
  if (client === end.closed) return server === end.closed ? 'SF' : serverSilent ? 'SH' : 'S2'
  if (server === end.closed) return clientSilent ? 'SHR' : 'S3'
  if (client === end.synSent && server === end.inactive) return 'S0'
  return client === end.established && server === end.established ? 'S1' : 'OTH'
}

/** The flags with client and server exchanged. */
export function swapped(flags: number): number {
  const rest = flags & ~0x6fff
  const states =
    (stateOf(flags, bit.client) << bit.server) |
    (stateOf(flags, bit.server) << bit.client) |
    (stateOf(flags, bit.clientBefore) << bit.serverBefore) |
    (stateOf(flags, bit.serverBefore) << bit.clientBefore)
  const sent = (flags & bit.clientData ? bit.serverData : 0) | (flags & bit.serverData ? bit.clientData : 0)
  return (rest | states | sent) ^ bit.clientIsHigh
}
