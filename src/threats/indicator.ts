/**
 * One entry of a threat list as data: what it names, and why it may be refused.
 *
 * Defanged writing is understood (`hxxp://`, `[.]`, `(.)`, `[:]`). An indicator that would accuse half the network is
 * refused, not matched: private and special ranges, networks too wide, names that anyone may register under, ports that
 * everyone uses.
 */
import { isIPv4, isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'
import ipaddr from 'ipaddr.js'

export const indicatorTypes = ['address', 'network', 'name', 'service', 'port', 'url', 'hash'] as const
export type IndicatorType = (typeof indicatorTypes)[number]

export interface Indicator {
  readonly type: IndicatorType
  /** As the list has it, without what hides it; at most 300 characters. */
  readonly text: string
  /** First address, as IPv6 text; `::` where there is none. */
  readonly address: string
  /** Length of the prefix in IPv6, 0 to 128. */
  readonly bits: number
  /** Name, in lower case and ASCII; of a hash, its hex digits. */
  readonly name: string
  /** Path of a URL, from its slash on. */
  readonly path: string
  readonly port: number
  /** tcp, udp, or empty for either. */
  readonly proto: string
  /** Whether names under `name` are meant too. */
  readonly below: boolean
}

/** An indicator that names nothing. */
export const nothing = {
  address: '::',
  bits: 0,
  name: '',
  path: '',
  port: 0,
  proto: '',
  below: false,
} as const

/** Why an entry that can be read is not matched. */
export const refusals = {
  special: 'a private, local, reserved or documentation address',
  'too-wide': 'a network so wide that benign hosts live in it',
  'shared-name': 'a name that anyone may register under, or of one part only',
  'common-port': 'a port that ordinary services use',
  allowed: 'a destination that --allow trusts',
  expired: 'the list itself says that it is no longer valid',
  stale: 'an address last seen over a year before the records begin',
  'not-for-detection': 'the list says that it is not meant for detection',
} as const
export type Refusal = keyof typeof refusals

/** An entry as a list gives it, before it is read. */
export interface Entry {
  readonly value: string
  readonly description: string
  /** Microseconds; null where the list does not say. */
  readonly listed: number | null
  /** From when on it no longer holds. */
  readonly until: number | null
  /** Why the list itself takes it back. */
  readonly refused: Refusal | null
}

/** An indicator with where it was listed. */
export interface Listed extends Omit<Indicator, 'text'> {
  /** As the list has it; may be emptied where `name` or `address` say the same. */
  text: string
  /** Among all that are matched; 0 until it is known. */
  number: number
  readonly list: string
  readonly description: string
  readonly listed: number | null
}

/** Networks wider than this are refused: 1,048,576 IPv4 addresses; a /28 of IPv6 is more than one provider is given. */
const widest = { v4: 12, v6: 28 }

/** Reads one entry. @returns null where it names nothing that can be matched. */
export function indicatorOf(given: string): Indicator | null {
  if (given !== lastGiven) {
    lastIndicator = read(given)
    lastGiven = given
  }
  return lastIndicator
}

/** A line is asked what it names, and then what it is: the answer is the same. */
let lastGiven: string | null = null
let lastIndicator: Indicator | null = null

/** Most lists hold bare addresses, names and hashes, which need no look at what URLs and services are written with. */
const isBare = (text: string): boolean => /^[a-z0-9._-]+$/i.test(text)

function read(given: string): Indicator | null {
  if (isBare(given) && given.length <= 2000) return bareOf(given)
  const text = refanged(given)
  if (text === '' || text.length > 2000) return null
  return urlOf(text) ?? networkOf(text) ?? serviceOf(text) ?? portOf(text) ?? hashOf(text) ?? nameOf(text)
}

/** Without a slash or colon, an address is of IPv4 and ends in a digit; a name has a dot, a hash none. */
function bareOf(text: string): Indicator | null {
  if (!text.includes('.')) return hashOf(text)
  const last = text.charCodeAt(text.length - 1)
  const address = last >= 48 && last <= 57 ? networkOf(text) : null
  return address ?? (isUsualName(text) ? namedAs(text, text, !text.startsWith('www.')) : nameOf(text))
}

/** A name as most lists write it, told in one look: lower case, each part with letters or digits at its ends. */
const isUsualName = (text: string): boolean =>
  text.length <= 253 && !text.includes('xn--') && usualName.test(text)
const usualName = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/

const namedAs = (text: string, name: string, below: boolean): Indicator => ({
  ...nothing,
  type: 'name',
  text: short(text),
  name,
  below,
})

const refanged = (text: string): string =>
  text
    .trim()
    .replace(/^["'<]+|["'>]+$/g, '')
    .replace(/^h(?:xx|tt|\*\*)p(s?)(?:\[:\]|:)/i, 'http$1:')
    .replaceAll(/[[({](\.|dot)[\])}]/gi, '.')
    .replaceAll('[:]', ':')
    .trim()

const short = (text: string) => text.slice(0, 300)

function urlOf(text: string): Indicator | null {
  const [, scheme = '', host = '', port, path = ''] =
    /^([a-z][a-z0-9+.-]*):\/\/(?:[^/@\s]*@)?(\[[0-9a-f:.]+\]|[^/:?#\s]+)(?::(\d{1,5}))?([/?#][^\s]*)?$/i.exec(
      text,
    ) ?? []
  if (host === '') return null
  const bare = host.replace(/^\[|\]$/g, '')
  const inner = networkOf(bare) ?? nameOf(bare)
  if (!inner || inner.type === 'network') return null
  const number = Number(port ?? 0)
  if (number > 65_535) return null
  const rest = path.replace(/#.*$/, '')

  if (rest.length > 1 && /^https?$/i.test(scheme)) {
    const named = inner.type === 'address' ? bare : inner.name
    return {
      ...nothing,
      type: 'url',
      text: short(text),
      address: inner.address,
      name: named.toLowerCase(),
      path: rest,
    }
  }

  if (inner.type === 'address' && number > 0)
    return { ...inner, type: 'service', text: short(text), port: number, proto: 'tcp' }

  return { ...inner, text: short(text), below: false }
}

function networkOf(text: string): Indicator | null {
  const [address = '', length, more] = text.split('/')
  if (more !== undefined || (length !== undefined && !/^\d{1,3}$/.test(length))) return null
  const four = isIPv4(address)
  if (!four && !(address.includes(':') && isIPv6(address))) return null
  const bits = length === undefined ? (four ? 32 : 128) : Number(length)
  if (bits > (four ? 32 : 128)) return null
  return { ...nothing, text: short(text), ...rangeOf(address, bits, four) }
}

function rangeOf(address: string, bits: number, four: boolean): Pick<Indicator, 'type' | 'address' | 'bits'> {
  const whole = bits === (four ? 32 : 128)
  if (whole && four) return { type: 'address', address: `::ffff:${address}`, bits: 128 }
  const parsed = ipaddr.parse(address)
  const mapped = parsed.kind() === 'ipv6' && (parsed as ipaddr.IPv6).isIPv4MappedAddress()
  const first = four
    ? `::ffff:${ipaddr.IPv4.networkAddressFromCIDR(`${address}/${bits}`).toString()}`
    : mapped
      ? `::ffff:${(parsed as ipaddr.IPv6).toIPv4Address().toString()}`
      : ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/${bits}`).toString()
  return { type: whole ? 'address' : 'network', address: first, bits: four ? bits + 96 : bits }
}

function serviceOf(text: string): Indicator | null {
  const [, host = '', port = '', proto = ''] =
    /^(\[[0-9a-f:.]+\]|[0-9.]+|[a-z0-9_.-]+\.[a-z0-9-]+)[:|](\d{1,5})(?:\/(tcp|udp))?$/i.exec(text) ?? []
  if (host === '' || Number(port) === 0 || Number(port) > 65_535) return null
  const inner = networkOf(host.replace(/^\[|\]$/g, '')) ?? nameOf(host)
  if (!inner || inner.type === 'network') return null
  if (inner.type === 'name') return { ...inner, text: short(text), below: false }
  return { ...inner, type: 'service', text: short(text), port: Number(port), proto: proto.toLowerCase() }
}

function portOf(text: string): Indicator | null {
  const [, before, first, second, after] = /^(?:(tcp|udp)\/(\d{1,5})|(\d{1,5})\/(tcp|udp))$/i.exec(text) ?? []
  const port = Number(first ?? second ?? 0)
  if (port === 0 || port > 65_535) return null
  return { ...nothing, type: 'port', text: short(text), port, proto: (before ?? after ?? '').toLowerCase() }
}

function hashOf(text: string): Indicator | null {
  const [, digits = ''] =
    /^(?:(?:md5|sha1|sha256):)?([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/i.exec(text) ?? []
  if (digits === '') return null
  const kind = digits.length === 32 ? 'md5' : digits.length === 40 ? 'sha1' : 'sha256'
  return { ...nothing, type: 'hash', text: short(text), name: `${kind}:${digits.toLowerCase()}` }
}

/** A name that has no other way of writing it: ASCII, without Punycode, and no number. */
const isPlainName = (lower: string): boolean =>
  /^[a-z0-9._-]+\.[a-z][a-z0-9_-]*$/.test(lower) && !lower.includes('xn--')

function nameOf(text: string): Indicator | null {
  const below = !/^(\|\|)?www\./i.test(text)
  const bare = text
    .replace(/^\|\|/, '')
    .replace(/\^$/, '')
    .replace(/^\*?\./, '')
    .replace(/\.$/, '')
  if (bare.length > 253 || !/[.]/.test(bare) || /[\s/:@,;]/.test(bare)) return null
  const lower = bare.toLowerCase()
  const ascii = isPlainName(lower) ? lower : domainToASCII(bare).toLowerCase() || lower
  return ascii.length <= 253 && usualName.test(ascii) ? namedAs(text, ascii, below) : null
}

/** Ports of ordinary services: everything under 1024 that is assigned, and the well-used ones over it. */
const commonPorts: ReadonlySet<number> = new Set([
  1194, 1433, 1521, 1701, 1723, 1812, 1900, 1935, 2049, 2083, 2087, 3128, 3268, 3306, 3389, 3478, 4500, 5060,
  5061, 5222, 5223, 5228, 5353, 5355, 5432, 5900, 5938, 6379, 6881, 8000, 8008, 8080, 8081, 8443, 8888, 9000,
  9090, 9100, 19302, 27017, 51413, 51820,
])

/** Why the indicator would accuse innocents, told from it alone; null where nothing is against it. */
export function refusalOf(indicator: Indicator, isSharedName: (name: string) => boolean): Refusal | null {
  const { type, port, name } = indicator
  if (type === 'port') return port < 1024 || commonPorts.has(port) ? 'common-port' : null
  if (type === 'hash') return null
  const ranged = type === 'address' || type === 'network' || type === 'service'
  if (ranged || indicator.address !== '::') return refusalOfRange(indicator)
  return isSharedName(name) ? 'shared-name' : null
}

function refusalOfRange({ address, bits }: Indicator): Refusal | null {
  const four = address.startsWith('::ffff:')
  if (bits < (four ? 96 + widest.v4 : widest.v6)) return 'too-wide'
  if (four && isOrdinary(address.slice(7))) return null
  const parsed = ipaddr.parse(four ? address.slice(7) : address)
  return parsed.range() === 'unicast' ? null : 'special'
}

/** First numbers of IPv4 addresses under which some are special; from 224 on all are. */
const withSpecial: ReadonlySet<number> = new Set([0, 10, 100, 127, 169, 172, 192, 198, 203])

/** Told from the first number alone, as it can be of most addresses, of which a list may have millions. */
function isOrdinary(address: string): boolean {
  const first = Number.parseInt(address, 10)
  return first < 224 && !withSpecial.has(first)
}
