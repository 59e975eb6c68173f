/**
 * The rest of the Internet: sites with shared and own addresses, vendors' services, mail servers, peers.
 *
 * Addresses are drawn from global unicast space and stand for nobody; names end in `.example` (RFC 2606).
 * Popularity is Zipf-like: Breslau et al., "Web caching and Zipf-like distributions", INFOCOM 1999.
 */
import type { Random } from '../math/random.ts'

export interface Service {
  readonly name: string
  readonly addresses: readonly string[]
  /** Seconds that its DNS answer may be kept. */
  readonly ttl: number
  /** Round trip in seconds. */
  readonly latency: number
}

export interface Site extends Service {
  readonly secure: boolean
  /** Mean of third parties that a page calls on. */
  readonly parties: number
}

export interface Outside {
  readonly sites: readonly Site[]
  /** Advertising, analytics, fonts, shared scripts. */
  readonly parties: readonly Site[]
  readonly mailServers: readonly Service[]
  /** A rank from 0 to n - 1, low ones more likely: P(rank) ~ 1/(rank + 1)^exponent. */
  rank(random: Random, n: number, exponent?: number): number
  /** The service of this label; the same whoever asks first. */
  service(label: string, addresses?: number): Service
  address(random: Random): string
}

const beginnings =
  'al bar cor dan el fen gar hol ir jor kel lin mar nor ol per quin ros sal tor ul ven wil yar zan'.split(' ')
const middles = 'a e i o u an en in on ar er or is os ta re mi lo sa ne'.split(' ')
const ends = (
  'bay brook cart desk field forge hub lane ledge mark mill ' +
  'news path point press reach shop stone vale ware wood works'
).split(' ')
const notGlobal = new Set([0, 10, 100, 127, 169, 172, 192, 198, 203])

export function buildOutside(random: Random): Outside {
  const services = new Map<string, Service>()
  const edges = Array.from({ length: 64 }, () => address(random))
  const name = () => `${random.pick(beginnings)}${random.pick(middles)}${random.pick(ends)}`

  const site = (index: number, onEdge: number, parties: number): Site => ({
    name: `${index % 3 === 0 ? '' : 'www.'}${name()}${index}.example`,
    addresses:
      random.next() < onEdge
        ? [random.pick(edges), random.pick(edges)]
        : Array.from({ length: 1 + random.integer(2) }, () => address(random)),
    ttl: random.pick([120, 300, 300, 900, 3600, 14_400]),
    latency: Math.min(0.4, random.logNormal(Math.log(0.03), 0.8)),
    secure: random.next() < 0.86,
    parties,
  })

  return {
    sites: Array.from({ length: 4000 }, (_, i) => site(i, 0.45, random.next() * 3.2)),
    parties: Array.from({ length: 60 }, (_, i) => site(i, 0.8, 0)),
    mailServers: Array.from({ length: 420 }, (_, i) => ({
      name: `mx${1 + (i % 3)}.${name()}${i}.example`,
      addresses: [address(random)],
      ttl: 3600,
      latency: Math.min(0.5, random.logNormal(Math.log(0.06), 0.7)),
    })),
    rank: (own, n, exponent = 0.9) => zipf(own, n, exponent),
    service: (label, addresses = 2) => {
      const known = services.get(label)
      if (known) return known
      const own = random.split(`service ${label}`)
      const made: Service = {
        name: `${label}.${own.pick(beginnings)}${own.pick(middles)}${own.pick(ends)}.example`,
        addresses: Array.from({ length: addresses }, () => address(own)),
        ttl: own.pick([60, 300, 600, 3600]),
        latency: Math.min(0.4, own.logNormal(Math.log(0.035), 0.6)),
      }
      services.set(label, made)
      return made
    },
    address,
  }
}

/** By inversion of the continuous density, which is close enough for a simulation. */
function zipf(random: Random, n: number, exponent: number): number {
  const power = 1 - exponent
  const top = (n + 1) ** power
  const value = (random.next() * (top - 1) + 1) ** (1 / power)
  return Math.min(n - 1, Math.floor(value) - 1)
}

/** A global unicast IPv4 address outside every special-purpose block (RFC 6890). */
function address(random: Random): string {
  let first = 0
  while (notGlobal.has(first)) first = 1 + random.integer(222)
  return `${first}.${random.integer(256)}.${random.integer(256)}.${1 + random.integer(254)}`
}
