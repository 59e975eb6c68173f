/** Against scikit-learn and SciPy: k-means, average linkage, Davies-Bouldin. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { kmeans } from '../../test/reference/kmeans.ts'
import { daviesBouldin } from './davies-bouldin.ts'
import { cutTree, linkage } from './linkage.ts'
import { pointsOf, squaredBetween } from './points.ts'

interface Reference {
  readonly points: readonly number[][]
  readonly kmeans: {
    readonly start: readonly number[][]
    readonly labels: readonly number[]
    readonly inertia: number
    readonly centers: readonly number[][]
  }
  readonly linkage: { readonly merges: readonly number[][]; readonly cut: readonly number[] }
  readonly daviesBouldin: { readonly kmeans: number; readonly cut: number }
}
// Made by test/reference/make-math.py.
const reference: Reference = JSON.parse(
  readFileSync(new URL('../../test/reference/math.json', import.meta.url), 'utf8'),
)
const points = pointsOf(reference.points)

/** Labels renamed by first use, so that equal partitions are equal lists. */
const renamed = (given: Iterable<number>) => {
  const labels = [...given]
  const names = new Map<number, number>()
  for (const label of labels) if (!names.has(label)) names.set(label, names.size)
  return labels.map((label) => names.get(label)!)
}

function condensed(): Float64Array {
  const n = reference.points.length
  const list: number[] = []
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) list.push(Math.sqrt(squaredBetween(points, i, points, j)))
  return Float64Array.from(list)
}

describe('kmeans', () => {
  it('agrees with scikit-learn from the same start', () => {
    const found = kmeans(points, 4, { start: pointsOf(reference.kmeans.start) })
    expect([...found.labels]).toEqual(reference.kmeans.labels)
    expect(found.inertia).toBeCloseTo(reference.kmeans.inertia, 9)
    reference.kmeans.centers.flat().forEach((value, i) => {
      expect(found.centers.values[i]).toBeCloseTo(value, 9)
    })
    expect(found.converged).toBe(true)
  })
})

describe('linkage', () => {
  it('agrees with SciPy merge by merge', () => {
    const distances = condensed()
    const before = distances.slice()
    const merges = linkage(distances, reference.points.length)
    expect(distances).toEqual(before)
    reference.linkage.merges.forEach(([a, b, height, size], i) => {
      expect(merges[i]).toMatchObject({ a: Math.min(a!, b!), b: Math.max(a!, b!), size })
      expect(merges[i]!.height).toBeCloseTo(height!, 9)
    })
  })

  it('cuts into the groups that SciPy cuts', () => {
    const merges = linkage(condensed(), reference.points.length)
    expect(cutTree(merges, 5)).toEqual(renamed(reference.linkage.cut))
    expect(new Set(cutTree(merges, 1))).toEqual(new Set([0]))
    expect(cutTree(merges, 60)).toEqual(Array.from({ length: 60 }, (_, i) => i))
    expect(() => cutTree(merges, 61)).toThrow(RangeError)
  })

  it('handles one leaf, ties and bad input', () => {
    expect(linkage(new Float64Array(0), 1)).toEqual([])
    const square = linkage(Float64Array.of(1, 1, 1, 1, 1, 1), 4)
    expect(square.map(({ height }) => height)).toEqual([1, 1, 1])
    expect(square.at(-1)!.size).toBe(4)
    expect(() => linkage(Float64Array.of(1, 2), 3)).toThrow(RangeError)
    expect(() => linkage(Float64Array.of(Number.NaN), 2)).toThrow(RangeError)
  })
})

describe('daviesBouldin', () => {
  it('agrees with scikit-learn', () => {
    expect(daviesBouldin(points, reference.kmeans.labels)).toBeCloseTo(reference.daviesBouldin.kmeans, 9)
    expect(daviesBouldin(points, renamed(reference.linkage.cut))).toBeCloseTo(reference.daviesBouldin.cut, 9)
  })

  it('answers by hand, also for lone points and equal centres', () => {
    const line = { values: Float64Array.of(0, 2, 10, 12), width: 1 }
    expect(daviesBouldin(line, [0, 0, 1, 1])).toBe(0.2)
    expect(daviesBouldin(line, [0, 0, 1, 2])).toBeCloseTo((1 / 9 + 1 / 9 + 1 / 11) / 3, 12)
    expect(daviesBouldin(line, [0, 1, 2, 3])).toBe(0)
    expect(daviesBouldin({ values: Float64Array.of(0, 2, 1, 1), width: 1 }, [0, 0, 1, 1])).toBe(Infinity)
    expect(() => daviesBouldin(line, [0, 0, 0, 0])).toThrow(RangeError)
    expect(() => daviesBouldin(line, [0, 1])).toThrow(RangeError)
  })
})
