/**
 * How a flow of exporters lies in a row of `FlowTable`, from its first record until it is given.
 *
 * The columns of the key and of the wheel are the table's (`flows/flow-layout.ts`); all others are this folder's own,
 * and mean here what they are called here. When a flow ends, `start`, `position` and the flags are put where the rest
 * of the program looks for them, and the columns of `given` say how it went.
 */
import * as flowLayout from '../flows/flow-layout.ts'

const { double: table, int: key } = flowLayout
export const { doubleWidth, intWidth } = flowLayout

export const int = {
  ports: key.ports,
  lowAddress: key.lowAddress,
  highAddress: key.highAddress,
  kind: key.kind,
  lowNetwork: key.lowNetwork,
  highNetwork: key.highNetwork,
  /** TCP flags: bits 0 to 7 of the low end, 8 to 15 of the high end. */
  tcp: 4,
  /** See `mark`. */
  marks: 5,
  /** Seconds; when the last record came. */
  touched: 19,
  /** What measured each direction: bits 0 to 15 that of the low end, 16 to 31 that of the high end. */
  meters: 20,
  /** Number of the first record. */
  position: 21,
} as const

/** Counts of the high end follow those of the low end. Times in microseconds. */
export const double = {
  last: table.last,
  packets: table.packets,
  bytes: table.bytes,
  /** When each end was first heard; infinite before. */
  lowStart: 11,
  highStart: 12,
} as const

/** Columns of `int` in a row that is given: the sampling rate, and how it went. */
export const given = { rate: 19, packedOutcome: 20 } as const

export const mark = {
  /** TCP flags of this end were said. */
  lowFlags: 1 << 0,
  highFlags: 1 << 1,
  /** A record told of packets that this end sent. */
  lowHeard: 1 << 2,
  highHeard: 1 << 3,
  /** Records that went from this end told of both directions. */
  lowBoth: 1 << 4,
  highBoth: 1 << 5,
  /** Each direction came in a record of its own, with the other one in it again: that is not counted. */
  twice: 1 << 6,
  /** Who began it was said; and that it was the high end. */
  began: 1 << 7,
  beganHigh: 1 << 8,
  sampled: 1 << 9,
  denied: 1 << 10,
  /** More is to come after an active time-out. */
  cut: 1 << 11,
  /** More was announced. */
  more: 1 << 12,
  /** The exporter saw the end. */
  ended: 1 << 13,
  /** A total was told: what comes after is of another connection. */
  total: 1 << 14,
  unsaidPackets: 1 << 15,
  unsaidBytes: 1 << 16,
} as const

export const bothHeard = mark.lowHeard | mark.highHeard
export const bothTell = mark.lowBoth | mark.highBoth
