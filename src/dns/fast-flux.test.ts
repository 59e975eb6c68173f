import { describe, expect, it } from 'vitest'
import { noPlaces, type Places } from './asn.ts'
import { type FluxFacts, fluxOf, holz, spreadOf } from './fast-flux.ts'

/** n addresses, each in a /16 of its own. */
const wide = (n: number) => Array.from({ length: n }, (_, i) => `${20 + i}.7.0.9`)
/** Every /8 is an autonomous system and an owner, or all are one. */
const systems = (one: boolean): Places => ({
  knowsAs: true,
  placeOf: (address) => ({ as: one ? 1 : Number(address.split('.')[0]), country: one ? 'DE' : null }),
  ownerOf: (address) => (one ? 'one' : (address.split('.')[0] ?? '')),
})
/** No database, and no owner known: the /16 stands in. */
const nothing: Places = { ...noPlaces, ownerOf: () => null }
const facts = (more: Partial<FluxFacts> = {}): FluxFacts => ({
  query: 'c.evil.org',
  registered: 'evil.org',
  clients: ['10.0.0.5'],
  lookups: 20,
  addresses: wide(8),
  late: 4,
  rotations: 6,
  inOne: 4,
  ttl: 300,
  owners: 1,
  leading: 0,
  time: 0,
  serverAddresses: [],
  first: 0,
  last: 1e9,
  ...more,
})

describe('flux', () => {
  it('scores as Holz et al. print it: 10 addresses in 7 systems are just over the line', () => {
    const addresses = [...wide(7), '20.8.0.1', '21.8.0.1', '22.8.0.1']
    expect(spreadOf(addresses, systems(false)).score).toBeCloseTo(10 * 1.32 + 7 * 18.54)
    expect(spreadOf(addresses, systems(false)).score).toBeGreaterThan(holz.line)
    expect(spreadOf(addresses.slice(0, 9), systems(false)).score).toBeLessThan(holz.line)
  })

  it('takes networks where no systems are known, and is less sure', () => {
    const known = fluxOf(facts(), systems(false))
    const unknown = fluxOf(facts(), nothing)
    expect(known?.spread).toMatchObject({ systems: 8, owners: 8, networks: 8 })
    expect(unknown?.spread).toMatchObject({ systems: null, owners: 8, networks: 8, countries: null })
    expect(unknown!.confidence).toBeLessThan(known!.confidence)
  })

  it('is not many networks of one owner', () => {
    expect(fluxOf(facts({ addresses: wide(50), late: 20 }), systems(true))).toBeNull()
  })

  it('counts a cloud once by the packaged table, and each provider of homes for itself', () => {
    // In 50 networks of Amazon and 50 of Microsoft, by what they publish.
    const clouds = [
      ...Array.from({ length: 50 }, (_, i) => `3.${128 + (i % 40)}.${i}.9`),
      ...Array.from({ length: 50 }, (_, i) => `20.${40 + (i % 60)}.${i}.9`),
    ]
    const inClouds = spreadOf(clouds, noPlaces)
    expect(inClouds.networks).toBeGreaterThan(50)
    expect(inClouds.owners).toBeLessThan(10)

    // Of Deutsche Telekom, Comcast, Orange, Telefónica, KDDI, Rostelecom, Vodafone and KPN.
    const homes = [
      '87.128.0.1',
      '73.1.2.3',
      '90.1.2.3',
      '83.32.1.2',
      '106.128.1.2',
      '95.24.1.2',
      '178.0.1.2',
      '77.160.1.2',
    ]
    expect(spreadOf(homes, noPlaces).owners).toBe(8)
    expect(fluxOf(facts({ addresses: homes }), noPlaces)).not.toBeNull()
  })

  it('takes the /16 where no owner is known, and one owner for networks that move inside it', () => {
    // Reserved for examples: nobody announces them.
    expect(spreadOf(['192.0.2.1', '198.51.100.1', '203.0.113.1'], noPlaces).owners).toBe(3)
    expect(spreadOf(['192.0.2.1', '192.0.2.77'], noPlaces).owners).toBe(1)
  })

  it.each<[string, Partial<FluxFacts>, Partial<FluxFacts>]>([
    ['addresses that come anew', { late: 1 }, { late: 0 }],
    ['a short time to keep', { ttl: 10_800 }, { ttl: 10_801 }],
    ['addresses of its own', { owners: 2 }, { owners: 3 }],
    ['no content network behind a CNAME', { leading: 2 }, { leading: 3 }],
    ['several addresses in an answer', { inOne: 1.5 }, { inOne: 1.4 }],
    ['more than the time of day', { time: 0.4 }, { time: 0.5 }],
  ])('needs %s', (_, on, off) => {
    expect(fluxOf(facts(on), nothing)).not.toBeNull()
    expect(fluxOf(facts(off), nothing)).toBeNull()
  })

  it('is double where the name servers flux too, and single where their addresses are not told', () => {
    expect(fluxOf(facts(), nothing)).toMatchObject({ kind: 'single', servers: null })
    expect(fluxOf(facts({ serverAddresses: wide(8) }), nothing)?.kind).toBe('double')
    expect(fluxOf(facts({ serverAddresses: wide(3) }), nothing)?.kind).toBe('single')
  })
})
