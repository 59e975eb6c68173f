/**
 * Who began a flow of which exporters told, and how it went.
 *
 * An exporter gives the union of a side's TCP flags, not their order; so the letters are fewer than those of a capture.
 */
import type { Outcome } from '../../model/flow.ts'
import { protocol, tcpFlag } from '../packets/packet.ts'
import { answers } from '../packets/transport.ts'
import { serves, servesDatagrams, tellsByPorts } from '../protocols/service-ports.ts'

/** One end of a flow. */
export interface Side {
  readonly port: number
  /** Whether any record told of packets that it sent. */
  readonly heard: boolean
  /** Microseconds; when it was first heard. */
  readonly start: number
  /** NaN where not said. */
  readonly packets: number
  readonly bytes: number
  /** -1 where not said. */
  readonly flags: number
  /** A number of what measured it; sides that two exporters measured have two clocks. */
  readonly meter: number
  /** Whether its address is one of many: multicast or broadcast. */
  readonly isGroup: boolean
}

const has = ({ flags }: Side, flag: number): boolean => flags > 0 && (flags & flag) !== 0
/** Clocks of two exporters agree no better than this. */
const clocks = 1e6

/** Whether `low` is the client. */
export function lowIsClient(proto: number, low: Side, high: Side): boolean {
  // Nobody is called from a group.
  if (low.isGroup !== high.isGroup) return high.isGroup
  if (proto === protocol.icmp || proto === protocol.icmp6) return icmpLow(proto, low, high)
  const byPort = servicePort(proto, low, high)

  if (low.heard !== high.heard)
    return oneSided(proto, { heard: low.heard ? low : high, isLow: low.heard, byPort })

  const opened = bySyn(low, high)
  if (proto === protocol.tcp && opened !== 0) return opened > 0
  const bothOpened = has(low, tcpFlag.syn) && has(high, tcpFlag.syn)
  const ahead = high.start - low.start
  const sure = low.meter === high.meter ? 0 : clocks

  // In mid-stream who is heard first says nothing, nor does it for UDP of a known service.
  if (!bothOpened && byPort !== 0) return byPort > 0
  if (Math.abs(ahead) > sure) return ahead > 0
  if (byPort !== 0) return byPort > 0

  return low.port >= high.port
}

/** Whether a group, a SYN or the ports tell who the client is, and not only who was heard first. */
export const isTold = (proto: number, low: Side, high: Side): boolean =>
  low.isGroup ||
  high.isGroup ||
  (proto === protocol.tcp && (has(low, tcpFlag.syn) || has(high, tcpFlag.syn))) ||
  tellsByPorts(proto, low.port, high.port)

/** 1 when only `low` asked for a connection, -1 when only `high` did, 0 otherwise. */
function bySyn(low: Side, high: Side): number {
  const [one, other] = [has(low, tcpFlag.syn), has(high, tcpFlag.syn)]
  return one === other ? 0 : one ? 1 : -1
}

/** 1 when by its port only `high` can be the server, -1 when only `low` can, 0 when ports do not tell. */
function servicePort(proto: number, low: Side, high: Side): number {
  const serving = proto === protocol.tcp ? serves : proto === protocol.udp ? servesDatagrams : () => false
  const [one, other] = [serving(low.port), serving(high.port)]
  if (one !== other) return other ? 1 : -1
  return one && proto === protocol.tcp && low.port !== high.port ? (low.port > high.port ? 1 : -1) : 0
}

/** Whether `low` is the client when one side alone was told of. */
function oneSided(
  proto: number,
  { heard, isLow, byPort }: { heard: Side; isLow: boolean; byPort: number },
): boolean {
  const asked = (isClient: boolean) => (isClient ? isLow : !isLow)
  if (proto === protocol.tcp && has(heard, tcpFlag.syn)) {
    if (!has(heard, tcpFlag.ack)) return asked(true)
    // One packet of SYN and ACK is an answer; of several, the union tells nothing and the ports must.
    if (heard.packets === 1 && !has(heard, tcpFlag.push)) return asked(false)
  }
  return byPort === 0 ? asked(true) : byPort > 0
}

function icmpLow(proto: number, low: Side, high: Side): boolean {
  if (low.heard !== high.heard) {
    const heard = low.heard ? low : high
    return answers(proto, heard.port) !== low.heard
  }
  return !answers(proto, low.port)
}

export interface Ends {
  readonly client: Side
  readonly server: Side
}

/** What the exporter was seen to tell of. */
interface Meter {
  /** Whether it tells of both directions, so that silence of one is silence. */
  readonly tellsBoth: boolean
  readonly sampled: boolean
  readonly denied: boolean
}

/** More than any headers without data, for a packet. */
const bareBytes = 78

export function exportOutcome(proto: number, { client, server }: Ends, meter: Meter): Outcome {
  if (meter.denied) return 'refused'
  // Of a sample, a side that was not looked at may have spoken.
  if (meter.sampled) return client.heard && server.heard ? 'established' : 'unknown'
  if (proto === protocol.tcp && (client.flags > 0 || server.flags > 0))
    return tcpOutcome({ client, server }, meter)
  if (silent(server)) return meter.tellsBoth ? 'unanswered' : 'unknown'
  if (silent(client)) return meter.tellsBoth ? 'reversed' : 'unknown'
  if (proto !== protocol.tcp) return 'established'
  // Without flags: a call and its refusal are bare packets, one each or a few.
  const bare = [client, server].every(({ packets, bytes }) => packets <= 3 && bytes <= 60 * packets)
  return bare ? 'unknown' : 'established'
}

const silent = ({ heard, packets }: Side): boolean => !heard || packets === 0
const withData = (side: Side): boolean => has(side, tcpFlag.push) || side.bytes > bareBytes * side.packets

function tcpOutcome({ client, server }: Ends, { tellsBoth }: Meter): Outcome {
  const { syn, ack, rst } = tcpFlag

  if (silent(server)) {
    // Nobody acknowledges what was not answered: then only this direction was told of.
    if (has(client, ack))
      return has(client, syn) && client.packets > 2 && withData(client) ? 'established' : 'unknown'
    return has(client, syn) && !has(client, rst) ? 'unanswered' : tellsBoth ? 'unanswered' : 'unknown'
  }

  if (silent(client)) return 'reversed'

  // One union for both sides, as some probes give it.
  if (client.flags < 0 || server.flags < 0)
    return has(client, ack) || has(server, ack) ? 'established' : 'unknown'

  if (has(server, syn))
    return has(client, ack) || has(client, rst) || has(server, ack) ? 'established' : 'unknown'

  // Who is refused acknowledges nothing.
  if (has(server, rst) && has(client, syn) && !has(client, ack)) return 'refused'
  const bothAck = has(client, ack) && has(server, ack)

  return bothAck && (withData(client) || withData(server)) ? 'established' : 'unknown'
}

/** All that `exportState` gives. */
export const exportStates = [
  '',
  'OTH',
  'REJ',
  'RSTO',
  'RSTOS0',
  'RSTR',
  'RSTRH',
  'S0',
  'S1',
  'S2',
  'S3',
  'SF',
  'SH',
  'SHR',
] as const

/**
 * Zeek's letters as far as unions of flags bear them out; OTH where no SYN was seen, so that it goes on from
 * before.
 */
export function exportState(proto: number, { client, server }: Ends): (typeof exportStates)[number] {
  if (proto === protocol.udp) return silent(server) ? 'S0' : silent(client) ? 'SHR' : 'SF'
  if (proto !== protocol.tcp) return 'OTH'
  const { syn, fin, rst, ack } = tcpFlag
  if (!has(client, syn) && !has(server, syn)) return client.flags > 0 || server.flags > 0 ? 'OTH' : ''
  if (silent(server)) {
    if (has(client, ack)) return 'S1'
    return has(client, rst) ? 'RSTOS0' : has(client, fin) ? 'SH' : 'S0'
  }
  if (silent(client)) return has(server, rst) ? 'RSTRH' : 'SHR'
  if (client.flags < 0 || server.flags < 0) return 'S1'
  if (!has(server, syn)) return has(server, rst) ? (has(client, ack) ? 'RSTR' : 'REJ') : 'S0'
  if (has(client, rst)) return 'RSTO'
  if (has(server, rst)) return 'RSTR'
  const [one, other] = [has(client, fin), has(server, fin)]
  return one && other ? 'SF' : one ? 'S2' : other ? 'S3' : 'S1'
}
