import { expect, it } from 'vitest'
import { fuzzWrapped } from './fuzz-wrapped.ts'

it('what is around records loses none of them, and throws nothing that is no reason', async () => {
  const { files, lines, refused } = await fuzzWrapped(500, 3)
  expect(files).toBe(500)
  expect(lines).toBeGreaterThan(1000)
  // The fuzzer is worth something only when some are refused and some are read.
  expect(refused).toBeGreaterThan(30)
  expect(refused).toBeLessThan(470)
}, 120_000)
