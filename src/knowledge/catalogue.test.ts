/** Holds for every line of the tables: to add an entry is to add its line. */
import { describe, expect, it } from 'vitest'
import { rangeOf } from './addresses.ts'
import { namedThreatEntries, namedThreatKinds, namedThreatOf } from './named-threats.ts'
import { ownerEntries, ownerKinds } from './owners.ts'
import { popularityOf } from './popularity.ts'
import { rentedEntries, rentedKinds, rentedOf, rentedSuffixes } from './rented.ts'
import {
  bases,
  behaviours,
  type Contact,
  type ServiceEntry,
  serviceEntries,
  serviceKinds,
  serviceOf,
} from './services.ts'

const services = serviceEntries()
const owners = new Set(ownerEntries().map(({ owner }) => owner))

/** The contact that an entry has to match: its example, on its first port, at its first owner. */
function contactOf({ example, ports, owners: [owner], networks }: ServiceEntry): Contact {
  const [port] = ports
  const isAddress = networks.length > 0 && rangeOf(example) !== null
  return {
    ...(isAddress ? { address: example } : { name: example }),
    port: port?.first ?? null,
    proto: port?.proto ?? null,
    owner: owner ?? null,
  }
}

describe('services', () => {
  it.each(services.map((each) => [each.id, each] as const))('%s matches its own example', (_, entry) => {
    expect(serviceOf(contactOf(entry))?.id).toBe(entry.id)
  })

  it.each(services.map((each) => [each.id, each] as const))('%s is whole', (id, entry) => {
    expect(id).toMatch(/^[a-z0-9-]+$/)
    expect(serviceKinds[entry.kind]).toBeTypeOf('string')
    expect(entry.title).not.toBe('')
    expect(entry.behaviours.length).toBeGreaterThan(0)
    expect(entry.behaviours.filter((each) => !behaviours.includes(each))).toEqual([])
    expect(entry.owners.filter((each) => !owners.has(each))).toEqual([])
    expect(entry.networks.filter((each) => rangeOf(each) === null)).toEqual([])
    expect(new URL(entry.source).protocol).toBe('https:')
    // Something that one can be known by.
    expect(entry.names.length + entry.networks.length + entry.ports.length).toBeGreaterThan(0)
    expect(entry.ports.filter(({ first, last }) => first < 1 || first > last || last > 65_535)).toEqual([])
  })

  it.each(services.map((each) => [each.id, each] as const))(
    '%s holds no name that others may have',
    (_, entry) => {
      const open = entry.names.filter((each) => each.startsWith('.') || each.startsWith('*'))
      const made = open.map((each) => each.replace(/^\./, 'x1.').replaceAll('*', 'x1'))
      expect(made.filter((each) => popularityOf(each).tenantOf !== null)).toEqual([])
    },
  )

  it.each(services.filter(({ owners: some }) => some.length > 0).map((each) => [each.id, each] as const))(
    '%s does not match an address of another owner',
    (_, entry) => {
      expect(serviceOf({ ...contactOf(entry), owner: 'Hetzner' })?.id).not.toBe(entry.id)
    },
  )

  it('have ids of their own, and are many', () => {
    expect(new Set(services.map(({ id }) => id)).size).toBe(services.length)
    expect(services.length).toBeGreaterThan(250)
  })

  it('match no tenant of what is rented, on any port that an entry knows', () => {
    const contacts = services.map(({ ports: [port] }) => ({
      port: port?.first ?? 443,
      proto: port?.proto ?? 'tcp',
    }))
    const matched = [...rentedSuffixes()].flatMap((suffix) =>
      contacts.flatMap((contact) => {
        const name = `x1y2z3.${suffix}`
        const found = serviceOf({ ...contact, name })
        return found ? [`${name}: ${found.id}`] : []
      }),
    )
    expect(matched).toEqual([])
  })

  it('match what is rented by its whole name alone', () => {
    const literal = new Set(services.flatMap(({ names }) => names))
    const made = rentedEntries()
      .flatMap(({ names }) => names)
      .map((each) => each.replace(/^\./, 'x1.').replaceAll('*', 'x1'))
      .filter((each) => !literal.has(each))
    const ports = [443, 80, 53, 5222, 8883]
    const matched = made.filter((name) => ports.some((port) => serviceOf({ name, port }) !== null))
    expect(matched).toEqual([])
    expect(serviceOf({ name: 'clients2.googleusercontent.com', port: 443 })?.id).toBe('chrome-update')
    expect(serviceOf({ name: 'dns.mullvad.net', port: 443 })).toBeNull()
  })

  it('say what matched, the strongest first', () => {
    expect(bases).toEqual(['name-and-owner', 'address', 'name', 'owner-and-port', 'port'])
    expect(
      serviceOf({ name: 'Client.WNS.windows.com.', port: 443, proto: 'TCP', owner: 'Microsoft' })?.basis,
    ).toBe('name-and-owner')
    expect(serviceOf({ name: 'client.wns.windows.com', port: 443 })?.basis).toBe('name')
    expect(serviceOf({ name: 'client.wns.windows.com:443', port: 443 })?.basis).toBe('name')
    expect(serviceOf({ name: 'client.wns.windows.com', port: 444, proto: 'tcp' })).toBeNull()
    expect(serviceOf({ address: '168.63.129.16', port: 32_526, proto: 'tcp' })?.basis).toBe('address')
    expect(serviceOf({ port: 5228, proto: 'tcp', owner: 'Google' })?.basis).toBe('owner-and-port')
    expect(serviceOf({ port: 5228, proto: 'tcp' })).toBeNull()
    expect(serviceOf({ port: 51_820, proto: 'udp' })?.basis).toBe('port')
    expect(serviceOf({ port: 51_820, proto: 'tcp' })).toBeNull()
    expect(serviceOf({})).toBeNull()
  })

  it('take an owner that is known by number alone for no contradiction', () => {
    const found = serviceOf({ name: 'mtalk.google.com', port: 5228, owner: 'AS64500' })
    expect(found).toMatchObject({ id: 'fcm', basis: 'name' })
    expect(serviceOf({ name: 'mtalk.google.com', port: 5228, owner: 'Amazon' })).toBeNull()
  })
})

describe('what is rented', () => {
  const entries = rentedEntries()

  it.each(entries.map((each) => [each.id, each] as const))('%s matches its own example', (id, entry) => {
    expect(rentedOf(entry.example)).toMatchObject({ id })
    expect(id).toMatch(/^[a-z0-9-]+$/)
    expect(rentedKinds[entry.kind]).toBeTypeOf('string')
    expect(new URL(entry.source).protocol).toBe('https:')
  })

  it('has ids of its own', () => {
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length)
  })

  it('falls back on the private part of the public suffix list', () => {
    expect(rentedOf('shop.myshopify.com')).toMatchObject({ id: 'tenant-of-myshopify.com', kind: 'tenant' })
    expect(rentedOf('myshopify.com')).toBeNull()
    expect(rentedOf('www.debian.org')).toBeNull()
    expect(rentedOf('192.0.2.1')).toBeNull()
    expect(rentedOf('')).toBeNull()
  })

  it.each(entries.map((each) => [each.id, each] as const))('%s: a tenant has no rank', (_, entry) => {
    const tenancies = ['dynamic-dns', 'tunnel', 'serverless', 'hosting', 'cdn']
    const below = tenancies.includes(entry.kind) ? entry.names.filter((each) => each.startsWith('.')) : []
    for (const suffix of below) {
      const found = popularityOf(`www.x1y2z3${suffix}`)
      expect(found.rank).toBeNull()
      expect(suffix.endsWith(found.tenantOf ?? '?') || found.tenantOf?.endsWith(suffix)).toBe(true)
    }
  })
})

describe('named threats', () => {
  it.each(namedThreatEntries().map((each) => [each.id, each] as const))('%s matches', (id, entry) => {
    const contact =
      entry.example === '' ? { port: entry.ports[0] ?? null, proto: 'tcp' } : { name: entry.example }
    expect(namedThreatOf(contact)).toMatchObject({ id, basis: entry.example === '' ? 'port' : 'name' })
    expect(namedThreatKinds).toContain(entry.kind)
    expect(new URL(entry.source).protocol).toBe('https:')
  })

  it('know a sinkhole by its address, and no port over UDP', () => {
    expect(namedThreatOf({ address: '204.95.99.59', port: 80 })).toMatchObject({
      kind: 'sinkhole',
      basis: 'address',
    })
    expect(namedThreatOf({ address: '204.95.99.58', port: 80 })).toBeNull()
    expect(namedThreatOf({ port: 9001, proto: 'udp' })).toBeNull()
    expect(namedThreatOf({ name: 'www.debian.org', port: 443 })).toBeNull()
  })
})

describe('owners', () => {
  it.each(ownerEntries().map((each) => [`${each.owner} ${each.source}`, each] as const))('%s', (_, entry) => {
    expect(ownerKinds).toContain(entry.kind)
    expect(entry.systems.length + entry.networks.length).toBeGreaterThan(0)
    expect(entry.systems.filter((each) => !(each > 0 && Number.isInteger(each)))).toEqual([])
    expect(entry.networks.filter((each) => rangeOf(each) === null)).toEqual([])
    expect(new URL(entry.source).protocol).toBe('https:')
  })

  it('have each system once', () => {
    const systems = ownerEntries().flatMap((each) => each.systems)
    expect(systems.filter((each, i) => systems.indexOf(each) !== i)).toEqual([])
  })
})
