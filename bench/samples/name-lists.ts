/**
 * Names of families and names that people use, and which side each is on; docs/method/held-out.md says why.
 *
 * Families in alphabetical order: every second one, from the second, is reporting. Used names: by a hash of the
 * registered domain, half and half; the training half again in two, one for the table of letters, one for the trees.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { nameOf } from '../../src/dns/domain-name.ts'
import { sharedData } from '../../test/shared-data.ts'
import { few } from '../smallest.ts'

export type Side = 'tuning' | 'reporting'

export interface FamilyNames {
  readonly family: string
  readonly side: Side
  /** Registered domains, each once, in the order of the file. */
  readonly names: readonly Labelled[]
}

export interface Labelled {
  readonly registered: string
  readonly label: string
  readonly suffix: string
}

const firstWord = (line: string) => line.trim().split(/[\s|,]/)[0] ?? ''

/** Every family of names/dga, and its side. */
export function familySides(): { family: string; side: Side }[] {
  return readdirSync(sharedData('names/dga'))
    .filter((file) => file.endsWith('.txt'))
    .sort()
    .map((file, i) => ({ family: basename(file, '.txt'), side: i % 2 === 0 ? 'tuning' : 'reporting' }))
}

/** Names of every family, or of those named. Lines that are no public names (rulers, dates) are left out. */
export function familyNames(only?: readonly string[], mostLines = Number.POSITIVE_INFINITY): FamilyNames[] {
  return familySides()
    .filter(({ family }) => only === undefined || only.includes(family))
    .map(({ family, side }) => {
      const lines = readFileSync(sharedData(`names/dga/${family}.txt`), 'utf8').split('\n')
      return { family, side, names: distinct(lines.slice(0, mostLines).map(firstWord)) }
    })
}

function distinct(lines: readonly string[]): Labelled[] {
  const seen = new Map<string, Labelled>()
  for (const line of few(lines, 2000)) {
    const { kind, registered, label, suffix } = nameOf(line)
    if (kind === 'public' && !seen.has(registered)) seen.set(registered, { registered, label, suffix })
  }
  return [...seen.values()]
}

export interface UsedNames {
  readonly list: string
  readonly names: readonly Labelled[]
}

const misp = ['tranco10k', 'cisco_top20k', 'cloudflare-top100k'] as const

/** The lists of names that people use, by list; a name may be in several. */
export function usedNames(): UsedNames[] {
  const opendns = (file: string) => readFileSync(sharedData(`lists/opendns/${file}`), 'utf8').split('\n')
  const warning = (file: string) =>
    (JSON.parse(readFileSync(sharedData(`lists/misp/${file}.json`), 'utf8')) as { list: string[] }).list
  return [
    { list: 'popular: OpenDNS', names: distinct(opendns('opendns-top-domains.txt')) },
    { list: 'random: OpenDNS', names: distinct(opendns('opendns-random-domains.txt')) },
    ...misp.map((file) => ({ list: `popular: ${file}`, names: distinct(warning(file)) })),
  ]
}

const quarterOf = ({ registered }: Labelled): number =>
  (createHash('sha256').update(registered).digest()[0] as number) & 3

/** What a used name is for. */
export const useOf = (name: Labelled): 'letters' | 'trees' | 'reporting' => {
  const quarter = quarterOf(name)
  return quarter === 0 ? 'letters' : quarter === 1 ? 'trees' : 'reporting'
}

/** All used names of one use, each once. */
export function usedFor(
  use: ReturnType<typeof useOf>,
  lists: readonly UsedNames[] = usedNames(),
): Labelled[] {
  const all = new Map(lists.flatMap(({ names }) => names.map((name) => [name.registered, name] as const)))
  return [...all.values()].filter((name) => useOf(name) === use)
}
