/**
 * Average-linkage agglomerative clustering by the nearest-neighbour chain (Müllner 2011): O(n²) time and memory.
 */

/** One join, as a row of SciPy's linkage: below `n` a leaf, from `n` on the result of an earlier join. */
export interface Merge {
  readonly a: number
  readonly b: number
  readonly height: number
  readonly size: number
}

/**
 * Joins `n` leaves, nearest first, by the mean distance between their members.
 *
 * `condensed` holds the distances of the pairs (0,1), (0,2) … (n-2,n-1), as SciPy's pdist; it is not changed. The
 * merges come in order of height; equal heights keep the order of their lowest leaves.
 *
 * @throws RangeError where `condensed` is not n(n-1)/2 long or a distance is not finite.
 */
export function linkage(condensed: Float64Array, n: number): Merge[] {
  if (condensed.length !== (n * (n - 1)) / 2)
    throw new RangeError(`${condensed.length} distances for ${n} points`)

  if (condensed.some((distance) => !Number.isFinite(distance)))
    throw new RangeError('a distance is not finite')

  const near = new Condensed(condensed.slice(), n)
  const sizes = new Int32Array(n).fill(1)
  const joins: { a: number; b: number; height: number }[] = []
  const chain: number[] = []

  while (joins.length < n - 1) {
    if (chain.length === 0) chain.push(sizes.findIndex((size) => size > 0))
    const tip = chain.at(-1)!
    const { nearest, distance } = nearestOf(near, sizes, { tip, before: chain.at(-2) })
    if (nearest !== chain.at(-2)) {
      chain.push(nearest)
      continue
    }
    chain.length -= 2
    joinInto(near, sizes, { from: tip, into: nearest })
    joins.push({ a: Math.min(tip, nearest), b: Math.max(tip, nearest), height: distance })
  }

  return numbered(joins, n)
}

/** Symmetric distances in one array. */
class Condensed {
  readonly #values: Float64Array
  readonly #n: number

  constructor(values: Float64Array, n: number) {
    this.#values = values
    this.#n = n
  }

  #place(i: number, j: number): number {
    return i < j ? i * this.#n - (i * (i + 1)) / 2 + j - i - 1 : this.#place(j, i)
  }

  get(i: number, j: number): number {
    return this.#values[this.#place(i, j)]!
  }

  set(i: number, j: number, value: number): void {
    this.#values[this.#place(i, j)] = value
  }
}

/** The nearest living cluster; the one before in the chain wins a tie, so that chains end. */
function nearestOf(
  near: Condensed,
  sizes: Int32Array,
  { tip, before }: { tip: number; before: number | undefined },
) {
  let nearest = before ?? -1
  let distance = before === undefined ? Number.POSITIVE_INFINITY : near.get(tip, before)
  for (let other = 0; other < sizes.length; other++) {
    if (other === tip || sizes[other] === 0) continue
    const candidate = near.get(tip, other)
    if (candidate < distance) {
      distance = candidate
      nearest = other
    }
  }
  return { nearest, distance }
}

/** Lance and Williams: the mean distance to a union is the mean of both, weighed by size. */
function joinInto(near: Condensed, sizes: Int32Array, { from, into }: { from: number; into: number }): void {
  const [a, b] = [sizes[from]!, sizes[into]!]
  for (let other = 0; other < sizes.length; other++) {
    if (sizes[other] === 0 || other === from || other === into) continue
    near.set(into, other, (a * near.get(from, other) + b * near.get(into, other)) / (a + b))
  }
  sizes[into] = a + b
  sizes[from] = 0
}

/** Joins of representatives, in order of height, as merges of numbered clusters. */
function numbered(joins: readonly { a: number; b: number; height: number }[], n: number): Merge[] {
  const parent = Int32Array.from({ length: n }, (_, i) => i)
  const root = (i: number): number => (parent[i] === i ? i : root(parent[i]!))
  const cluster = Array.from({ length: n }, (_, i) => ({ id: i, size: 1 }))
  const ordered = joins.toSorted((x, y) => x.height - y.height || x.a - y.a || x.b - y.b)
  return ordered.map(({ a, b, height }, i) => {
    const [rootA, rootB] = [root(a), root(b)]
    const [left, right] = [cluster[rootA]!, cluster[rootB]!]
    parent[rootB] = rootA
    const size = left.size + right.size
    cluster[rootA] = { id: n + i, size }
    return { a: Math.min(left.id, right.id), b: Math.max(left.id, right.id), height, size }
  })
}

/**
 * Labels of the leaves with the last k-1 merges undone. Label 0 is the cluster of leaf 0, and so on by first leaf.
 * @throws RangeError unless 1 ≤ k ≤ leaves.
 */
export function cutTree(merges: readonly Merge[], k: number): number[] {
  const n = merges.length + 1
  if (!Number.isInteger(k) || k < 1 || k > n) throw new RangeError(`k must be 1..${n}, is ${k}`)
  const members: number[][] = Array.from({ length: n }, (_, i) => [i])

  for (const { a, b } of merges.slice(0, n - k)) {
    members.push([...members[a]!, ...members[b]!])
    members[a] = []
    members[b] = []
  }

  const labels = new Array<number>(n)

  members
    .filter((leaves) => leaves.length > 0)
    .sort((x, y) => Math.min(...x) - Math.min(...y))
    .forEach((leaves, label) => {
      for (const leaf of leaves) labels[leaf] = label
    })

  return labels
}
