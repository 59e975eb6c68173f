/** Registered domains by the public suffix list (tldts), its private part honoured. */
import { parse } from 'tldts'

export interface Registered {
  /** Null where nobody can have registered the name: suffixes, single labels, addresses. */
  readonly domain: string | null
  readonly suffix: string | null
  /** True under a suffix of the private part: the names below belong to different tenants. */
  readonly isTenant: boolean
  readonly isAddress: boolean
}

const options = { allowPrivateDomains: true, validateHostname: false, extractHostname: false } as const

/**
 * Private suffixes all of whose names are the owner's own; what is rented of them is in `lists/rented.tsv`.
 */
const ownSuffixes: ReadonlySet<string> = new Set(['googleapis.com', 'withgoogle.com', 'withyoutube.com'])

/** A name as it was asked or shown, in lower case, without the last dot and without the port of a Host header. */
export function plainName(name: string): string {
  const text = name.toLowerCase()
  const plain = text.includes(':') ? text.replace(/^([^:]*):\d+$/, '$1') : text
  return plain.endsWith('.') ? plain.replace(/\.+$/, '') : plain
}

/** Takes a name apart: lower case, without the last dot. */
export function registeredOf(name: string): Registered {
  const { domain, publicSuffix, isPrivate, isIp } = parse(name, options)
  if (publicSuffix !== null && ownSuffixes.has(publicSuffix))
    return { domain: publicSuffix, suffix: 'com', isTenant: false, isAddress: false }
  return {
    domain,
    suffix: publicSuffix,
    isTenant: isPrivate === true && domain !== null,
    isAddress: isIp === true,
  }
}
