/**
 * How a decoded packet lies in a batch.
 *
 * What runs for every packet takes these constants into its own module first (`const { word } = row`): the engine
 * folds a constant that a module keeps to itself, and reads an imported one each time it is used.
 */

/** Columns of `ints`, one row of `packetWidth` a packet. Columns 8 and 9 are the time, as a double. */
export const word = {
  hash: 0,
  ports: 1,
  kind: 2,
  low: 3,
  high: 4,
  ipBytes: 5,
  payloadBytes: 6,
  /** TCP flags, and `packetBit`. */
  bits: 7,
  sequence: 10,
  acknowledged: 11,
  transportAt: 12,
  payloadAt: 13,
  capturedEnd: 14,
  /** Number of the frame after `first`. */
  position: 15,
} as const
export const packetWidth = 16
/** Columns of `doubles`, the same rows. */
export const timeColumn = 4
export const packetDoubles = 8

/** Columns of `wide`: what IPv4 has not, the identification of a fragment, and what carried a packet. */
export const wideWord = { low: 0, high: 3, fragmentId: 6, tunnel: 7 } as const
export const wideWidth = 8

export const packetBit = { fragment: 3 << 8, fragmentShift: 8, fromLow: 1 << 10, carried: 1 << 11 } as const
