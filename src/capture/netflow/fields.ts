/**
 * The fields of NetFlow v9 and IPFIX that a flow is made of: their names, numbers and enterprises, and how they are read.
 *
 * Sources: RFC 3954 section 8, the IANA registry "IPFIX Information Elements", RFC 5103 (reverse elements, enterprise
 * 29305), RFC 8158 and Cisco's NSEL guide (firewall events), CERT's YAF (enterprise 6871). All else is stepped over.
 */

/** Names and numbers as IANA registered them. NetFlow v9 has the same numbers up to 127. */
export const iana = {
  octetDeltaCount: 1,
  packetDeltaCount: 2,
  protocolIdentifier: 4,
  tcpControlBits: 6,
  sourceTransportPort: 7,
  sourceIPv4Address: 8,
  ingressInterface: 10,
  destinationTransportPort: 11,
  destinationIPv4Address: 12,
  flowEndSysUpTime: 21,
  flowStartSysUpTime: 22,
  postOctetDeltaCount: 23,
  postPacketDeltaCount: 24,
  sourceIPv6Address: 27,
  destinationIPv6Address: 28,
  icmpTypeCodeIPv4: 32,
  samplingInterval: 34,
  samplerId: 48,
  samplerRandomInterval: 50,
  flowDirection: 61,
  octetTotalCount: 85,
  packetTotalCount: 86,
  layer2packetSectionData: 104,
  flowEndReason: 136,
  icmpTypeCodeIPv6: 139,
  flowStartSeconds: 150,
  flowEndSeconds: 151,
  flowStartMilliseconds: 152,
  flowEndMilliseconds: 153,
  flowStartMicroseconds: 154,
  flowEndMicroseconds: 155,
  flowStartNanoseconds: 156,
  flowEndNanoseconds: 157,
  flowStartDeltaMicroseconds: 158,
  flowEndDeltaMicroseconds: 159,
  systemInitTimeMilliseconds: 160,
  flowDurationMilliseconds: 161,
  flowDurationMicroseconds: 162,
  icmpTypeIPv4: 176,
  icmpCodeIPv4: 177,
  icmpTypeIPv6: 178,
  icmpCodeIPv6: 179,
  udpSourcePort: 180,
  udpDestinationPort: 181,
  tcpSourcePort: 182,
  tcpDestinationPort: 183,
  postNATSourceIPv4Address: 225,
  postNATDestinationIPv4Address: 226,
  postNAPTSourceTransportPort: 227,
  postNAPTDestinationTransportPort: 228,
  natEvent: 230,
  initiatorOctets: 231,
  responderOctets: 232,
  firewallEvent: 233,
  biflowDirection: 239,
  postNATSourceIPv6Address: 281,
  postNATDestinationIPv6Address: 282,
  initiatorPackets: 298,
  responderPackets: 299,
  selectorId: 302,
  samplingPacketInterval: 305,
  samplingPacketSpace: 306,
  samplingSize: 309,
  samplingPopulation: 310,
  samplingProbability: 311,
  dataLinkFrameSize: 312,
  ipHeaderPacketSection: 313,
  dataLinkFrameSection: 315,
  observationTimeSeconds: 322,
  observationTimeMilliseconds: 323,
  observationTimeMicroseconds: 324,
  observationTimeNanoseconds: 325,
  /** NF_F_FW_EVENT of a Cisco ASA before 8.4: in v9, where numbers over 32767 are plain. */
  ciscoFirewallEvent: 40_005,
} as const

/** Private enterprise numbers (IANA). 29305 marks the reverse of a standard element (RFC 5103, section 6.1). */
export const enterprise = { standard: 0, yaf: 6871, reverse: 29_305 } as const

/** YAF's flags of the first packet and of those after it; the reverse bit, 16384, marks the other side. */
const yafElements = {
  initialTCPFlags: 14,
  unionTCPFlags: 15,
  reverseInitialTCPFlags: 16_398,
  reverseUnionTCPFlags: 16_399,
} as const

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
  /** Behind the numbers: addresses, which are words. */
  source4: 52,
  target4: 53,
  source6: 54,
  target6: 55,
  /** Addresses after translation (NAT), in the same order. */
  natSource4: 56,
  natTarget4: 57,
  natSource6: 58,
  natTarget6: 59,
} as const
export const slots = 52

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
  ciscoFirewallEvent: as('event'),
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
