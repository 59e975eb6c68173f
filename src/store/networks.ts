import { BlockList, isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { UserError } from '../errors.ts'
import type { Networks, Range, Span } from '../model/networks.ts'
import type { Query } from '../model/query.ts'
import { address, join, name, raw, sql } from './sql.ts'

/** Parses networks and single addresses. @throws UserError option-invalid naming the first bad one. */
export function parseNetworks(cidrs: readonly string[]): Networks {
  return { cidrs, ranges: cidrs.map(rangeOf) }
}

function rangeOf(cidr: string): Range {
  try {
    const [network, bits] = cidr.includes('/') ? ipaddr.parseCIDR(cidr) : single(cidr)
    const bytes = network.toByteArray()
    const first = bytes.map((byte, i) => byte & mask(bits, i))
    const last = bytes.map((byte, i) => byte | (0xff & ~mask(bits, i)))
    return { first: asText(first), last: asText(last) }
  } catch (error) {
    throw new UserError(
      'option-invalid',
      `not a network: ${cidr}`,
      'Give networks as 10.0.0.0/8 or 2001:db8::/32.',
      error,
    )
  }
}

function single(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const parsed = ipaddr.parse(text)
  return [parsed, parsed.kind() === 'ipv4' ? 32 : 128]
}

/** The bits of byte `i` that belong to a prefix of `bits`. */
const mask = (bits: number, i: number): number =>
  0xff & (0xff << (8 - Math.min(8, Math.max(0, bits - 8 * i))))

function asText(bytes: readonly number[]): string {
  const parsed = ipaddr.fromByteArray([...bytes])
  if (parsed instanceof ipaddr.IPv4) return `::ffff:${parsed.toString()}`
  return parsed.isIPv4MappedAddress() ? `::ffff:${parsed.toIPv4Address().toString()}` : parsed.toString()
}

/** All of these, in as few ranges as they take: a comparison of an address costs an analysis more than most else. */
export const union = (...all: readonly Networks[]): Networks =>
  networksOf(
    all.flatMap(({ cidrs }) => cidrs),
    merged(all.flatMap(spansOf)),
    all.find(({ unused }) => unused)?.unused,
  )

/** The addresses of `networks` that are not in `less`. */
export function minus(networks: Networks, less: Networks): Networks {
  const rest = merged(spansOf(less)).reduce(
    (spans, hole) =>
      spans.flatMap(([first, last]): Span[] =>
        hole[1] < first || hole[0] > last
          ? [[first, last]]
          : [
              ...(first < hole[0] ? [[first, hole[0] - 1n] as const] : []),
              ...(hole[1] < last ? [[hole[1] + 1n, last] as const] : []),
            ],
      ),
    merged(spansOf(networks)),
  )
  return networksOf(networks.cidrs, rest, networks.unused)
}

/** In the order of the ranges. */
export const spansOf = ({ ranges }: Networks): Span[] =>
  ranges.map(({ first, last }) => [numberOf(first), numberOf(last)])

const numberOf = (text: string): bigint =>
  BigInt(`0x${Buffer.from(ipaddr.IPv6.parse(text).toByteArray()).toString('hex')}`)

/** Ascending, without an overlap, and with a gap between each two. */
export function merged(spans: readonly Span[]): readonly Span[] {
  const found: [bigint, bigint][] = []
  for (const [first, last] of spans.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) {
    const before = found.at(-1)
    if (!before || first > before[1] + 1n) found.push([first, last])
    else if (last > before[1]) before[1] = last
  }
  return found
}

const networksOf = (
  cidrs: readonly string[],
  spans: readonly Span[],
  unused: Networks['unused'],
): Networks => ({
  cidrs,
  ranges: spans.map(([first, last]) => ({ first: textOf(first), last: textOf(last) })),
  ...(unused && { unused }),
})

/** Text of an address that is given as a number of 128 bits. */
export const textOf = (address: bigint): string =>
  asText([...Buffer.from(address.toString(16).padStart(32, '0'), 'hex')])

/** Whether an address, as text, lies in one of the networks; no for what is none. */
export function holding({ ranges }: Networks): (address: string) => boolean {
  const blocks = new BlockList()
  for (const { first, last } of ranges) {
    if (last.startsWith('::ffff:') && last.includes('.'))
      blocks.addRange(first.slice(7), last.slice(7), 'ipv4')
    else blocks.addRange(first, last, 'ipv6')
  }

  return (text) => {
    const address = text.startsWith('::ffff:') && text.includes('.') ? text.slice(7) : text
    const version = isIP(address)
    return version !== 0 && blocks.check(address, version === 4 ? 'ipv4' : 'ipv6')
  }
}

/** SQL that is true where the address column lies in one of the networks. */
export function inside(column: string, networks: Networks): Query {
  const within = ({ first, last }: Range) =>
    sql`(${name(column)} >= ${address(first)} AND ${name(column)} <= ${address(last)})`
  const ofAnyRecords = anyOf(networks.ranges.map(within))
  if (!networks.unused) return ofAnyRecords

  const each = usedRangesOf(networks).map((range) => {
    if (range.last !== greatestAddress) return within(range)
    return range.first === leastAddress ? raw('true') : sql`${name(column)} >= ${address(range.first)}`
  })
  return { ...anyOf(each), ofAnyRecords }
}

const anyOf = (conditions: readonly Query[]): Query =>
  conditions.length === 0 ? raw('false') : sql`(${join(conditions, ' OR ')})`

const leastAddress = '::'
const greatestAddress = 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'

/**
 * The fewest ranges that hold the same of all addresses that are used: without those that hold none, and with the
 * unused addresses next to the others, which closes the gaps between them.
 */
const usedRangesOf = remembered((networks): readonly Range[] => {
  const { cidrs, unused = [] } = networks
  const used = merged(spansOf(networks)).filter(
    ([first, last]) => !unused.some((gap) => gap[0] <= first && last <= gap[1]),
  )
  const touching = unused.filter((gap) =>
    used.some(([first, last]) => gap[0] <= last + 1n && first <= gap[1] + 1n),
  )
  return networksOf(cidrs, merged([...used, ...touching]), unused).ranges
})

/** What `work` makes of networks, made once: fifty statements of an analysis ask for it. */
function remembered<T>(work: (networks: Networks) => T): (networks: Networks) => T {
  const made = new WeakMap<Networks, T>()
  return (networks) => {
    const before = made.get(networks)
    if (before !== undefined) return before
    const now = work(networks)
    made.set(networks, now)
    return now
  }
}

/** Addresses that are no host on the internet: multicast, broadcast, link-local, loopback, unspecified. */
export const special: Networks = union(
  parseNetworks([
    '0.0.0.0/8',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '224.0.0.0/4',
    '240.0.0.0/4',
    '::/127',
    'fe80::/10',
    'ff00::/8',
  ]),
)

/** Networks that are the same for every site, with what the records of this one do not use. */
const amongUsed = (fixed: Networks) =>
  remembered(({ unused }): Networks => ({ ...fixed, ...(unused && { unused }) }))

const withSpecial = remembered((internal) => union(internal, special))
const withoutSpecial = remembered((internal) => minus(internal, special))
const specialOf = amongUsed(special)

/** SQL that is true where the column holds a host outside: of none of the networks, and no special address. */
export const outside = (column: string, internal: Networks): Query =>
  sql`NOT ${inside(column, withSpecial(internal))}`

/** SQL that is true where the column holds an internal host: of the networks, and no special address. */
export const isInternalHost = (column: string, internal: Networks): Query =>
  inside(column, withoutSpecial(internal))

/** SQL that is true where the column holds a special address. */
export const isSpecial = (column: string, internal: Networks): Query => inside(column, specialOf(internal))

/** Addresses of IPv4, as the store keeps them. */
export const ipv4: Networks = parseNetworks(['::ffff:0:0/96'])
const ipv4Of = amongUsed(ipv4)

/** SQL that is true where the column holds an address of IPv4. */
export const isIpv4 = (column: string, internal: Networks): Query => inside(column, ipv4Of(internal))
