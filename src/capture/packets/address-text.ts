/** Addresses kept as 32-bit words, and their usual text. */
import ipaddr from 'ipaddr.js'

interface Address {
  readonly family: 4 | 6
  /** Of an IPv4 address only the last is not 0. */
  readonly words: readonly [number, number, number, number]
}

/** The address that a text is, or null. */
export function addressIn(text: string): Address | null {
  if (!ipaddr.isValid(text)) return null
  const bytes = Buffer.from(ipaddr.parse(text).toByteArray())
  if (bytes.length === 4) return { family: 4, words: [0, 0, 0, bytes.readInt32BE(0)] }
  const word = (i: number) => bytes.readInt32BE(i * 4)
  return { family: 6, words: [word(0), word(1), word(2), word(3)] }
}

export const ipv4Text = (word: number): string =>
  `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`

/** RFC 5952: lower case, the longest run of two zero groups or more as `::`. */
export function ipv6Text(words: Int32Array, at: number): string {
  const groups: string[] = []
  let best = 0
  let bestAt = -1
  let run = 0

  for (let i = 0; i < 8; i++) {
    const word = words[at + (i >>> 1)] as number
    const group = i & 1 ? word & 0xffff : word >>> 16
    groups.push(group.toString(16))
    run = group === 0 ? run + 1 : 0
    if (run > best) {
      best = run
      bestAt = i - run + 1
    }
  }

  if (best < 2) return groups.join(':')

  return `${groups.slice(0, bestAt).join(':')}::${groups.slice(bestAt + best).join(':')}`
}
