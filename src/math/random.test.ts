import { describe, expect, it } from 'vitest'
import { type Random, seeded } from './random.ts'
import { ascending, mean, medianOf, variance } from './stats.ts'

const draws = (count: number, draw: () => number) => Array.from({ length: count }, draw)
const many = 40_000

describe('seeded', () => {
  it('gives the numbers it gave before', () => {
    const random = seeded(1)
    expect(draws(3, random.next)).toMatchInlineSnapshot(`
      [
        0.7245624018676599,
        0.5141712697497117,
        0.11783319728692299,
      ]
    `)
  })

  it('gives other numbers for another seed, and for a number and its text', () => {
    const firsts = [1, 2, -1, 0.5, '1', '2', ''].map((seed) => seeded(seed).next())
    expect(new Set(firsts).size).toBe(firsts.length)
  })

  it('splits by seed and label, not by how far the parent was read', () => {
    const fresh = seeded(5)
    const read = seeded(5)
    draws(100, read.next)
    expect(read.split('scan').next()).toBe(fresh.split('scan').next())
    expect(fresh.split('scan').next()).not.toBe(fresh.split('spam').next())
    expect(seeded(6).split('scan').next()).not.toBe(fresh.split('scan').next())
    expect(fresh.split('a').split('b').next()).not.toBe(fresh.split('b').split('a').next())
  })

  it('has children that go their own ways', () => {
    const [a, b] = [seeded(1).split(1), seeded(1).split(2)]
    const product = mean(draws(many, () => (a.next() - 0.5) * (b.next() - 0.5)))
    expect(Math.abs(product)).toBeLessThan(4 / 12 / Math.sqrt(many))
  })
})

/** Expected mean and variance of each; the sample mean must be within four standard errors. */
const shapes: [string, (random: Random) => number, number, number][] = [
  ['next', (r) => r.next(), 0.5, 1 / 12],
  ['integer', (r) => r.integer(6), 2.5, 35 / 12],
  ['normal', (r) => r.normal(3, 2), 3, 4],
  ['exponential', (r) => r.exponential(600), 600, 360_000],
  ['pareto', (r) => r.pareto(5, 2), 2.5, 5 / 12],
  ['poisson below 30', (r) => r.poisson(3.5), 3.5, 3.5],
  ['poisson above 30', (r) => r.poisson(1234.5), 1234.5, 1234.5],
  ['poisson at the seam', (r) => r.poisson(30), 30, 30],
]

describe.each(shapes)('%s', (_, draw, expected, spread) => {
  it('has the mean and variance it should', () => {
    const random = seeded('moments')
    const values = draws(many, () => draw(random))
    expect(Math.abs(mean(values) - expected)).toBeLessThan(4 * Math.sqrt(spread / many))
    expect(variance(values) / spread).toBeGreaterThan(0.9)
    expect(variance(values) / spread).toBeLessThan(1.1)
  })
})

describe('shapes and choices', () => {
  it('has exp(mu) as the medianOf of logNormal, and scale as the least of pareto', () => {
    const random = seeded(9)
    const values = ascending(draws(many, () => random.logNormal(2, 0.7)))
    expect(Math.log(medianOf(values))).toBeCloseTo(2, 1)
    expect(Math.min(...draws(1000, () => random.pareto(1.2, 7)))).toBeGreaterThanOrEqual(7)
    expect(random.poisson(0)).toBe(0)
  })

  it('shuffles in place, all orders alike', () => {
    const random = seeded(3)
    const counts = new Map<string, number>()
    for (let i = 0; i < 6000; i++) {
      const order = random.shuffle(['a', 'b', 'c']).join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(6)
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120)
    const array = Float64Array.of(1, 2, 3)
    expect(random.shuffle(array)).toBe(array)
    expect(ascending(array)).toEqual(Float64Array.of(1, 2, 3))
  })

  it('refuses what has no answer', () => {
    const random = seeded(1)
    expect(() => random.integer(0)).toThrow(RangeError)
    expect(() => random.integer(1.5)).toThrow(RangeError)
    expect(() => random.pick([])).toThrow(RangeError)
    expect(() => random.poisson(-1)).toThrow(RangeError)
    expect(random.pick(['only'])).toBe('only')
  })
})
