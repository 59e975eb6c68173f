/**
 * From "this many bytes each way" to what a sensor counts: packets, headers, states.
 *
 * Segments of 1,448 bytes, an acknowledgement for every second segment, 40 bytes of IP and TCP header (52 with
 * timestamps, which Linux and phones send and Windows does not), 12 more on a SYN. States and histories are those of
 * Zeek's scripts/base/protocols/conn/main.zeek.
 */
import type { DnsNote, Exchange, HttpNote, TlsNote } from './exchange.ts'
import { type Actor, addressAt } from './network.ts'

const segment = 1448

export interface Talk {
  /** Seconds since the scenario began. */
  readonly at: number
  readonly server: string
  readonly port: number
  /** Seconds from the first packet to the last. */
  readonly duration: number
  /** Payload bytes that the client sends. */
  readonly up: number
  readonly down: number
  /** Messages each way at the least; a chatty protocol has more packets than its bytes need. */
  readonly turns?: number
  readonly service?: string
  /** Who speaks, where it is not the actor's host. */
  readonly client?: string
  readonly clientPort?: number
  readonly ending?: Ending
  readonly dns?: DnsNote
  readonly http?: readonly HttpNote[]
  readonly tls?: TlsNote
}

export type Ending = 'closed' | 'client-reset' | 'server-reset' | 'open'

export interface Side {
  readonly payload: number
  readonly packets: number
  readonly ipBytes: number
}

/** Last instant of the scenario, in seconds. */
const lastInstant = (actor: Actor) => actor.network.length - 1e-6

const microsAt = (actor: Actor, at: number) => actor.network.from + Math.round(at * 1e6)

function frame(
  actor: Actor,
  talk: Pick<Talk, 'at' | 'server' | 'port' | 'client' | 'clientPort'>,
  duration: number,
) {
  return {
    uid: actor.uid(),
    start: microsAt(actor, talk.at),
    end: microsAt(actor, Math.min(talk.at + duration, lastInstant(actor))),
    client: talk.client ?? addressAt(actor.host, talk.at),
    clientPort: talk.clientPort ?? actor.port(),
    server: talk.server,
    serverPort: talk.port,
    origin: actor.origin,
  }
}

/**
 * An established TCP connection. What outlasts the scenario is cut at its end and left open, as a sensor that stops
 * does.
 */
export function tcp(actor: Actor, talk: Talk): Exchange {
  const seen = Math.min(1, (lastInstant(actor) - talk.at) / Math.max(talk.duration, 1e-6))
  const ending = seen < 1 ? 'open' : (talk.ending ?? usualEnding(actor))
  const up = Math.round(talk.up * Math.max(0, seen))
  const down = Math.round(talk.down * Math.max(0, seen))
  const turns = Math.max(1, Math.ceil((talk.turns ?? 1) * Math.max(0, seen)))
  const upSegments = up === 0 ? 0 : Math.max(turns, Math.ceil(up / segment))
  const downSegments = down === 0 ? 0 : Math.max(turns, Math.ceil(down / segment))
  const header = actor.host.system === 'windows' ? 40 : 52

  const client = side(
    up,
    2 +
      upSegments +
      Math.ceil(downSegments / 2) +
      (ending === 'closed' ? 2 : ending === 'client-reset' ? 1 : 0),
    header,
  )

  const server = side(
    down,
    1 +
      downSegments +
      Math.ceil(upSegments / 2) +
      (ending === 'closed' ? 1 : ending === 'server-reset' ? 1 : 0),
    header,
  )

  return {
    ...frame(actor, talk, talk.duration),
    proto: 'tcp',
    service: talk.service ?? '',
    ...endingMarks(actor, ending, up, down),
    ...counts(client, server),
    // A sensor logs a request when its answer has passed; one that is cut short was not seen whole.
    ...notes(seen < 1 ? { ...talk, http: [] } : talk),
  }
}

function side(payload: number, packets: number, header: number): Side {
  return { payload, packets, ipBytes: payload + packets * header + (header === 40 ? 12 : 8) }
}

/** Payload, packets and bytes of both sides, as records name them. */
export const counts = (client: Side, server: Side) => ({
  clientPayload: client.payload,
  serverPayload: server.payload,
  clientPackets: client.packets,
  serverPackets: server.packets,
  clientIpBytes: client.ipBytes,
  serverIpBytes: server.ipBytes,
})

const notes = (talk: Talk) => ({
  ...(talk.dns ? { dns: talk.dns } : {}),
  ...(talk.http?.length ? { http: talk.http } : {}),
  ...(talk.tls ? { tls: talk.tls } : {}),
})

/** Shares as in the benign desktops of the Stratosphere captures, rounded. */
function usualEnding(actor: Actor): Ending {
  const chance = actor.random.next()
  return chance < 0.86 ? 'closed' : chance < 0.94 ? 'client-reset' : 'server-reset'
}

function endingMarks(actor: Actor, ending: Ending, up: number, down: number) {
  const body =
    up > 0 && down > 0 ? actor.random.pick(['ADad', 'ADad', 'ADda']) : up > 0 ? 'ADa' : down > 0 ? 'Ada' : 'A'
  switch (ending) {
    case 'closed':
      return { state: 'SF', history: `Sh${body}${actor.random.next() < 0.7 ? 'Ff' : 'fF'}` }
    case 'client-reset':
      return { state: 'RSTO', history: `Sh${body}R` }
    case 'server-reset':
      return { state: 'RSTR', history: `Sh${body}r` }
    case 'open':
      return { state: 'S1', history: `Sh${body}` }
    default:
      return ending satisfies never
  }
}

/** SYNs into the void: `tries` of them, the gaps doubling from 1 s (RFC 6298). */
export function unanswered(
  actor: Actor,
  talk: Pick<Talk, 'at' | 'server' | 'port' | 'client' | 'clientPort'>,
  tries = 3,
): Exchange {
  const duration = tries === 1 ? 0 : (2 ** (tries - 1) - 1) * (1 + actor.random.next() * 0.02)
  const fits = talk.at + duration <= lastInstant(actor) ? tries : 1
  const header = actor.host.system === 'windows' ? 52 : 60

  return {
    ...frame(actor, talk, fits === 1 ? 0 : duration),
    proto: 'tcp',
    service: '',
    state: 'S0',
    history: 'S',
    clientPayload: fits === 1 ? null : 0,
    serverPayload: fits === 1 ? null : 0,
    clientPackets: fits,
    serverPackets: 0,
    clientIpBytes: fits * header,
    serverIpBytes: 0,
  }
}

/** A SYN that is answered by a reset. */
export function refused(
  actor: Actor,
  talk: Pick<Talk, 'at' | 'server' | 'port' | 'client' | 'clientPort'>,
  latency = 0.03,
): Exchange {
  const header = actor.host.system === 'windows' ? 52 : 60

  return {
    ...frame(actor, talk, latency * (0.8 + 0.4 * actor.random.next())),
    proto: 'tcp',
    service: '',
    state: 'REJ',
    history: 'Sr',
    clientPayload: 0,
    serverPayload: 0,
    clientPackets: 1,
    serverPackets: 1,
    clientIpBytes: header,
    serverIpBytes: 40,
  }
}

/**
 * The rest of a connection whose beginning the sensor has forgotten: what is left when it is silent for over 5
 * minutes.
 */
export function midstream(actor: Actor, talk: Talk): Exchange {
  const header = actor.host.system === 'windows' ? 40 : 52
  const packetsUp = Math.max(1, talk.turns ?? 1)
  const client = { payload: talk.up, packets: packetsUp + 1, ipBytes: talk.up + (packetsUp + 1) * header }
  const server = { payload: talk.down, packets: packetsUp, ipBytes: talk.down + packetsUp * header }
  return {
    ...frame(actor, talk, talk.duration),
    proto: 'tcp',
    service: '',
    state: 'OTH',
    history: 'DdA',
    ...counts(client, server),
  }
}

export interface Datagrams extends Talk {
  readonly packetsUp: number
  /** 0: nobody answered. */
  readonly packetsDown: number
}

export function udp(actor: Actor, talk: Datagrams): Exchange {
  const seen = Math.max(0, Math.min(1, (lastInstant(actor) - talk.at) / Math.max(talk.duration, 1e-6)))
  const packetsUp = Math.max(1, Math.round(talk.packetsUp * seen))
  const packetsDown = talk.packetsDown === 0 ? 0 : Math.max(1, Math.round(talk.packetsDown * seen))
  const up = Math.round(talk.up * seen)
  const down = packetsDown === 0 ? 0 : Math.round(talk.down * seen)
  const lone = packetsUp + packetsDown === 1

  return {
    ...frame(actor, talk, lone ? 0 : talk.duration),
    proto: 'udp',
    service: talk.service ?? '',
    state: packetsDown > 0 ? 'SF' : 'S0',
    history: packetsDown > 0 ? 'Dd' : 'D',
    clientPayload: lone ? null : up,
    serverPayload: lone ? null : down,
    clientPackets: packetsUp,
    serverPackets: packetsDown,
    clientIpBytes: up + 28 * packetsUp,
    serverIpBytes: down + 28 * packetsDown,
    ...notes(talk),
  }
}

/** Echo requests; ports are type and code, as Zeek has it. */
export function ping(
  actor: Actor,
  to: { at: number; server: string; times: number; answered: boolean; client?: string },
): Exchange {
  const payload = 56 * to.times
  const duration = to.times - 1 + (to.answered ? 0.002 : 0)
  const lone = to.times === 1 && !to.answered

  return {
    ...frame(actor, { ...to, port: 0, clientPort: 8 }, duration),
    proto: 'icmp',
    service: '',
    state: 'OTH',
    history: '',
    clientPayload: lone ? null : payload,
    serverPayload: lone ? null : to.answered ? payload : 0,
    clientPackets: to.times,
    serverPackets: to.answered ? to.times : 0,
    clientIpBytes: payload + 28 * to.times,
    serverIpBytes: to.answered ? payload + 28 * to.times : 0,
  }
}
