/**
 * What is named as what it is: mining pools, ways into Tor, sinkholes. A name or a sinkhole's address is
 * strong, a port only a hint: relays of Tor and pools listen where they like, and others listen there too.
 */
import { rangeOf } from './addresses.ts'
import { nameIndex } from './name-patterns.ts'
import { lazily, readPacked, readTable } from './packed.ts'
import { rangeTable } from './ranges.ts'
import { plainName } from './registered-domain.ts'

export const namedThreatKinds = ['tor', 'miner', 'sinkhole'] as const
type NamedThreatKind = (typeof namedThreatKinds)[number]

export interface NamedThreat {
  readonly id: string
  readonly title: string
  readonly kind: NamedThreatKind
  readonly source: string
  readonly basis: 'name' | 'address' | 'port'
}

interface NamedThreatEntry extends Omit<NamedThreat, 'basis'> {
  readonly names: readonly string[]
  /** TCP ports that are usual for it. */
  readonly ports: readonly number[]
  readonly example: string
}

const words = (text = ''): string[] => text.split(' ').filter(Boolean)

/** All entries of `lists/threats.tsv`. */
export const namedThreatEntries = lazily((): readonly NamedThreatEntry[] =>
  readTable('threats').map((row) => ({
    id: row['id'] ?? '',
    kind: row['kind'] as NamedThreatKind,
    title: row['title'] ?? '',
    names: words(row['names']),
    ports: words(row['ports']).map(Number),
    example: row['example'] ?? '',
    source: row['source'] ?? '',
  })),
)

const byName = lazily(() => nameIndex(namedThreatEntries().map((entry) => [entry.names, entry] as const)))

const byPort = lazily(
  () => new Map(namedThreatEntries().flatMap((entry) => entry.ports.map((port) => [port, entry] as const))),
)

const sinkholes = lazily(() => {
  const networks = readPacked('sinkholes').body.toString('latin1').split('\n')
  return rangeTable(networks.flatMap((each) => rangeOf(each) ?? []).map((range) => [range, true] as const))
})

const sinkhole: NamedThreat = {
  id: 'sinkhole',
  title: 'a sinkhole: a server that researchers or authorities run in place of a C&C',
  kind: 'sinkhole',
  source: 'https://github.com/MISP/misp-warninglists/tree/main/lists/sinkholes',
  basis: 'address',
}

/** What a contact is by its name, its address or its TCP port; null for nothing that is known. */
export function namedThreatOf(contact: {
  readonly name?: string | null
  readonly address?: string | null
  readonly port?: number | null
  readonly proto?: string | null
}): NamedThreat | null {
  const name = plainName(contact.name ?? '')
  const [named] = name === '' ? [] : byName().matches(name)
  if (named) return matched(named, 'name')

  if (contact.address && sinkholes().find(contact.address)) return sinkhole
  const overTcp = (contact.proto ?? 'tcp').toLowerCase() === 'tcp'
  const likely = contact.port == null || !overTcp ? undefined : byPort().get(contact.port)
  return likely ? matched(likely, 'port') : null
}

const matched = ({ id, title, kind, source }: NamedThreatEntry, basis: 'name' | 'port'): NamedThreat => ({
  id,
  title,
  kind,
  source,
  basis,
})
