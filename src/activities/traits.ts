/** Counts and traits of an activity in words. */
import { sayCount, sayList, sayMany } from '../model/words/say.ts'

const portTrait = /^(tcp|udp)\/(\d+)$/

/** `port 445`, `UDP port 161`, `ports 135, 139 and 445`, from the traits that are ports. */
export function portsOf(traits: readonly string[]): string {
  const ports = traits.filter(isPort)
  const named = ports.map((each) =>
    each.replace(portTrait, (_, proto, port) => (proto === 'udp' ? `${port}/udp` : port)),
  )
  if (named.length === 0) return 'several ports'
  return `${named.length === 1 ? 'port' : 'ports'} ${sayList(named)}`
}

export const isPort = (trait: string): boolean => portTrait.test(trait)

/** Share of the failed attempts inside from which `(inside only)` holds: a clean host fails outside now and then. */
export const insideShare = 0.95

/** What a trait remarks on the activity as a whole; hosts are not compared by it. */
export const remarks = { insideOnly: '(inside only)', mailOnly: '(mail only)' } as const
export const isRemark = (trait: string): boolean => trait.startsWith('(')

/** Whether the trait is a network, a single target as a /32 or /128 included. */
export const isNetwork = (trait: string): boolean => /^[0-9a-f:.]+\/\d+$/.test(trait)

export const networksOf = (traits: readonly string[]): string => sayList(traits.filter(isNetwork))

/** A count with its noun; of several hosts, the most that one of them has: `up to 12 servers each`. */
export const countOf = (n: number, hosts: number | undefined, noun: string, plural = `${noun}s`): string =>
  (hosts ?? 1) > 1 ? `up to ${sayMany(n, noun, plural)} each` : sayMany(n, noun, plural)

/** As `countOf`, where the noun is `noun` whatever the number: `up to 12 TCP ports each`. */
export const numberOf = (n: number, hosts: number | undefined, noun: string): string =>
  (hosts ?? 1) > 1 ? `up to ${sayCount(n)} ${noun} each` : `${sayCount(n)} ${noun}`
