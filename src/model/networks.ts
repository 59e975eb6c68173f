/** Address ranges. IPv4 is kept as IPv6 in ::ffff:0:0/96, as in the store. */

/** An inclusive range of addresses, as IPv6 text. */
export interface Range {
  readonly first: string
  readonly last: string
}

/** First and last address as numbers of 128 bits. */
export type Span = readonly [first: bigint, last: bigint]

/** Networks as a person writes them, with the ranges they are. */
export interface Networks {
  readonly cidrs: readonly string[]
  readonly ranges: readonly Range[]
  /** Where no record of the database has an address, ascending: statements need not tell these addresses apart. */
  readonly unused?: readonly Span[]
}

/** RFC 1918, RFC 6598 (shared address space), RFC 4193 (unique local). */
export const privateCidrs: readonly string[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
]

/** What one stage needs to know of the part of the records it looks at. */
export interface Scope {
  /** Number of the epoch, from 0. */
  readonly epoch: number
  readonly from: number
  readonly to: number
  readonly internal: Networks
}
