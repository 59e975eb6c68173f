import fc from 'fast-check'
import { expect, it } from 'vitest'
import { seeded } from './random.ts'
import { dice, sketchOf, sketchSize } from './sketch.ts'

const runs = (bytes: Uint8Array) =>
  new Set(
    Array.from({ length: bytes.length - 3 }, (_, i) => Buffer.from(bytes.subarray(i, i + 4)).toString('hex')),
  )

function exact(a: Uint8Array, b: Uint8Array): number {
  const [one, other] = [runs(a), runs(b)]
  return (2 * one.intersection(other).size) / (one.size + other.size)
}

const random = seeded(3)
const noise = (length: number) => Uint8Array.from({ length }, () => random.integer(256))

it('is the same for the same bytes, and keeps at most 128 hashes in order', () => {
  const bytes = noise(4096)
  const sketch = sketchOf(bytes)
  expect(sketch).toHaveLength(sketchSize)
  expect(sketch).toEqual(sketch.toSorted((x, y) => x - y))
  expect(sketchOf(bytes.slice())).toEqual(sketch)
  expect(dice(sketch, sketch)).toBe(1)
})

it('estimates the Dice coefficient of the runs', () => {
  for (const changed of [50, 300, 900, 2500]) {
    const one = noise(4096)
    const other = one.slice()
    other.set(noise(changed), 700)
    expect(Math.abs(dice(sketchOf(one), sketchOf(other)) - exact(one, other))).toBeLessThan(0.12)
  }
  expect(dice(sketchOf(noise(4096)), sketchOf(noise(4096)))).toBe(0)
})

it('is exact where all hashes are kept', () => {
  const few = fc.uint8Array({ minLength: 8, maxLength: 60, max: 3 })
  fc.assert(
    fc.property(few, few, (a, b) => {
      expect(dice(sketchOf(a), sketchOf(b))).toBeCloseTo(exact(a, b), 10)
    }),
    { seed: 5, numRuns: 300 },
  )
})

it('has nothing to say of less than a run', () => {
  expect(sketchOf(new Uint8Array(3))).toEqual([])
  expect(dice([], [])).toBe(0)
})
