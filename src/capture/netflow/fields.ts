/**
 * The fields of NetFlow v9 and IPFIX that a flow is made of, by their IANA number and enterprise, and how they are read.
 *
 * Sources: RFC 3954 section 8, the IANA registry "IPFIX Information Elements", RFC 5103 (reverse elements, enterprise
 * 29305), RFC 8158 and Cisco's NSEL guide (firewall events), CERT's YAF (enterprise 6871). All else is stepped over.
 */

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
  /** Behind the numbers: addresses, which are words. */
  source4: 50,
  target4: 51,
  source6: 52,
  target6: 53,
} as const
export const slots = 50

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

const standard: Readonly<Record<number, Meaning>> = {
  1: as('bytes'),
  2: as('packets'),
  4: as('proto'),
  6: as('flags'),
  7: as('sourcePort'),
  8: as('source4', 'words'),
  10: as('input'),
  11: as('targetPort'),
  12: as('target4', 'words'),
  21: as('lastUp'),
  22: as('firstUp'),
  23: as('outBytes'),
  24: as('outPackets'),
  27: as('source6', 'words'),
  28: as('target6', 'words'),
  32: as('icmp'),
  34: as('sampleEvery'),
  48: as('samplerId'),
  50: as('sampleEvery'),
  61: as('direction'),
  85: as('totalBytes'),
  86: as('totalPackets'),
  104: as('cutFrame', 'place'),
  136: as('endReason'),
  139: as('icmp'),
  150: as('start', 'seconds'),
  151: as('end', 'seconds'),
  152: as('start', 'millis'),
  153: as('end', 'millis'),
  154: as('start', 'ntp'),
  155: as('end', 'ntp'),
  156: as('start', 'ntp'),
  157: as('end', 'ntp'),
  158: as('startDelta'),
  159: as('endDelta'),
  160: as('bootTime', 'millis'),
  161: as('durationMillis'),
  162: as('durationMicros'),
  176: as('icmpType'),
  177: as('icmpCode'),
  178: as('icmpType'),
  179: as('icmpCode'),
  180: as('sourcePort'),
  181: as('targetPort'),
  182: as('sourcePort'),
  183: as('targetPort'),
  230: as('natEvent'),
  231: as('initiatorBytes'),
  232: as('responderBytes'),
  233: as('event'),
  239: as('biflow'),
  298: as('initiatorPackets'),
  299: as('responderPackets'),
  302: as('samplerId'),
  305: as('sampleTake'),
  306: as('sampleSkip'),
  309: as('sampleSize'),
  310: as('samplePopulation'),
  311: as('sampleShare', 'float'),
  312: as('frameBytes'),
  313: as('cutPacket', 'place'),
  315: as('cutFrame', 'place'),
  322: as('seenTime', 'seconds'),
  323: as('seenTime', 'millis'),
  324: as('seenTime', 'ntp'),
  325: as('seenTime', 'ntp'),
  // Cisco ASA before 8.4, in v9, where numbers over 32767 are plain.
  40005: as('event'),
}

const reverse: Readonly<Record<number, Meaning>> = {
  1: as('reverseBytes'),
  2: as('reversePackets'),
  6: as('reverseFlags'),
  85: as('reverseBytes'),
  86: as('reversePackets'),
  150: as('reverseStart', 'seconds'),
  152: as('reverseStart', 'millis'),
  154: as('reverseStart', 'ntp'),
  156: as('reverseStart', 'ntp'),
}

/** YAF's flags of the first packet and of those after it; with the reverse bit, of the other side. */
const yaf: Readonly<Record<number, Meaning>> = {
  14: as('firstFlags'),
  15: as('flags'),
  16398: as('reverseFirstFlags'),
  16399: as('reverseFlags'),
}

const enterprises: Readonly<Record<number, Readonly<Record<number, Meaning>>>> = {
  0: standard,
  6871: yaf,
  29305: reverse,
}

/** What a field means to us; null for those that are stepped over. */
export const meaningOf = (enterprise: number, number: number): Meaning | null =>
  enterprises[enterprise]?.[number] ?? null
