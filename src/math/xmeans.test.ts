import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kmeans } from '../../test/reference/kmeans.ts'
import { bic } from './bic.ts'
import { assign } from './lloyd.ts'
import { merged } from './merge.ts'
import { countOf, type Points, pointsOf, squaredBetween, takeRows } from './points.ts'
import { seeded } from './random.ts'
import { type XMeansOptions, xmeans } from './xmeans.ts'

const cloud: fc.Arbitrary<Points> = fc
  .array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })), {
    minLength: 3,
    maxLength: 60,
  })
  .map(pointsOf)

/** `size` points around each of `groups` places drawn from normal(0, `place`), with their group. */
function blobs({ groups, size, width, spread = 0.5, place = 10, seed = 1 }: Record<string, number>): {
  points: Points
  truth: Int32Array
} {
  const random = seeded(seed!)
  const truth = new Int32Array(groups! * size!)
  const values = new Float64Array(truth.length * width!)
  for (let g = 0; g < groups!; g++) {
    const center = Float64Array.from({ length: width! }, () => random.normal(0, place))
    for (let i = g * size!; i < (g + 1) * size!; i++) {
      truth[i] = g
      for (let d = 0; d < width!; d++) values[i * width! + d] = random.normal(center[d], spread)
    }
  }
  return { points: { values, width: width! }, truth }
}

const renamed = (given: Iterable<number>) => {
  const labels = [...given]
  const names = new Map<number, number>()
  for (const label of labels) if (!names.has(label)) names.set(label, names.size)
  return labels.map((label) => names.get(label)!)
}

describe('bic', () => {
  const points = { values: Float64Array.of(0, 2, 10, 12), width: 1 }
  const centers = (values: number[]) => ({ values: Float64Array.from(values), width: 1 })

  it('is the formula of the paper, by hand', () => {
    // K = 2, R = 4, M = 1: inertia 4, s² = 4 / 2 = 2.
    const two =
      2 * (2 * Math.log(2) - 2 * Math.log(4) - Math.log(2 * Math.PI) - Math.log(2) - 0) - 2 * Math.log(4)
    expect(bic(points, Int32Array.of(0, 0, 1, 1), { centers: centers([1, 11]) })).toBeCloseTo(two, 12)
    // K = 1: inertia 104, s² = 104 / 3.
    const one = -2 * Math.log(2 * Math.PI) - 2 * Math.log(104 / 3) - 3 / 2 - Math.log(4)
    expect(bic(points, Int32Array.of(0, 0, 0, 0), { centers: centers([6]) })).toBeCloseTo(one, 12)
  })

  it('stays finite where there is no variance', () => {
    const same = { values: Float64Array.of(5, 5, 5), width: 1 }
    expect(bic(same, Int32Array.of(0, 0, 0), { centers: centers([5]) })).toBeLessThan(Infinity)
    expect(bic(same, Int32Array.of(0, 1, 2), { centers: centers([5, 5, 5]) })).toBeLessThan(Infinity)
  })
})

describe('xmeans', () => {
  it.each([
    { groups: 1, size: 200, width: 2 },
    { groups: 2, size: 50, width: 1, seed: 4 },
    { groups: 7, size: 40, width: 3 },
    { groups: 60, size: 40, width: 8 },
    { groups: 12, size: 30, width: 52 },
  ])('finds $groups groups in $width dimensions, and which', (shape) => {
    const { points, truth } = blobs(shape)
    const { labels, sizes } = xmeans(points, { kMax: 200 })
    expect(sizes.length).toBe(shape.groups)
    expect(renamed(labels)).toEqual(renamed(truth))
  })

  it('looks through splits that gain nothing: one cut of a square of four groups does not help in 8 dimensions', () => {
    const { points, truth } = blobs({ groups: 150, size: 40, width: 8 })
    expect(xmeans(points, { lookahead: 0 }).sizes.length).toBeLessThan(150)
    expect(renamed(xmeans(points).labels)).toEqual(renamed(truth))
  })

  it.each([
    [400, 20],
    [600, 20],
  ])('finds %i groups of %i that together look like one Gaussian', (groups, size) => {
    const { points, truth } = blobs({ groups, size, width: 8, place: 4 })
    const { labels, sizes } = xmeans(points, { kMax: 3 * groups })
    const pairs = new Set(labels.map((label, i) => label * groups + truth[i]!))
    expect(sizes.length).toBe(groups)
    // The groups overlap a little: at most two points are nearer to another group's centre.
    expect(pairs.size).toBeLessThanOrEqual(groups + 2)
  })

  it('keeps its splits where joining would put everything together', () => {
    // Raw cells of the tree: joined by pairs they end as 3.
    const { points } = blobs({ groups: 400, size: 20, width: 6, place: 4 })
    expect(xmeans(points, { kMax: 1200, passes: 0 }).sizes.length).toBeGreaterThan(300)
  })

  it('leaves one Gaussian whole, and never parts equal points', () => {
    const { points } = blobs({ groups: 1, size: 3000, width: 8 })
    expect(xmeans(points).sizes).toEqual(Int32Array.of(3000))
    const same = { values: new Float64Array(40).fill(7), width: 2 }
    expect(xmeans(same).sizes).toEqual(Int32Array.of(20))
    expect(xmeans(same, { kMin: 3 }).sizes).toEqual(Int32Array.of(20))
    const two = { values: Float64Array.from({ length: 40 }, (_, i) => i % 2), width: 1 }
    expect(xmeans(two).sizes).toEqual(Int32Array.of(20, 20))
  })

  it('keeps to kMin, kMax and minSize', () => {
    const { points } = blobs({ groups: 7, size: 40, width: 3 })
    expect(xmeans(points, { kMax: 4 }).sizes.length).toBe(4)
    expect(xmeans(points, { kMin: 9, kMax: 9 }).sizes.length).toBe(9)
    const outlier = { values: Float64Array.of(...points.values, 1e4, 1e4, 1e4), width: 3 }
    expect(xmeans(outlier, { varianceFloor: 1e-3 }).sizes.at(-1)).toBe(1)
    expect(xmeans(outlier, { minSize: 2, varianceFloor: 1e-3, passes: 0 }).sizes.at(-1)).toBeGreaterThan(1)
  })

  it('does not mind the order of rows, a shift, or a scale', () => {
    const { points } = blobs({ groups: 9, size: 30, width: 3, seed: 3 })
    const n = countOf(points)
    const order = seeded(2).shuffle(Int32Array.from({ length: n }, (_, i) => i))
    const plain = xmeans(points)
    const shuffled = xmeans(takeRows(points, order))
    expect(renamed(shuffled.labels)).toEqual(renamed(order.map((i) => plain.labels[i]!)))
    const moved = { values: points.values.map((value) => 8 * value + 1024), width: 3 }
    expect(renamed(xmeans(moved).labels)).toEqual(renamed(plain.labels))
  })

  it('puts the largest cluster first and tells the truth about itself', () => {
    fc.assert(
      fc.property(cloud, (points) => {
        const { labels, centers, sizes, inertia } = xmeans(points)
        expect([...sizes]).toEqual([...sizes].sort((a, b) => b - a))
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(countOf(points))
        let sum = 0
        labels.forEach((label, i) => {
          sum += squaredBetween(points, i, centers, label)
        })
        expect(inertia).toBe(sum)
      }),
    )
  })

  it('is a function of points and options, also with no seed, and leaves the points alone', () => {
    const options = fc.record<XMeansOptions>(
      { seed: fc.integer(), kMin: fc.constantFrom(1, 2, 3) },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(cloud, options, (points, chosen) => {
        const before = points.values.slice()
        expect(xmeans(points, chosen)).toEqual(xmeans(points, chosen))
        expect(points.values).toEqual(before)
      }),
    )
  })

  it('refuses what it cannot cluster', () => {
    const one = { values: Float64Array.of(1), width: 1 }
    expect(xmeans(one).sizes).toEqual(Int32Array.of(1))
    expect(() => xmeans({ values: new Float64Array(0), width: 1 })).toThrow(RangeError)
    expect(() => xmeans({ values: Float64Array.of(Number.NaN), width: 1 })).toThrow(RangeError)
    expect(() => xmeans({ values: Float64Array.of(1, 2, 3), width: 2 })).toThrow(RangeError)
    expect(() => xmeans(one, { kMin: 0 })).toThrow(RangeError)
    expect(() => xmeans(one, { kMin: 3, kMax: 2 })).toThrow(RangeError)
    expect(() => xmeans(one, { varianceFloor: 0 })).toThrow(RangeError)
  })
})

describe('merged', () => {
  it('asks again whether a pair gains after one of them has grown', () => {
    // A: 100 points, variance 1. B: 1,000 points in the same place, variance 0.01. C: 10 points beside, variance 0.1.
    // C gains by joining A alone, and no longer once A has joined B.
    const ring = (count: number, at: number, off: number) =>
      Array.from({ length: count }, (_, i) => at + (i % 2 === 0 ? off : -off))
    const [a, b, c] = [ring(100, 0, 1), ring(1000, 0, 0.1), ring(10, 1.5, 0.3)]
    const joined = (...groups: number[][]) => {
      const points = { values: Float64Array.from(groups.flat()), width: 1 }
      const labels = Int32Array.from(groups.flatMap((group, label) => group.map(() => label)))
      const means = groups.map((group) => group.reduce((sum, x) => sum + x, 0) / group.length)
      const centers = { values: Float64Array.from(means), width: 1 }
      return countOf(merged(points, { labels, centers }, { kMin: 1, varianceFloor: 1e-12 }).centers)
    }
    expect(joined(a, c)).toBe(1)
    expect(joined(a, b, c)).toBe(2)
    expect(joined(c, b, a)).toBe(2)
    expect(joined(b, c)).toBe(2)
  })
})

describe('kmeans', () => {
  it('finds two groups that stand apart', () => {
    const { labels, inertia } = kmeans({ values: Float64Array.of(0, 1, 9, 10), width: 1 }, 2)
    expect(renamed(labels)).toEqual([0, 0, 1, 1])
    expect(inertia).toBe(1)
  })

  it('is a function of points, k and seed, and leaves the points alone', () => {
    fc.assert(
      fc.property(cloud, fc.option(fc.integer(), { nil: undefined }), (points, seed) => {
        const before = points.values.slice()
        const options = seed === undefined ? {} : { seed }
        expect(kmeans(points, 3, options)).toEqual(kmeans(points, 3, options))
        expect(points.values).toEqual(before)
      }),
    )
  })

  it('gives every point its nearest centre, ties to the lower label, also where it skips centres', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = seeded(seed)
        const grid = (count: number) => Float64Array.from({ length: 2 * count }, () => random.integer(12))
        const points = { values: grid(200), width: 2 }
        const centers = { values: grid(40), width: 2 }
        const labels = Int32Array.from({ length: 200 }, () => random.integer(40))
        assign(points, centers, labels)
        const nearest = labels.map((_, i) => {
          const all = Array.from({ length: 40 }, (__, c) => squaredBetween(points, i, centers, c))
          return all.indexOf(Math.min(...all))
        })
        expect(labels).toEqual(nearest)
      }),
    )
  })

  it('refuses k out of range and starts that do not fit', () => {
    const points = { values: Float64Array.of(0, 1, 2), width: 1 }
    expect(() => kmeans(points, 0)).toThrow(RangeError)
    expect(() => kmeans(points, 4)).toThrow(RangeError)
    expect(() => kmeans(points, 2, { start: { values: Float64Array.of(1), width: 1 } })).toThrow(RangeError)
    expect(kmeans({ values: Float64Array.of(4, 4, 4), width: 1 }, 3).inertia).toBe(0)
  })
})
