/**
 * Adjusted Rand index of two partitions of the same things: 1 where they agree, about 0 for partitions by chance,
 * negative for worse. Two partitions that put everything apart, or all together, agree by definition.
 *
 * @see Hubert and Arabie, "Comparing partitions", Journal of Classification 2, 1985.
 * @throws RangeError where the lengths differ.
 */
export function adjustedRand(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  if (a.length !== b.length) throw new RangeError(`partitions of ${a.length} and of ${b.length} things`)
  const pairs = (n: number) => (n * (n - 1)) / 2
  const pairsWithin = (labels: readonly unknown[]) => {
    const sizes = new Map<unknown, number>()
    for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1)
    return sizes.values().reduce((sum, size) => sum + pairs(size), 0)
  }
  const both = pairsWithin(a.map((label, i) => JSON.stringify([label, b[i]])))
  const inA = pairsWithin(a)
  const inB = pairsWithin(b)
  const expected = a.length < 2 ? 0 : (inA * inB) / pairs(a.length)
  const most = (inA + inB) / 2
  return most === expected ? 1 : (both - expected) / (most - expected)
}
