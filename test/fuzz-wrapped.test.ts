import { expect, it } from 'vitest'
import { fuzzWrapped } from './fuzz-wrapped.ts'

it('what is around records loses none of them, and throws nothing that is no reason', async () => {
  const { files, rows, refused } = await fuzzWrapped(60, 3)
  expect(files).toBe(60)
  expect(rows).toBeGreaterThan(100)
  // The fuzzer is worth something only when some are refused and most are read.
  expect(refused).toBeGreaterThan(2)
  expect(refused).toBeLessThan(56)
}, 240_000)
