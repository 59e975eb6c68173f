/**
 * How popular the registered domain of a name is, with the private part of the public suffix list honoured:
 * who has a name under a suffix that anybody may rent (dynamic DNS, tunnel, serverless, hosting) inherits
 * nothing from it.
 *
 * The packaged lists have no exact ranks, only tops: a rank here is the smallest of 1,000, 10,000, 20,000
 * and 100,000 that a list puts the domain within. A list that the user gives has exact ones.
 */
import { readFileSync } from 'node:fs'
import { UserError } from '../errors.ts'
import { lazily, readPacked } from './packed.ts'
import { plainName, registeredOf } from './registered-domain.ts'
import { rentedSuffixes } from './rented.ts'
import { fieldOf } from './sorted-lines.ts'

export interface Popularity {
  /**
   * Registered domain in lower case; the name itself where nobody can have registered it; empty for
   * addresses.
   */
  readonly domain: string
  /** 1 is the most popular; null for a domain in no list, and for every tenant. */
  readonly rank: number | null
  /** The suffix of which the domain is a tenant; null for a domain of its own. */
  readonly tenantOf: string | null
}

const packaged = lazily(() => readPacked('popularity').body)
const sharedDomains = lazily(() => readPacked('shared-domains').body)

/** The class of a domain whose line names none: most are in the widest one. */
const widest = 100_000

/** Null: the packaged lists. */
let replaced: ReadonlyMap<string, number> | null = null

/** Names that were looked up lately. */
const known = new Map<string, Popularity>()
const mostKnown = 65_536

/** Looks up one name as it was asked or shown. Any text is allowed. */
export function popularityOf(name: string): Popularity {
  const found = known.get(name)
  if (found) return found

  const made = lookedUp(plainName(name))
  if (known.size >= mostKnown) known.clear()
  known.set(name, made)
  return made
}

/**
 * Takes ranks from a file instead of the package: lines `rank,domain` as Tranco publishes them, or one
 * domain a line, the most popular first. Lines that begin with # are left out. Null goes back to the
 * package.
 * @throws UserError list-invalid where the file cannot be read or a line is neither.
 */
export function usePopularity(path: string | null): void {
  replaced = path === null ? null : ranksByLine(path, textOf(path))
  known.clear()
}

function lookedUp(name: string): Popularity {
  const { domain, suffix, isTenant, isAddress } = registeredOf(name)
  if (isAddress) return { domain: '', rank: null, tenantOf: null }
  if (domain === null) return { domain: name, rank: null, tenantOf: null }
  if (isTenant) return { domain, rank: null, tenantOf: suffix }

  const shared = sharedAbove(name, domain)
  if (shared !== null) return { domain: oneBelow(name, shared), rank: null, tenantOf: shared }
  return { domain, rank: rankOf(domain), tenantOf: null }
}

/** The suffix for rent that the name is below, beyond the public suffix list. */
function sharedAbove(name: string, domain: string): string | null {
  const suffixes = rentedSuffixes()
  for (
    let at = name.indexOf('.') + 1;
    at > 0 && name.length - at >= domain.length;
    at = name.indexOf('.', at) + 1
  ) {
    const above = name.slice(at)
    if (suffixes.has(above)) return above
    if (above === domain) return fieldOf(sharedDomains(), above) === null ? null : above
  }
  return null
}

/** The domain one label below the suffix: `b.mooo.com` of `a.b.mooo.com`. */
const oneBelow = (name: string, suffix: string): string =>
  name.slice(name.lastIndexOf('.', name.length - suffix.length - 2) + 1)

const rankOf = (domain: string): number | null =>
  replaced === null ? packagedRank(domain) : (replaced.get(domain) ?? null)

/** The class of rank by the packaged lists. */
function packagedRank(domain: string): number | null {
  const field = fieldOf(packaged(), domain)
  if (field === null) return null
  return field === '' ? widest : Number(field)
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UserError(
      'list-invalid',
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      'Give a file of popular domains: lines of "rank,domain", or one domain per line.',
    )
  }
}

/** Names of columns, one of them that of the domains. */
const isHeader = (line: string): boolean =>
  /^[\w "',;\t-]+$/.test(line) && /\b(domain|domains|name|host|hostname|origin|site)\b/i.test(line)

function ranksByLine(path: string, text: string): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>()

  text.split(/\r?\n/).forEach((line, i) => {
    if (line === '' || line.startsWith('#')) return
    const [, number, domain] =
      /^(?:(\d+)[,;\t])?"?([a-z0-9_-]+(?:\.[a-z0-9_-]+)+)\.?"?$/i.exec(line.trim()) ?? []
    if (domain === undefined)
      if (i === 0 && isHeader(line)) return
      else
        throw new UserError(
          'list-invalid',
          `${path}, line ${i + 1}: "${line.slice(0, 60)}" is neither "rank,domain" nor a domain.`,
          'Give lines of "rank,domain" as Tranco publishes them, or one domain per line.',
        )
    const rank = number === undefined ? ranks.size + 1 : Number(number)
    const key = domain.toLowerCase()
    ranks.set(key, Math.min(rank, ranks.get(key) ?? rank))
  })

  if (ranks.size === 0)
    throw new UserError(
      'list-invalid',
      `${path} has no domain`,
      'Give lines of "rank,domain" as Tranco publishes them, or one domain per line.',
    )
  return ranks
}
