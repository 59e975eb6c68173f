/** What no indicator may be about: destinations that the user trusts, and names that strangers share. */
import { getPublicSuffix } from 'tldts'
import type { Allowlist } from '../model/allowlist.ts'
import { holding } from '../store/networks.ts'
import type { Indicator } from './indicator.ts'

/** Whether the indicator lies within what the user allows. */
export function allowedBy({ names, networks }: Allowlist): (indicator: Indicator) => boolean {
  const trusted = new Set(names)
  const inNetworks = holding(networks)
  return ({ type, name, address }) => {
    if (address !== '::') return inNetworks(address)
    if (type !== 'name' && type !== 'url') return false
    const parts = name.split('.')
    return parts.some((_, i) => trusted.has(parts.slice(i).join('.')))
  }
}

/**
 * A name of one part, or one under which strangers register names (`co.uk`, `duckdns.org`; the public suffix list,
 * private section too): whoever lists it lists everyone.
 */
export const isSharedName = (name: string): boolean =>
  !name.includes('.') || getPublicSuffix(name, { allowPrivateDomains: true }) === name
