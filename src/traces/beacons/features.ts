/**
 * What speaks for and against a trace being command and control, each as a number from 0 to 1.
 *
 * A feature that the records cannot show is 0, which neither accuses nor clears: in a capture of one host nothing is
 * rare, and where no record names any server nothing is nameless.
 */
import { ascending, deviationOf, known, medianOf } from '../../math/stats.ts'
import { samenessOf } from '../features.ts'
import type { Trace } from '../trace.ts'
import type { Network, ServerProfile } from './population.ts'
import { type Rhythm, rhythmOf } from './rhythm.ts'

/** Weight of a feature may not be negative (`for`), not positive (`against`), or has no known sign. */
interface FeatureEntry {
  readonly side: 'for' | 'against' | 'either'
  readonly doc: string
}

/** Features of calls that come back. */
export const callFeatures = {
  clock: {
    side: 'for',
    doc: 'Evidence for a clock over no clock, by the share of the time that keeps to it, log scale; 1 at 400 nats.',
  },
  gain: { side: 'for', doc: 'Nats an interval that the clock explains; 1 at 3.' },
  sentAlike: { side: 'for', doc: 'Sizes sent are alike.' },
  receivedClose: { side: 'for', doc: 'Sizes received are close to their median.' },
  many: { side: 'for', doc: 'Beats, log scale; 1 at 1000.' },
  unbroken: { side: 'for', doc: 'No long pause: 1 less the longest interval over the span of the calls.' },
  nameless: { side: 'for', doc: 'No record names the server, though most web servers here are named.' },
  lonePort: {
    side: 'for',
    doc: 'The port is above 1023, of no customary service, and few servers and few other such ports are used.',
  },
  rare: { side: 'for', doc: 'One, or few, of many internal hosts talk to it, log scale; 1 for one of 1000.' },
  isolated: { side: 'for', doc: 'No neighbour in its subnet is used.' },
  refused: { side: 'for', doc: 'Share of calls that were refused or had no answer.' },
  upload: { side: 'for', doc: 'Share of bytes that the client sent.' },
  popular: { side: 'against', doc: 'Many internal hosts talk to it, log scale; 1 at all of at least 3.' },
  bulky: { side: 'against', doc: 'Median bytes per call, log scale; 0 at 3.2 kB, 1 at 100 kB.' },
  crowded: {
    side: 'against',
    doc: 'Many neighbours in its subnet are used, as with a large provider; 1 at 16.',
  },
  crowd: {
    side: 'either',
    doc: 'Many hosts are watched, log scale; 0 at 3, 1 at 30. The other features then weigh as in a crowd.',
  },
  unnamedCrowd: {
    side: 'either',
    doc: 'Many hosts are watched, and no record names their servers: the share of web servers without a name.',
  },
  peering: {
    side: 'against',
    doc: 'The client uses many ports above 1023 outside, as between peers, log scale; 0 at 3 ports, 1 at 100.',
  },
  keptAlive: {
    side: 'against',
    doc:
      'The port belongs to services that benign programs call ' +
      'at regular intervals: mail boxes, telephony, push, chat.',
  },
  vainInCrowd: {
    side: 'against',
    doc: 'Unanswered calls in a large network: some program there always waits for a server that is gone.',
  },
} as const satisfies Readonly<Record<string, FeatureEntry>>

/** Features of one connection that is held open. */
export const heldFeatures = {
  lasting: { side: 'for', doc: 'Share of the capture after its start that it stayed open.' },
  smallPackets: { side: 'for', doc: 'Small packets; 1 at 60 B or less, 0 at 1000 B.' },
  nameless: callFeatures.nameless,
  lonePort: callFeatures.lonePort,
  rare: callFeatures.rare,
  isolated: callFeatures.isolated,
  upload: callFeatures.upload,
  popular: callFeatures.popular,
  crowded: callFeatures.crowded,
  peering: callFeatures.peering,
  crowd: callFeatures.crowd,
  unnamedCrowd: callFeatures.unnamedCrowd,
  keptAlive: {
    side: 'against',
    doc:
      'The port is one of services that honest programs keep ' +
      'a connection to: mail boxes, remote shells, push, chat.',
  },
} as const satisfies Readonly<Record<string, FeatureEntry>>

export type CallFeatures = Readonly<Record<keyof typeof callFeatures, number>>
export type HeldFeatures = Readonly<Record<keyof typeof heldFeatures, number>>

/** Ports over 1023 that programs of people hold open or call at: RDP, XMPP, push, MQTT, VPN, STUN, web proxies. */
const customary = new Set([
  1194, 1883, 1935, 3389, 3478, 4500, 5060, 5061, 5222, 5223, 5228, 8080, 8443, 8883, 19302,
])

/** Mail boxes (POP, IMAP), SIP, STUN, XMPP, MQTT and the push services. */
const calledAlive = new Set([110, 143, 993, 995, 1883, 3478, 5060, 5061, 5222, 5223, 5228, 8883])
/** Those, and remote shells and desktops: a person's session lasts as long as the person. */
const heldAlive = new Set([...calledAlive, 22, 3389])

const unit = (value: number): number => (Number.isNaN(value) ? 0 : Math.min(1, Math.max(0, value)))

const closeness = (sizes: Float64Array): number => {
  const given = known(sizes)
  const median = medianOf(ascending(given))
  return median === 0 ? 1 : unit(1 - deviationOf(given) / median)
}

/** From 0, a desktop or a few machines, to 1, a network whose other hosts say what is customary there. */
const networkScale = ({ hosts }: Pick<Network, 'hosts'>): number => unit(Math.log10(Math.max(1, hosts) / 3))

export interface Situation {
  readonly profile: ServerProfile
  readonly network: Network
  /** Microseconds that the records cover. */
  readonly extent: { readonly first: number; readonly last: number }
}

function shared(trace: Trace, { profile, network }: Situation) {
  const { calls, serverPort } = trace
  const sent = calls.sent.reduce((sum, each) => sum + (each || 0), 0)
  const received = calls.received.reduce((sum, each) => sum + (each || 0), 0)
  const others = Math.log(Math.max(1, network.hosts))
  const crowd = networkScale(network)

  return {
    nameless:
      profile.name === null && trace.midstream === 0 && !customary.has(serverPort)
        ? unit(network.namedShare)
        : 0,
    lonePort:
      serverPort > 1023 && !customary.has(serverPort)
        ? unit(1 / profile.portServers / Math.sqrt(profile.clientPorts))
        : 0,
    rare: network.hosts < 3 ? 0 : unit(Math.log10(network.hosts) / 3) / profile.hosts,
    popular: network.hosts < 3 ? 0 : unit(Math.log(profile.hosts) / others),
    isolated: profile.clientServers < 4 ? 0 : unit(1 / profile.neighbours),
    crowded: unit(Math.log2(profile.neighbours) / 4),
    upload: unit(sent / (sent + received)),
    peering: unit(Math.log10(profile.clientPorts / 3) / Math.log10(100 / 3)),
    crowd,
    unnamedCrowd: crowd * (1 - unit(network.namedShare)),
  }
}

/** The features of a trace's calls with the clock they keep best to; null with fewer than `minBeats` beats. */
export function callFeaturesOf(
  trace: Trace,
  situation: Situation,
  minBeats: number,
): { features: CallFeatures; rhythm: Rhythm } | null {
  const rhythm = rhythmOf(trace.calls.start, minBeats)
  if (!rhythm) return null
  const common = shared(trace, situation)
  const bytes = medianOf(ascending(known(trace.calls.bytes)))
  const sent = samenessOf(trace.calls.sent)

  const features = {
    clock: unit(Math.log1p(rhythm.evidence * rhythm.covered) / 6),
    gain: unit(rhythm.gain / 3),
    sentAlike: unit(Number.isNaN(sent) ? samenessOf(trace.calls.bytes) : sent),
    receivedClose: closeness(trace.calls.received),
    many: unit(Math.log10(rhythm.beats) / 3),
    unbroken: unit(1 - rhythm.longest / rhythm.span),
    keptAlive: calledAlive.has(trace.serverPort) ? 1 : 0,
    refused: unit(trace.failed / trace.connections),
    vainInCrowd: common.crowd * unit(trace.failed / trace.connections),
    bulky: unit((Math.log10(bytes) - 3.5) / 1.5),
    ...common,
  }

  return { features, rhythm }
}

/** Seconds that a recording counts at least after a connection's start: a share of moments says nothing. */
const shortestHold = 120

/** The features of the longest connection of a trace; null where none is held for `longSeconds`. */
export function heldFeaturesOf(trace: Trace, situation: Situation, longSeconds: number): HeldFeatures | null {
  const { duration, start, bytes, packets } = trace.calls
  let longest = 0
  for (let i = 1; i < duration.length; i++) if (duration[i]! > duration[longest]!) longest = i
  const seconds = duration[longest] ?? 0
  if (seconds < longSeconds || trace.failed === trace.connections) return null
  const common = shared(trace, situation)
  return {
    lasting: unit(seconds / Math.max(shortestHold, (situation.extent.last - start[longest]!) / 1e6)),
    smallPackets: unit((1000 - bytes[longest]! / packets[longest]!) / 940),
    keptAlive: heldAlive.has(trace.serverPort) ? 1 : 0,
    ...common,
  }
}
