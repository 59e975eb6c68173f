/** What a description of a program's traffic gives, and the names that such programs call. */
import type { Random } from '../../../src/math/random.ts'
import { inventedName, type Manner } from './draw.ts'

export interface Profile {
  /** Programs of one family are on one side of every split. */
  readonly family: string
  /** Where the pattern stands, and what it is. */
  readonly source: string
  /** One program, its settings drawn as people set them. */
  draw(random: Random): Manner
}

export const suffixes = [
  'com',
  'net',
  'org',
  'info',
  'top',
  'xyz',
  'online',
  'site',
  'club',
  'ru',
  'su',
  'cc',
]
export const dynamic = [
  'duckdns.org',
  'ddns.net',
  'hopto.org',
  'dynu.net',
  'ydns.eu',
  'no-ip.org',
  'mooo.com',
]

/** A domain of its own in two of three, else a bare address. */
export const named = (random: Random, share = 0.67): string | null =>
  random.next() < share ? inventedName(random, suffixes) : null

/** A rented machine at a known provider in two of five. */
export const rented = (random: Random): Pick<Manner, 'at'> => ({
  at: random.next() < 0.4 ? 'cloud' : 'anywhere',
})
