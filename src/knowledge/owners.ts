/**
 * Who an address belongs to: the narrowest range of those that cloud and content providers publish or that
 * `lists/owners.tsv` names, else the autonomous system, by the user's database where one is given.
 */
import { keyOf, rangeOf } from './addresses.ts'
import { lazily, readPacked, readTable, remembering } from './packed.ts'
import { rangeTable } from './ranges.ts'
import { packagedSystemOf } from './systems.ts'

export const ownerKinds = ['cloud', 'cdn', 'vendor', 'dns', 'other'] as const

/**
 * `cloud`: machines that anybody can rent. `cdn`: fronts that anybody can rent. `vendor`: a maker's own
 * services. `dns`: a public resolver. `other`: an autonomous system of which the package knows no more
 * (`AS3320`).
 */
export type OwnerKind = (typeof ownerKinds)[number]

export interface Owner {
  readonly owner: string
  readonly kind: OwnerKind
}

/** Number of the autonomous system of an address; null where it is not known. */
type SystemOf = (address: string) => number | null

interface OwnerEntry extends Owner {
  readonly systems: readonly number[]
  readonly networks: readonly string[]
  readonly source: string
}

/** All entries of `lists/owners.tsv`. */
export const ownerEntries = lazily((): readonly OwnerEntry[] =>
  readTable('owners').map((row) => ({
    owner: row['owner'] ?? '',
    kind: row['kind'] as OwnerKind,
    systems: (row['systems'] ?? '').split(' ').filter(Boolean).map(Number),
    networks: (row['networks'] ?? '').split(' ').filter(Boolean),
    source: row['source'] ?? '',
  })),
)

const networks = lazily(() => {
  const listed = ownerEntries().flatMap(({ owner, kind, networks }) =>
    networks.map((network) => [network, { owner, kind }] as const),
  )
  return [...publishedRanges(), ...listed]
})

/** The networks of one version, once it is asked for: many records have addresses of one alone. */
const tableOf = (version: 4 | 6) =>
  lazily(() =>
    rangeTable(
      networks().flatMap(([network, owner]) => {
        const range = mayBe(version, network) ? rangeOf(network) : null
        return range?.version === version ? [[range, owner] as const] : []
      }),
    ),
  )
const tables = { four: tableOf(4), six: tableOf(6) }

/** False where a glance at the text tells that a network is of the other version; ::ffff:0:0/96 is IPv4. */
const mayBe = (version: 4 | 6, network: string): boolean =>
  network.includes(':') ? version === 6 || /^[0:]/.test(network) : version === 4

const tableFor = (address: string) => (keyOf(address)?.version === 6 ? tables.six() : tables.four())

const bySystem = lazily(
  () =>
    new Map(
      ownerEntries().flatMap(({ owner, kind, systems }) =>
        systems.map((each) => [each, { owner, kind }] as const),
      ),
    ),
)

/** Null: the packaged table alone. */
let given: SystemOf | null = null

/** Asks this for the autonomous system first, and the packaged table where it gives null. Null goes back. */
export function useSystems(systemOf: SystemOf | null): void {
  given = systemOf
  ownerOf.forget()
}

/** Who an IPv4 or IPv6 address belongs to; null where nothing is known, and for what is no address. */
export const ownerOf = remembering((address): Owner | null => {
  const listed = tableFor(address).find(address)
  if (listed) return listed

  const system = systemOf(address)
  return system === null ? null : ownerOfSystem(system)
})

/** Whose an autonomous system is: several may be one owner's. */
export const ownerOfSystem = (system: number): Owner =>
  bySystem().get(system) ?? { owner: `AS${system}`, kind: 'other' }

/**
 * Number of the autonomous system, by the user's database or the packaged table; null where neither knows
 * it.
 */
export const systemOf: SystemOf = (address) => given?.(address) ?? packagedSystemOf(address)

function* publishedRanges(): Generator<readonly [network: string, owner: Owner]> {
  let owner: Owner = { owner: '', kind: 'other' }
  for (const line of readPacked('ranges').body.toString('latin1').split('\n'))
    if (line.startsWith('@')) {
      const [name = '', kind] = line.slice(1).split('\t')
      owner = { owner: name, kind: kind as OwnerKind }
    } else yield [line, owner]
}
