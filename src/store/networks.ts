import { BlockList, isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { UserError } from '../errors.ts'
import type { Networks, Range } from '../model/networks.ts'
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

const asText = (bytes: readonly number[]): string => {
  const parsed = ipaddr.fromByteArray([...bytes])
  return parsed.kind() === 'ipv4' ? `::ffff:${parsed.toString()}` : parsed.toString()
}

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
  if (networks.ranges.length === 0) return raw('false')
  const each = networks.ranges.map(
    ({ first, last }) => sql`(${name(column)} >= ${address(first)} AND ${name(column)} <= ${address(last)})`,
  )
  return sql`(${join(each, ' OR ')})`
}

/** Addresses that are no host on the internet: multicast, broadcast, link-local, loopback, unspecified. */
export const special: Networks = parseNetworks([
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/127',
  'fe80::/10',
  'ff00::/8',
])
