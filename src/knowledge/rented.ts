/**
 * Shared infrastructure that attackers rent: chat and sheet APIs, paste sites, code hosting, dynamic DNS,
 * tunnels, serverless platforms, resolvers over HTTPS, fronts of content networks, file sharing. That such
 * a name is popular says nothing of who is behind it: it never exonerates.
 */
import { nameIndex } from './name-patterns.ts'
import { lazily, readTable, remembering } from './packed.ts'
import { plainName, registeredOf } from './registered-domain.ts'

/** What can be rented there. */
export const rentedKinds = {
  chat: 'messages of a chat service by its API',
  documents: 'documents, sheets, mail or calendars by an API',
  paste: 'texts that anybody can post',
  code: 'files of a code hosting service',
  'file-sharing': 'files that anybody can share',
  'dynamic-dns': 'names that follow an address that moves',
  tunnel: 'tunnels to a machine behind a firewall',
  serverless: 'programs that run at a provider',
  hosting: 'web sites and storage at a provider',
  cdn: 'fronts of a content network',
  doh: 'name resolution over HTTPS',
  webhook: 'addresses that collect what is sent to them',
  'own-address': 'look-ups of one’s own address, which malware makes too',
  social: 'profiles and posts in which commands were hidden',
  tenant: 'names under a suffix whose owner gives them to others',
} as const
export type RentedKind = keyof typeof rentedKinds

export interface Rented {
  readonly id: string
  readonly title: string
  readonly kind: RentedKind
  /** What names it: a vendor's page or a report of abuse; the public suffix list for kind `tenant`. */
  readonly source: string
}

interface RentedEntry extends Rented {
  /** Patterns of `name-patterns.ts`. */
  readonly names: readonly string[]
  readonly example: string
}

const suffixList = 'https://publicsuffix.org/list/'

/** All entries of `lists/rented.tsv`. */
export const rentedEntries = lazily((): readonly RentedEntry[] =>
  readTable('rented').map((row) => ({
    id: row['id'] ?? '',
    title: row['title'] ?? '',
    kind: row['kind'] as RentedKind,
    names: (row['names'] ?? '').split(' ').filter(Boolean),
    example: row['example'] ?? '',
    source: row['source'] ?? '',
  })),
)

const index = lazily(() =>
  nameIndex(rentedEntries().map(({ names, example: _, ...entry }) => [names, entry as Rented] as const)),
)

/** Kinds of which every name below the suffix belongs to another tenant. */
const tenancies: ReadonlySet<RentedKind> = new Set([
  'dynamic-dns',
  'tunnel',
  'serverless',
  'hosting',
  'cdn',
  'tenant',
])

/** Domains of the table under which each name is a tenant's. */
export const rentedSuffixes = lazily(
  (): ReadonlySet<string> =>
    new Set(
      rentedEntries()
        .filter(({ kind }) => tenancies.has(kind))
        .flatMap(({ names }) => names.filter((each) => each.startsWith('.')).map((each) => each.slice(1))),
    ),
)

/** The shared infrastructure that a name is of; null for none. Any text is allowed. */
export const rentedOf = remembering((name): Rented | null => {
  const text = plainName(name)
  const [listed] = index().matches(text)
  if (listed) return listed

  const { suffix, isTenant } = registeredOf(text)
  if (!isTenant || suffix === null) return null
  return {
    id: `tenant-of-${suffix}`,
    title: `a name under ${suffix}`,
    kind: 'tenant',
    source: suffixList,
  }
})
