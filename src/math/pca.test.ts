import { describe, expect, it } from 'vitest'
import { principalAxes, projected } from './pca.ts'
import { pointsOf } from './points.ts'
import { seeded } from './random.ts'

const ones = (count: number) => new Float64Array(count).fill(1)

describe('principal axes', () => {
  it('of points on a line lie along it', () => {
    const points = pointsOf([0, 1, 2, 3].map((t) => [1 + 3 * t, 2 + 4 * t, 5]))
    const found = principalAxes(points, ones(4))
    expect([...found.axes[0]!.direction]).toEqual([0.6, 0.8, 0].map((each) => expect.closeTo(each, 12)))
    expect(found.axes[0]!.share).toBeCloseTo(1, 12)
    expect(found.axes[1]!.share).toBeCloseTo(0, 12)
    expect(projected(points, 0, found)[0]).toBeCloseTo(-7.5, 12)
    expect(projected(points, 3, found)[0]).toBeCloseTo(7.5, 12)
  })

  it('are at right angles, of length 1, and keep every distance where all are taken', () => {
    const random = seeded(7)
    const rows = Array.from({ length: 40 }, () => Array.from({ length: 8 }, () => random.next() * 9 - 3))
    const points = pointsOf(rows)
    const found = principalAxes(points, ones(40), 8)
    const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Array.from(a).reduce((sum, each, i) => sum + each * b[i]!, 0)
    for (const [i, a] of found.axes.entries())
      for (const [j, b] of found.axes.entries())
        expect(dot(a.direction, b.direction)).toBeCloseTo(i === j ? 1 : 0, 10)
    const shares = found.axes.map(({ share }) => share)
    expect(shares).toEqual(shares.toSorted((a, b) => b - a))
    expect(shares.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 10)
    const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((x, i) => x - b[i]!))
    expect(distance(projected(points, 3, found), projected(points, 9, found))).toBeCloseTo(
      distance(rows[3]!, rows[9]!),
      10,
    )
  })

  it('are those of the point repeated where it weighs more', () => {
    const once = pointsOf([
      [0, 0],
      [1, 2],
      [4, 1],
    ])
    const often = pointsOf([
      [0, 0],
      [1, 2],
      [1, 2],
      [1, 2],
      [4, 1],
    ])
    const a = principalAxes(once, [1, 3, 1])
    const b = principalAxes(often, ones(5))
    expect([...a.axes[0]!.direction]).toEqual(
      [...b.axes[0]!.direction].map((each) => expect.closeTo(each, 12)),
    )
    expect(a.axes[0]!.share).toBeCloseTo(b.axes[0]!.share, 12)
  })

  it('point the same way whatever the order of the points', () => {
    const random = seeded(3)
    const rows = Array.from({ length: 30 }, () => Array.from({ length: 4 }, () => random.next()))
    const a = principalAxes(pointsOf(rows), ones(30))
    const b = principalAxes(pointsOf(rows.toReversed()), ones(30))
    for (const i of [0, 1])
      expect([...a.axes[i]!.direction]).toEqual(
        [...b.axes[i]!.direction].map((each) => expect.closeTo(each, 10)),
      )
  })

  it('of one point, or of points that are all the same, are there and share nothing', () => {
    for (const rows of [
      [[1, 2, 3]],
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
    ]) {
      const found = principalAxes(pointsOf(rows), ones(rows.length))
      expect(found.axes.map(({ share }) => share)).toEqual([0, 0])
      expect(projected(pointsOf(rows), 0, found)).toEqual([0, 0])
    }
  })
})
