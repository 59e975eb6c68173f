/**
 * The catalogue of honest services that call at regular intervals, hold connections or put data into names:
 * `lists/services.tsv`, one line an entry, each with its source. It *names* what a contact looks like; it
 * is evidence and never a filter.
 *
 * How much a match says is in its `basis`. A name can be forged by whoever controls the client (SNI, Host)
 * and a port by anybody; an owner cannot. An entry that lists owners does not match an address whose known
 * owner is another.
 */
import { type KeyRange, rangeOf } from './addresses.ts'
import { nameIndex } from './name-patterns.ts'
import { lazily, readTable, remembering } from './packed.ts'
import { popularityOf } from './popularity.ts'
import { rangeTable } from './ranges.ts'
import { plainName } from './registered-domain.ts'
import { rentedOf } from './rented.ts'

export const serviceKinds = {
  push: 'push notifications',
  presence: 'presence, chat and meetings',
  connectivity: 'checks whether the Internet is there',
  time: 'time of day',
  update: 'updates of systems and programs',
  certificate: 'status of certificates',
  reputation: 'look-ups of antivirus and reputation services',
  'mail-check': 'look-ups of mail servers: block lists and sender policies',
  telemetry: 'telemetry and crash reports',
  'remote-help': 'remote help and device management',
  vpn: 'virtual private networks',
  'nat-traversal': 'ways through NAT: STUN, TURN, keep-alives',
  iot: 'clouds of devices',
  monitoring: 'monitoring and security agents',
  'cloud-agent': 'agents of cloud machines',
  'peer-to-peer': 'file sharing and synchronisation between peers',
  browser: 'services of browsers',
  mail: 'mail boxes',
  sync: 'files, photographs and notes kept in step',
  game: 'games and their stores',
  licence: 'licences of programs',
  media: 'music, pictures and television',
  'dynamic-dns': 'updates of dynamic DNS',
  dns: 'name resolution by a public resolver',
} as const
export type ServiceKind = keyof typeof serviceKinds

/**
 * What the traffic is like: short calls, connections held open, data in names, small datagrams, long
 * transfers.
 */
export const behaviours = ['calls', 'held', 'lookups', 'datagrams', 'transfers'] as const
export type Behaviour = (typeof behaviours)[number]

/**
 * What matched, the strongest first. `port`: the port alone, which is a hint and no evidence of innocence.
 */
export const bases = ['name-and-owner', 'address', 'name', 'owner-and-port', 'port'] as const
export type Basis = (typeof bases)[number]

export interface Service {
  readonly id: string
  readonly title: string
  readonly kind: ServiceKind
  /** URL of the vendor's documentation or the public report. */
  readonly source: string
  readonly behaviours: readonly Behaviour[]
  readonly basis: Basis
}

/** What is known of a contact; leave out or give null for what is not. */
export interface Contact {
  readonly name?: string | null
  readonly address?: string | null
  readonly port?: number | null
  /** `tcp`, `udp`, …; case does not count. */
  readonly proto?: string | null
  /** As `ownerOf` gives it. */
  readonly owner?: string | null
}

interface PortRange {
  readonly first: number
  readonly last: number
  /** Null for both. */
  readonly proto: 'tcp' | 'udp' | null
}

export interface ServiceEntry extends Omit<Service, 'basis'> {
  readonly names: readonly string[]
  readonly networks: readonly string[]
  readonly owners: readonly string[]
  readonly ports: readonly PortRange[]
  /** A name, or an address, that the entry has to match. */
  readonly example: string
}

const words = (text = ''): string[] => text.split(' ').filter(Boolean)

function portRange(text: string): PortRange {
  const [, first, last, proto] = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp))?$/.exec(text) ?? []
  if (first === undefined) throw new Error(`services.tsv: ${text} is no port`)
  return {
    first: Number(first),
    last: Number(last ?? first),
    proto: (proto as 'tcp' | 'udp' | undefined) ?? null,
  }
}

/** All entries of `lists/services.tsv`. */
export const serviceEntries = lazily((): readonly ServiceEntry[] =>
  readTable('services').map((row) => ({
    id: row['id'] ?? '',
    kind: row['kind'] as ServiceKind,
    title: row['title'] ?? '',
    names: words(row['names']),
    networks: words(row['networks']),
    ports: words(row['ports']).map(portRange),
    owners: (row['owners'] ?? '').split(',').filter(Boolean),
    behaviours: words(row['behaviours']) as Behaviour[],
    example: row['example'] ?? '',
    source: row['source'] ?? '',
  })),
)

const tables = lazily(() => {
  const entries = serviceEntries()
  const nameless = entries.filter(({ names, networks }) => names.length === 0 && networks.length === 0)
  const onPort = (port: number) =>
    nameless.filter(({ ports }) => ports.some(({ first, last }) => port >= first && port <= last))

  const networks = entries.flatMap((entry) =>
    entry.networks.flatMap((network) => {
      const range = rangeOf(network)
      return range ? [{ range, entry }] : []
    }),
  )
  const around = (range: KeyRange) =>
    networks.filter((each) => within(range, each.range)).map(({ entry }) => entry)
  return {
    namedBy: remembering(nameIndex(entries.map((entry) => [entry.names, entry] as const)).matches),
    byAddress: rangeTable(networks.map(({ range }) => [range, around(range)] as const)),
    byPort: remembering((port) => onPort(Number(port))),
  }
})

const within = (inner: KeyRange, outer: KeyRange): boolean =>
  inner.version === outer.version && inner.first >= outer.first && inner.last <= outer.last

/** The catalogued service that a contact looks like; null for none. */
export function serviceOf(contact: Contact): Service | null {
  const name = plainName(contact.name ?? '')
  const { namedBy, byAddress } = tables()
  const fits = (entry: ServiceEntry) => portFits(entry, contact) && ownerFits(entry, contact)
  // Clouds of devices use ports of their own, which differ by model: the vendor's domain says enough.
  const fitsByName = (entry: ServiceEntry) =>
    fits(entry) || (entry.kind === 'iot' && ownerFits(entry, contact))

  // What can be rented is a service only by its whole name: `mail.example.com`, not what is below `.example.com`.
  const named = namedBy(name).find(
    (entry) => fitsByName(entry) && (entry.names.includes(name) || !isForRent(name)),
  )
  if (named) return matched(named, named.owners.includes(contact.owner ?? '') ? 'name-and-owner' : 'name')

  const listed = contact.address ? byAddress.find(contact.address)?.find(fits) : undefined
  if (listed) return matched(listed, 'address')
  const likely = byPortAlone(contact)
  return likely && !isForRent(name) ? likely : null
}

/** What the port says, with the owner where the entry lists any. */
function byPortAlone(contact: Contact): Service | null {
  const some = contact.port == null ? [] : tables().byPort(String(contact.port))
  const fitting = some.filter((entry) => portFits(entry, contact))

  const owned = fitting.find(({ owners }) => owners.some((each) => each === contact.owner))
  if (owned) return matched(owned, 'owner-and-port')
  const open = fitting.find(({ owners }) => owners.length === 0)
  return open ? matched(open, 'port') : null
}

const isForRent = (name: string): boolean =>
  name !== '' && (popularityOf(name).tenantOf !== null || rentedOf(name) !== null)

function portFits({ ports }: ServiceEntry, { port, proto }: Contact): boolean {
  if (ports.length === 0 || port == null) return true
  const over = proto?.toLowerCase() ?? null
  return ports.some(
    (each) =>
      port >= each.first &&
      port <= each.last &&
      (each.proto === null || over === null || each.proto === over),
  )
}

/** An owner that is not known, or known by its number alone, contradicts nothing. */
function ownerFits({ owners }: ServiceEntry, { owner }: Contact): boolean {
  if (owners.length === 0 || !owner || /^AS\d+$/.test(owner)) return true
  return owners.includes(owner)
}

const matched = ({ id, title, kind, source, behaviours: seen }: ServiceEntry, basis: Basis): Service => ({
  id,
  title,
  kind,
  source,
  behaviours: seen,
  basis,
})
