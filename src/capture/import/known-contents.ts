/** Contents that are known by their length and SHA-256, so that a look-up costs no more with many of them. */

export interface KnownContents {
  /** Whether a content of so many bytes has this SHA-256, in hex. */
  has(bytes: number, sha256: string): boolean
  /** The least length over so many bytes; null where none is known. */
  over(bytes: number): number | null
  /** The greatest length of at most so many bytes; null where none is known. */
  upTo(bytes: number): number | null
}

export interface Contents extends KnownContents {
  add(content: { readonly bytes: number; readonly sha256: string }): void
  clear(): void
}

export function createContents(): Contents {
  const known = new Map<number, Set<string>>()
  // Ascending.
  let lengths: number[] = []

  return {
    add({ bytes, sha256 }) {
      const same = known.get(bytes)
      if (same) return void same.add(sha256)
      known.set(bytes, new Set([sha256]))
      lengths.splice(placeOver(lengths, bytes), 0, bytes)
    },
    clear() {
      known.clear()
      lengths = []
    },
    has: (bytes, sha256) => known.get(bytes)?.has(sha256) ?? false,
    over: (bytes) => lengths[placeOver(lengths, bytes)] ?? null,
    upTo: (bytes) => lengths[placeOver(lengths, bytes) - 1] ?? null,
  }
}

/** What either knows. */
export const either = (a: KnownContents, b: KnownContents): KnownContents => ({
  has: (bytes, sha256) => a.has(bytes, sha256) || b.has(bytes, sha256),
  over: (bytes) => of(Math.min, a.over(bytes), b.over(bytes)),
  upTo: (bytes) => of(Math.max, a.upTo(bytes), b.upTo(bytes)),
})

const of = (choose: (a: number, b: number) => number, a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : choose(a, b)

/** The place of the first of ascending values that is over one; their number where none is. */
function placeOver(values: readonly number[], value: number): number {
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (values[middle]! > value) high = middle
    else low = middle + 1
  }
  return low
}
