/** How alike two sets are, in 0..1; two empty sets are not alike (0). */

/** |A and B| / |A or B|. */
export function jaccard<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): number {
  const shared = sharedBy(a, b)
  const all = a.size + b.size - shared
  return all === 0 ? 0 : shared / all
}

/** 2 |A and B| / (|A| + |B|). */
export function dice<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): number {
  const sum = a.size + b.size
  return sum === 0 ? 0 : (2 * sharedBy(a, b)) / sum
}

function sharedBy<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): number {
  const [few, many] = a.size < b.size ? [a, b] : [b, a]
  let shared = 0
  for (const each of few) if (many.has(each)) shared++
  return shared
}
