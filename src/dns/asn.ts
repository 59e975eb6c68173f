/**
 * Which autonomous system, owner and country an address is of: from databases that the user gives (MaxMind
 * DB format), else from the packaged ranges and systems (`knowledge/`). Where neither knows an owner, the
 * /16 stands in (IPv6: the /32).
 */
import { readFile } from 'node:fs/promises'
import type { Reader, Response } from 'mmdb-lib'
import { UserError } from '../errors.ts'
import { ownerOf, ownerOfSystem } from '../knowledge/index.ts'

export interface Place {
  /** Number of the autonomous system; null where no database knows it. */
  readonly as: number | null
  /** ISO 3166 code; null where no database knows it. */
  readonly country: string | null
}

export interface Places {
  /** True where at least one database tells autonomous systems. */
  readonly knowsAs: boolean
  placeOf(address: string): Place
  /** Name of the owner, of which several systems may be; null where nothing is known. */
  ownerOf(address: string): string | null
}

/** No database: owners are those of the package. */
export const noPlaces: Places = {
  knowsAs: false,
  placeOf: () => ({ as: null, country: null }),
  ownerOf: (address) => ownerOf(address)?.owner ?? null,
}

interface Entry {
  readonly autonomous_system_number?: number
  readonly as_number?: number
  readonly asn?: number | string
  readonly country?: { readonly iso_code?: string } | string
  readonly country_code?: string
}

/**
 * Opens databases of autonomous systems and countries; the first that knows an address speaks.
 * @throws UserError mmdb-unreadable where a file cannot be read or is none.
 */
export async function openPlaces(paths: readonly string[]): Promise<Places> {
  if (paths.length === 0) return noPlaces
  const readers = await Promise.all(paths.map(open))
  const placeOf = (address: string): Place => {
    const entries = readers.flatMap((reader) => entryOf(reader, address) ?? [])
    return { as: firstOf(entries.map(asOf)), country: firstOf(entries.map(countryOf)) }
  }
  return {
    knowsAs: readers.some((reader) => /asn|isp|enterprise/i.test(reader.metadata.databaseType)),
    placeOf,
    ownerOf: (address) => {
      const { as } = placeOf(address)
      return as === null ? noPlaces.ownerOf(address) : ownerOfSystem(as).owner
    },
  }
}

async function open(path: string): Promise<Reader<Response>> {
  try {
    // Loaded where a database is given.
    const { Reader } = await import('mmdb-lib')
    return new Reader<Response>(await readFile(path))
  } catch (error) {
    throw new UserError(
      'mmdb-unreadable',
      `${path} is not a MaxMind database: ${error instanceof Error ? error.message : String(error)}`,
      'Give a .mmdb file of autonomous systems or countries.',
    )
  }
}

function entryOf(reader: Reader<Response>, address: string): Entry | null {
  // A database of IPv4 alone refuses IPv6.
  if (address.includes(':') && reader.metadata.ipVersion === 4) return null
  return reader.get(address) as Entry | null
}

const firstOf = <T>(values: readonly (T | null)[]): T | null => values.find((each) => each !== null) ?? null

function asOf(entry: Entry): number | null {
  const asNumber = entry.autonomous_system_number ?? entry.as_number ?? entry.asn
  const number = Number(typeof asNumber === 'string' ? asNumber.replace(/^AS/i, '') : asNumber)
  return Number.isSafeInteger(number) ? number : null
}

const countryOf = ({ country, country_code: code }: Entry): string | null =>
  (typeof country === 'string' ? country : country?.iso_code) ?? code ?? null

/** The /16 of an IPv4 address, the /32 of an IPv6 one, as text. */
export function networkOf(address: string): string {
  const separator = address.includes(':') ? ':' : '.'
  return address.split(separator).slice(0, 2).join(separator)
}
