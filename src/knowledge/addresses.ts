/**
 * Addresses and networks as numbers: IPv4 whole, IPv6 by its first 48 bits, which is as fine as networks
 * are announced.
 */

interface AddressKey {
  readonly version: 4 | 6
  /** IPv4: 0 to 2^32 - 1. IPv6: 0 to 2^48 - 1. */
  readonly key: number
}

/** A network; the last key is within. */
export interface KeyRange {
  readonly version: 4 | 6
  readonly first: number
  readonly last: number
}

/** The number of an address; null for what is none. `::ffff:192.0.2.1` is IPv4. */
export function keyOf(address: string): AddressKey | null {
  const colon = address.indexOf(':')
  if (colon < 0) {
    const key = ipv4Key(address, 0)
    return key < 0 ? null : { version: 4, key }
  }

  const dot = address.indexOf('.')
  if (dot > 0) return embedded(address)
  return ipv6Key(address)
}

function embedded(address: string): AddressKey | null {
  const key = ipv4Key(address, address.lastIndexOf(':') + 1)
  if (key < 0) return null

  if (/^::ffff:/i.test(address)) return { version: 4, key }
  const rest = address.slice(0, address.lastIndexOf(':') + 1)
  return ipv6Key(`${rest}${Math.floor(key / 65_536).toString(16)}:${(key % 65_536).toString(16)}`)
}

/** -1 for what is none. */
function ipv4Key(text: string, from: number): number {
  let key = 0
  let part = -1
  let dots = 0
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 46) {
      if (part < 0 || part > 255 || ++dots > 3) return -1
      key = key * 256 + part
      part = -1
    } else if (code >= 48 && code <= 57) part = (part < 0 ? 0 : part * 10) + code - 48
    else return -1
  }
  return dots === 3 && part >= 0 && part <= 255 ? key * 256 + part : -1
}

function ipv6Key(address: string): AddressKey | null {
  if (!/^[0-9a-f:]+(?:%.*)?$/i.test(address)) return null
  const text = address.split('%', 1)[0] ?? ''
  const [head = '', tail, more] = text.split('::')
  if (more !== undefined) return null

  const before = groupsOf(head)
  const after = tail === undefined ? [] : groupsOf(tail)
  const given = before.length + after.length
  if (tail === undefined ? given !== 8 : given > 7) return null

  const groups = [...before, ...Array<number>(8 - given).fill(0), ...after]
  if (groups.some((group) => !(group >= 0 && group <= 0xffff))) return null
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return { version: 4, key: (groups[6] ?? 0) * 65_536 + (groups[7] ?? 0) }
  return { version: 6, key: ((groups[0] ?? 0) * 65_536 + (groups[1] ?? 0)) * 65_536 + (groups[2] ?? 0) }
}

const groupsOf = (text: string): number[] =>
  text === ''
    ? []
    : text.split(':').map((each) => (/^[0-9a-f]{1,4}$/i.test(each) ? Number.parseInt(each, 16) : -1))

/**
 * The keys of a network (`192.0.2.0/24`) or an address. IPv6 networks longer than /48 are taken as the /48
 * around them. Null for what is none.
 */
export function rangeOf(cidr: string): KeyRange | null {
  const [address = '', length] = cidr.split('/')
  const at = keyOf(address)
  if (at === null) return null

  const bits = at.version === 4 ? 32 : 48
  const longest = at.version === 4 ? 32 : 128
  const prefix = length === undefined ? longest : /^\d{1,3}$/.test(length) ? Number(length) : -1
  if (prefix < 0 || prefix > longest) return null

  const size = 2 ** (bits - Math.min(bits, prefix))
  const first = Math.floor(at.key / size) * size
  return { version: at.version, first, last: first + size - 1 }
}
