import { expect, it } from 'vitest'
import { Allowance } from './allowance.ts'

it('gives an exporter what is its own, however much others take', () => {
  const shared = { used: 0 }
  const greedy = Array.from({ length: 40 }, () => new Allowance(shared))
  expect(greedy.map((each) => each.take(65_536)).filter(Boolean)).toHaveLength(16)
  expect(shared.used).toBe(16 * (65_536 - 256))
  const late = new Allowance(shared)
  expect([late.take(256), late.take(20_000)]).toEqual([true, false])
})

it('takes no more of one than it may have, and has room again when that is given back', () => {
  const shared = { used: 0 }
  const one = new Allowance(shared)
  expect([one.take(65_537), one.take(65_536), one.take(1)]).toEqual([false, true, false])
  expect(one.take(-65_000)).toBe(true)
  expect(shared.used).toBe(536 - 256)
  one.release()
  expect(shared.used).toBe(0)
  expect(one.take(300)).toBe(true)
})
