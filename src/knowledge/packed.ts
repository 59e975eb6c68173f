/**
 * Packed lists: one line of JSON that says what the list is, where it comes from and under which licence, a
 * line feed, and the body, compressed with Brotli: as a whole, or by blocks (`systems.ts`).
 * `node bench/fit/build-knowledge.ts` writes them.
 */
import { readFileSync } from 'node:fs'
import { brotliDecompressSync } from 'node:zlib'

export interface ListHeader {
  readonly title: string
  /** Day of the newest source, YYYY-MM-DD. */
  readonly date: string
  readonly licence: string
  readonly sources: readonly string[]
}

interface PackedList {
  readonly header: ListHeader
  readonly body: Buffer
}

/** Names of the packed lists in the package. */
export const packedLists = ['popularity', 'shared-domains', 'ranges', 'systems', 'sinkholes'] as const
export type PackedName = (typeof packedLists)[number]

const fileOf = (name: string): URL => new URL(`./lists/${name}`, import.meta.url)

/** Reads one packed list of the package that is compressed as a whole; some 1 to 10 ms. */
export function readPacked(name: Exclude<PackedName, 'systems'>): PackedList {
  const { header, body } = packedBytes(name)
  return { header, body: brotliDecompressSync(body) }
}

/** One packed list of the package, its body as it stands in the file. */
export function packedBytes(name: PackedName): PackedList {
  const bytes = readFileSync(fileOf(`${name}.packed`))
  const end = bytes.indexOf(10)
  const header = JSON.parse(bytes.toString('utf8', 0, end)) as ListHeader
  return { header, body: bytes.subarray(end + 1) }
}

/** Reads one table of the package (tab-separated, with a first line of column names), a record a row. */
export function readTable(name: 'services' | 'rented' | 'owners' | 'threats'): Record<string, string>[] {
  const [head = '', ...lines] = readFileSync(fileOf(`${name}.tsv`), 'utf8').split('\n')
  const columns = head.split('\t')

  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const values = line.split('\t')
      if (values.length !== columns.length)
        throw new Error(`${name}.tsv: ${values.length} fields for ${columns.length} columns: ${line}`)
      return Object.fromEntries(columns.map((column, i) => [column, (values[i] ?? '').trim()]))
    })
}

/** Evaluates `make` at the first call and keeps what it returned. */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** The same function, which keeps its last answers: contacts of many hosts ask for the same addresses and names. */
export function remembering<T>(
  answer: (text: string) => T,
  most = 65_536,
): ((text: string) => T) & Forgetful {
  const known = new Map<string, T>()
  const ask = (text: string): T => {
    const found = known.get(text)
    if (found !== undefined || known.has(text)) return found as T
    const made = answer(text)
    if (known.size >= most) known.clear()
    known.set(text, made)
    return made
  }
  return Object.assign(ask, { forget: () => known.clear() })
}

interface Forgetful {
  /** After a change of what the answers rest on. */
  forget(): void
}
