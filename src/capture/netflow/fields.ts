/** The fields of NetFlow v9 and IPFIX that a flow is made of, and how they are read. All else is stepped over. */
import { enterprise, iana, yafElements } from './information-elements.ts'

/** Where a value is kept while a record is read. */
export const slot = {
  bytes: 0,
  packets: 1,
  totalBytes: 2,
  totalPackets: 3,
  outBytes: 4,
  outPackets: 5,
  proto: 6,
  flags: 7,
  sourcePort: 8,
  targetPort: 9,
  icmp: 10,
  icmpType: 11,
  icmpCode: 12,
  firstUp: 13,
  lastUp: 14,
  start: 15,
  end: 16,
  startDelta: 17,
  endDelta: 18,
  bootTime: 19,
  durationMillis: 20,
  durationMicros: 21,
  seenTime: 22,
  endReason: 23,
  direction: 24,
  biflow: 25,
  event: 26,
  input: 27,
  samplerId: 28,
  sampleEvery: 29,
  sampleTake: 30,
  sampleSkip: 31,
  sampleSize: 32,
  samplePopulation: 33,
  sampleShare: 34,
  reverseBytes: 35,
  reversePackets: 36,
  reverseFlags: 37,
  reverseStart: 38,
  initiatorBytes: 39,
  responderBytes: 40,
  initiatorPackets: 41,
  responderPackets: 42,
  natEvent: 43,
  firstFlags: 44,
  reverseFirstFlags: 45,
  cutFrame: 46,
  cutPacket: 47,
  frameBytes: 48,
  natSourcePort: 49,
  natTargetPort: 50,
  frameSum: 51,
  frameTotal: 52,
  /** Behind the numbers: addresses, which are words. */
  source4: 54,
  target4: 55,
  source6: 56,
  target6: 57,
  /** Addresses after translation (NAT), in the same order. */
  natSource4: 58,
  natTarget4: 59,
  natSource6: 60,
  natTarget6: 61,
} as const
export const slots = 54

/** How the bytes of a field are understood. */
export const form = {
  whole: 0,
  /** To microseconds. */
  seconds: 1,
  millis: 2,
  /** 64-bit NTP time (RFC 7011, sections 6.1.9 and 6.1.10). */
  ntp: 3,
  float: 4,
  /** Where the bytes are, not what they say. */
  place: 5,
  words: 6,
} as const

export interface Meaning {
  readonly slot: number
  readonly form: number
}

const as = (name: keyof typeof slot, how: keyof typeof form = 'whole'): Meaning => ({
  slot: slot[name],
  form: form[how],
})

const standard: Readonly<Record<keyof typeof iana, Meaning>> = {
  octetDeltaCount: as('bytes'),
  packetDeltaCount: as('packets'),
  protocolIdentifier: as('proto'),
  tcpControlBits: as('flags'),
  sourceTransportPort: as('sourcePort'),
  sourceIPv4Address: as('source4', 'words'),
  ingressInterface: as('input'),
  destinationTransportPort: as('targetPort'),
  destinationIPv4Address: as('target4', 'words'),
  flowEndSysUpTime: as('lastUp'),
  flowStartSysUpTime: as('firstUp'),
  postOctetDeltaCount: as('outBytes'),
  postPacketDeltaCount: as('outPackets'),
  sourceIPv6Address: as('source6', 'words'),
  destinationIPv6Address: as('target6', 'words'),
  icmpTypeCodeIPv4: as('icmp'),
  samplingInterval: as('sampleEvery'),
  samplerId: as('samplerId'),
  samplerRandomInterval: as('sampleEvery'),
  flowDirection: as('direction'),
  octetTotalCount: as('totalBytes'),
  packetTotalCount: as('totalPackets'),
  layer2packetSectionData: as('cutFrame', 'place'),
  flowEndReason: as('endReason'),
  icmpTypeCodeIPv6: as('icmp'),
  flowStartSeconds: as('start', 'seconds'),
  flowEndSeconds: as('end', 'seconds'),
  flowStartMilliseconds: as('start', 'millis'),
  flowEndMilliseconds: as('end', 'millis'),
  flowStartMicroseconds: as('start', 'ntp'),
  flowEndMicroseconds: as('end', 'ntp'),
  flowStartNanoseconds: as('start', 'ntp'),
  flowEndNanoseconds: as('end', 'ntp'),
  flowStartDeltaMicroseconds: as('startDelta'),
  flowEndDeltaMicroseconds: as('endDelta'),
  systemInitTimeMilliseconds: as('bootTime', 'millis'),
  flowDurationMilliseconds: as('durationMillis'),
  flowDurationMicroseconds: as('durationMicros'),
  icmpTypeIPv4: as('icmpType'),
  icmpCodeIPv4: as('icmpCode'),
  icmpTypeIPv6: as('icmpType'),
  icmpCodeIPv6: as('icmpCode'),
  udpSourcePort: as('sourcePort'),
  udpDestinationPort: as('targetPort'),
  tcpSourcePort: as('sourcePort'),
  tcpDestinationPort: as('targetPort'),
  postNATSourceIPv4Address: as('natSource4', 'words'),
  postNATDestinationIPv4Address: as('natTarget4', 'words'),
  postNAPTSourceTransportPort: as('natSourcePort'),
  postNAPTDestinationTransportPort: as('natTargetPort'),
  natEvent: as('natEvent'),
  initiatorOctets: as('initiatorBytes'),
  responderOctets: as('responderBytes'),
  firewallEvent: as('event'),
  biflowDirection: as('biflow'),
  postNATSourceIPv6Address: as('natSource6', 'words'),
  postNATDestinationIPv6Address: as('natTarget6', 'words'),
  initiatorPackets: as('initiatorPackets'),
  responderPackets: as('responderPackets'),
  selectorId: as('samplerId'),
  samplingPacketInterval: as('sampleTake'),
  samplingPacketSpace: as('sampleSkip'),
  samplingSize: as('sampleSize'),
  samplingPopulation: as('samplePopulation'),
  samplingProbability: as('sampleShare', 'float'),
  dataLinkFrameSize: as('frameBytes'),
  ipHeaderPacketSection: as('cutPacket', 'place'),
  dataLinkFrameSection: as('cutFrame', 'place'),
  observationTimeSeconds: as('seenTime', 'seconds'),
  observationTimeMilliseconds: as('seenTime', 'millis'),
  observationTimeMicroseconds: as('seenTime', 'ntp'),
  observationTimeNanoseconds: as('seenTime', 'ntp'),
  layer2OctetDeltaCount: as('frameSum'),
  layer2OctetTotalCount: as('frameTotal'),
  ciscoFirewallEvent: as('event'),
  ciscoTranslatedSourceIPv4Address: as('natSource4', 'words'),
  ciscoTranslatedDestinationIPv4Address: as('natTarget4', 'words'),
  ciscoTranslatedSourcePort: as('natSourcePort'),
  ciscoTranslatedDestinationPort: as('natTargetPort'),
}

const reverse: Partial<Record<keyof typeof iana, Meaning>> = {
  octetDeltaCount: as('reverseBytes'),
  packetDeltaCount: as('reversePackets'),
  tcpControlBits: as('reverseFlags'),
  octetTotalCount: as('reverseBytes'),
  packetTotalCount: as('reversePackets'),
  flowStartSeconds: as('reverseStart', 'seconds'),
  flowStartMilliseconds: as('reverseStart', 'millis'),
  flowStartMicroseconds: as('reverseStart', 'ntp'),
  flowStartNanoseconds: as('reverseStart', 'ntp'),
}

const yaf: Readonly<Record<keyof typeof yafElements, Meaning>> = {
  initialTCPFlags: as('firstFlags'),
  unionTCPFlags: as('flags'),
  reverseInitialTCPFlags: as('reverseFirstFlags'),
  reverseUnionTCPFlags: as('reverseFlags'),
}

/** Meanings by number, of names that `numbers` gives. */
function byNumber<Name extends string>(
  meanings: Readonly<Partial<Record<Name, Meaning>>>,
  numbers: Readonly<Record<Name, number>>,
): ReadonlyMap<number, Meaning> {
  const entries = Object.entries(meanings) as [Name, Meaning][]
  return new Map(entries.map(([name, meaning]) => [numbers[name], meaning]))
}

const meanings: ReadonlyMap<number, ReadonlyMap<number, Meaning>> = new Map([
  [enterprise.standard, byNumber(standard, iana)],
  [enterprise.yaf, byNumber(yaf, yafElements)],
  [enterprise.reverse, byNumber(reverse, iana)],
])

/** What a field means to us; null for those that are stepped over. */
export const meaningOf = (of: number, number: number): Meaning | null => meanings.get(of)?.get(number) ?? null
