/** How a flow lies in memory. See `packet-row.ts` on taking constants into a module. */

/** Columns of `ints`, one row of `intWidth` a flow; its `doubles` lie between them. */
export const int = {
  ports: 0,
  lowAddress: 1,
  highAddress: 2,
  kind: 3,
  flags: 4,
  // 6 to 15 are doubles. Here the second line begins.
  hash: 16,
  nextInSlot: 17,
  generation: 18,
  clientSequence: 19,
  serverSequence: 20,
  /** What carried it: its number in `tunnels`. */
  tunnel: 21,
  // 22 to 25 are doubles.
  lowNetwork: 26,
  highNetwork: 29,
} as const
export const intWidth = 32

/** Columns of `doubles`, one row of `doubleWidth` a flow. Counts of the server follow those of the client. */
export const double = { last: 3, packets: 4, bytes: 6, start: 11, position: 12 } as const
export const doubleWidth = 16

/** State of one end. */
export const end = {
  inactive: 0,
  partial: 1,
  synSent: 2,
  established: 3,
  closed: 4,
  reset: 5,
} as const

/** Bits of a flow's flags: three for each state, and what else is remembered. */
export const bit = {
  client: 0,
  server: 3,
  clientBefore: 6,
  serverBefore: 9,
  clientIsHigh: 1 << 12,
  clientData: 1 << 13,
  serverData: 1 << 14,
  refused: 1 << 15,
  undecided: 1 << 16,
  conversing: 1 << 17,
  service: 20,
} as const

/** Rows of flows, live or ended. */
export interface FlowRows {
  readonly ints: Int32Array
  readonly doubles: Float64Array
  /** What tunnels there were, in words; the first is none. It grows. */
  readonly tunnels: readonly string[]
}
